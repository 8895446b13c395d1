"""Store what visits of Hosts found: sets, URLs, the system's verdict, and the timeline.

One short transaction for all Hosts that ended about the same time, with one query for each table
however many Hosts, Categories and Directories there are. What follows is decided by `outcomes`.
"""

from collections import Counter
from collections.abc import Sequence

from django.db import transaction
from django.db.models import Q

from crawler.logic.verdicts import State, describe
from crawler.models import CategoryCrawl, RunState
from crawler.services.claims import End, apply_end, finish_runs
from crawler.services.held_metadata import Seen, store_held
from crawler.services.notices import publish
from crawler.services.outcomes import HOST_FIELDS, URL_FIELDS, Outcome, Visit, decide
from crawler.services.plans import load_hosts
from crawler.services.policies import CrawlPolicy
from crawler.services.visits import CopyResult
from registry.models import Host, HostCategoryUrl
from registry.services.carriage import ATTEMPTS, ConcurrentChangeError, store_updates


class LeaseLostError(RuntimeError):
    """Somebody took the run for dead while it lived; what it found is thrown away."""


def store_visits(visits: Sequence[Visit], *, policy: CrawlPolicy) -> None:
    """Store the results of visits and end their runs, all or none.

    At most twelve queries, whatever the number of Hosts, Categories and Directories and whoever is
    told; five if nothing is wrong (SQLite splits a long INSERT). What people and other processes
    changed since the Hosts were loaded is read again and decided about anew. Raises LeaseLostError
    if a run is not ours any more, and ConcurrentChangeError if things never come to rest.
    """
    attempts = 0
    while True:
        try:
            with transaction.atomic():
                ends = _store([decide(visit, policy=policy) for visit in visits])
        except ConcurrentChangeError:
            attempts += 1
            if attempts == ATTEMPTS:
                raise
            visits = _read_again(visits)
        else:
            for end in ends:
                apply_end(end)
            return


def _read_again(visits: Sequence[Visit]) -> list[Visit]:
    """Return the visits with their Hosts as they are now; what was deleted has no results."""
    hosts = {host.pk: host for host in load_hosts([visit.host.pk for visit in visits])}
    return [
        visit._replace(host=hosts[visit.host.pk], results=_still_there(visit, hosts[visit.host.pk]))
        for visit in visits
        if visit.host.pk in hosts
    ]


def _still_there(visit: Visit, host: Host) -> list[CopyResult]:
    copies = {copy.pk for copy in host.host_categories.all()}
    return [result for result in visit.results if result.plan.host_category_id in copies]


def _store(outcomes: Sequence[Outcome]) -> list[End]:
    turnover = store_updates([update for outcome in outcomes for update in outcome.updates])
    rest = iter(turnover)
    ends = [_end(outcome, [next(rest) for _ in outcome.updates]) for outcome in outcomes]
    if not finish_runs(ends):
        raise LeaseLostError("A run was taken over by another process.")
    _store_urls(outcomes)
    _store_hosts(outcomes)
    CategoryCrawl.objects.bulk_create(
        _category_crawl(outcome, result) for outcome in outcomes for result in outcome.visit.results
    )
    store_held(
        Seen(update.copy, result.content_at, result.findings.all_wrong, outcome.visit.at)
        for outcome in outcomes
        for update, result in zip(outcome.updates, outcome.visit.results, strict=True)
    )
    publish([news for outcome in outcomes for news in outcome.news])
    return ends


def _store_urls(outcomes: Sequence[Outcome]) -> None:
    """Write the URLs, unless a canary turned one or its owner deleted it meanwhile."""
    changes = [change for outcome in outcomes for change in outcome.urls]
    unchanged = Q()
    for before, _ in changes:
        unchanged |= Q(pk=before.pk, state=before.state)
    if not changes:
        return
    rows = [after for _, after in changes]
    if HostCategoryUrl.objects.filter(unchanged).bulk_update(rows, URL_FIELDS) < len(rows):
        raise ConcurrentChangeError("A URL was changed while its visit was under way.")


def _store_hosts(outcomes: Sequence[Outcome]) -> None:
    """Write the Hosts, unless an embargo came or went meanwhile."""
    unchanged = Q()
    for outcome in outcomes:
        host = outcome.visit.host
        unchanged |= Q(pk=host.pk, system_active=host.system_active, system_rule=host.system_rule)
    rows = [outcome.host for outcome in outcomes]
    if rows and Host.objects.filter(unchanged).bulk_update(rows, HOST_FIELDS) < len(rows):
        raise ConcurrentChangeError("A Host was changed while its visit was under way.")


def _category_crawl(outcome: Outcome, result: CopyResult) -> CategoryCrawl:
    return CategoryCrawl(
        run=outcome.visit.run,
        host_category_id=result.plan.host_category_id,
        url=result.url,
        reason=result.reason,
        requests=result.requests,
        **{state.value: result.counts.get(state, 0) for state in State},
    )


def _end(outcome: Outcome, turnover: Sequence[tuple[int, int]]) -> End:
    results = outcome.visit.results
    if not results:
        reason = "What was visited was deleted before the visit ended."
        return End(outcome.visit.run, RunState.SKIPPED, reason, outcome.visit.at, {})
    added, removed = (sum(each) for each in zip(*turnover, strict=True))
    counts = Counter[State]()
    for result in results:
        counts.update(result.counts)
    worked = any(each.worked for result in results for each in result.outcomes.values())
    return End(
        outcome.visit.run,
        RunState.FINISHED if worked else RunState.FAILED,
        _reason(results, counts, worked=worked),
        outcome.visit.at,
        {
            **{state.value: counts[state] for state in State},
            "requests": sum(result.requests for result in results),
            "added": added,
            "removed": removed,
            "held": sum(update.copy.up2date_count for update in outcome.updates) + added - removed,
        },
        "\n".join(line for result in results for line in (_title(result), *result.log)),
    )


def _reason(results: Sequence[CopyResult], counts: Counter[State], *, worked: bool) -> str:
    if len(results) == 1:
        return results[0].reason
    return describe(counts) if worked else f"None of its URLs works. {describe(counts)}"


def _title(result: CopyResult) -> str:
    return f"# {result.plan.label}: {result.reason}"
