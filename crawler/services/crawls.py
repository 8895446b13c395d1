"""Crawl many Hosts at once: claim, visit and store each, and queue those that are due.

The network is only touched while the event loop runs and the database only while it does not, so
that no transaction ever waits for a mirror. Other processes may crawl at the same time.
"""

import asyncio
import logging
from collections import deque
from collections.abc import Callable, Sequence
from datetime import datetime
from random import Random
from typing import NamedTuple

import uvloop
from django.db.models import QuerySet
from django_q.brokers import get_broker
from django_q.tasks import async_task

from crawler.logic.queue import Turnout, batches, sort_due
from crawler.models import CrawlRun, RunState
from crawler.probes.base import Probe
from crawler.probes.http import HttpProbe
from crawler.services.claims import abandon_runs, claim_host, finish_run, renew_leases
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
    "we can ask (https or http)."
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
    scope: Scope | None = None,
    seed: int | None = None,
    progress: Progress | None = None,
) -> list[CrawlRun]:
    """Crawl Hosts and return a run for each, in the order of the ids.

    Unknown ids are left out. Each Host gets a seed of its own from `rng`, unless `seed` names the
    one of a run that is to be repeated. Results are stored Host by Host, so that whatever ends
    the process loses only the Hosts in flight.
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
            policy=policy,
        )
        for host in hosts
    ]
    return _Crawl(hosts, plans, clock=clock, policy=policy, progress=progress or Silence()).run()


def find_due(hosts: QuerySet[Host], *, now: datetime, policy: CrawlPolicy) -> list[Turnout]:
    """Return those of the Hosts that are due, the most urgent first, each with its reason."""
    return sort_due(load_candidates(hosts, now=now), now=now, policy=policy.queue)


def find_targets(
    names: Sequence[str], *, due: bool, now: datetime, policy: CrawlPolicy
) -> list[Target]:
    """Return the Hosts that an operator means, each with the reason why it is among them.

    Named Hosts are visited whatever their switches say, since the operator asked; without names
    all that may be crawled are. `due` keeps those whose interval is over. Raises
    UnknownNameError.
    """
    hosts = resolve_hosts(names) if names else Host.objects.crawlable()
    if due:
        turnouts = find_due(hosts, now=now, policy=policy)
        return [Target(turnout.host_id, turnout.name, turnout.sentence) for turnout in turnouts]
    sentence = "It was asked for by name." if names else "All Hosts were asked for."
    return [Target(host.pk, host.name, sentence) for host in hosts.order_by("name", "id")]


def crawl_due(*, now: datetime, policy: CrawlPolicy) -> str:
    """Queue the Hosts that are due as tasks of the crawl cluster; return what was done.

    Only if the queue is empty: a Host in a batch that waits looks as due as before, and a queue
    that grows faster than it is worked off would visit some Hosts twice and others never.
    """
    waiting = get_broker(CLUSTER).queue_size()
    if waiting:
        return f"Nothing was queued, because {waiting} batches wait for a worker."
    due = find_due(Host.objects.crawlable(), now=now, policy=policy)
    for batch in batches([turnout.host_id for turnout in due], policy=policy.queue):
        async_task("crawler.tasks.crawl_hosts", batch, cluster=CLUSTER, group="crawl")
    return f"{len(due)} Hosts were queued."


class _Flight(NamedTuple):
    """One Host that is being visited."""

    host: Host
    plan: VisitPlan
    run: CrawlRun


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
        self._clock, self._policy, self._progress = clock, policy, progress
        self._flying: dict[asyncio.Task[list[CopyResult]], _Flight] = {}
        self._runs: list[CrawlRun] = []
        self._probes: dict[str, Probe] = {}

    def run(self) -> list[CrawlRun]:
        with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
            self._probes = open_probes(self._policy)
            try:
                while self._waiting or self._flying:
                    self._take_off(runner.get_loop())
                    for task in runner.run(self._first_landed()):
                        self._land(task)
                    self._renew()
            except BaseException:
                runs = [flight.run for flight in self._flying.values()]
                reason = "Its process was stopped before the visit ended."
                abandon_runs(runs, reason=reason, now=self._clock())
                raise
            finally:
                runner.run(_close(self._probes))
        return self._runs

    def _take_off(self, loop: asyncio.AbstractEventLoop) -> None:
        """Begin visits until as many are in flight as may be."""
        while self._waiting and len(self._flying) < self._policy.hosts_at_once:
            host, plan = self._waiting.popleft()
            run = claim_host(
                host,
                seed=plan.seed,
                worker=self._policy.worker,
                lease=self._policy.lease,
                now=self._clock(),
            )
            self._runs.append(run)
            if run.state != RunState.RUNNING:
                self._progress.finished(plan, run.reason)
                continue
            visit = visit_host(
                plan, probes=self._probes, policy=self._policy, progress=self._progress
            )
            self._flying[loop.create_task(visit)] = _Flight(host, plan, run)
            self._progress.started(plan)

    async def _first_landed(self) -> set[asyncio.Task[list[CopyResult]]]:
        if not self._flying:
            return set()
        done, _ = await asyncio.wait(
            self._flying,
            timeout=self._policy.renew_seconds,
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
                store_visit(run, host, results, schemes=self._probes, policy=self._policy, now=now)
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

    def _renew(self) -> None:
        runs = [flight.run for flight in self._flying.values()]
        renew_leases(runs, lease=self._policy.lease, now=self._clock())


def open_probes(policy: CrawlPolicy) -> dict[str, Probe]:
    """Return the probes we have, by the URL schemes they can ask."""
    probes: list[Probe] = [HttpProbe(limits=policy.limits, user_agent=policy.user_agent)]
    return {scheme: probe for probe in probes for scheme in probe.schemes}


async def _close(probes: dict[str, Probe]) -> None:
    for probe in set(probes.values()):
        await probe.close()


def _end_without_results(run: CrawlRun, state: RunState, reason: str, *, now: datetime) -> None:
    """End a run that learned nothing; the Host is not due again before its interval is over."""
    if finish_run(run, state=state, reason=reason, now=now):
        Host.objects.filter(pk=run.host_id).update(last_crawled_at=now)
