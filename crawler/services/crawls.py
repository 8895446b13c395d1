"""Crawl many Hosts at once: claim, visit and store each, and queue those that are due.

The network is only touched while the event loop runs and the database only while it does not, so
that no transaction ever waits for a mirror. Other processes may crawl at the same time.
"""

import asyncio
import logging
from collections import deque
from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace
from datetime import datetime
from random import Random
from typing import NamedTuple

import uvloop
from django.db.models import QuerySet
from django_q.brokers import get_broker
from django_q.tasks import async_task

from crawler.logic.modes import Mode
from crawler.logic.queue import Fraction, Turnout, batches, sort_due
from crawler.models import CrawlMode, CrawlRun, RunState
from crawler.probes.base import Probes
from crawler.probes.ftp import FtpProbe
from crawler.probes.http import HttpProbe
from crawler.probes.pace import Pace
from crawler.probes.rsync import RsyncProbe
from crawler.services.claims import (
    abandon_runs,
    claim_host,
    finish_run,
    renew_leases,
    report_progress,
)
from crawler.services.plans import (
    Scope,
    Target,
    load_candidates,
    load_hosts,
    load_needed_trees,
    plan_visit,
    resolve_hosts,
)
from crawler.services.policies import CrawlPolicy
from crawler.services.results import LeaseLostError, store_visit
from crawler.services.visits import CopyResult, Progress, VisitPlan, visit_host
from registry.models import Host
from registry.services.carriage import ConcurrentChangeError

CLUSTER = "crawl"
NOTHING_TO_ASK = (
    "There is nothing to ask: it carries no Category that is crawled, or none with a URL that "
    "its crawl protocols allow."
)

logger = logging.getLogger(__name__)


class Silence:
    """The Progress of whoever does not watch."""

    def started(self, plan: VisitPlan) -> None: ...

    def advanced(self, plan: VisitPlan) -> None: ...

    def finished(self, plan: VisitPlan, reason: str) -> None: ...


def crawl_hosts(
    host_ids: Sequence[int],
    *,
    clock: Callable[[], datetime],
    rng: Random,
    policy: CrawlPolicy,
    mode: Mode = Mode.FULL,
    scope: Scope | None = None,
    seed: int | None = None,
    progress: Progress | None = None,
) -> list[CrawlRun]:
    """Crawl Hosts and return a run for each, in the order of the ids.

    Unknown ids are left out. Each Host gets a seed of its own from `rng`, unless `seed` names the
    one of a run that is to be repeated. How far a visit is stands in its run; results are stored
    Host by Host, so that whatever ends the process loses only the Hosts in flight.
    """
    scope = scope or Scope()
    hosts = load_hosts(host_ids)
    trees = load_needed_trees(hosts, scope, policy=policy)
    plans = [
        plan_visit(
            host,
            scope,
            trees=trees,
            seed=rng.getrandbits(63) if seed is None else seed,
            mode=mode,
            policy=policy,
        )
        for host in hosts
    ]
    if len(hosts) == 1:
        policy = replace(policy, progress_seconds=1)
    everything = mode is Mode.FULL and not scope.categories
    crawl = _Crawl(hosts, plans, clock=clock, policy=policy, progress=progress or Silence())
    return crawl.run(everything=everything)


def find_due(hosts: QuerySet[Host], *, now: datetime, policy: CrawlPolicy) -> list[Turnout]:
    """Return those of the Hosts that are due, the most urgent first, each with its reason."""
    return sort_due(load_candidates(hosts, now=now), now=now, policy=policy.queue)


