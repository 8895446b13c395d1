"""Explain an answer: every Host known for the Category, with its stage or why it is left out.

Reads the decision that `answer` renders and decides nothing itself. Sentences about what a crawl
found live in the database; `mirrorlist.services.explain` adds them.
"""

from collections.abc import Iterator
from ipaddress import ip_network
from typing import Any, NamedTuple

from mirrorlist.logic.answers import Decision, decide
from mirrorlist.logic.host_sets import members_of
from mirrorlist.logic.query import Client, Kind, Refusal
from mirrorlist.logic.selection import Reason, Stage, why_not
from mirrorlist.logic.snapshot import Host, Snapshot
from mirrorlist.logic.world import Place, World

LISTED = "listed"
NOT_UP2DATE = "not_up2date"

_SENTENCES = {
    Stage.NETBLOCK: "The client is in a netblock that prefers it.",
    Stage.ASN: "The client is in an autonomous system that prefers it.",
    Stage.REQUESTED: "It is in a country that was asked for.",
    Stage.REQUESTED_CONTINENT: "It is on the continent of a country that was asked for.",
    Stage.COUNTRY: "It is in the client's country.",
    Stage.CONTINENT: "It is on the client's continent.",
    Stage.GLOBAL: "Fewer than {minimum} Hosts are closer, so the rest of the world is added.",
    Reason.PRIVATE: "It is private: only clients of its netblocks and autonomous systems get it.",
    Reason.COUNTRY_NOT_ALLOWED: "It serves clients of {allowed} only; this one is in {country}.",
    Reason.OTHER_PROTOCOL: "None of its URLs has a protocol that fits the question: {urls}.",
    Reason.NOT_REQUESTED: "It is in none of the countries that were asked for.",
    Reason.ENOUGH_CLOSER: "At least {minimum} Hosts were found closer to the client.",
}
_BEHIND = "It does not have this Directory up2date."


class Row(NamedTuple):
    """One Host: its place in the answer, or the reason why it has none, and the sentence."""

    host_id: int
    name: str
    country: str
    stage: Stage | None
    position: int | None
    reason: str
    sentence: str

    @property
    def label(self) -> str:
        """The stage, or the reason in words."""
        return self.stage.value if self.stage else self.reason.replace("_", " ")


class Explanation(NamedTuple):
    """What a client gets and why; with a refusal there is neither place nor Hosts.

    `first_line` is the header of the mirrorlist, or the text of the refusal.
    """

    status: int
    first_line: str
    place: Place | None = None
    netblocks: tuple[str, ...] = ()
    directory: str = ""
    directory_id: int = 0
    category_id: int = 0
    rows: tuple[Row, ...] = ()


def explain(kind: Kind, query: bytes, client: Client, world: World) -> Explanation:
    """Return what one client is answered, Host by Host.

    Listed Hosts come in the order of the answer; then those that have the Directory but are not
    listed, those that do not have it, and those left out when the snapshot was built, by name.
    """
    decision = decide(kind, query, client, world)
    if isinstance(decision, Refusal):
        return Explanation(decision.status, decision.text.split("\n")[0])
    directory = decision.question.target.directory
    header = decision.question.header_line(
        decision.selection.fragments, built_at=world.snapshot.built_at
    )
    return Explanation(
        status=200,
        first_line=header.decode().split("\n")[0],
        place=decision.place,
        netblocks=_netblocks(decision.place, world.snapshot),
        directory=directory.path,
        directory_id=directory.id,
        category_id=directory.category_id,
        rows=(
            *_listed(decision, world),
            *_by_name(_unlisted(decision, world)),
            *_by_name(_behind(decision, world.snapshot)),
            *_by_name(_left_out(decision, world.snapshot)),
        ),
    )


def _netblocks(place: Place, snapshot: Snapshot) -> tuple[str, ...]:
    """Return the netblocks the client is in, with the Hosts that they prefer."""
    return tuple(
        f"{ip_network((place.address.text, length), strict=False)} ({snapshot.hosts[member].name})"
        for length, member in place.preferred.netblocks
    )


def _listed(decision: Decision, world: World) -> Iterator[Row]:
    position = 0
    carriers = world.snapshot.carriers(decision.question.target.directory.category_id)
    for stage, members in decision.selection.stages:
        for member in members:
            position += 1
            sentence = _SENTENCES[stage].format(minimum=world.policy.minimum_hosts)
            yield _row(
                world.snapshot.hosts[member],
                stage=stage,
                position=position,
                reason=LISTED,
                sentence=f"{sentence} {carriers[member].note}".strip(),
            )


def _unlisted(decision: Decision, world: World) -> Iterator[Row]:
    """Say why Hosts that have the Directory are not in the answer."""
    question, country = decision.question, decision.place.country
    carriers = world.snapshot.carriers(question.target.directory.category_id)
    listed = set(decision.selection.members)
    for member in members_of(question.scope.host_set.mask):
        if member in listed:
            continue
        host = world.snapshot.hosts[member]
        reason = why_not(question.scope, world.plan(question, country), member, country)
        sentence = _SENTENCES[reason].format(
            minimum=world.policy.minimum_hosts,
            allowed=", ".join(sorted(host.countries_allowed)),
            country=country,
            urls=", ".join(carriers[member].urls),
        )
        yield _row(host, reason=reason.value, sentence=sentence)


def _behind(decision: Decision, snapshot: Snapshot) -> Iterator[Row]:
    """Name the Hosts in service that carry the Category but do not have the Directory."""
    carriers = snapshot.carriers(decision.question.target.directory.category_id)
    for member in carriers:
        if member not in decision.question.scope.host_set:
            yield _row(snapshot.hosts[member], reason=NOT_UP2DATE, sentence=_BEHIND)


def _left_out(decision: Decision, snapshot: Snapshot) -> Iterator[Row]:
    for left_out in snapshot.exclusions(decision.question.target.directory.category_id):
        yield Row(
            host_id=left_out.host_id,
            name=left_out.name,
            country=left_out.country,
            stage=None,
            position=None,
            reason=left_out.reason,
            sentence=left_out.sentence,
        )


def _by_name(rows: Iterator[Row]) -> list[Row]:
    return sorted(rows, key=lambda row: (row.name, row.host_id))


def _row(
    host: Host,
    *,
    reason: str,
    sentence: str,
    stage: Stage | None = None,
    position: int | None = None,
) -> Row:
    return Row(
        host_id=host.id,
        name=host.name,
        country=host.country,
        stage=stage,
        position=position,
        reason=reason,
        sentence=sentence,
    )


def as_facts(explanation: Explanation) -> dict[str, Any]:
    """Return an explanation as JSON has it, for scripts."""
    place = explanation.place
    return {
        "status": explanation.status,
        "first_line": explanation.first_line,
        "address": place.address.text if place else None,
        "country": place.country if place else None,
        "country_source": place.country_source if place else None,
        "asn": place.preferred.asn if place else None,
        "netblocks": list(explanation.netblocks),
        "directory": explanation.directory or None,
        "hosts": [
            row._asdict() | {"stage": row.stage.value if row.stage else None}
            for row in explanation.rows
        ],
    }
