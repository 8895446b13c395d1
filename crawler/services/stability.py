"""Compute how stable Hosts are from the records of their visits, and store it."""

from collections import defaultdict
from datetime import datetime
from typing import Any

from crawler.logic.stability import StabilityPolicy, Visited, stability_percent
from crawler.models import CrawlRun, RunState
from registry.models import Host

POLICY = StabilityPolicy()
HOSTS_AT_ONCE = 500


def update_stability(*, now: datetime) -> int:
    """Write the stability of every Host; return of how many it changed.

    Two queries and the writing. Visits that were skipped or stopped, and those that broke by our
    own fault, say nothing about a Host.
    """
    visits = _visits(now=now)
    changed = []
    for host in Host.objects.only("id", "stability_percent"):
        percent = stability_percent(visits[host.pk], now=now, policy=POLICY)
        if percent != host.stability_percent:
            host.stability_percent = percent
            changed.append(host)
    Host.objects.bulk_update(changed, ["stability_percent"], HOSTS_AT_ONCE)
    return len(changed)


def _visits(*, now: datetime) -> dict[int, list[Visited]]:
    runs = (
        CrawlRun.objects.filter(
            state__in=[RunState.FINISHED, RunState.FAILED],
            started_at__gte=now - POLICY.window,
        )
        .order_by("started_at", "id")
        .values_list("host_id", "started_at", "state", "counts")
    )
    found: dict[int, list[Visited]] = defaultdict(list)
    for host, at, state, counts in runs.iterator():
        if counts:  # a crawl that broke by itself learned nothing
            reached = state == RunState.FINISHED
            found[host].append(Visited(at, reached, _held(counts), _bad(counts)))
    return found


def _held(counts: dict[str, Any]) -> int:
    return int(counts.get("held", counts.get("up2date", 0)))


def _bad(counts: dict[str, Any]) -> int:
    return int(counts.get("stale", 0)) + int(counts.get("unreadable", 0))