def find_targets(
    names: Sequence[str],
    *,
    due: bool,
    now: datetime,
    policy: CrawlPolicy,
    fraction: Fraction | None = None,
) -> list[Target]:
    """Return the Hosts that an operator means, each with the reason why it is among them.

    Named Hosts are visited whatever their switches say, since the operator asked; without names
    all that may be crawled are. `due` keeps those whose interval is over, `fraction` the share
    of one of several processes. Raises UnknownNameError.
    """
    hosts = resolve_hosts(names) if names else Host.objects.crawlable()
    if due:
        turnouts = find_due(hosts, now=now, policy=policy)
        targets = [Target(turnout.host_id, turnout.name, turnout.sentence) for turnout in turnouts]
    else:
        sentence = "It was asked for by name." if names else "All Hosts were asked for."
        found = hosts.order_by("name", "id").only("id", "name")
        targets = [Target(host.pk, host.name, sentence) for host in found]
    return [each for each in targets if fraction is None or fraction.holds(each.host_id)]


def crawl_due(*, now: datetime, policy: CrawlPolicy) -> str:
    """Queue the Hosts that are due as tasks of the crawl cluster; return what was done.

    Only if the queue is empty: a Host in a batch that waits looks as due as before, and a queue
    that grows faster than it is worked off would visit some Hosts twice and others never.
    """
    waiting = get_broker(CLUSTER).queue_size()
    if waiting:
        return f"Nothing was queued, because {waiting} batches wait for a worker."
    due = find_due(Host.objects.crawlable(), now=now, policy=policy)
    for mode in (Mode.FULL, Mode.CHANGES):
        ids = [turnout.host_id for turnout in due if turnout.full is (mode is Mode.FULL)]
        for batch in batches(ids, policy=policy.queue):
            task = "crawler.tasks.crawl_hosts"
            async_task(task, batch, mode.value, cluster=CLUSTER, group="crawl")
    return f"{len(due)} Hosts were queued."


class _Flight(NamedTuple):
    """One Host that is being visited."""

    host: Host
    plan: VisitPlan
    run: CrawlRun


class _Counter:
    """Count how far each visit is, and tell whoever watches."""

    def __init__(self, inner: Progress) -> None:
        self._inner = inner
        self._done: dict[int, int] = {}

    def started(self, plan: VisitPlan) -> None:
        self._done[plan.host_id] = 0
        self._inner.started(plan)

    def advanced(self, plan: VisitPlan) -> None:
        self._done[plan.host_id] += 1
        self._inner.advanced(plan)

    def finished(self, plan: VisitPlan, reason: str) -> None:
        self._done.pop(plan.host_id, None)
        self._inner.finished(plan, reason)

    def counts(self, plan: VisitPlan) -> dict[str, int]:
        """Return what stands in a run while it is under way."""
        return {"looked_at": self._done[plan.host_id], "directories": plan.directories}


