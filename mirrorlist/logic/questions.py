"""A question in full: a query string, read, looked up in the snapshot, and prepared for rendering.

Everything here is the same for all clients that send the same query string, so it is worked out
once. Deliberately knows nothing of clients.
"""

from dataclasses import dataclass, field

from mirrorlist.logic import metalink, plain
from mirrorlist.logic.offers import Offers, make_offers
from mirrorlist.logic.query import Kind, Refusal, Request, clean, parse_query
from mirrorlist.logic.selection import Plan, Scope
from mirrorlist.logic.snapshot import Snapshot
from mirrorlist.logic.targets import Target, find_target
from registry.logic.places import join_path, relative_to

# Clients choose protocols, so that there is no end to what they might want.
OFFERS_REMEMBERED = 500


@dataclass(slots=True)
class Question:
    """What is asked, what may be chosen from, and the bytes that all answers share.

    `header` and `suffix` enclose the words that tell how Hosts were found; `path` is what all
    URLs end in; `file` is what a metalink verifies, or why there is nothing to verify. `plans`
    are those made so far, by country.
    """

    request: Request
    target: Target
    scope: Scope
    path: bytes
    file: bytes | Refusal
    plans: dict[str, Plan] = field(default_factory=dict)

    def header_line(self, fragments: str, *, built_at: int) -> bytes:
        """Return the first line of a mirrorlist; it ends in a blank unless words follow."""
        words = [self.target.header, fragments]
        if self.request.protocols is not None:
            words.append(f"protocol = {clean(self.request.protocol)}")
        if self.request.time:
            words.append(f"\n# database creation time: {built_at}")
        return "".join(words).encode()


class OfferBook:
    """The offers of a snapshot's Hosts, made once for all questions that want the same."""

    def __init__(self, snapshot: Snapshot) -> None:
        self._snapshot = snapshot
        self._made: dict[tuple[object, ...], Offers] = {}

    def offers(self, kind: Kind, category_id: int, request: Request) -> Offers:
        """Return what the Hosts of a Category offer to a request."""
        key = (kind, category_id, request.protocols, request.redirect)
        found = self._made.get(key)
        if found is None:
            if len(self._made) >= OFFERS_REMEMBERED:
                self._made = {}
            found = self._made[key] = make_offers(
                kind,
                self._snapshot.carriers(category_id),
                self._snapshot.hosts,
                protocols=request.protocols,
                redirect=request.redirect,
            )
        return found


def read_question(
    kind: Kind, query: bytes, snapshot: Snapshot, book: OfferBook
) -> Question | Refusal:
    """Read a query string and look up what it asks for."""
    request = parse_query(query)
    if isinstance(request, Refusal):
        return request
    target = find_target(kind, request, snapshot)
    if isinstance(target, Refusal):
        return target
    category = snapshot.category(target.directory.category_id)
    path = plain.render_path(
        relative_to(target.directory.path, category.top_directory), target.filename
    )
    return Question(
        request=request,
        target=target,
        scope=Scope(
            hosts=snapshot.hosts,
            host_set=snapshot.host_set(target.directory.host_set_id),
            offers=book.offers(kind, category.id, request),
            continents=snapshot.continents,
            countries=request.countries,
        ),
        path=metalink.escape_path(path) if kind is Kind.METALINK else path,
        file=_file(target, snapshot) if kind is Kind.METALINK else b"",
    )


def _file(target: Target, snapshot: Snapshot) -> bytes | Refusal:
    """Return what clients verify; a Directory is no file, and most files have no digests."""
    directory, filename = target.directory, target.filename
    if details := snapshot.file_details(directory.id, filename):
        return metalink.render_file(filename, details)
    path = join_path(directory.path, filename) if filename else f"{directory.path}/"
    return Refusal(404, f"{path} not found or has not metalink")
