"""Tell a visitor which mirrors a metalink would give them, and why, without anything private."""

from typing import NamedTuple

from mirrorlist.logic.explain import Explanation, Row, explain
from mirrorlist.logic.query import Client, Kind
from mirrorlist.services.offered import live_world, load_offered
from registry.models import Country
from registry.services.public_list import public_lines


class Choice(NamedTuple):
    """A mirror of an answer: its place in the order, where it is, and why it is there."""

    position: int
    host_id: int
    name: str
    country: str
    sentence: str


class MyMirrors(NamedTuple):
    """What a client at an address is given; `refusal` is a sentence instead of an answer."""

    country: str = ""
    asn: int | None = None
    choices: tuple[Choice, ...] = ()
    refusal: str = ""


def repository_choices() -> list[tuple[str, str]]:
    """Return prefix and Arch of all public Repositories of the live snapshot; one query."""
    world = live_world()
    return [(each.prefix, each.arch) for each in load_offered(world)] if world else []


def country_choices() -> list[tuple[str, str]]:
    """Return code and name of every country by name; one query."""
    return list(Country.objects.order_by("name").values_list("code", "name"))


def my_mirrors(query: bytes, address: str) -> MyMirrors:
    """Return what a client at an address is given for a metalink's query string; one query.

    Private Hosts that would be given to this client are left out: the page is for everybody.
    """
    world = live_world()
    if world is None:
        return MyMirrors(refusal="There is no snapshot yet. Try again in a few minutes.")
    told = explain(Kind.METALINK, query, Client(address), world)
    if told.status != 200 or told.place is None:
        return MyMirrors(refusal=told.first_line)
    lines = {line.id: line for line in public_lines()}
    rows = [row for row in _in_order(told) if row.host_id in lines]
    return MyMirrors(
        country=told.place.country,
        asn=told.place.preferred.asn,
        choices=tuple(
            Choice(number, row.host_id, row.name, lines[row.host_id].country, row.sentence)
            for number, row in enumerate(rows, 1)
        ),
    )


def _in_order(told: Explanation) -> list[Row]:
    """Return the rows that are part of the answer."""
    return [row for row in told.rows if row.position is not None]
