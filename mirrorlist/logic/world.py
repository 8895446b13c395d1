"""Everything that answers are made from beside the question, and what is remembered of them.

Ties a snapshot to geo data, policy and dice. Has no files, clock or dice of its own: adapters
hand them over.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple, Protocol

from mirrorlist.logic import metalink
from mirrorlist.logic.addresses import Address, parse_address
from mirrorlist.logic.ordering import Ordering
from mirrorlist.logic.query import Kind, Refusal
from mirrorlist.logic.questions import OfferBook, Question, read_question
from mirrorlist.logic.selection import NOBODY, Plan, Preferred, Selection, make_plan, select
from mirrorlist.logic.snapshot import Snapshot

if TYPE_CHECKING:
    from random import Random

UNKNOWN_COUNTRY = "N/A"

# Beyond these, what is remembered is dropped and begins anew. Long query strings are nobody's
# habit and are not worth the memory.
QUESTIONS_REMEMBERED = 20_000
PLANS_REMEMBERED = 50_000
PLACES_REMEMBERED = 50_000
LONGEST_REMEMBERED = 500


class Geo(Protocol):
    """Where addresses are. Takes canonical text; None means that it does not know."""

    def country(self, address: str) -> str | None:
        """Return the country's two letters in upper case."""
        ...

    def asn(self, address: str) -> int | None:
        """Return the number of the autonomous system."""
        ...


class AnswerPolicy(NamedTuple):
    """What operators decide about answers."""

    minimum_hosts: int = 5
    trusted_proxy_count: int = 0


class Place(NamedTuple):
    """Where a client is, and which Hosts prefer it."""

    address: Address
    country: str
    country_source: str
    preferred: Preferred


class World:
    """A snapshot with geo data, policy and dice. Use changes its memory, never its answers."""

    def __init__(self, snapshot: Snapshot, geo: Geo, policy: AnswerPolicy, *, rng: Random) -> None:
        self.snapshot = snapshot
        self.geo = geo
        self.policy = policy
        self.ordering = Ordering([host.weight for host in snapshot.hosts], rng=rng)
        self._offers = OfferBook(snapshot)
        self._questions: dict[tuple[Kind, bytes], Question | Refusal] = {}
        self._places: dict[str, Place | None] = {}
        self._plans = 0
        self._head = (-1, b"")

    def question(self, kind: Kind, query: bytes) -> Question | Refusal:
        """Return a query string, read and looked up."""
        found = self._questions.get((kind, query))
        if found is None:
            found = read_question(kind, query, self.snapshot, self._offers)
            if len(query) <= LONGEST_REMEMBERED:
                if len(self._questions) >= QUESTIONS_REMEMBERED or self._plans >= PLANS_REMEMBERED:
                    self._questions, self._plans = {}, 0
                self._questions[kind, query] = found
        return found

    def place(self, text: str) -> Place | None:
        """Return where an address is, or None if it is not an address."""
        if text in self._places:
            return self._places[text]
        place = self._locate(text)
        if len(text) <= LONGEST_REMEMBERED:
            if len(self._places) >= PLACES_REMEMBERED:
                self._places = {}
            self._places[text] = place
        return place

    def plan(self, question: Question, country: str) -> Plan:
        """Return which Hosts the clients of a country are sent to."""
        plan = question.plans.get(country)
        if plan is None:
            plan = question.plans[country] = make_plan(
                question.scope, country, minimum=self.policy.minimum_hosts
            )
            self._plans += 1
        return plan

    def select(self, question: Question, place: Place) -> Selection:
        """Return the Hosts of an answer."""
        return select(
            question.scope,
            self.plan(question, place.country),
            place.preferred if question.request.by_network else NOBODY,
            self.ordering,
            minimum=self.policy.minimum_hosts,
        )

    def head(self, now: float) -> bytes:
        """Return the first lines of a metalink, made once a second."""
        second, head = self._head
        if second != int(now):
            head = metalink.render_head(now)
            self._head = (int(now), head)
        return head

    def _locate(self, text: str) -> Place | None:
        address = parse_address(text)
        if address is None:
            return None
        named = self.snapshot.netblock_countries.containing(address)
        country = named[0][1] if named else self.geo.country(address.text)
        asn = self.geo.asn(address.text)
        return Place(
            address=address,
            country=country or UNKNOWN_COUNTRY,
            country_source="a netblock of the operators" if named else "geo data",
            preferred=Preferred(
                netblocks=tuple(self.snapshot.netblocks.containing(address)),
                asn=asn,
                asn_hosts=self.snapshot.asn_hosts.get(asn, ()) if asn else (),
            ),
        )
