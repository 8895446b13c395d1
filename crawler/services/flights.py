"""Visit many Hosts at once: claim each, let it fly, store what has landed, and give signs of life.

The network is only touched while the event loop runs and the database only while it does not, so
that no transaction ever waits for a mirror. Other processes may crawl at the same time.
"""

import asyncio
import logging
from collections import deque
from collections.abc import Callable, Iterable, Sequence
from datetime import datetime
from typing import NamedTuple

import uvloop
from django.db import transaction

from crawler.models import CrawlMode, CrawlRun, RunState
from crawler.probes.base import Probes
from crawler.probes.ftp import FtpProbe
from crawler.probes.http import HttpProbe
from crawler.probes.pace import Pace
from crawler.probes.rsync import RsyncProbe
from crawler.services.attempts import attempt
from crawler.services.claims import (
    abandon_runs,
    claim_host,
    finish_run,
    renew_leases,
    report_progress,
)
from crawler.services.outcomes import Visit
from crawler.services.policies import CrawlPolicy
from crawler.services.results import LeaseLostError, store_visits
from crawler.services.visits import CopyResult, Progress, VisitPlan, visit_host
from registry.models import Host
from registry.services.carriage import ConcurrentChangeError

NOTHING_TO_ASK = (
    "There is nothing to ask: it carries no Category that is crawled, or none with a URL that "
    "its crawl protocols allow."
)

logger = logging.getLogger(__name__)

# A visit, which ends with what it found or with a bug of ours.
_Task = asyncio.Task[list[CopyResult] | Exception]


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


class Crawl:
    """One crawl: some Hosts wait, some are in flight, some have landed, the others are stored.

    `due` says that Hosts are only visited if they still are due when their turn comes.
    """

    def __init__(
        self,
        hosts: Sequence[Host],
        plans: Sequence[VisitPlan],
        *,
        clock: Callable[[], datetime],
        policy: CrawlPolicy,
        progress: Progress,
        due: bool = False,
    ) -> None:
        self._due = due
        self._waiting = deque(zip(hosts, plans, strict=True))
        self._clock, self._policy, self._progress = clock, policy, _Counter(progress)
        self._flying: dict[_Task, _Flight] = {}
        self._runs: list[CrawlRun] = []
        self._landed: list[tuple[_Flight, Visit]] = []
        self._reported_at = self._renewed_at = self._stored_at = 0.0

    def run(self, *, everything: bool) -> list[CrawlRun]:
        """Visit all Hosts; `everything` says that nothing of them is left out."""
        self._everything = everything
        with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
            loop = runner.get_loop()
            self._probes, self._pace = open_probes(self._policy), Pace(self._policy.pace)
            self._reported_at = self._renewed_at = self._stored_at = loop.time()
            try:
                while self._waiting or self._flying or self._landed:
                    self._take_off(loop)
                    for task in runner.run(self._first_landed()):
                        self._land(task)
                    self._store_ripe(loop.time())
                    self._give_signs_of_life(loop.time())
            except BaseException:
                self._store_landed()
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
                due=self._policy.queue if self._due else None,
            )
            self._runs.append(run)
            if run.state != RunState.RUNNING:
                self._progress.finished(plan, run.reason)
                continue
            visit = visit_host(
                plan,
                clock=self._clock,
                probes=self._probes,
                pace=self._pace,
                policy=self._policy,
                progress=self._progress,
            )
            self._flying[loop.create_task(attempt(visit, at=str(host)))] = _Flight(host, plan, run)
            self._progress.started(plan)

    async def _first_landed(self) -> set[_Task]:
        if not self._flying:
            return set()
        policy = self._policy
        done, _ = await asyncio.wait(
            self._flying,
            timeout=min(policy.renew_seconds, policy.progress_seconds, policy.store_seconds),
            return_when=asyncio.FIRST_COMPLETED,
        )
        return done

    def _land(self, task: _Task) -> None:
        """Keep what a visit found until it is stored, or say why there is nothing to store."""
        flight, now = self._flying.pop(task), self._clock()
        results = task.result()
        if isinstance(results, Exception):
            self._break(flight, results)
            self._progress.finished(flight.plan, flight.run.reason)
            return
        if results:
            visit = Visit(
                flight.run,
                flight.host,
                results,
                everything=self._everything,
                loaded_at=flight.plan.loaded_at,
                at=now,
            )
            self._landed.append((flight, visit))
        else:
            _end_without_results(flight.run, RunState.SKIPPED, NOTHING_TO_ASK, now=now)
            self._progress.finished(flight.plan, flight.run.reason)

    def _store_ripe(self, now: float) -> None:
        """Store what several visits found at once, but let none wait for the others for long."""
        if not self._landed:
            self._stored_at = now
        many = len(self._landed) >= self._policy.stored_at_once
        late = now - self._stored_at >= self._policy.store_seconds
        if many or late or not self._flying:
            self._stored_at = now
            self._store_landed()

    def _store_landed(self) -> None:
        """Store what has landed; if that cannot be done together, each visit by itself."""
        if not self._landed:
            return
        try:
            store_visits([visit for _, visit in self._landed], policy=self._policy)
        except Exception:
            if len(self._landed) > 1:
                logger.info("Visits could not be stored together; each is stored alone.")
            for flight, visit in self._landed:
                self._store_alone(flight, visit)
        # Not before: whoever is interrupted while it stores tries again.
        landed, self._landed = self._landed, []
        for flight, _ in landed:
            self._progress.finished(flight.plan, flight.run.reason)

    def _store_alone(self, flight: _Flight, visit: Visit) -> None:
        try:
            store_visits([visit], policy=self._policy)
        except LeaseLostError:
            flight.run.refresh_from_db()
        except ConcurrentChangeError as error:
            _end_without_results(flight.run, RunState.FAILED, str(error), now=visit.at)
        except Exception as error:  # a bug of ours must neither stop the others nor blame the Host
            logger.error("Storing the visit of %s broke.", flight.host, exc_info=error)
            self._break(flight, error)

    def _break(self, flight: _Flight, error: Exception) -> None:
        reason = f"The crawl itself broke ({type(error).__name__}: {error}); see the log."
        _end_without_results(flight.run, RunState.FAILED, reason, now=self._clock())

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
    http = HttpProbe(limits=policy.limits, user_agent=policy.user_agent, tls=policy.tls)
    return Probes(
        files={"https": http, "http": http, "ftp": FtpProbe(limits=policy.ftp)},
        trees={"rsync": RsyncProbe(limits=policy.rsync)},
    )


async def _cancel(tasks: Iterable[_Task]) -> None:
    """End visits that nobody waits for any more, and what they started."""
    pending = list(tasks)
    for task in pending:
        task.cancel()
    await asyncio.gather(*pending, return_exceptions=True)


@transaction.atomic
def _end_without_results(run: CrawlRun, state: RunState, reason: str, *, now: datetime) -> None:
    """End a run that learned nothing; the Host is not due again before its interval is over."""
    if finish_run(run, state=state, reason=reason, now=now):
        Host.objects.filter(pk=run.host_id).update(last_crawled_at=now)
