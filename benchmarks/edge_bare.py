"""The least that a choice of mirrors costs in Python: the edge without what makes it a server.

    python benchmarks/edge_bare.py PORT SNAPSHOT

Country, plan, weighted order and rendering as the edge does them, and nothing else: no limits, no
time-outs, neither HEAD nor errors, no netblocks, no log, no counters, no headers but those of the
floor. How far it is from the floor is what the algorithm costs; how far the edge is from it, what
a product costs.
"""

import asyncio
import sys
import time
from operator import itemgetter
from pathlib import Path
from random import Random
from typing import NamedTuple

import httptools
import iptocc
import uvloop

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from mirrorlist.geo import GeoFiles
from mirrorlist.logic import metalink, plain
from mirrorlist.logic.choices import Purpose
from mirrorlist.logic.files import File
from mirrorlist.logic.plans import Plan
from mirrorlist.logic.query import Kind
from mirrorlist.logic.questions import Question
from mirrorlist.logic.rings import Whence
from mirrorlist.logic.world import AnswerPolicy, World
from mirrorlist.snapshot_file import open_snapshot

LIST = b"HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\nContent-Length: %d\r\n\r\n%b"
REDIRECT = (
    b"HTTP/1.1 302 Found\r\nContent-Type: text/plain\r\nLocation: %b%b\r\nContent-Length: 0\r\n\r\n"
)


class Known(NamedTuple):
    """What is the same for all clients of a country that ask the same."""

    question: Question
    plan: Plan
    header: bytes
    below: bytes


class Core:
    """Answers targets for addresses; everything that can be is worked out once."""

    def __init__(self, snapshot: Path) -> None:
        self.world = World(open_snapshot(snapshot), GeoFiles(), AnswerPolicy(), rng=Random(1))
        self.known: dict[tuple[bytes, object], Known] = {}
        self.head = metalink.render_head(time.time())

    def answer(self, target: bytes, address: str) -> bytes:
        """Return all bytes of an answer."""
        country = iptocc.country_code(address)
        known = self.known.get((target, country)) or self._learn(target, country)
        question, plan, header, below = known
        offers, ordering = question.scope.offers, self.world.ordering
        if below:
            return REDIRECT % (offers.texts[ordering.first(plan.groups[0])], below)
        rank = ordering.permutation().__getitem__
        members: list[int] = []
        for alike in plan.groups:
            members += sorted(alike, key=rank)
        if question.file:
            pieces = itemgetter(*members)(offers.pieces)
            body = metalink.render_metalink(self.head, header, pieces, question.path)
        else:
            body = plain.render_mirrorlist(
                header, itemgetter(*members)(offers.texts), question.path
            )
        return LIST % (len(body), body)

    def _learn(self, target: bytes, country: object) -> Known:
        path, _, query = target.partition(b"?")
        below = b""
        if query:
            kind = Kind.METALINK if path == b"/metalink" else Kind.MIRRORLIST
            question = self.world.question(kind, query)
        else:
            file = self.world.files.find(path)
            assert isinstance(file, File)
            question = self.world.choices.find(Purpose.REDIRECT, file, None, secure=None)
            below = file.below
        assert isinstance(question, Question)
        plan = self.world.plan(question, Whence(str(country)))
        header = question.header_line(plan.fragments, built_at=self.world.snapshot.built_at)
        if isinstance(question.file, bytes) and question.file:
            header = question.file
        known = self.known[target, country] = Known(question, plan, header, below)
        return known


class Bare(asyncio.Protocol):
    """Answers whatever comes, in order."""

    def __init__(self, core: Core) -> None:
        self.core = core
        self.parser = httptools.HttpRequestParser(self)

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self.write = transport.write  # type: ignore[attr-defined]

    def data_received(self, data: bytes) -> None:
        self.parser.feed_data(data)

    def on_url(self, url: bytes) -> None:
        self.url = url

    def on_header(self, name: bytes, value: bytes) -> None:
        if name == b"X-Forwarded-For":
            self.client = value

    def on_message_complete(self) -> None:
        if self.url == b"/healthz":
            self.write(LIST % (0, b""))
        else:
            self.write(self.core.answer(self.url, self.client.decode()))


async def serve(port: int, core: Core) -> None:
    loop = asyncio.get_running_loop()
    server = await loop.create_server(lambda: Bare(core), "127.0.0.1", port)
    await server.serve_forever()


def main() -> None:
    port, snapshot = int(sys.argv[1]), Path(sys.argv[2])
    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        runner.run(serve(port, Core(snapshot)))


if __name__ == "__main__":
    main()
