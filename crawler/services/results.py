"""Store what the visit of a Host found: sets, URLs, the system's verdict, and the timeline.

One short transaction per Host. Whether the Host stays in service is decided by logic.
"""

from collections import Counter
from collections.abc import Sequence
from datetime import datetime

from django.db import transaction
from pyroaring import BitMap

from crawler.logic.health import (
    HostReason,
    HostVerdict,
    Standing,
    Turn,
    UrlChange,
    UrlHistory,
    all_gone,
    judge_embargo,
    judge_host,
    next_history,
)
from crawler.logic.news import UrlTurn
from crawler.logic.verdicts import State, describe
from crawler.models import CategoryCrawl, CrawlMode, CrawlRun, RunState
from crawler.services.claims import finish_run
from crawler.services.held_metadata import store_held
from crawler.services.notices import tell_of_urls, turn_host
from crawler.services.policies import CrawlPolicy
from crawler.services.visits import CopyResult
from registry.logic.urls import DEFAULT_PROTOCOLS, parse_protocols
from registry.models import Host, HostCategory, HostCategoryUrl, UrlState
from registry.services.carriage import Findings, store_findings
from registry.services.standing import country_embargo


class LeaseLostError(RuntimeError):
    """Somebody took the run for dead while it lived; what it found is thrown away."""


def store_visit(
    run: CrawlRun,
    host: Host,
    results: Sequence[CopyResult],
    *,
    everything: bool,
    policy: CrawlPolicy,
    now: datetime,
) -> None:
    """Store the results of a visit and end its run.

    `everything` says that nothing the Host carries was left out. Raises LeaseLostError, with
    nothing stored, if the run is not ours any more.
    """
    with transaction.atomic():
        changes = _next_histories(host, results, now=now)
        histories = _histories_by_copy(host, changes)
        changed = Counter[str]()
        copies = host.host_categories.all()
        for result in results:
            gone = all_gone(histories[result.plan.host_category_id], policy=policy.health)
            looked = run.mode != CrawlMode.REPODATA and not result.counts.get(State.UNKNOWN)
            copy = next(c for c in copies if c.pk == result.plan.host_category_id)
            added, removed = _store_copy(
                result, copy, gone=gone, now=now, crawled_at=now if looked else None
            )
            changed.update(added=added, removed=removed)
        changed["held"] = _count_held(host, results) + changed["added"] - changed["removed"]
        _store_categories(run, results)
        _store_held(host, results, now=now)
        _store_urls(changes, now=now)
        verdict = _judge(host, histories, policy=policy)
        _tell_of_urls(host, changes, host_turn=verdict.turn, now=now)
        _store_host(host, verdict, run=run, everything=everything, now=now)
        if not _finish(run, results, changed, now=now):
            raise LeaseLostError(f"The run of {host} was taken over by another process.")


def _next_histories(
    host: Host, results: Sequence[CopyResult], *, now: datetime
) -> dict[int, tuple[HostCategoryUrl, UrlChange]]:
    urls = {url.pk: url for copy in host.host_categories.all() for url in copy.urls.all()}
    return {
        url_id: (urls[url_id], next_history(_history(urls[url_id]), outcome, now=now))
        for result in results
        for url_id, outcome in result.outcomes.items()
    }


def _history(url: HostCategoryUrl) -> UrlHistory:
    return UrlHistory(
        Standing(url.state),
        url.reason,
        url.consecutive_failures,
        url.failing_since_at,
        url.last_success_at,
        url.last_probed_at,
    )


def _histories_by_copy(
    host: Host, changes: dict[int, tuple[HostCategoryUrl, UrlChange]]
) -> dict[int, list[UrlHistory]]:
    """Return the histories of all URLs that are ever visited, after this visit."""
    return {
        copy.pk: [
            changes[url.pk][1].history if url.pk in changes else _history(url)
            for url in copy.urls.all()
            if url.protocol in parse_protocols(copy.category.crawl_protocols or DEFAULT_PROTOCOLS)
        ]
        for copy in host.host_categories.all()
        if not copy.always_up2date
    }


def _judge(
    host: Host, histories: dict[int, list[UrlHistory]], *, policy: CrawlPolicy
) -> HostVerdict:
    verdict = judge_embargo(
        active=host.system_active,
        rule=host.system_rule,
        country=host.country.name,
        embargo=country_embargo(host.country),
    )
    return verdict or judge_host(
        [history for each in histories.values() for history in each],
        active=host.system_active,
        vouched=any(copy.always_up2date for copy in host.host_categories.all()),
        policy=policy.health,
    )


