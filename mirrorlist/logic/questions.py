"""A question in full: a query string, read, looked up in the snapshot, and prepared for rendering.

Everything here is the same for all clients that send the same query string, so it is worked out
once. Deliberately knows nothing of clients.
"""

from bisect import bisect_left
from collections import OrderedDict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace

from mirrorlist.logic import metalink, plain
from mirrorlist.logic.bound import Bound, keep_newest
from mirrorlist.logic.distance import Distances
from mirrorlist.logic.limits import BYTES_PER_MB, has_limits
from mirrorlist.logic.offers import Offers, Wanted, make_offers
from mirrorlist.logic.plans import Plan
from mirrorlist.logic.query import Kind, Refusal, Request, clean, parse_query
from mirrorlist.logic.rings import Scope, Surroundings, Whence
from mirrorlist.logic.signposts import Signposts
from mirrorlist.logic.snapshot import (
    Category,
    Directory,
    FileDetail,
    Snapshot,
    Whereabouts,
    make_host_set,
)
from mirrorlist.logic.targets import Target, find_target
from registry.logic.places import join_path, relative_to

# Clients choose protocols, so that there is no end to what they might want.
OFFERS_REMEMBERED = 500
SHARED_REMEMBERED = 20_000
# Cells of the globe make many places of one country, and each takes some kilobytes.
PLACES_REMEMBERED = 2_000

OffersKey = tuple[Kind, int, Wanted]
# Offers, the size of the file, and the set of Hosts.
SharedKey = tuple[OffersKey, int, int]
Plans = dict[Whence, Plan]


