"""The application of the edge: mirrorlists, metalinks, files, and how the process itself is.

Knows which address means what, and counts. What to answer is decided by `mirrorlist.logic`; what
becomes of the facts of an answer (metrics, logs, statistics) is for the ledger to know.
"""

import atexit
import gc
import json
import os
import time
from collections.abc import Callable, Iterable, Mapping
from functools import partial
from http import HTTPStatus
from random import Random
from typing import Any

from mirrorlist.counters import Counts, SharedCounters, Tally
from mirrorlist.edge.protocol import Counters
from mirrorlist.edge_clients import client_of, with_system
from mirrorlist.edge_config import EdgeConfig
from mirrorlist.edge_files import (
    NO_SNAPSHOT,
    NOT_TRUSTED,
    answer_file,
    explain_answer,
    explain_file,
    read_environ,
)
from mirrorlist.edge_messages import Request
from mirrorlist.edge_targets import Target, read_target
from mirrorlist.geo import GeoFiles
from mirrorlist.health import health_facts, process_gauges
from mirrorlist.ledger import Ledger
from mirrorlist.logic.addresses import parse_address
from mirrorlist.logic.answers import Answer, answer
from mirrorlist.logic.pages import JSON
from mirrorlist.logic.query import Client, Kind, client_address
from mirrorlist.logic.world import LONGEST_REMEMBERED, World
from mirrorlist.metrics import TEXT_FORMAT, render_metrics, sample
from mirrorlist.pull import Pull
from mirrorlist.upkeep import keep_doing, run
from mirrorlist.watch import Watch

METRICS = (("Content-Type", TEXT_FORMAT),)
TARGETS_REMEMBERED = 20_000

# Answers what is no list: path, query string and client, with the request for its headers.
Files = Callable[[Request, str, bytes, Client, World, float], Answer]


