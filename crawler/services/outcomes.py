"""What follows from one visit for the rows of its Host, put together before anything is written.

Asks logic and returns rows; deliberately writes nothing, so that it can be done again.
"""

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from typing import NamedTuple

from pyroaring import BitMap

from crawler.logic.certificates import CertificateVerdict, judge_certificate
from crawler.logic.health import (
    HostVerdict,
    Standing,
    Turn,
    UrlChange,
    UrlHistory,
    all_gone,
    judge_embargo,
    judge_host,
    next_history,
    saw_everything,
)
from crawler.logic.modes import count_as_crawled_at
from crawler.logic.news import UrlTurn
from crawler.logic.verdicts import State
from crawler.models import CrawlMode, CrawlRun
from crawler.services.notices import News, news_of_host, news_of_urls, system_fields
from crawler.services.policies import CrawlPolicy
from crawler.services.visits import CopyResult
from registry.logic.urls import DEFAULT_PROTOCOLS, parse_protocols
from registry.models import Host, HostCategory, HostCategoryUrl, UrlState
from registry.services.carriage import Findings, Update
from registry.services.standing import country_embargo

URL_FIELDS = (
    "state",
    "reason",
    "consecutive_failures",
    "failing_since_at",
    "last_success_at",
    "last_probed_at",
    "canary_failures",
    "certificate_until_at",
    "certificate_reason",
)
HOST_FIELDS = (
    "last_crawled_at",
    "last_crawl_duration",
    "last_full_crawl_at",
    "system_active",
    "system_rule",
    "system_reason",
    "system_changed_at",
)


class Visit(NamedTuple):
    """One visit that has ended, and when; `everything` says that nothing was left out.

    The Host is as it was loaded, by `load_hosts`; it was judged by trees as of `loaded_at`.
    """

    run: CrawlRun
    host: Host
    results: Sequence[CopyResult]
    everything: bool
    loaded_at: datetime
    at: datetime


class Outcome(NamedTuple):
    """What is to be written of a visit: an Update for each result, pairs of URLs before and after.

    `host` and the URLs after are rows of their own, with nothing in them but what is written.
    """

    visit: Visit
    updates: Sequence[Update]
    urls: Sequence[tuple[HostCategoryUrl, HostCategoryUrl]]
    host: Host
    news: Sequence[News]


class Change(NamedTuple):
    """One URL as it was before, and what the visit means for it and for its certificate."""

    url: HostCategoryUrl
    course: UrlChange
    certificate: CertificateVerdict

    def turns(self) -> Iterator[UrlTurn]:
        """Return what is worth telling."""
        if self.course.turn is not Turn.NONE:
            yield UrlTurn(self.url.url, self.course.turn, self.course.sentence)
        if self.certificate.news:
            yield UrlTurn(self.url.url, Turn.EXPIRING, self.certificate.sentence)


Changes = Mapping[int, Change]


def decide(visit: Visit, *, policy: CrawlPolicy) -> Outcome:
    """Return what follows from a visit. No query."""
    changes = _changes(visit, policy=policy)
    histories = _histories_by_copy(visit.host, changes)
    verdict = _judge(visit.host, histories, policy=policy)
    news = _news_of_urls(visit, changes, host_turn=verdict.turn)
    return Outcome(
        visit,
        [
            _update(visit, each, histories.get(each.plan.host_category_id, ()), policy=policy)
            for each in visit.results
        ],
        [(change.url, _next_url(change)) for change in changes.values()],
        _next_host(visit, verdict, full=_was_full(visit, histories, policy=policy)),
        [*news, *news_of_host(visit.host, verdict, now=visit.at)],
    )


def _changes(visit: Visit, *, policy: CrawlPolicy) -> Changes:
    """Return what the visit means for each URL that it asked."""
    urls = {url.pk: url for copy in visit.host.host_categories.all() for url in copy.urls.all()}
    return {
        url_id: Change(
            urls[url_id],
            next_history(_history(urls[url_id]), outcome, now=visit.at),
            judge_certificate(
                result.certificates.get(url_id),
                known=_known_certificate(urls[url_id]),
                visited_at=urls[url_id].last_probed_at,
                now=visit.at,
                policy=policy.certificates,
            ),
        )
        for result in visit.results
        for url_id, outcome in result.outcomes.items()
        if url_id in urls
    }


