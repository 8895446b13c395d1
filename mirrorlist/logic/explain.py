"""Explain an answer: every Host known for the Category, with its stage or why it is left out.

Reads the decision that `answer` renders and decides nothing itself. Sentences about what a crawl
found live in the database; `mirrorlist.services.explain` adds them.
"""

import json
from collections.abc import Iterator
from ipaddress import ip_network
from typing import Any, NamedTuple

from mirrorlist.logic.answers import Decision, decide
from mirrorlist.logic.distance import describe_band
from mirrorlist.logic.host_sets import members_of
from mirrorlist.logic.limits import BYTES_PER_MB, Reason
from mirrorlist.logic.placing import nearest_exclusive
from mirrorlist.logic.query import Client, Kind, Refusal, clean
from mirrorlist.logic.rings import Stage, bands_for, goes_by_distance
from mirrorlist.logic.selection import why_not
from mirrorlist.logic.snapshot import Host, Reachable, Snapshot
from mirrorlist.logic.world import Place, World

LISTED = "listed"
NOT_UP2DATE = "not_up2date"
EXCLUSIVE = "exclusive"

_STAGES = {
    Stage.NETBLOCK: "The client is in a netblock that prefers it.",
    Stage.ASN: "The client is in an autonomous system that prefers it.",
    Stage.REQUESTED: "It is in a country that was asked for.",
    Stage.REQUESTED_CONTINENT: "It is on the continent of a country that was asked for.",
    Stage.COUNTRY: "It is in the client's country.",
    Stage.CONTINENT: "It is on the client's continent.",
    Stage.GLOBAL: "Fewer than {minimum} Hosts are closer, so the rest of the world is added.",
    Stage.ALWAYS: "It is listed however many others there are.",
}
_SERVED = "It counts as one of the client's country."
_REASONS = {
    Reason.COUNTRY_EXCLUDED: "Its owner or the operators exclude clients of {country}.",
    Reason.FILE_TOO_BIG: "The file has {megabytes:,} MB, and it takes files up to {most:,} MB.",
    Reason.AVOIDED: "The client asked to avoid {host_country}.",
    Reason.NETBLOCKS_ONLY: "Only clients of its netblocks are sent to it.",
    Reason.ASNS_ONLY: "Only clients of its netblocks and autonomous systems are sent to it.",
    Reason.PRIVATE: "It is private: only clients of its netblocks and autonomous systems get it.",
    Reason.COUNTRY_NOT_ALLOWED: "It serves clients of {allowed} only; this one is in {country}.",
    Reason.COUNTRY_ONLY: "It serves clients of {countries} only; this one is in {country}.",
    Reason.CONTINENT_ONLY: "It serves clients of the continent of {countries} only; this one is in "
    "{country}.",
    Reason.OTHER_PROTOCOL: "None of its URLs fits the question by protocol and family of "
    "addresses: {urls}.",
    Reason.NOT_REQUESTED: "It is in none of the countries that were asked for.",
    Reason.ENOUGH_CLOSER: "At least {minimum} Hosts were found closer to the client.",
    Reason.BEYOND_LIMIT: "The client asked for {limit} of the Hosts, and others came first.",
}
_LATE = {
    Reachable.UNKNOWN: "It comes behind others because nobody knows whether {family} reaches it.",
    Reachable.NO: "It comes behind others because {family} does not reach it.",
}
_WITHOUT_SHARE = "It has no share of the clients, so that it comes after others."
_EXCLUSIVE = "Below {path} only the Hosts that are named for it are offered."
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
    carriers = world.snapshot.carriers(decision.question.target.directory.category_id)
    for position, (stage, member) in enumerate(decision.selection.found(), start=1):
        sentences = [*_why_there(decision, stage, member, world), carriers[member].note]
        yield _row(
            world.snapshot.hosts[member],
            stage=stage,
            position=position,
            reason=LISTED,
            sentence=" ".join(filter(None, sentences)),
        )


