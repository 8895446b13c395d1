"""Look every minute whether the URLs of all mirrors can be reached, and write down what turned.

The database is only touched before and after the network. Rows of URLs about which nothing changed
are not written.
"""

import asyncio
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime

import uvloop
from django.db import transaction

from crawler.logic.canary import Canaried, CanaryChange, Family, Reach, Reached, judge_canary
from crawler.logic.health import Standing, Turn
from crawler.probes.http import HttpProbe
from crawler.probes.pace import Pace
from crawler.probes.reach import reach
from crawler.services.notices import URL_KINDS
from crawler.services.policies import CrawlPolicy
from registry.models import FamilyState, Host, HostCategoryUrl, UrlState
from registry.services.events import record_event

FIELDS = (
    "state",
    "reason",
    "canary_failures",
    "ipv4_state",
    "ipv4_reason",
    "ipv6_state",
    "ipv6_reason",
    "failing_since_at",
)


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


def send_canaries(*, now: datetime, policy: CrawlPolicy) -> CanaryReport:
    """Try every URL of every Host that is crawled once by each family of addresses.

    What was not reached before the round's time is over stays as it was.
    """
    hosts = Host.objects.crawlable().values("pk")
    urls = list(
        HostCategoryUrl.objects.filter(host_category__host__in=hosts)
        .exclude(host_category__always_up2date=True)
        .select_related("host_category__host__site", "host_category__category")
        .defer("host_category__up2date")
        .order_by("last_probed_at", "id")
    )
    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        found = runner.run(_reach_all(urls, policy=policy))
    changes = [
        (url, before, judge_canary(before, found[url.pk], policy=policy.canary))
        for url in urls
        if url.pk in found and (before := _canaried(url))
    ]
    changed = [(url, change) for url, before, change in changes if change.after != before]
    store_changes(changed, now=now)
    turned = sum(change.turn is not Turn.NONE for _, change in changed)
    return CanaryReport(len(urls), len(found), len(changed), turned)


async def _reach_all(
    urls: Sequence[HostCategoryUrl], *, policy: CrawlPolicy
) -> dict[int, Mapping[Family, Reached]]:
    limits = policy.limits._replace(answer_seconds=policy.canary_seconds)
    pace = Pace(policy.pace)
    found: dict[int, Mapping[Family, Reached]] = {}
    slots = asyncio.Semaphore(policy.canaries_at_once)

    async with HttpProbe(limits=limits, user_agent=policy.user_agent) as http:

        async def look(url: HostCategoryUrl) -> None:
            private = policy.allow_private or url.host_category.host.private
            async with slots, pace.gate((), otherwise=url.url.split("/")[2]):
                seconds = policy.canary_seconds
                found[url.pk] = await reach(
                    url.url, http=http, allow_private=private, seconds=seconds
                )

        with suppress(TimeoutError):
            async with asyncio.timeout(policy.canary_round_seconds), asyncio.TaskGroup() as group:
                for url in urls:
                    group.create_task(look(url))
    return found


def _canaried(url: HostCategoryUrl) -> Canaried:
    return Canaried(
        Standing(url.state),
        url.reason,
        url.consecutive_failures,
        url.canary_failures,
        Reach(url.ipv4_state, url.ipv4_reason),
        Reach(url.ipv6_state, url.ipv6_reason),
    )


def store_changes(
    changed: Sequence[tuple[HostCategoryUrl, CanaryChange]], *, now: datetime
) -> None:
    """Write what changed; what a visit has found meanwhile wins."""
    for url, change in changed:
        after = change.after
        url.state, url.reason = UrlState(after.standing.value), after.sentence
        url.canary_failures = after.canary_failures
        url.ipv4_state, url.ipv4_reason = FamilyState(after.ipv4.state), after.ipv4.sentence
        url.ipv6_state, url.ipv6_reason = FamilyState(after.ipv6.state), after.ipv6.sentence
        if change.turn is not Turn.NONE:
            url.failing_since_at = now if change.turn is Turn.FAILED else None
    if not changed:
        return
    with transaction.atomic():
        for url, change in changed:
            unchanged = HostCategoryUrl.objects.filter(pk=url.pk, last_probed_at=url.last_probed_at)
            written = unchanged.update(**{name: getattr(url, name) for name in FIELDS})
            if written and change.turn in URL_KINDS:
                sentence = f"{url.url}: {change.sentence}"
                record_event(url, URL_KINDS[change.turn], sentence, now=now)
