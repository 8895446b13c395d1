"""Answer the address of a file: redirect to the best Host, or give what else is asked for.

The one function behind all addresses that are neither mirrorlist nor metalink
(docs/clients/redirector.md). Knows when the master helps out and when a client's copy is
current; the documents themselves are rendered elsewhere.
"""

from collections.abc import Callable, Sequence
from email.utils import parsedate_to_datetime
from itertools import groupby
from urllib.parse import quote

from mirrorlist.logic import metalink
from mirrorlist.logic.answers import NO_ADDRESS, TEXT, Answer, Facts
from mirrorlist.logic.choices import Purpose
from mirrorlist.logic.file_choice import (
    asks_for_tls,
    choose_hosts,
    file_urls,
    master_url,
    seeds_of,
)
from mirrorlist.logic.file_page import render_file_page
from mirrorlist.logic.file_request import FileRequest, Form, Modifiers, negotiated
from mirrorlist.logic.file_view import render_json, view_file
from mirrorlist.logic.files import File, Folder, Missing, is_negotiable, known_pieces
from mirrorlist.logic.folder_page import make_folder_page
from mirrorlist.logic.meta4 import Group, render_meta4
from mirrorlist.logic.offers import PATH, PREFERENCE
from mirrorlist.logic.page_style import OUTLINE_ADDRESS, STYLE, STYLE_ADDRESS, STYLE_HEADERS
from mirrorlist.logic.pages import HTML, JSON
from mirrorlist.logic.plain import SAFE_IN_LOCATION
from mirrorlist.logic.query import client_address
from mirrorlist.logic.selection import Selection
from mirrorlist.logic.snapshot import FileDetail
from mirrorlist.logic.torrent import Torrent, render_magnet, render_torrent
from mirrorlist.logic.world import Place, World

_PRIVATE = (("Cache-Control", "private, no-cache"), ("Vary", "Accept"))
_PLAIN = (("Content-Type", "text/plain; charset=utf-8"),)
_NOT_ALLOWED = Answer(405, (*TEXT, ("Allow", "GET, HEAD")), b"Ask with GET or HEAD.\n")
_NOT_FOUND = b"There is no such file. If it is new, the next scan of the master will find it.\n"
_NO_HOST = b"No mirror has this file yet. Please try again later.\n"
_NO_DIGEST = b"This digest of the file is not known.\n"
_NO_TORRENT = b"There is no torrent of this file: the digests of its pieces are not known.\n"
_NO_STATISTICS = b"This server does not know where the statistics of files are.\n"


def redirect_answer(request: FileRequest, world: World, *, now: float) -> Answer:
    """Answer one request; `now` is in Unix seconds.

    A real file comes before a generated one of the same name, and the word in a query string
    before the Accept header.
    """
    world.ordering.pass_time(now)
    if request.method not in ("GET", "HEAD"):
        return _NOT_ALLOWED
    modifiers = world.files.modifiers(request.query)
    found = world.files.find(request.path)
    if isinstance(found, Missing):
        return _missing(request, found, world)
    if isinstance(found, Folder):
        return _folder(request, found, modifiers, world)
    form = modifiers.form or found.form
    if form is Form.REDIRECT and request.method == "GET":
        form = _negotiate(request, found, world)
    place = world.place(_address(request, modifiers, world))
    if place is None:
        return Answer(NO_ADDRESS.status, TEXT, f"{NO_ADDRESS.text}\n".encode())
    if form is Form.REDIRECT:  # the Enum's hash is slow, and this is what most ask for
        return _redirect(request, found, modifiers, place, world)
    return _FORMS[form](request, found, modifiers, place, world, now)


def _negotiate(request: FileRequest, file: File, world: World) -> Form:
    form = negotiated(request.accept) if request.accept else None
    if form in (Form.METALINK, Form.META4) and not is_negotiable(
        file, from_bytes=world.policy.files.metalink_from_bytes
    ):
        return Form.REDIRECT
    return form or Form.REDIRECT


def _address(request: FileRequest, modifiers: Modifiers, world: World) -> str:
    return modifiers.request.ip or client_address(
        request.client, trusted_proxy_count=world.policy.trusted_proxy_count
    )


def _redirect(
    request: FileRequest, file: File, modifiers: Modifiers, place: Place, world: World
) -> Answer:
    if (request.if_none_match or request.if_modified_since) and _is_current(request, file):
        return Answer(304, (("ETag", file.etag), *_PRIVATE), b"", _facts("current", file, place))
    if file.category.canonical_url and _is_the_masters(file, world):
        return _from_master(file, place)
    question, _, selection, _ = choose_hosts(
        Purpose.REDIRECT, request, file, modifiers, place, world
    )
    members, signposts = selection.members, question.signposts
    if not members or signposts is None:
        return _from_master(file, place)
    lines = signposts.lines(members).replace(PATH, file.below) + file.head
    return Answer(302, (), b"", _facts("redirect", file, place, *_first(selection, world)), lines)