def _why_there(decision: Decision, stage: Stage, member: int, world: World) -> Iterator[str]:
    """Say why a listed Host is where it is: stage, distance, family of addresses, share."""
    scope, whence = decision.question.scope, decision.place.whence
    host = world.snapshot.hosts[member]
    served = stage is Stage.COUNTRY and host.country != whence.country
    yield _SERVED if served else _STAGES[stage].format(minimum=world.policy.minimum_hosts)
    bands = bands_for(scope, whence)
    if bands is not None and goes_by_distance(stage, whence):
        yield describe_band(bands[member])
    reachable = scope.offers.reachable(member, ipv6=whence.ipv6)
    first = decision.selection.members[0]
    if reachable > scope.offers.reachable(first, ipv6=whence.ipv6):
        yield _LATE[reachable].format(family="IPv6" if whence.ipv6 else "IPv4")
    if not host.weight and stage not in (Stage.NETBLOCK, Stage.ASN):
        yield _WITHOUT_SHARE


def _unlisted(decision: Decision, world: World) -> Iterator[Row]:
    """Say why Hosts that have the Directory are not in the answer."""
    question, whence = decision.question, decision.place.whence
    plan = world.plan(question, whence)
    listed = set(decision.selection.members)
    for member in members_of(question.scope.host_set.mask):
        if member in listed:
            continue
        reason = why_not(question.scope, plan, decision.selection, member, whence.country)
        sentence = _unlisted_sentence(decision, reason, member, world)
        yield _row(world.snapshot.hosts[member], reason=reason.value, sentence=sentence)


def _unlisted_sentence(decision: Decision, reason: Reason, member: int, world: World) -> str:
    question = decision.question
    host = world.snapshot.hosts[member]
    carriers = world.snapshot.carriers(question.target.directory.category_id)
    return _REASONS[reason].format(
        minimum=world.policy.minimum_hosts,
        limit=question.request.limit,
        allowed=", ".join(sorted(host.countries_allowed)),
        countries=", ".join(host.countries),
        country=decision.place.country,
        host_country=host.country,
        megabytes=-(-question.scope.file_bytes // BYTES_PER_MB),
        most=host.max_file_mb,
        urls=", ".join(carriers[member].urls),
    )


def _behind(decision: Decision, snapshot: Snapshot) -> Iterator[Row]:
    """Name the Hosts in service that carry the Category but do not offer the Directory."""
    directory = decision.question.target.directory
    exclusive = nearest_exclusive(directory.path, snapshot.exclusives)
    named = snapshot.exclusives[exclusive] if exclusive else None
    for member in snapshot.carriers(directory.category_id):
        if member in decision.question.scope.host_set:
            continue
        if named is not None and member not in named:
            sentence = _EXCLUSIVE.format(path=exclusive)
            yield _row(snapshot.hosts[member], reason=EXCLUSIVE, sentence=sentence)
        else:
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


def render_explanation(explanation: Explanation, *, as_json: bool = False) -> bytes:
    """Return an explanation for programs or for people in front of a terminal.

    It names all Hosts, private ones too, so it is for those who operate the network.
    """
    if as_json:
        return json.dumps(as_facts(explanation), indent=2).encode() + b"\n"
    lines = [explanation.first_line]
    place = explanation.place
    if place is None:
        lines.append(f"Status {explanation.status}, so there are no Hosts to explain.")
    else:
        lines.append(describe_client(explanation, place))
        lines += (
            f"{row.position or '-':>4}  {row.name} ({row.country}): {row.label}. {row.sentence}"
            for row in explanation.rows
        )
    return "".join(f"{clean(line)}\n" for line in lines).encode()


def describe_client(explanation: Explanation, place: Place) -> str:
    """Return the sentence that says what is known of the client."""
    netblocks = ", ".join(explanation.netblocks) or "none"
    return (
        f"Client {place.address.text}: country {place.country} (from {place.country_source}), "
        f"ASN {place.preferred.asn or 'unknown'}, netblock {netblocks}."
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