def _known_certificate(url: HostCategoryUrl) -> datetime | None:
    """Return what is known of the certificate, unless the address has changed since."""
    return url.certificate_until_at if url.protocol == "https" else None


def _history(url: HostCategoryUrl) -> UrlHistory:
    return UrlHistory(
        Standing(url.state),
        url.reason,
        url.consecutive_failures,
        url.failing_since_at,
        url.last_success_at,
        url.last_probed_at,
    )


def _histories_by_copy(host: Host, changes: Changes) -> dict[int, list[UrlHistory]]:
    """Return the histories of all URLs that are ever visited, after this visit."""
    return {
        copy.pk: [
            changes[url.pk].course.history if url.pk in changes else _history(url)
            for url in copy.urls.all()
            if url.protocol in parse_protocols(copy.category.crawl_protocols or DEFAULT_PROTOCOLS)
        ]
        for copy in host.host_categories.all()
        if not copy.always_up2date
    }


def _judge(
    host: Host, histories: Mapping[int, list[UrlHistory]], *, policy: CrawlPolicy
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


def _update(
    visit: Visit, result: CopyResult, histories: Sequence[UrlHistory], *, policy: CrawlPolicy
) -> Update:
    """Return what one copy has; what nobody could see for many visits is not believed longer."""
    copy = _copy(visit.host, result.plan.host_category_id)
    looked = visit.run.mode != CrawlMode.REPODATA and not result.counts.get(State.UNKNOWN)
    findings, reason = result.findings, result.reason
    if all_gone(histories, policy=policy.health):
        findings = Findings(BitMap(), {}, complete=True, also_wrong=findings.also_wrong)
        reason = f"{reason} All its URLs failed too often, so nothing of it is believed."
    at = count_as_crawled_at(visit.at, loaded_at=visit.loaded_at, policy=policy.modes)
    return Update(copy, findings, reason, visit.at, at if looked else None)


def _copy(host: Host, copy_id: int) -> HostCategory:
    return next(copy for copy in host.host_categories.all() if copy.pk == copy_id)


def _next_url(change: Change) -> HostCategoryUrl:
    history = change.course.history
    return HostCategoryUrl(
        pk=change.url.pk,
        state=UrlState(history.standing.value),
        reason=history.sentence,
        consecutive_failures=history.consecutive_failures,
        failing_since_at=history.failing_since_at,
        last_success_at=history.last_success_at,
        last_probed_at=history.last_probed_at,
        canary_failures=0,
        certificate_until_at=change.certificate.until,
        certificate_reason=change.certificate.sentence,
    )


def _news_of_urls(visit: Visit, changes: Changes, *, host_turn: Turn) -> list[News]:
    turns = [turn for change in changes.values() for turn in change.turns()]
    urls = {change.url.url: change.url for change in changes.values()}
    return news_of_urls(visit.host, turns, urls=urls, host_turn=host_turn, now=visit.at)


def _was_full(
    visit: Visit, histories: Mapping[int, list[UrlHistory]], *, policy: CrawlPolicy
) -> bool:
    """Tell whether the visit counts as the one that looks at everything now and then."""
    copies = (
        (each.outcomes.values(), histories.get(each.plan.host_category_id, ()))
        for each in visit.results
    )
    return visit.everything and saw_everything(copies, policy=policy.health)


def _next_host(visit: Visit, verdict: HostVerdict, *, full: bool) -> Host:
    run, now = visit.run, visit.at
    after: dict[str, object] = {name: getattr(visit.host, name) for name in HOST_FIELDS}
    if run.mode != CrawlMode.REPODATA:
        after["last_crawled_at"] = now
    if run.mode == CrawlMode.FULL:
        after["last_crawl_duration"] = now - run.started_at
    if full:
        after["last_full_crawl_at"] = now
    return Host(pk=visit.host.pk, **after | system_fields(visit.host, verdict, now=now))
