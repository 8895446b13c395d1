"""Look every minute whether the URLs of all mirrors can be reached, and write down what turned.

The database is only touched before and after the network. Rows of URLs about which nothing changed
are not written.
"""

import asyncio
from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime

import uvloop
from django.db import transaction
from django.db.models import QuerySet

from crawler.logic.canary import Canaried, CanaryChange, Family, Reach, Reached, judge_canary
from crawler.logic.health import Standing, Turn
from crawler.logic.news import UrlTurn
from crawler.probes.addresses import addresses_of
from crawler.probes.http import HttpProbe
from crawler.probes.pace import Pace
from crawler.probes.reach import reach
from crawler.services.attempts import attempt
from crawler.services.notices import News, news_of_urls, publish
from crawler.services.plans import Scope
from crawler.services.policies import CrawlPolicy
from registry.models import FamilyState, Host, HostCategoryUrl, UrlState
from registry.services.standing import NEEDED
from registry.vetting import VettingResolver


@dataclass(frozen=True)
class CanaryReport:
    """How a round went, in numbers."""

    urls: int
    looked_at: int
    changed: int
    turned: int

    @property
    def sentence(self) -> str:
        """Say it to people."""
        return (
            f"{self.looked_at} of {self.urls} URLs were looked at; {self.changed} are not as they "
            f"were, {self.turned} failed or recovered."
        )


def load_urls(host_ids: Collection[int], scope: Scope) -> list[HostCategoryUrl]:
    """Return the URLs of these Hosts that canaries ask, those first that waited longest."""
    return _load(Host.objects.filter(pk__in=host_ids), scope)


def send_canaries(
    *, now: datetime, policy: CrawlPolicy, urls: Sequence[HostCategoryUrl] | None = None
) -> CanaryReport:
    """Try URLs once by each family of addresses: every one of every Host that is crawled, or these.

    What was not reached before the round's time is over stays as it was, and so does a URL at
    which a bug of ours broke the look.
    """
    if urls is None:
        urls = _load(Host.objects.crawlable(), Scope())
    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        found = runner.run(_reach_all(urls, policy=policy))
    changes = [
        (url, before, judge_canary(before, found[url.pk], policy=policy.canary))
        for url in urls
        if url.pk in found and (before := _canaried(url))
    ]
    changed = [(url, change) for url, before, change in changes if change.after != before]
    if changed:
        store_changes(changed, now=now)
    turned = sum(change.turn is not Turn.NONE for _, change in changed)
    return CanaryReport(len(urls), len(found), len(changed), turned)


def _load(hosts: QuerySet[Host], scope: Scope) -> list[HostCategoryUrl]:
    urls = (
        HostCategoryUrl.objects.approved()
        .filter(host_category__host__in=hosts.values("pk"))
        .exclude(host_category__always_up2date=True)
        .select_related(
            "host_category__category", *(f"host_category__host__{name}" for name in NEEDED)
        )
        .defer("host_category__up2date")
        .order_by("last_probed_at", "id")
    )
    return [url for url in urls if scope.includes(url.host_category)]


async def _reach_all(
    urls: Sequence[HostCategoryUrl], *, policy: CrawlPolicy
) -> dict[int, Mapping[Family, Reached]]:
    limits = policy.limits._replace(answer_seconds=policy.canary_seconds)
    pace = Pace(policy.pace)
    found: dict[int, Mapping[Family, Reached]] = {}
    slots = asyncio.Semaphore(policy.canaries_at_once)

    async with HttpProbe(limits=limits, user_agent=policy.user_agent, tls=policy.tls) as http:

        async def look(url: HostCategoryUrl) -> Mapping[Family, Reached]:
            private = policy.allow_private or url.host_category.host.counts_as_private
            addresses = await addresses_of(url.url, VettingResolver(allow_private=private))
            async with pace.gate(addresses, otherwise=url.url):
                return await reach(
                    url.url,
                    addresses,
                    http=http,
                    allow_private=private,
                    seconds=policy.canary_seconds,
                )

        async def note(url: HostCategoryUrl) -> None:
            async with slots:
                families = await attempt(look(url), at=url.url)
            if not isinstance(families, Exception):
                found[url.pk] = families

        with suppress(TimeoutError):
            async with asyncio.timeout(policy.canary_round_seconds), asyncio.TaskGroup() as group:
                for url in urls:
                    group.create_task(note(url))
    return found


def _canaried(url: HostCategoryUrl) -> Canaried:
    return Canaried(
        Standing(url.state),
        url.reason,
        url.consecutive_failures,
        url.canary_failures,
        Reach(url.ipv4_state, url.ipv4_reason, url.ipv4_failures),
        Reach(url.ipv6_state, url.ipv6_reason, url.ipv6_failures),
    )


def store_changes(
    changed: Sequence[tuple[HostCategoryUrl, CanaryChange]], *, now: datetime
) -> None:
    """Write what changed and tell owners of what turned; what a visit found meanwhile wins."""
    turned: dict[int, list[tuple[HostCategoryUrl, CanaryChange]]] = defaultdict(list)
    with transaction.atomic():
        for url, change in changed:
            unchanged = HostCategoryUrl.objects.filter(
                pk=url.pk, last_probed_at=url.last_probed_at, state=url.state
            )
            written = unchanged.update(**_fields(url, change, now=now))
            if written and change.turn is not Turn.NONE:
                turned[url.host_category.host_id].append((url, change))
        publish([news for each in turned.values() for news in _news(each, now=now)])


def _fields(url: HostCategoryUrl, change: CanaryChange, *, now: datetime) -> dict[str, object]:
    after = change.after
    since = {Turn.NONE: url.failing_since_at, Turn.FAILED: now, Turn.RECOVERED: None}
    return {
        "state": UrlState(after.standing.value),
        "reason": after.sentence,
        "canary_failures": after.canary_failures,
        "ipv4_state": FamilyState(after.ipv4.state),
        "ipv4_reason": after.ipv4.sentence,
        "ipv4_failures": after.ipv4.failures,
        "ipv6_state": FamilyState(after.ipv6.state),
        "ipv6_reason": after.ipv6.sentence,
        "ipv6_failures": after.ipv6.failures,
        "failing_since_at": since[change.turn],
    }


def _news(turned: Sequence[tuple[HostCategoryUrl, CanaryChange]], *, now: datetime) -> list[News]:
    """Return what is to be noted and told of one Host."""
    host = turned[0][0].host_category.host
    turns = [UrlTurn(url.url, change.turn, change.sentence) for url, change in turned]
    return news_of_urls(host, turns, urls={url.url: url for url, _ in turned}, now=now)
