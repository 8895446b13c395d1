"""The application of the edge: mirrorlists, metalinks and a health check.

Knows HTTP and nothing else; what to answer is decided by `mirrorlist.logic.answers`.
"""

import json
import threading
import time
from collections.abc import Callable, Iterable
from http import HTTPStatus
from random import Random
from typing import Any
from urllib.parse import quote

from mirrorlist.edge.config import EdgeConfig
from mirrorlist.edge.files import answer_file
from mirrorlist.edge.protocol import READ_HEADERS, Request
from mirrorlist.geo import GeoFiles
from mirrorlist.logic.answers import TEXT, Answer, answer
from mirrorlist.logic.query import Client, Kind, kind_of
from mirrorlist.watch import Watch

SECONDS_BETWEEN_LOOKS = 2.0

LISTS = tuple(kind.value for kind in Kind)
NO_SNAPSHOT = Answer(
    503,
    (*TEXT, ("Retry-After", "60")),
    b"There is no snapshot to answer from yet. Run manage.py build_snapshot, or copy a snapshot "
    b"file to where this edge looks for it.\n",
)


class EdgeApplication:
    """Answers from whatever snapshot the watch has; any method is taken for GET.

    Two ways in: `respond` for our own worker class, the WSGI call for any other server.
    """

    def __init__(self, watch: Watch, *, clock: Callable[[], float] = time.time) -> None:
        """Take the watch; somebody else refreshes it."""
        self._watch = watch
        self._clock = clock

    def __call__(
        self, environ: dict[str, Any], start_response: Callable[..., object]
    ) -> Iterable[bytes]:
        got = self.respond(read_environ(environ))
        start_response(
            f"{got.status} {HTTPStatus(got.status).phrase}",
            [*got.all_headers(), ("Content-Length", str(len(got.body)))],
        )
        return [] if environ["REQUEST_METHOD"] == "HEAD" else [got.body]

    def respond(self, request: Request) -> Answer:
        """Answer a request of the edge's own protocol."""
        path, _, query = request.target.partition(b"?")
        forwarded = request.headers.get(b"x-forwarded-for", b"")
        client = Client(request.peer, forwarded.decode("latin-1"))
        return self._answer(path.decode("latin-1"), query, client, request)

    def _answer(self, path: str, query: bytes, client: Client, request: Request) -> Answer:
        if path == "/healthz":
            return self._health()
        world = self._watch.world
        if world is None:
            return NO_SNAPSHOT
        kind = kind_of(path) if path.endswith(LISTS) else None
        if kind is None:
            return answer_file(request, path, query, client, world, self._clock())
        return answer(kind, query, client, world, now=self._clock())

    def _health(self) -> Answer:
        """Say what is answered from; a damaged successor is a warning, not a failure."""
        snapshot = self._watch.snapshot
        facts = {
            "ok": snapshot is not None,
            "problem": self._watch.problem,
            "snapshot": snapshot.path.name if snapshot else None,
            "sha256": snapshot.sha256 if snapshot else None,
            "age_seconds": int(self._clock() - snapshot.built_at) if snapshot else None,
        }
        body = json.dumps(facts).encode() + b"\n"
        return Answer(200 if snapshot else 503, (("Content-Type", "application/json"),), body)


def read_environ(environ: dict[str, Any]) -> Request:
    """Return a WSGI request; WSGI decodes the path and hands bytes over as if they were Latin-1."""
    path = quote(environ.get("PATH_INFO", "").encode("latin-1", "replace"))
    query = environ.get("QUERY_STRING", "").encode("latin-1", "replace")
    fields = {
        name: environ[key].encode("latin-1", "replace")
        for name in READ_HEADERS
        if (key := f"HTTP_{name.decode().upper().replace('-', '_')}") in environ
    }
    method = environ.get("REQUEST_METHOD", "GET").encode("latin-1", "replace")
    return Request(
        method, b"%b?%b" % (path.encode(), query), fields, environ.get("REMOTE_ADDR", "")
    )


def create_application(config: EdgeConfig) -> EdgeApplication:
    """Build the application and start the thread that looks for new snapshots.

    It answers 503 as long as there is no snapshot.
    """
    geo = GeoFiles(country=config.country_mmdb, asn=config.asn_mmdb)
    watch = Watch(config.snapshot, geo, config.policy, rng=Random())  # noqa: S311 -- no secret
    watch.refresh()
    threading.Thread(target=_keep_watching, args=[watch], daemon=True).start()
    return EdgeApplication(watch)


def _keep_watching(watch: Watch) -> None:
    while True:
        time.sleep(SECONDS_BETWEEN_LOOKS)
        watch.refresh()
