"""Everything there is to say of a file: its digests, its mirrors and their shares, who is left out.

Reads the explanation of the answer and decides nothing itself. The JSON form is documented
(docs/clients/redirector.md) and keeps its shape.
"""

import json
from collections.abc import Mapping, Sequence
from typing import NamedTuple
from urllib.parse import quote

from mirrorlist.logic.answers import Decision, decide
from mirrorlist.logic.distance import Point, center_of, kilometers
from mirrorlist.logic.explain import Row, explain
from mirrorlist.logic.file_request import FileRequest
from mirrorlist.logic.files import File, known_pieces
from mirrorlist.logic.pages import iso_time
from mirrorlist.logic.plain import SAFE_IN_LOCATION
from mirrorlist.logic.query import Kind, Refusal
from mirrorlist.logic.rings import Stage
from mirrorlist.logic.snapshot import Snapshot
from mirrorlist.logic.torrent import Torrent, render_magnet
from mirrorlist.logic.world import Place, World

DIGESTS = ("md5", "sha1", "sha256", "sha512")


class Mirror(NamedTuple):
    """A Host that a client may be sent to; `share` is how likely it comes first, 0 to 1."""

    name: str
    country: str
    url: str
    stage: str
    sentence: str
    share: float
    point: Point | None
    distance_km: int | None


class LeftOut(NamedTuple):
    """A Host of the Category that this client is not sent to, and why."""

    name: str
    country: str
    reason: str
    sentence: str


class FileView(NamedTuple):
    """A file as one client sees it; `master_url` is empty if clients are never sent there.

    `magnet` is its magnet link, empty without a torrent.
    """

    file: File
    path: str
    digests: Mapping[str, str]
    address: str
    country: str
    asn: int | None
    point: Point | None
    built_at: int
    mirrors: Sequence[Mirror]
    left_out: Sequence[LeftOut]
    master_url: str
    prefix: str
    magnet: str = ""


def view_file(request: FileRequest, file: File, world: World, *, secure: bool | None) -> FileView:
    """Return what there is to say of a file to a client; `secure` asks for https or http only.

    Hosts that are private or out of service are nobody's business here; operators have the
    explanation in the admin.
    """
    path = quote(file.path, safe="/")
    only = b"" if secure is None else b"&protocol=https" if secure else b"&protocol=http"
    query = b"%b%b&redirect&path=%b" % (request.query, only, path.encode())
    decision = decide(Kind.MIRRORLIST, query, request.client, world)
    assert not isinstance(decision, Refusal)  # noqa: S101 -- Directory and address are known
    explanation = explain(Kind.MIRRORLIST, query, request.client, world)
    place, snapshot = decision.place, world.snapshot
    public = {host.id for host in snapshot.hosts if host.is_public}
    master = file.category.canonical_url.rstrip("/")
    mirrors = _mirrors([row for row in explanation.rows if row.stage], file, decision, world)
    return FileView(
        file=file,
        path=file.path,
        digests={n: digest for n in DIGESTS if (digest := getattr(file.detail, n, ""))},
        address=place.address.text,
        country=place.country,
        asn=place.preferred.asn,
        point=_client_point(place, snapshot),
        built_at=snapshot.built_at,
        mirrors=mirrors,
        left_out=[
            LeftOut(row.name, row.country, row.reason, row.sentence)
            for row in explanation.rows
            if not row.stage and row.host_id in public
        ],
        master_url=quote(master, safe=SAFE_IN_LOCATION) + file.below.decode() if master else "",
        prefix=world.policy.files.prefix,
        magnet=_magnet(file, mirrors, world),
    )


def _magnet(file: File, mirrors: Sequence[Mirror], world: World) -> str:
    pieces = known_pieces(file, world.snapshot)
    if pieces is None:
        return ""
    seeds = [mirror.url for mirror in mirrors]
    return render_magnet(Torrent(file.name, pieces, seeds, world.policy.files.trackers))


def _mirrors(
    listed: Sequence[Row], file: File, decision: Decision, world: World
) -> Sequence[Mirror]:
    snapshot = world.snapshot
    members = {host.id: member for member, host in enumerate(snapshot.hosts)}
    urls = decision.question.scope.offers.texts
    shares = first_shares(decision, world)
    here = _client_point(decision.place, snapshot)
    found = []
    for row in listed:
        member = members[row.host_id]
        host = snapshot.hosts[member]
        there = host.point or snapshot.continents.points.get(host.country)
        found.append(
            Mirror(
                name=row.name,
                country=row.country,
                url=quote(urls[member], safe=SAFE_IN_LOCATION) + file.below.decode(),
                stage=row.stage.value if row.stage else "",
                sentence=row.sentence,
                share=shares.get(member, 0.0),
                point=there,
                distance_km=round(kilometers(here, there)) if here and there else None,
            )
        )
    return found


def _client_point(place: Place, snapshot: Snapshot) -> Point | None:
    """Return about where a client is: its cell of the globe, or the point of its country."""
    if place.whence.cell:
        return center_of(place.whence.cell)
    return snapshot.continents.points.get(place.country)


def first_shares(decision: Decision, world: World) -> Mapping[int, float]:
    """Return how likely each Host comes first, for those that can.

    By bandwidth, except for Hosts that prefer the client itself: there the longest netblock wins,
    and equals are equally likely. Whoever the client's family of addresses reaches better comes
    before all others.
    """
    if not decision.selection.members:
        return {}
    slots = decision.selection.plan.slots
    first, alike = slots[0]
    own = [member for level, members in slots if level == first for member in members]
    if first.stage is Stage.NETBLOCK:
        lengths: dict[int, int] = {}
        for length, member in decision.place.preferred.netblocks:
            lengths[member] = max(length, lengths.get(member, 0))
        weights = {m: int(lengths[m] == lengths[own[0]]) for m in own}
    elif first.stage is Stage.ASN:
        weights = dict.fromkeys(own, 1)
    else:
        weights = {m: max(world.snapshot.hosts[m].weight, 1) for m in alike}
    return {member: weight / sum(weights.values()) for member, weight in weights.items()}


def render_json(view: FileView) -> bytes:
    """Return a view for programs; unknown facts are null, never left out."""
    file = view.file
    chosen = view.mirrors[0] if view.mirrors else None
    facts = {
        "path": view.path,
        "size": file.size,
        "modified_at": None if file.mtime is None else iso_time(file.mtime),
        "digests": dict(view.digests),
        "client": {"address": view.address, "country": view.country, "asn": view.asn},
        "snapshot_at": iso_time(view.built_at),
        "torrent": f"{file.address}.torrent" if view.magnet else None,
        "magnet": view.magnet or None,
        "url": chosen.url if chosen else view.master_url or None,
        "from_master": chosen is None and bool(view.master_url),
        "host": _facts(chosen) if chosen else None,
        "alternatives": [_facts(mirror) for mirror in view.mirrors[1:]],
        "excluded": [row._asdict() for row in view.left_out],
    }
    return json.dumps(facts, ensure_ascii=False).encode(errors="replace")


def _facts(mirror: Mirror) -> dict[str, object]:
    return {
        "name": mirror.name,
        "country": mirror.country,
        "url": mirror.url,
        "stage": mirror.stage,
        "sentence": mirror.sentence,
        "share": round(mirror.share, 4),
        "distance_km": mirror.distance_km,
    }