@dataclass(slots=True)
class Question:
    """What is asked, what may be chosen from, and the bytes that all answers share.

    `header` and `suffix` enclose the words that tell how Hosts were found; `path` is what all
    URLs end in; `file` is what a metalink verifies, or why there is nothing to verify;
    `target_path` is the path of what is meant. `plans` are those made so far, by place; questions
    that may choose from the same share them. `signposts` are for redirects to files. `relaxed` is
    the question without the countries that it wants to avoid, for clients to whom that leaves
    nobody. `by_family` tells whether plans for IPv4 and for IPv6 differ.
    """

    request: Request
    target: Target
    scope: Scope
    path: bytes
    file: bytes | Refusal
    target_path: str
    plans: Plans = field(default_factory=dict)
    signposts: Signposts | None = None
    relaxed: "Question | None" = None
    by_family: bool = field(init=False)

    def __post_init__(self) -> None:
        """Keep at hand what every answer needs."""
        self.by_family = self.scope.offers.by_family

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
        self._nobody = make_host_set(0, len(snapshot.hosts))
        self._whereabouts = Whereabouts(snapshot.hosts)
        self._limited = frozenset(
            member for member, host in enumerate(snapshot.hosts) if has_limits(host)
        )
        self._always = tuple(
            member
            for member in self._whereabouts.everywhere
            if snapshot.hosts[member].always_listed
        )
        self._distances = Distances.of(
            ((host.point, host.country) for host in snapshot.hosts), snapshot.continents.points
        )
        self._sizes = sorted(
            {host.max_file_mb * BYTES_PER_MB for host in snapshot.hosts if host.max_file_mb}
        )
        self._refused: dict[int, dict[str, frozenset[int]]] = {}
        self._made: dict[OffersKey, Offers] = {}
        self._rings: dict[tuple[OffersKey, int], dict[Whence, Surroundings]] = {}
        self._places = Bound(PLACES_REMEMBERED)
        self._signposts: dict[OffersKey, Signposts] = {}
        self._shared: OrderedDict[SharedKey, Plans] = OrderedDict()

    def _offers(self, key: OffersKey) -> Offers:
        """Return what the Hosts of a Category offer to a request, made once."""
        found = self._made.get(key)
        if found is None:
            if len(self._made) >= OFFERS_REMEMBERED:
                self._made, self._rings, self._signposts = {}, {}, {}
            kind, category_id, wanted = key
            found = self._made[key] = make_offers(
                kind, self._snapshot.carriers(category_id), self._snapshot.hosts, wanted
            )
        return found

    def question(
        self,
        kind: Kind,
        request: Request,
        target: Target,
        *,
        path: bytes = b"",
        file: bytes | Refusal = b"",
        file_bytes: int = 0,
    ) -> Question:
        """Return a request for something in a Directory with what it may choose from.

        Hosts are asked for a file of `file_bytes` only if it is not too big for them; 0 means that
        its size is not known.
        """
        key = (kind, target.directory.category_id, _wanted(request))
        bucket = self.bucket(file_bytes)
        scope = self._scope(key, bucket, file_bytes)._replace(
            host_set=self._snapshot.host_set(target.directory.host_set_id),
            countries=request.countries,
        )
        if request.avoided:
            scope = scope._replace(
                restricted=self._restricted(request.avoided),
                avoided=request.avoided,
                refusals=None,
                rings={},
            )
        plans = self._share(key, bucket, request, target.directory)
        question = Question(request, target, scope, path, file, target.path, plans)
        if kind is Kind.MIRRORLIST and request.redirect:
            question.signposts = self._signposts_of(key)
        if request.avoided:
            question.relaxed = replace(question, scope=relax(scope), plans={})
        return question

    def bucket(self, file_bytes: int) -> int:
        """Return the class of a size: files of one class are too big for the same Hosts."""
        return bisect_left(self._sizes, file_bytes) if self._sizes else 0

    def _share(self, key: OffersKey, bucket: int, request: Request, directory: Directory) -> Plans:
        """Return what questions share that differ in nothing that plans are made from."""
        if request.avoided or request.countries is not None:
            return {}
        shared = (key, bucket, directory.host_set_id)
        found = self._shared.get(shared)
        if found is None:
            found = keep_newest(self._shared, shared, {}, most=SHARED_REMEMBERED)
        return found

    def _scope(self, key: OffersKey, bucket: int, file_bytes: int) -> Scope:
        """Return what may be chosen from if nobody had anything, and nothing else is asked."""
        return Scope(
            hosts=self._snapshot.hosts,
            whereabouts=self._whereabouts,
            host_set=self._nobody,
            offers=self._offers(key),
            continents=self._snapshot.continents,
            countries=None,
            restricted=self._limited,
            always=self._always,
            distances=self._distances,
            file_bytes=file_bytes,
            refusals=self._refused.setdefault(bucket, {}),
            rings=self._rings.setdefault((key, bucket), {}),
            places=self._places,
        )

    def prepare(self, before: "Book") -> Iterator[None]:
        """Work out what is around the places that were asked from before, in small steps."""
        for (key, bucket), rings in list(before._rings.items()):
            scope = self._scope(key, bucket, self._example(bucket))
            for whence in list(rings):
                scope.around(whence)
                yield

    def _example(self, bucket: int) -> int:
        """Return the size of the biggest file of a class; of the last class that of a small one."""
        if bucket < len(self._sizes):
            return self._sizes[bucket]
        return self._sizes[-1] + 1 if self._sizes else 0

    def _signposts_of(self, key: OffersKey) -> Signposts:
        """Return the header lines of redirects to the Hosts of a Category, made once."""
        texts = self._offers(key).texts
        found = self._signposts.get(key)
        if found is None:
            found = self._signposts[key] = Signposts(texts, self._snapshot.hosts)
        return found

    def _restricted(self, avoided: frozenset[str]) -> frozenset[int]:
        """Return the Hosts that are not for everybody, if countries are avoided."""
        hosts = self._snapshot.hosts
        return self._limited.union(
            m for m in self._whereabouts.everywhere if hosts[m].country in avoided
        )


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
    return book.question(
        kind,
        request,
        target,
        path=_path(kind, target, snapshot.category(directory.category_id)),
        file=_file(target, details) if kind is Kind.METALINK else b"",
        file_bytes=_size(target, details, snapshot),
    )


def relax(scope: Scope) -> Scope:
    """Return what may be chosen from if no country is avoided."""
    return scope._replace(avoided=frozenset(), rings={})


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
