"""A question in full: a query string, read, looked up in the snapshot, and prepared for rendering.

Everything here is the same for all clients that send the same query string, so it is worked out
once. Deliberately knows nothing of clients.
"""

from bisect import bisect_left
from collections.abc import Sequence
from dataclasses import dataclass, field, replace

from mirrorlist.logic import metalink, plain
from mirrorlist.logic.distance import Distances
from mirrorlist.logic.limits import BYTES_PER_MB, has_limits
from mirrorlist.logic.offers import Offers, Wanted, make_offers
from mirrorlist.logic.plans import Plan, Scope, Whence
from mirrorlist.logic.query import Kind, Refusal, Request, clean, parse_query
from mirrorlist.logic.selection import Draw
from mirrorlist.logic.snapshot import Category, Directory, FileDetail, HostSet, Snapshot
from mirrorlist.logic.targets import Target, find_target
from registry.logic.places import join_path, relative_to

# Clients choose protocols, so that there is no end to what they might want.
OFFERS_REMEMBERED = 500


@dataclass(slots=True)
class Question:
    """What is asked, what may be chosen from, and the bytes that all answers share.

    `header` and `suffix` enclose the words that tell how Hosts were found; `path` is what all
    URLs end in; `file` is what a metalink verifies, or why there is nothing to verify;
    `target_path` is the path of what is meant. `plans` are those made so far, by place, and
    `draws` those of redirects. `relaxed` is the question without the countries that it wants to
    avoid, for clients to whom that leaves nobody.
    """

    request: Request
    target: Target
    scope: Scope
    path: bytes
    file: bytes | Refusal
    target_path: str
    plans: dict[Whence, Plan] = field(default_factory=dict)
    draws: dict[Whence, Draw | None] = field(default_factory=dict)
    relaxed: "Question | None" = None

    def header_line(self, fragments: str, *, built_at: int) -> bytes:
        """Return the first line of a mirrorlist; it ends in a blank unless words follow."""
        if self.request.protocols is None and not self.request.time:
            return (self.target.header + fragments).encode()
        words = [self.target.header, fragments]
        if self.request.protocols is not None:
            words.append(f"protocol = {clean(self.request.protocol)}")
        if self.request.time:
            words.append(f"\n# database creation time: {built_at}")
        return "".join(words).encode()


class Book:
    """What holds for all questions about a snapshot: where Hosts are, their limits and offers."""

    def __init__(self, snapshot: Snapshot) -> None:
        self._snapshot = snapshot
        self._limited = frozenset(
            member for member, host in enumerate(snapshot.hosts) if has_limits(host)
        )
        self._always = tuple(
            member
            for member, host in enumerate(snapshot.hosts)
            if host.always_listed and host.is_public
        )
        self._distances = Distances.of(
            ((host.point, host.country) for host in snapshot.hosts), snapshot.continents.points
        )
        # Files between two of these sizes are too big for the same Hosts.
        self._sizes = sorted(
            {host.max_file_mb * BYTES_PER_MB for host in snapshot.hosts if host.max_file_mb}
        )
        self._refused: dict[int, dict[str, frozenset[int]]] = {}
        self._made: dict[tuple[Kind, int, Wanted], Offers] = {}

    def offers(self, kind: Kind, category_id: int, wanted: Wanted) -> Offers:
        """Return what the Hosts of a Category offer to a request, made once."""
        key = (kind, category_id, wanted)
        found = self._made.get(key)
        if found is None:
            if len(self._made) >= OFFERS_REMEMBERED:
                self._made = {}
            found = self._made[key] = make_offers(
                kind, self._snapshot.carriers(category_id), self._snapshot.hosts, wanted
            )
        return found

    def scope(
        self, kind: Kind, request: Request, directory: Directory, *, file_bytes: int = 0
    ) -> Scope:
        """Return what a request for something in a Directory may choose from.

        Hosts are asked for a file of `file_bytes` only if it is not too big for them; 0 means that
        its size is not known.
        """
        host_set = self._snapshot.host_set(directory.host_set_id)
        return Scope(
            hosts=self._snapshot.hosts,
            host_set=host_set,
            offers=self.offers(kind, directory.category_id, _wanted(request)),
            continents=self._snapshot.continents,
            countries=request.countries,
            restricted=self._restricted(host_set, request.avoided),
            always=tuple(member for member in self._always if member in host_set),
            distances=self._distances,
            avoided=request.avoided,
            file_bytes=file_bytes,
            refusals=None if request.avoided else self._refusals(file_bytes),
        )

    def _restricted(self, host_set: HostSet, avoided: frozenset[str]) -> frozenset[int]:
        """Return the Hosts that are not for everybody who asks, in the set or beside it."""
        hosts = self._snapshot.hosts
        if not avoided:
            return self._limited
        return self._limited.union(m for m in host_set.everywhere if hosts[m].country in avoided)

    def _refusals(self, file_bytes: int) -> dict[str, frozenset[int]]:
        """Return what is remembered for files that are too big for the same Hosts."""
        return self._refused.setdefault(bisect_left(self._sizes, file_bytes), {})


def read_question(kind: Kind, query: bytes, snapshot: Snapshot, book: Book) -> Question | Refusal:
    """Read a query string and look up what it asks for."""
    request = parse_query(query)
    if isinstance(request, Refusal):
        return request
    target = find_target(kind, request, snapshot)
    if isinstance(target, Refusal):
        return target
    directory = target.directory
    details = snapshot.file_details(directory.id, target.filename) if target.filename else ()
    scope = book.scope(kind, request, directory, file_bytes=_size(target, details, snapshot))
    question = Question(
        request=request,
        target=target,
        scope=scope,
        path=_path(kind, target, snapshot.category(directory.category_id)),
        file=_file(target, details) if kind is Kind.METALINK else b"",
        target_path=target.path,
    )
    if request.avoided:
        question.relaxed = replace(question, scope=relax(scope), plans={}, draws={})
    return question


def relax(scope: Scope) -> Scope:
    """Return what may be chosen from if no country is avoided."""
    return scope._replace(avoided=frozenset())


def _wanted(request: Request) -> Wanted:
    return Wanted(request.protocols, request.redirect, request.ipv4, request.ipv6)


def _path(kind: Kind, target: Target, category: Category) -> bytes:
    path = plain.render_path(
        relative_to(target.directory.path, category.top_directory), target.filename
    )
    return metalink.escape_path(path) if kind is Kind.METALINK else path


def _size(target: Target, details: Sequence[FileDetail], snapshot: Snapshot) -> int:
    """Return the size of a file, 0 if it is not known."""
    if details or not target.filename:
        return details[0].size if details else 0
    entry = snapshot.entry(target.directory.id, target.filename)
    return entry.size if entry else 0


def _file(target: Target, details: Sequence[FileDetail]) -> bytes | Refusal:
    """Return what clients verify; a Directory is no file, and most files have no digests."""
    if details:
        return metalink.render_file(target.filename, details)
    directory, filename = target.directory, target.filename
    path = join_path(directory.path, filename) if filename else f"{directory.path}/"
    return Refusal(404, f"{path} not found or has not metalink")
