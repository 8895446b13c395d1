"""Answer a client: the one function behind every address that gives mirrorlists and metalinks.

Puts the steps into their order (docs/clients/mirrorlist.md) and renders what they return.
Deliberately knows nothing about the server it runs in.
"""

from collections.abc import Callable, Mapping, Sequence
from operator import itemgetter
from typing import NamedTuple, TypeVar

from mirrorlist.logic import metalink, plain
from mirrorlist.logic.query import Client, Kind, Refusal, Request, client_address
from mirrorlist.logic.questions import Question
from mirrorlist.logic.selection import Selection
from mirrorlist.logic.world import Place, World

# No charset, and none on plain errors: so clients have always seen it.
TEXT = (("Content-Type", "text/plain"),)
METALINK = (("Content-Type", "application/metalink+xml"),)

# What the first line says where avoiding countries would have left nobody.
NOT_AVOIDED = "avoided countries included "
NO_ADDRESS = Refusal(500, "Cannot parse client IP address. Aborting.")


Select = Callable[[Question, Place], Selection]
Piece = TypeVar("Piece")
# Past the constructors, which are slow: for what is made for every answer.
_new = tuple.__new__


class Facts(NamedTuple):
    """What logs and statistics may know of an answer; who keeps them drops the address.

    `repo` is as the client sent it, `arch` after the source rule, both empty in questions by
    path; `path` is that of the Directory and file that were meant. `host_id` is the Host offered
    first, 0 if there is none, and `stage` where it was found. `source` tells where the country
    comes from. `system` is what a client that wants to be counted runs on, if its server asked.
    """

    kind: str
    address: str
    country: str
    repo: str
    arch: str
    path: str
    host_id: int
    countme: str = ""
    stage: str = ""
    source: str = ""
    system: str = ""


# Facts of an answer, its status, and the bytes of its body.
Told = tuple[Facts, int, int]


class Answer(NamedTuple):
    """Status, headers and body; Content-Length and the like belong to the adapter.

    `facts` are None where nothing was decided: refusals, health checks. `lines` are further header
    lines, ready to be sent, for answers that are given too often to encode them each time.
    """

    status: int
    headers: tuple[tuple[str, str], ...]
    body: bytes
    facts: Facts | None = None
    lines: bytes = b""

    def all_headers(self) -> list[tuple[str, str]]:
        """Return the headers and what `lines` says, as pairs."""
        pairs = (line.split(": ", 1) for line in self.lines.decode("latin-1").split("\r\n")[:-1])
        return [*self.headers, *((name, value) for name, value in pairs)]


class Decision(NamedTuple):
    """What is asked, from where, which Hosts are the answer, and what a metalink verifies."""

    question: Question
    place: Place
    selection: Selection
    file: bytes


def answer(kind: Kind, query: bytes, client: Client, world: World, *, now: float) -> Answer:
    """Answer one request; `now` is in Unix seconds.

    Same snapshot, seed, questions and times give the same answers.
    """
    world.ordering.pass_time(now)
    found = read(kind, query, client, world)
    if isinstance(found, Refusal):
        return _refuse(kind, found, world, now=now)
    question, place, file = found
    redirects = question.request.redirect and kind is Kind.MIRRORLIST
    # A redirect needs the first Host alone.
    decision = choose(question, place, file, world.select_first if redirects else world.select)
    question, _, selection, _ = decision
    members, offers = selection.members, question.scope.offers
    if kind is Kind.METALINK:
        body = metalink.render_metalink(
            world.head(now), file, pick(offers.pieces, members), question.path
        )
        return _answer(200, METALINK, body, facts_of("metalink", decision, members, world))
    texts = pick(offers.texts, members)
    if redirects:
        return _redirect(texts, question.path, facts_of("redirect", decision, members, world))
    header = question.header_line(selection.fragments, built_at=world.snapshot.built_at)
    body = plain.render_mirrorlist(header, texts, question.path)
    return _answer(200, TEXT, body, facts_of("mirrorlist", decision, members, world))


def pick(offered: Mapping[int, Piece], members: Sequence[int]) -> Sequence[Piece]:
    """Return what some Hosts offer, in their order."""
    if len(members) > 1:
        found: tuple[Piece, ...] = itemgetter(*members)(offered)  # twice as fast as one by one
        return found
    return [offered[member] for member in members]


def decide(kind: Kind, query: bytes, client: Client, world: World) -> Decision | Refusal:
    """Choose the Hosts of an answer, for `answer` and for `explain`.

    The checks come in the order of mirrorlist-server: the question, the address, the file that a
    metalink verifies. Countries that leave nobody if avoided are not avoided.
    """
    found = read(kind, query, client, world)
    if isinstance(found, Refusal):
        return found
    question, place, file = found
    return choose(question, place, file, world.select)


def read(
    kind: Kind, query: bytes, client: Client, world: World
) -> tuple[Question, Place, bytes] | Refusal:
    """Return what is asked, from where, and what a metalink verifies."""
    question = world.question(kind, query)
    if isinstance(question, Refusal):
        return question
    place = world.place(_address(question.request, client, world))
    if place is None:
        return NO_ADDRESS
    if isinstance(question.file, Refusal):
        return question.file
    return question, place, question.file


def choose(question: Question, place: Place, file: bytes, select: Select) -> Decision:
    """Choose with one of `World.select` and `World.select_first`."""
    selection = select(question, place)
    if question.relaxed and not selection.members:
        relaxed = select(question.relaxed, place)
        if relaxed.members:
            words = f"{NOT_AVOIDED}{relaxed.fragments}"
            return Decision(question.relaxed, place, relaxed._replace(fragments=words), file)
    return _new(Decision, (question, place, selection, file))


def _address(request: Request, client: Client, world: World) -> str:
    if request.ip:
        return request.ip
    return client_address(client, trusted_proxy_count=world.policy.trusted_proxy_count)


def facts_of(kind: str, decision: Decision, members: Sequence[int], world: World) -> Facts:
    """Return what logs and statistics may know of a decision; `members` are those offered."""
    question, place, selection, _ = decision
    request = question.request
    levels = selection.plan.levels
    return _new(
        Facts,
        (
            kind,
            place.address.text,
            place.country,
            request.repo,
            request.arch,
            question.target_path,
            world.snapshot.hosts[members[0]].id if members else 0,
            request.countme,
            levels[0].stage._value_ if levels else "",
            place.country_source,
            "",
        ),
    )


def _answer(status: int, headers: tuple[tuple[str, str], ...], body: bytes, facts: Facts) -> Answer:
    return _new(Answer, (status, headers, body, facts, b""))


def _redirect(texts: Sequence[bytes], path: bytes, facts: Facts) -> Answer:
    if not texts:
        return Answer(404, TEXT, b"", facts)
    location = ("Location", plain.render_location(texts[0], path))
    return Answer(302, (*TEXT, location), b"", facts)


def _refuse(kind: Kind, refusal: Refusal, world: World, *, now: float) -> Answer:
    if kind is Kind.METALINK and not refusal.bare:
        body = metalink.render_failure(world.head(now), refusal.text)
        return Answer(refusal.status, METALINK, body)
    return Answer(refusal.status, (), refusal.text.encode())