class _Crawl:
    """One crawl: some Hosts wait, some are in flight, the others are done."""

    def __init__(
        self,
        hosts: Sequence[Host],
        plans: Sequence[VisitPlan],
        *,
        clock: Callable[[], datetime],
        policy: CrawlPolicy,
        progress: Progress,
    ) -> None:
        self._waiting = deque(zip(hosts, plans, strict=True))
        self._clock, self._policy, self._progress = clock, policy, _Counter(progress)
        self._flying: dict[asyncio.Task[list[CopyResult]], _Flight] = {}
        self._runs: list[CrawlRun] = []
        self._reported_at = self._renewed_at = 0.0

    def run(self, *, everything: bool) -> list[CrawlRun]:
        """Visit all Hosts; `everything` says that nothing of them is left out."""
        self._everything = everything
        with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
            loop = runner.get_loop()
            self._probes, self._pace = open_probes(self._policy), Pace(self._policy.pace)
            self._reported_at = self._renewed_at = loop.time()
            try:
                while self._waiting or self._flying:
                    self._take_off(loop)
                    for task in runner.run(self._first_landed()):
                        self._land(task)
                    self._give_signs_of_life(loop.time())
            except BaseException:
                runs = [flight.run for flight in self._flying.values()]
                reason = "Its process was stopped before the visit ended."
                abandon_runs(runs, reason=reason, now=self._clock())
                runner.run(_cancel(self._flying))
                raise
            finally:
                runner.run(self._probes.close())
        return self._runs

    def _take_off(self, loop: asyncio.AbstractEventLoop) -> None:
        """Begin visits until as many are in flight as may be."""
        while self._waiting and len(self._flying) < self._policy.hosts_at_once:
            host, plan = self._waiting.popleft()
            run = claim_host(
                host,
                seed=plan.seed,
                mode=CrawlMode(plan.mode.value),
                worker=self._policy.worker,
                lease=self._policy.lease,
                now=self._clock(),
            )
            self._runs.append(run)
            if run.state != RunState.RUNNING:
                self._progress.finished(plan, run.reason)
                continue
            visit = visit_host(
                plan,
                probes=self._probes,
                pace=self._pace,
                policy=self._policy,
                progress=self._progress,
            )
            self._flying[loop.create_task(visit)] = _Flight(host, plan, run)
            self._progress.started(plan)

    async def _first_landed(self) -> set[asyncio.Task[list[CopyResult]]]:
        if not self._flying:
            return set()
        done, _ = await asyncio.wait(
            self._flying,
            timeout=min(self._policy.renew_seconds, self._policy.progress_seconds),
            return_when=asyncio.FIRST_COMPLETED,
        )
        return done

    def _land(self, task: asyncio.Task[list[CopyResult]]) -> None:
        """Store what a visit found, or say why there is nothing to store."""
        host, plan, run = self._flying[task]
        now = self._clock()
        try:
            results = task.result()
            if results:
                everything = self._everything
                store_visit(run, host, results, everything=everything, policy=self._policy, now=now)
            else:
                _end_without_results(run, RunState.SKIPPED, NOTHING_TO_ASK, now=now)
        except LeaseLostError:
            run.refresh_from_db()
        except ConcurrentChangeError as error:
            _end_without_results(run, RunState.FAILED, str(error), now=now)
        except Exception as error:  # a bug of ours must neither stop the others nor blame the Host
            logger.exception("The crawl of %s broke.", host)
            reason = f"The crawl itself broke ({type(error).__name__}: {error}); see the log."
            _end_without_results(run, RunState.FAILED, reason, now=now)
        del self._flying[task]
        self._progress.finished(plan, run.reason)

    def _give_signs_of_life(self, now: float) -> None:
        """Renew the leases and write down how far the visits are, each now and then."""
        flights = list(self._flying.values())
        if now - self._renewed_at >= self._policy.renew_seconds:
            self._renewed_at = now
            runs = [flight.run for flight in flights]
            renew_leases(runs, lease=self._policy.lease, now=self._clock())
        if now - self._reported_at >= self._policy.progress_seconds:
            self._reported_at = now
            for flight in flights:
                flight.run.counts = self._progress.counts(flight.plan)
            report_progress([flight.run for flight in flights])


def open_probes(policy: CrawlPolicy) -> Probes:
    """Return the probes we have, by the URL schemes they can ask."""
    http = HttpProbe(limits=policy.limits, user_agent=policy.user_agent)
    return Probes(
        files={"https": http, "http": http, "ftp": FtpProbe(limits=policy.ftp)},
        trees={"rsync": RsyncProbe(limits=policy.rsync)},
    )


async def _cancel(tasks: Iterable[asyncio.Task[list[CopyResult]]]) -> None:
    """End visits that nobody waits for any more, and what they started."""
    pending = list(tasks)
    for task in pending:
        task.cancel()
    await asyncio.gather(*pending, return_exceptions=True)


def _end_without_results(run: CrawlRun, state: RunState, reason: str, *, now: datetime) -> None:
    """End a run that learned nothing; the Host is not due again before its interval is over."""
    if finish_run(run, state=state, reason=reason, now=now):
        Host.objects.filter(pk=run.host_id).update(last_crawled_at=now)