def _store_copy(
    result: CopyResult,
    copy: HostCategory,
    *,
    gone: bool,
    now: datetime,
    crawled_at: datetime | None,
) -> tuple[int, int]:
    """Store one copy; what nobody could see for many visits is not believed any longer."""
    findings, reason = result.findings, result.reason
    if gone:
        findings = Findings(BitMap(), {}, complete=True, also_wrong=findings.also_wrong)
        reason = f"{reason} All its URLs failed too often, so nothing of it is believed."
    return store_findings(
        copy.pk, findings, reason=reason, now=now, crawled_at=crawled_at, believed=copy
    )


def _count_held(host: Host, results: Sequence[CopyResult]) -> int:
    """Return how many Directories were up2date before the visit, of the copies it looked at."""
    visited = {result.plan.host_category_id for result in results}
    return sum(c.up2date_count for c in host.host_categories.all() if c.pk in visited)


def _store_categories(run: CrawlRun, results: Sequence[CopyResult]) -> None:
    CategoryCrawl.objects.bulk_create(
        CategoryCrawl(
            run=run,
            host_category_id=result.plan.host_category_id,
            url=result.url,
            reason=result.reason,
            requests=result.requests,
            **{state.value: result.counts.get(state, 0) for state in State},
        )
        for result in results
    )


def _store_held(host: Host, results: Sequence[CopyResult], *, now: datetime) -> None:
    seen = {
        result.plan.host_category_id: (result.content_at, result.findings.all_wrong)
        for result in results
    }
    store_held([copy for copy in host.host_categories.all() if copy.pk in seen], seen, now=now)


def _store_urls(changes: dict[int, tuple[HostCategoryUrl, UrlChange]], *, now: datetime) -> None:
    for url, change in changes.values():
        history = change.history
        url.state = UrlState(history.standing.value)
        url.reason = history.sentence
        url.consecutive_failures = history.consecutive_failures
        url.failing_since_at = history.failing_since_at
        url.last_success_at = history.last_success_at
        url.last_probed_at = history.last_probed_at
        url.canary_failures = 0
    HostCategoryUrl.objects.bulk_update(
        [url for url, _ in changes.values()],
        [
            "state",
            "reason",
            "consecutive_failures",
            "failing_since_at",
            "last_success_at",
            "last_probed_at",
            "canary_failures",
        ],
    )


def _tell_of_urls(
    host: Host,
    changes: dict[int, tuple[HostCategoryUrl, UrlChange]],
    *,
    host_turn: Turn,
    now: datetime,
) -> None:
    turns = [
        UrlTurn(url.url, change.turn, change.sentence)
        for url, change in changes.values()
        if change.turn is not Turn.NONE
    ]
    if turns:
        urls = {url.url: url for url, _ in changes.values()}
        tell_of_urls(host, turns, urls=urls, host_turn=host_turn, now=now)


def _store_host(
    host: Host, verdict: HostVerdict, *, run: CrawlRun, everything: bool, now: datetime
) -> None:
    after: dict[str, object] = {}
    if run.mode != CrawlMode.REPODATA:
        after["last_crawled_at"] = now
    if run.mode == CrawlMode.FULL:
        after["last_crawl_duration"] = now - run.started_at
    if everything and verdict.reason in {HostReason.WORKS, HostReason.RECOVERED}:
        after["last_full_crawl_at"] = now
    if after:
        Host.objects.filter(pk=host.pk).update(**after)
    turn_host(host, verdict, now=now)


def _finish(
    run: CrawlRun, results: Sequence[CopyResult], changed: Counter[str], *, now: datetime
) -> bool:
    counts = Counter[State]()
    for result in results:
        counts.update(result.counts)
    requests = sum(result.requests for result in results)
    numbers = {state.value: counts[state] for state in State}
    worked = any(outcome.worked for result in results for outcome in result.outcomes.values())
    return finish_run(
        run,
        state=RunState.FINISHED if worked else RunState.FAILED,
        reason=_reason(results, counts, worked=worked),
        counts={**numbers, "requests": requests, **changed},
        log="\n".join(line for result in results for line in (_title(result), *result.log)),
        now=now,
    )


def _reason(results: Sequence[CopyResult], counts: Counter[State], *, worked: bool) -> str:
    if len(results) == 1:
        return results[0].reason
    return describe(counts) if worked else f"None of its URLs works. {describe(counts)}"


def _title(result: CopyResult) -> str:
    return f"# {result.plan.label}: {result.reason}"
