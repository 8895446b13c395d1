"""Everything that answers are made from beside the question, and what is remembered of them.

Ties a snapshot to geo data, policy and dice. Has no files, clock or dice of its own: adapters
hand them over.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple, Protocol

from mirrorlist.logic import metalink
from mirrorlist.logic.addresses import Address, parse_address
from mirrorlist.logic.choices import ChoiceBook
from mirrorlist.logic.distance import Cell, Point, cell_of
from mirrorlist.logic.files import FileBook, FilePolicy
from mirrorlist.logic.ordering import POOL_SIZE, Ordering
from mirrorlist.logic.plans import Plan, Whence, make_plan
from mirrorlist.logic.query import Kind, Refusal
from mirrorlist.logic.questions import Book, Question, read_question
from mirrorlist.logic.selection import (
    NOBODY,
    Draw,
    Preferred,
    Selection,
    arrange,
    first_draw,
    first_member,
    select,
    shuffle,
)
from mirrorlist.logic.snapshot import Snapshot

if TYPE_CHECKING:
    from collections.abc import Iterable
    from random import Random

UNKNOWN_COUNTRY = "N/A"

# Beyond these, what is remembered is dropped and begins anew. Long query strings are nobody's
# habit and are not worth the memory.
QUESTIONS_REMEMBERED = 20_000
PLANS_REMEMBERED = 50_000
PLACES_REMEMBERED = 4_000
LONGEST_REMEMBERED = 500


Remembered = dict[bytes, Question | Refusal]


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
    """Where a client is, and which Hosts prefer it.

    Clients of the same `whence` share a plan; where the family of addresses makes no difference,
    those of the same `any_family` do.
    """

    address: Address
    country: str
    country_source: str
    preferred: Preferred
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
        self.choices = ChoiceBook(snapshot, self.book)
        self._questions: Remembered = {}
        self._metalink_questions: Remembered = {}
        self._places: dict[str, Place] = {}
        self._plans = 0
        self._head = (-1, b"")

    def question(self, kind: Kind, query: bytes) -> Question | Refusal:
        """Return a query string, read and looked up."""
        # One table per kind: a pair with an Enum in it is slow to look up.
        known = self._metalink_questions if kind is Kind.METALINK else self._questions
        found = known.get(query)
        if found is None:
            found = read_question(kind, query, self.snapshot, self.book)
            if len(query) <= LONGEST_REMEMBERED:
                if len(known) >= QUESTIONS_REMEMBERED:
                    self._forget()
                known[query] = found
        return found

    def familiar(self, most: int) -> list[tuple[Kind, bytes, tuple[Whence, ...]]]:
        """Return questions that were asked, the last first, with the places they came from."""
        tables = ((Kind.MIRRORLIST, self._questions), (Kind.METALINK, self._metalink_questions))
        asked = [
            (kind, query, tuple(found.plans) if isinstance(found, Question) else ())
            for kind, table in tables
            for query, found in list(table.items())[-most // 2 :]
        ]
        return asked[::-1]

    def prepare(self, kind: Kind, query: bytes, places: Iterable[Whence]) -> None:
        """Work out before anybody asks what answers to a question share."""
        question = self.question(kind, query)
        if isinstance(question, Question):
            for whence in places:
                self.plan(question, whence)

    def place(self, text: str) -> Place | None:
        """Return where an address is, or None if it is not an address."""
        place = self._places.get(text)
        if place is not None:
            return place
        place = self._locate(text)
        if place is None:
            return None
        if len(text) <= LONGEST_REMEMBERED:
            if len(self._places) >= PLACES_REMEMBERED:
                self._places = {}
            self._places[text] = place
        return place

    def plan(self, question: Question, whence: Whence) -> Plan:
        """Return which Hosts the clients of a place are sent to."""
        plan = question.plans.get(whence)
        if plan is None:
            if self._plans >= PLANS_REMEMBERED:
                self._forget()
            plan = make_plan(question.scope, whence, minimum=self.policy.minimum_hosts)
            question.plans[whence] = plan
            self._plans += 1
        return plan

    def select(self, question: Question, place: Place) -> Selection:
        """Return the Hosts of an answer."""
        request = question.request
        whence = place.whence if question.scope.offers.by_family else place.any_family
        plan = question.plans.get(whence) or self.plan(question, whence)
        preferred = place.preferred if request.by_network else NOBODY
        if not preferred.netblocks and not preferred.asn_hosts:  # as with most clients
            selection = shuffle(plan.ready, self.ordering)
        else:
            minimum = self.policy.minimum_hosts
            selection = select(
                question.scope, plan, preferred, self.ordering, whence, minimum=minimum
            )
        return selection.limited(request.limit) if request.limit else selection

    def select_first(self, question: Question, place: Place) -> Selection:
        """Return the first Host of an answer alone: all that a redirect needs."""
        whence = place.whence if question.scope.offers.by_family else place.any_family
        preferred = place.preferred if question.request.by_network else NOBODY
        plan = self.plan(question, whence)
        minimum = self.policy.minimum_hosts
        ready = arrange(question.scope, plan, preferred, self.ordering, whence, minimum=minimum)
        draw = (
            self._draw(question, whence)
            if ready is plan.ready
            else first_draw(question.scope, ready)
        )
        if draw is None:
            return Selection(ready.fragments, [], ())
        stage = ready.slots[0].stage
        return Selection(ready.fragments, [first_member(draw, self.ordering)], ((stage, 1),))

    def _draw(self, question: Question, whence: Whence) -> Draw | None:
        """Return the draw for a client without own Hosts, made once for each place."""
        if whence not in question.draws:
            ready = self.plan(question, whence).ready
            question.draws[whence] = first_draw(question.scope, ready)
        return question.draws[whence]

    def head(self, now: float) -> bytes:
        """Return the first lines of a metalink, made once a second."""
        second, head = self._head
        if second != int(now):
            head = metalink.render_head(now)
            self._head = (int(now), head)
        return head

    def _forget(self) -> None:
        """Drop all questions and with them their plans."""
        self._questions.clear()
        self._metalink_questions.clear()
        self._plans = 0
        self.choices.forget()

    def _locate(self, text: str) -> Place | None:
        address = parse_address(text)
        if address is None:
            return None
        named = self.snapshot.netblock_countries.containing(address)
        country = named[0][1] if named else self.geo.country(address.text)
        asn = self.geo.asn(address.text)
        country = country or UNKNOWN_COUNTRY
        netblocks = self.snapshot.netblocks.containing(address)
        asn_hosts = self.snapshot.asn_hosts.get(asn, ()) if asn else ()
        cell = None if named else self._cell(address)
        any_family = Whence(country, cell=cell)
        return Place(
            address,
            country,
            "a netblock of the operators" if named else "geo data",
            Preferred(tuple(netblocks), asn, asn_hosts) if netblocks or asn else NOBODY,
            any_family if address.bits == 32 else Whence(country, ipv6=True, cell=cell),
            any_family,
        )

    def _cell(self, address: Address) -> Cell | None:
        point = self.geo.location(address.text)
        return cell_of(point) if point else None
