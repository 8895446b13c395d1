"""Everything that answers are made from beside the question, and what is remembered of them.

Ties a snapshot to geo data, policy and dice. Has no files, clock or dice of its own: adapters
hand them over.
"""

from __future__ import annotations

from collections import OrderedDict
from typing import TYPE_CHECKING, NamedTuple, Protocol

from mirrorlist.logic import metalink
from mirrorlist.logic.addresses import Address, parse_address
from mirrorlist.logic.bound import Bound, keep_newest
from mirrorlist.logic.choices import ChoiceBook
from mirrorlist.logic.distance import Point, cell_of
from mirrorlist.logic.files import FileBook, FilePolicy
from mirrorlist.logic.ordering import POOL_SIZE, Ordering
from mirrorlist.logic.plans import Plan, make_plan
from mirrorlist.logic.query import Kind, Refusal
from mirrorlist.logic.questions import Book, Question, read_question
from mirrorlist.logic.rings import Whence
from mirrorlist.logic.selection import (
    NOBODY,
    Preferred,
    Selection,
    arrange,
    draw,
    shuffle,
)
from mirrorlist.logic.signposts import LINKS
from mirrorlist.logic.snapshot import Snapshot

if TYPE_CHECKING:
    from collections.abc import Iterator
    from random import Random

UNKNOWN_COUNTRY = "N/A"
NAMED_SOURCE, GEO_SOURCE = "a netblock of the operators", "geo data"

# Beyond these, what was worked out first is forgotten: one at a time, so that nobody waits. Long
# query strings are nobody's habit and are not worth the memory.
QUESTIONS_REMEMBERED = 20_000
PLANS_REMEMBERED = 18_000  # a kilobyte each
LONGEST_REMEMBERED = 500


Remembered = OrderedDict[bytes, Question | Refusal]


class Geo(Protocol):
    """Where addresses are. Takes canonical text; None means that it does not know."""

    def country(self, address: str) -> str | None:
        """Return the country's two letters in upper case."""
        ...

    def asn(self, address: str) -> int | None:
        """Return the number of the autonomous system."""
        ...

    def location(self, address: str) -> Point | None:
        """Return degrees north and east, where the data is that exact."""
        ...


class AnswerPolicy(NamedTuple):
    """What operators decide about answers."""

    minimum_hosts: int = 5
    trusted_proxy_count: int = 0
    files: FilePolicy = FilePolicy()


class Place(NamedTuple):
    """Where a client is, and which Hosts prefer it, if there are any.

    Clients of the same `whence` share a plan; where the family of addresses makes no difference,
    those of the same `any_family` do.
    """

    address: Address
    country: str
    country_source: str
    preferred: Preferred
    is_preferred: bool
    whence: Whence
    any_family: Whence


