"""Visits that the people of a Host ask for: whether one is granted, and how far it is."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any, NamedTuple

from django.contrib.auth.models import User
from django.db import transaction
from django.db.models import QuerySet, Subquery
from django_q.tasks import async_task

from crawler.logic.freshness_chart import DAYS, Chart, Seen, lay_out
from crawler.logic.requests import (
    HostFacts,
    RequestPolicy,
    RequestReason,
    RequestVerdict,
    judge_crawl_request,
)
from crawler.models import CrawlMode, CrawlRun, RunState
from crawler.services.claims import is_carried_on
from crawler.services.crawls import CLUSTER
from registry.logic.standing import Standing
from registry.models import Event, EventKind, Host
from registry.services.events import record_event
from registry.services.standing import host_standing

TASK = "crawler.tasks.crawl_hosts"
# How requests are found again on the timeline.
REQUESTED = {"crawl": "requested"}
NOTHING_TO_VISIT = "There is nothing to visit: it has no Category with an approved URL."
RUN_FIELDS = ("id", "mode", "state", "reason", "started_at", "lease_until_at", "worker", "counts")
COPY = "categories"
COPY_FIELDS = (
    "host_category__category__name",
    "reason",
    "up2date",
    "stale",
    "missing",
    "unreadable",
)
# Four visits a day of five Categories are 600 in 30 days; beyond this the oldest are left out.
MOST = 2000


class Found(NamedTuple):
    """What one visit found of one Category, in one sentence."""

    category: str
    sentence: str


class CrawlPanel(NamedTuple):
    """What a Host's page shows about visits: may one be asked for, and how did the last ones go.

    `run` is the last visit of the last 30 days, with nothing in it but what is shown.
    """

    host: Host
    verdict: RequestVerdict
    run: CrawlRun | None
    found: Sequence[Found]
    asked_at: datetime | None
    chart: Chart

    @property
    def running(self) -> bool:
        """Tell whether somebody visits the Host right now."""
        return self.verdict.reason is RequestReason.RUNNING

    @property
    def waiting(self) -> bool:
        """Tell whether a visit was asked for and has not begun."""
        begun = self.run.started_at if self.run is not None else None
        return self.asked_at is not None and (begun is None or begun < self.asked_at)


def request_crawl(
    host: Host, *, actor: User, now: datetime, policy: RequestPolicy
) -> RequestVerdict:
    """Have a Host visited as soon as a crawler is free, if that is granted; it is on the timeline.

    Private addresses are never visited on request: those of private Hosts are refused altogether.
    """
    with transaction.atomic():
        locked = Host.objects.select_for_update().get(pk=host.pk)  # of two at once one is second
        verdict = load_panel(host, now=now, policy=policy).verdict
        if verdict.granted and not host.host_categories.filter(urls__approval="approved").exists():
            verdict = RequestVerdict(RequestReason.NOT_VISITED, NOTHING_TO_VISIT)
        if verdict.granted:
            sentence = f"{actor} asked for a visit of “{host}”."
            record_event(locked, EventKind.CHANGED, sentence, now=now, actor=actor, facts=REQUESTED)
    if verdict.granted:
        async_task(TASK, [host.pk], cluster=CLUSTER, group="crawl")
    return verdict


def load_panel(host: Host, *, now: datetime, policy: RequestPolicy) -> CrawlPanel:
    """Return what the page of a Host shows about visits; one query, two without any visit."""
    rows = list(_rows(host, since=now - timedelta(days=DAYS)))
    run = _last_run(host, rows[0], now=now) if rows else None
    asked_at = rows[0]["asked_at"] if rows else _asked(host).values_list("at", flat=True).first()
    seen = [
        Seen(
            row["started_at"],
            row[f"{COPY}__host_category__category__name"],
            row[f"{COPY}__up2date"],
            sum(row[f"{COPY}__{state}"] for state in ("up2date", "stale", "missing", "unreadable")),
        )
        for row in reversed(rows)
        if row["mode"] == CrawlMode.FULL and row[f"{COPY}__up2date"] is not None
    ]
    found = [
        Found(row[f"{COPY}__host_category__category__name"], row[f"{COPY}__reason"])
        for row in rows
        if row["id"] == rows[0]["id"] and row[f"{COPY}__reason"] is not None
    ]
    facts = _facts(_refusal(host), run, asked_at)
    verdict = judge_crawl_request(facts, now=now, policy=policy)
    return CrawlPanel(host, verdict, run, found, asked_at, lay_out(seen, now=now))


def _last_run(host: Host, row: dict[str, Any], *, now: datetime) -> CrawlRun:
    """Return a run as it is shown; one that nobody carries on is abandoned, as for who claims."""
    run = CrawlRun(host=host, **{name: row[name] for name in RUN_FIELDS})
    if run.state == RunState.RUNNING and not is_carried_on(run, now=now):
        run.state = RunState.ABANDONED
    return run


def _rows(host: Host, *, since: datetime) -> QuerySet[CrawlRun, dict[str, Any]]:
    """Return visits with what each found of each Category, the last first; one row for a pair."""
    shown = host.crawls.exclude(state=RunState.SKIPPED).filter(started_at__gte=since)
    shown = shown.annotate(asked_at=Subquery(_asked(host).values("at")[:1]))
    shown = shown.order_by("-started_at", "-id", f"{COPY}__host_category__category__name")
    names = (*RUN_FIELDS, "asked_at", *(f"{COPY}__{name}" for name in COPY_FIELDS))
    rows: QuerySet[CrawlRun, dict[str, Any]] = shown.values(*names)[:MOST]
    return rows


def _asked(host: Host) -> QuerySet[Event]:
    """Return the requests for visits of a Host, the last first."""
    asked = host.events.filter(kind=EventKind.CHANGED, facts__crawl=REQUESTED["crawl"])
    return asked.order_by("-at")


def _facts(refusal: str, run: CrawlRun | None, asked_at: datetime | None) -> HostFacts:
    running = run is not None and run.state == RunState.RUNNING
    return HostFacts(
        refusal=refusal,
        running_since=run.started_at if run is not None and running else None,
        last_visit_at=run.started_at if run is not None else None,
        last_request_at=asked_at,
    )


# What keeps a Host from being visited at all, as a crawl of all Hosts leaves it out.
NOT_VISITED = frozenset({Standing.PENDING, Standing.REJECTED, Standing.DISABLED})


def _refusal(host: Host) -> str:
    """Return why a Host is not visited at all, empty if it is; as `Host.objects.crawlable()`."""
    if host.counts_as_private:
        return "Private Hosts are not visited; they check in."
    checks = host_standing(host).checks
    return next((check.sentence for check in checks if check.standing in NOT_VISITED), "")