class EdgeApplication:
    """Answers from whatever snapshot the watch has; any method is taken for GET.

    Two ways in: `respond` for our own worker class, the WSGI call for any other server. `files`
    answers what is neither a list nor about the edge itself. The `ledger` is told of every answer;
    each of `flushers` is called once a second with the time, from a thread of its own; `problems`
    gives what is wrong, or an empty text.
    """

    def __init__(self, config: EdgeConfig, *, clock: Callable[[], float] = time.time) -> None:
        """Remember what to do; nothing is read before `start`, which may be after a fork."""
        self.geo = GeoFiles(
            country=config.country_mmdb,
            asn=config.asn_mmdb,
            city=config.city_mmdb,
            netblocks=config.netblocks,
        )
        self._rng = Random()  # noqa: S311 -- no secret
        self.watch = Watch(config.snapshot, self.geo, config.policy, rng=self._rng)
        self.config = config
        self.pull = Pull(config.pull, config.snapshot) if config.pull else None
        self.counters = Counters()
        self.open_connections: Callable[[], int] = int
        self.files: Files = answer_file
        self.ledger = Ledger([log.note for log in config.logs])
        self.flushers: list[Callable[[float], None]] = [log.flush for log in config.logs]
        self.problems: dict[str, Callable[[], str]] = {
            "snapshot": lambda: self.watch.problem,
            "geo": lambda: self.geo.problem,
        }
        self.problems |= {f"log {log.path}": log.current_problem for log in config.logs}
        if self.pull:
            self.problems["pull"] = self.pull.current_problem
        self._clock = clock
        self._shared: SharedCounters | None = None
        self._started_at = 0.0
        self._started_in = 0
        self._targets: dict[bytes, Target] = {}

    def __call__(
        self, environ: dict[str, Any], start_response: Callable[..., object]
    ) -> Iterable[bytes]:
        if self._started_in != os.getpid():
            self.start()
        got = self.respond(read_environ(environ))
        start_response(
            f"{got.status} {HTTPStatus(got.status).phrase}",
            [*got.all_headers(), ("Content-Length", str(len(got.body)))],
        )
        return [] if environ["REQUEST_METHOD"] == "HEAD" else [got.body]

    def start(self, shared: SharedCounters | None = None) -> None:
        """Read the snapshot, and start the threads that keep this process up to date.

        With `shared` counters, metrics are about all processes that share them.
        """
        self._started_in, self._started_at = os.getpid(), self._clock()
        if shared:
            shared.claim()
            self._shared = shared
        self.watch.refresh()
        keep_doing(self._look, lambda: self.config.look_seconds)
        keep_doing(self.upkeep, lambda: 1.0)
        if pull := self.pull:
            keep_doing(pull.attempt, lambda: pull.delay_seconds(self._rng))
        atexit.register(self.upkeep)

    def _look(self) -> None:
        """Look for news; what then lives on is nothing that the collector need visit."""
        if self.geo.refresh():
            self.watch.renew()
        if self.watch.refresh():
            gc.freeze()

    def count(self) -> None:
        """Count answers from now on; whoever calls this calls `tick` and `stop_counting`, too.

        For servers that answer in one thread only.
        """
        self.ledger.count(self.config.counting, now=self._clock())

    def tick(self) -> None:
        """Let time pass for what is counted in the thread that answers."""
        self.ledger.tick(self._clock())

    def stop_counting(self) -> None:
        """Write what was counted since the last batch."""
        self.ledger.close()

    def respond(self, request: Request) -> Answer:
        """Answer a request, and have it noted."""
        target = self._targets.get(request.target) or self._read(request.target)
        if target.kind is None:
            label, got = self._elsewhere(target, request)
        else:
            label, got = target.label, self._list(target.kind, target, request)
        facts = got.facts
        if facts is None:
            self.ledger.note_other(label, got.status)
        else:
            self.ledger.note((facts, got.status, len(got.body)))
        return got

    def _read(self, sent: bytes) -> Target:
        """Read a target, and remember what was read."""
        found = read_target(sent)
        if len(sent) <= LONGEST_REMEMBERED:
            if len(self._targets) >= TARGETS_REMEMBERED:
                self._targets.clear()
            self._targets[sent] = found
        return found

    def _list(self, kind: Kind, target: Target, request: Request) -> Answer:
        world = self.watch.world
        if world is None:
            return NO_SNAPSHOT
        client = client_of(request)
        if target.explains and self._trusts(client):
            return explain_answer(kind, target.query, client, world)
        got = answer(kind, target.query, client, world, now=self._clock())
        return with_system(got, request) if target.counts else got

    def _elsewhere(self, target: Target, request: Request) -> tuple[str, Answer]:
        path = target.path
        if path == "/healthz":
            return "healthz", self._health()
        client = client_of(request)
        if path == "/metrics":
            return "metrics", self._metrics() if self._trusts(client) else NOT_TRUSTED
        world = self.watch.world
        if world is None:
            return "file", NO_SNAPSHOT
        if target.explains and self._trusts(client):
            return "file", explain_file(path, target.query, client, world)
        return "file", self.files(request, path, target.query, client, world, self._clock())

    def _trusts(self, client: Client) -> bool:
        proxies = self.config.policy.trusted_proxy_count
        address = parse_address(client_address(client, trusted_proxy_count=proxies))
        return address is not None and bool(self.config.trusted.containing(address))

    def _health(self) -> Answer:
        facts = health_facts(
            self.watch,
            now=self._clock(),
            warn_seconds=self.config.warn_seconds,
            pull=self.pull.state() if self.pull else None,
            problems=self._current_problems(),
        )
        return Answer(200 if facts["ok"] else 503, JSON, json.dumps(facts).encode() + b"\n")

    def _metrics(self) -> Answer:
        counts, state = self._counts(), self._state()
        if self._shared is None:
            tallies = [Tally(0, counts, state)]
        else:
            tallies = self._shared.tallies(counts, state)
        return Answer(200, METRICS, render_metrics(tallies))

    def upkeep(self) -> None:
        """Do what is due each second: write logs and statistics, publish the counters."""
        now = self._clock()
        run(self.ledger.pass_on)
        for flush in self.flushers:
            run(partial(flush, now))
        if self._shared:
            self._shared.publish(self._counts(), self._state())

    def reopen_logs(self) -> None:
        """Write to new files from now on; the old ones were moved away."""
        for log in self.config.logs:
            log.reopen()

    def _current_problems(self) -> dict[str, str]:
        return {name: problem() for name, problem in self.problems.items()}

    def _state(self) -> Mapping[str, Any]:
        gauges = process_gauges(
            self.watch,
            now=self._clock(),
            started_at=self._started_at,
            connections=self.open_connections(),
            pull=self.pull.state() if self.pull else None,
            problems=self._current_problems(),
        )
        return {"gauges": gauges}

    def _counts(self) -> Counts:
        """Return what this process counted, by the names that metrics have."""
        counts = {f"{name}_total": count for name, count in vars(self.counters).items()}
        del counts["requests_total"]  # counted below by kind, with those of other servers
        counts["snapshot_reloads_total"] = self.watch.reloads
        counts["snapshot_failures_total"] = self.watch.failures
        counts["log_lines_dropped_total"] = sum(log.dropped for log in self.config.logs)
        for outcome, count in (self.pull.outcomes if self.pull else {}).items():
            counts[sample("pulls_total", outcome=outcome)] = count
        return counts | self.ledger.counts()