def _is_the_masters(file: File, world: World) -> bool:
    """Tell whether the size of a file says that it comes from the master."""
    policy = world.policy.files
    if file.size is None:
        return False
    return file.size < policy.master_below_bytes or 0 < policy.master_above_bytes < file.size


def _from_master(file: File, place: Place) -> Answer:
    """Send a client to the master, where nobody else has the file; say so if that is not public."""
    facts = _facts("master", file, place)
    if not file.category.canonical_url:
        return Answer(503, (*TEXT, ("Retry-After", "300")), _NO_HOST, facts)
    location = master_url(file.category, file.below).encode()
    return Answer(302, (), b"", facts, b"Location: %b\r\n%b" % (location, file.head))


def _is_current(request: FileRequest, file: File) -> bool:
    """Tell whether the copy that a client has is the master's.

    Times must be equal, not only later: a mirror that does not keep times gives the one at which
    it copied, and that says nothing.
    """
    if not file.etag or file.mtime is None:
        return False
    if request.if_none_match:
        tags = [tag.strip().removeprefix("W/") for tag in request.if_none_match.split(",")]
        return file.etag in tags
    try:
        return int(parsedate_to_datetime(request.if_modified_since).timestamp()) == file.mtime
    except (ValueError, OverflowError):
        return False


def _metalink(
    request: FileRequest, file: File, modifiers: Modifiers, place: Place, world: World, now: float
) -> Answer:
    decision = choose_hosts(Purpose.METALINK, request, file, modifiers, place, world)
    offered, members = decision.question.scope.offers.pieces, decision.selection.members
    pieces = [offered[member] for member in members]
    if not pieces:
        if not file.category.canonical_url:
            return _from_master(file, place)
        pieces = [metalink.render_url(master_url(file.category, b"")).split(PREFERENCE)]
    details = file.details if file.detail else _unverified(file)
    body = metalink.render_metalink(
        world.head(now), metalink.render_file(file.name, details), pieces, file.below
    )
    facts = _facts("metalink", file, place, *_first(decision.selection, world))
    return _document(file, "application/metalink+xml", "metalink", body, facts)


def _unverified(file: File) -> Sequence[FileDetail]:
    return [FileDetail(file.mtime or 0, file.size or 0, "", "", "", "")]


def _meta4(
    request: FileRequest, file: File, modifiers: Modifiers, place: Place, world: World, now: float
) -> Answer:
    decision = choose_hosts(Purpose.META4, request, file, modifiers, place, world)
    offered, hosts = decision.question.scope.offers.texts, world.snapshot.hosts
    below = file.below.decode()
    groups = [
        Group(
            stage.value,
            [(hosts[m].country, file_urls(offered[m], below)) for _, m in found],
        )
        for stage, found in groupby(decision.selection.found(), key=lambda pair: pair[0])
    ]
    if not groups:
        if not file.category.canonical_url:
            return _from_master(file, place)
        groups = [Group("the master", [("", [master_url(file.category, file.below)])])]
    body = render_meta4(
        file.name,
        size=file.size,
        detail=file.detail,
        pieces=known_pieces(file, world.snapshot),
        groups=groups,
        now=now,
    )
    facts = _facts("meta4", file, place, *_first(decision.selection, world))
    return _document(file, "application/metalink4+xml", "meta4", body, facts)


def _torrent(
    request: FileRequest, file: File, modifiers: Modifiers, place: Place, world: World, now: float
) -> Answer:
    """Give the torrent, or the magnet link, with the Hosts of this client as web seeds."""
    pieces = known_pieces(file, world.snapshot)
    if pieces is None:
        return Answer(404, TEXT, _NO_TORRENT)
    decision = choose_hosts(Purpose.META4, request, file, modifiers, place, world)
    members = decision.selection.members
    seeds = seeds_of(decision.question.scope.offers.texts, members, file)
    torrent = Torrent(file.name, pieces, seeds, world.policy.files.trackers)
    form = modifiers.form or file.form
    facts = _facts(form.value, file, place, *_first(decision.selection, world))
    if form is Form.MAGNET:
        body = f"{render_magnet(torrent)}\n".encode()
        return Answer(200, (*_PLAIN, *_PRIVATE), body, facts)
    body = render_torrent(torrent)
    return _document(file, "application/x-bittorrent", "torrent", body, facts)


def _document(file: File, media_type: str, ending: str, body: bytes, facts: Facts) -> Answer:
    """Return a document to be kept; aria2 stores it under the name that it is given here."""
    headers = (
        ("Content-Type", media_type),
        ("Content-Disposition", _attachment(f"{file.name}.{ending}")),
        *_PRIVATE,
    )
    return Answer(200, headers, body, facts)


