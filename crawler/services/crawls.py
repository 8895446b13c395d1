"""Crawl many Hosts: which are meant or due, in which mode, now or as tasks of the crawl cluster."""

from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import datetime
from random import Random

from django.db.models import QuerySet
from django_q.brokers import get_broker
from django_q.tasks import async_task

from crawler.logic.modes import Mode
from crawler.logic.queue import Fraction, Turnout, batches, sort_due
from crawler.models import CrawlRun
from crawler.services.flights import Crawl
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
from crawler.services.visits import Progress, VisitPlan
from registry.models import Host

CLUSTER = "crawl"


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
    due: bool = False,
) -> list[CrawlRun]:
    """Crawl Hosts and return a run for each, in the order of the ids.

    Unknown ids are left out. Each Host gets a seed of its own from `rng`, unless `seed` names the
    one of a run that is to be repeated. `due` leaves out those that are not due any more when their
    turn comes, with a skipped run that says why. How far a visit is stands in its run; results are
    stored Host by Host, so that whatever ends the process loses only the Hosts in flight.
    """
    scope = scope or Scope()
    hosts = load_hosts(host_ids)
    loaded_at = clock()
    trees = load_needed_trees(hosts, scope, policy=policy)
    plans = [
        plan_visit(
            host,
            scope,
            trees=trees,
            loaded_at=loaded_at,
            seed=rng.getrandbits(63) if seed is None else seed,
            mode=mode,
            policy=policy,
        )
        for host in hosts
    ]
    if len(hosts) == 1:
        policy = replace(policy, progress_seconds=1)
    everything = mode is Mode.FULL and not scope.categories
    crawl = Crawl(hosts, plans, clock=clock, policy=policy, progress=progress or Silence(), due=due)
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
            async_task(task, batch, mode.value, due=True, cluster=CLUSTER, group="crawl")
    return f"{len(due)} Hosts were queued."
