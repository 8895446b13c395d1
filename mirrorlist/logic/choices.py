"""Which Hosts a file may come from, and under which URLs, shared by all files that share Hosts.

There are far more files than sets of Hosts, so plans, URLs and header lines are worked out by
set. Knows nothing of single files.
"""

from bisect import bisect_left
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from enum import Enum
from itertools import repeat
from urllib.parse import quote

from mirrorlist.logic.files import File
from mirrorlist.logic.limits import BYTES_PER_MB
from mirrorlist.logic.offers import PATH, PREFERENCE, WEB
from mirrorlist.logic.plain import SAFE_IN_LOCATION
from mirrorlist.logic.query import Kind, Request
from mirrorlist.logic.questions import Book, Question, relax
from mirrorlist.logic.rings import Whence
from mirrorlist.logic.snapshot import Snapshot
from mirrorlist.logic.targets import Target

# Query strings are the clients', so there is no end to them.
CHOICES_REMEMBERED = 5_000
LEADS_REMEMBERED = 10_000
# RFC 6249 asks for a few; more would only make every answer longer.
LINKS = 5
_PRIORITIES = tuple(b"%d" % number for number in range(1, LINKS + 1))
# The first Host is drawn for each answer; those that stand by are drawn anew after so many.
ANSWERS_PER_LEAD = 256


class Purpose(Enum):
    """What URLs are chosen for: one to follow, or all that a document lists."""

    REDIRECT = "redirect"
    METALINK = "metalink"
    META4 = "meta4"


@dataclass(slots=True)
class Lead:
    """Header lines that lead to one Host and name some others, and how often they may be given.

    Each URL ends in a placeholder for the path of the file.
    """

    lines: bytes
    left: int = ANSWERS_PER_LEAD


@dataclass(slots=True)
class Choices:
    """A question about any file of Directories with the same Hosts.

    `locations` are the base URLs to redirect to, `links` the elements of a Link header for them,
    both as they stand in a header, by position of the Host. `leads` are what clients of the same
    place share, by the Host that they are sent to.
    """

    question: Question
    locations: Mapping[int, bytes] = field(default_factory=dict)
    links: Mapping[int, bytes] = field(default_factory=dict)
    leads: dict[tuple[Whence, int], Lead] = field(default_factory=dict)

    def lines(self, members: Sequence[int]) -> bytes:
        """Return the header lines that lead to the first of some Hosts and name the next ones."""
        first, others = members[0], members[1 : LINKS + 1]
        location = b"Location: %b%b\r\n" % (self.locations[first], PATH)
        if not others:
            return location
        links = map(self.links.__getitem__, others)
        links = map(bytes.replace, links, repeat(PREFERENCE), _PRIORITIES)
        return b"%bLink: %b\r\n" % (location, b", ".join(links))


class ChoiceBook:
    """The choices of a snapshot, worked out once."""

    def __init__(self, snapshot: Snapshot, book: Book) -> None:
        self._snapshot = snapshot
        self._book = book
        self._made: dict[tuple[object, ...], Choices] = {}
        self._leads = 0
        # Files between two of these sizes are too big for the same Hosts.
        self._sizes = sorted(
            {host.max_file_mb * BYTES_PER_MB for host in snapshot.hosts if host.max_file_mb}
        )

    def forget(self) -> None:
        """Drop all choices."""
        self._made, self._leads = {}, 0

    def find(
        self, purpose: Purpose, file: File, request: Request, *, secure: bool | None
    ) -> Choices:
        """Return the choices for a purpose; `secure` asks for https only, or for http only."""
        directory = file.directory
        size = bisect_left(self._sizes, file.size or 0) if self._sizes else 0
        # Not the Enum itself: its hash is slow.
        key = (purpose.value, directory.host_set_id, directory.category_id, request, secure, size)
        found = self._made.get(key)
        if found is None:
            if len(self._made) >= CHOICES_REMEMBERED:
                self.forget()
            if secure is not None:
                request = request._replace(protocols=("https",) if secure else ("http",))
            found = self._made[key] = self._make(purpose, file, request)
        return found

    def keep(self, choices: Choices, whence: Whence, first: int, lead: Lead) -> None:
        """Remember a lead; when there are too many, all are dropped."""
        if self._leads >= LEADS_REMEMBERED:
            self.forget()
        self._leads += 1
        choices.leads[whence, first] = lead

    def _make(self, purpose: Purpose, file: File, request: Request) -> Choices:
        if purpose is not Purpose.REDIRECT and request.protocols is None:
            request = request._replace(protocols=WEB)
        request = request._replace(redirect=purpose is Purpose.REDIRECT)
        kind = Kind.METALINK if purpose is Purpose.METALINK else Kind.MIRRORLIST
        scope = self._book.scope(kind, request, file.directory, file_bytes=file.size or 0)
        question = Question(request, Target("", file.directory, ""), scope, b"", b"", file.path)
        if request.avoided:
            question.relaxed = replace(question, scope=relax(scope), plans={}, draws={})
        if purpose is not Purpose.REDIRECT:
            return Choices(question)
        hosts = self._snapshot.hosts
        locations = {
            member: quote(text, safe=SAFE_IN_LOCATION).encode()
            for member, text in scope.offers.texts.items()
        }
        return Choices(
            question,
            locations,
            {m: _link(location, hosts[m].country) for m, location in locations.items()},
        )


def _link(location: bytes, country: str) -> bytes:
    """Return one element of RFC 6249, with placeholders for the path and the priority."""
    geo = b"; geo=%b" % country.lower().encode() if country else b""
    return b"<%b%b>; rel=duplicate; pri=%b%b" % (location, PATH, PREFERENCE, geo)