def _attachment(name: str) -> str:
    """Return a Content-Disposition (RFC 6266): a name in ASCII, and the real one if it differs."""
    plain = "".join(c if c.isascii() and c not in '"\\' else "_" for c in name)
    real = "" if plain == name else f"; filename*=UTF-8''{quote(name, safe='')}"
    return f'attachment; filename="{plain}"{real}'


def _digest(
    request: FileRequest, file: File, modifiers: Modifiers, place: Place, world: World, now: float
) -> Answer:
    """Give one digest as md5sum and its kin write it."""
    form = modifiers.form or file.form
    digest = getattr(file.detail, form.value) if file.detail else ""
    if not digest:
        return Answer(404, TEXT, _NO_DIGEST)
    headers = (
        *_PLAIN,
        ("Cache-Control", "public, max-age=300"),
    )
    return Answer(200, headers, f"{digest}  {file.name}\n".encode(), _facts("hash", file, place))


def _json(
    request: FileRequest, file: File, modifiers: Modifiers, place: Place, world: World, now: float
) -> Answer:
    view = view_file(request, file, world, secure=asks_for_tls(request, modifiers, world))
    return Answer(200, (*JSON, *_PRIVATE), render_json(view), _facts("json", file, place))


def _page(
    request: FileRequest, file: File, modifiers: Modifiers, place: Place, world: World, now: float
) -> Answer:
    prefix = world.policy.files.prefix
    view = view_file(request, file, world, secure=asks_for_tls(request, modifiers, world))
    body = render_file_page(view, style=prefix + STYLE_ADDRESS, outline=prefix + OUTLINE_ADDRESS)
    return Answer(200, (*HTML, *_PRIVATE), body, _facts("page", file, place))


def _statistics(
    request: FileRequest, file: File, modifiers: Modifiers, place: Place, world: World, now: float
) -> Answer:
    """Lead to the downloads of a file, which only the server knows."""
    base = world.snapshot.base_url
    if not base:
        return Answer(404, TEXT, _NO_STATISTICS)
    location = f"{base}/statistics/file.json?path={quote(file.path)}"
    return Answer(302, (("Location", location), *_PRIVATE), b"", _facts("stats", file, place))


_Renderer = Callable[[FileRequest, File, Modifiers, Place, World, float], Answer]
_FORMS: dict[Form, _Renderer] = {
    Form.METALINK: _metalink,
    Form.META4: _meta4,
    Form.TORRENT: _torrent,
    Form.MAGNET: _torrent,
    Form.STATS: _statistics,
    Form.JSON: _json,
    Form.PAGE: _page,
    Form.MD5: _digest,
    Form.SHA1: _digest,
    Form.SHA256: _digest,
    Form.SHA512: _digest,
}


def _missing(request: FileRequest, missing: Missing, world: World) -> Answer:
    """Ask the master for what is not known yet; what belongs to nobody is not there."""
    if request.path[len(world.policy.files.prefix) :] == STYLE_ADDRESS.encode():
        return Answer(200, STYLE_HEADERS, STYLE)
    if missing.category is None or not missing.category.canonical_url:
        return Answer(404, TEXT, _NOT_FOUND)
    location = master_url(missing.category, missing.below)
    return Answer(302, (("Location", location), *_PRIVATE), b"")


def _folder(request: FileRequest, folder: Folder, modifiers: Modifiers, world: World) -> Answer:
    if not folder.with_slash:
        query = f"?{request.query.decode('latin-1')}" if request.query else ""
        location = quote(f"{folder.address}{query}", safe=SAFE_IN_LOCATION)
        return Answer(301, (("Location", location),), b"")
    if not world.snapshot.knows_files:
        return Answer(404, TEXT, b"This server has no pages of Directories.\n")
    by_json = modifiers.form is Form.JSON or (
        modifiers.form is None and negotiated(request.accept) is Form.JSON
    )
    page = make_folder_page(
        folder, world, sort=modifiers.sort, number=modifiers.page, by_json=by_json
    )
    if page.etag in (tag.strip() for tag in request.if_none_match.split(",")):
        return Answer(304, page.headers, b"")
    return Answer(200, page.headers, page.body)


def _first(selection: Selection, world: World) -> tuple[int, str]:
    """Return the id of the Host that is offered first, and where it was found."""
    if not selection.members:
        return 0, ""
    return world.snapshot.hosts[selection.members[0]].id, selection.plan.levels[0].stage._value_


def _facts(kind: str, file: File, place: Place, host_id: int = 0, stage: str = "") -> Facts:
    address, country, source = place.address.text, place.country, place.country_source
    # Past the constructor, which is slow: this is done for every answer.
    return tuple.__new__(
        Facts, (kind, address, country, "", "", file.path, host_id, "", stage, source, "")
    )