class World:
    """A snapshot with geo data, policy and dice. Use changes its memory, never its answers."""

    def __init__(
        self,
        snapshot: Snapshot,
        geo: Geo,
        policy: AnswerPolicy,
        *,
        rng: Random,
        before: World | None = None,
        pool_size: int = POOL_SIZE,
    ) -> None:
        """Draw the dice, or go on with those of the World before if the weights are the same."""
        self.snapshot = snapshot
        self.geo = geo
        self.policy = policy
        weights = [host.weight for host in snapshot.hosts]
        if before is not None and weights == [host.weight for host in before.snapshot.hosts]:
            ordering = before.ordering
        else:
            ordering = Ordering(weights, rng=rng, size=pool_size)
        self.ordering: Ordering = ordering
        self.book = Book(snapshot)
        self.files = FileBook(snapshot, policy.files.prefix)
        self.choices = ChoiceBook(self.book)
        self._questions: Remembered = OrderedDict()
        self._metalink_questions: Remembered = OrderedDict()
        self._whences: dict[str, tuple[Whence, Whence]] = {}
        self._planned = Bound(PLANS_REMEMBERED)
        self._head = (-1, b"")

    def question(self, kind: Kind, query: bytes) -> Question | Refusal:
        """Return a query string, read and looked up."""
        # One table per kind: a pair with an Enum in it is slow to look up.
        known = self._metalink_questions if kind is Kind.METALINK else self._questions
        found = known.get(query)
        if found is None:
            found = read_question(kind, query, self.snapshot, self.book)
            if len(query) <= LONGEST_REMEMBERED:
                keep_newest(known, query, found, most=QUESTIONS_REMEMBERED)
        return found

    def familiar(self, most: int) -> list[tuple[Kind, bytes]]:
        """Return the last new questions of each kind, in the order in which they came."""
        tables = ((Kind.MIRRORLIST, self._questions), (Kind.METALINK, self._metalink_questions))
        return [(kind, query) for kind, table in tables for query in list(table)[-most // 2 :]]

    def prepare(self, before: World, *, most: int) -> Iterator[None]:
        """Work out before anybody asks what takes long, in small steps.

        That is what was around the places in the World before, and up to `most` of its questions.
        Plans wait until somebody asks: they are many, each takes a few microseconds, and while all
        are made clients wait for the processor.
        """
        yield from self.book.prepare(before.book)
        for kind, query in before.familiar(most):
            self.question(kind, query)
            yield

    def place(self, text: str) -> Place | None:
        """Return where an address is, or None if it is not an address."""
        address = parse_address(text)
        if address is None:
            return None
        snapshot, geo = self.snapshot, self.geo
        named = snapshot.netblock_countries.containing(address)
        country = named[0][1] if named else geo.country(address.text)
        asn = geo.asn(address.text)
        netblocks = snapshot.netblocks.containing(address)
        asn_hosts = snapshot.asn_hosts.get(asn, ()) if asn else ()
        ipv4, ipv6 = self._whence(country or UNKNOWN_COUNTRY, None if named else address)
        # By position and past the constructor, which is faster: this is done for every answer.
        return tuple.__new__(
            Place,
            (
                address,
                ipv4.country,
                NAMED_SOURCE if named else GEO_SOURCE,
                Preferred(tuple(netblocks), asn, asn_hosts) if netblocks or asn else NOBODY,
                bool(netblocks or asn_hosts),
                ipv4 if address.bits == 32 else ipv6,
                ipv4,
            ),
        )

    def _whence(self, country: str, address: Address | None) -> tuple[Whence, Whence]:
        """Return what plans are made for, by IPv4 and by IPv6."""
        point = self.geo.location(address.text) if address else None
        if point:
            cell = cell_of(point)
            return Whence(country, cell=cell), Whence(country, ipv6=True, cell=cell)
        found = self._whences.get(country)
        if found is None:
            found = self._whences[country] = Whence(country), Whence(country, ipv6=True)
        return found

    def plan(self, question: Question, whence: Whence) -> Plan:
        """Return which Hosts the clients of a place are sent to."""
        plan = question.plans.get(whence)
        if plan is None:
            plan = make_plan(question.scope, whence, minimum=self.policy.minimum_hosts)
            self._planned.keep(question.plans, whence, plan)
        return plan

    def select(self, question: Question, place: Place) -> Selection:
        """Return the Hosts of an answer."""
        selection = shuffle(self._arranged(question, place), self.ordering)
        limit = question.request.limit
        return selection.limited(limit) if limit else selection

    def select_first(self, question: Question, place: Place) -> Selection:
        """Return the first Host of an answer alone: all that a redirect needs."""
        return draw(self._arranged(question, place), self.ordering, 0)

    def select_few(self, question: Question, place: Place) -> Selection:
        """Return the first Host of an answer, and those that a redirect names beside it."""
        limit = question.request.limit
        others = min(limit - 1, LINKS) if limit else LINKS
        return draw(self._arranged(question, place), self.ordering, others)

    def _arranged(self, question: Question, place: Place) -> Plan:
        """Return a choice but for chance; most clients share it with all of their place."""
        whence = place.whence if question.by_family else place.any_family
        plan = question.plans.get(whence) or self.plan(question, whence)
        if not place.is_preferred or not question.request.by_network:
            return plan
        minimum = self.policy.minimum_hosts
        return arrange(
            question.scope, plan, place.preferred, self.ordering, whence, minimum=minimum
        )

    def head(self, now: float) -> bytes:
        """Return the first lines of a metalink, made once a second."""
        second, head = self._head
        if second != int(now):
            head = metalink.render_head(now)
            self._head = (int(now), head)
        return head

    def forget(self, most: int) -> bool:
        """Forget some of the plans that were made first; tell whether there are more.

        To drop a whole World at once would keep everybody waiting.
        """
        return self._planned.drop(most)
