"""Which Hosts a crawl is about and what it needs to know of them, loaded before it begins."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import NamedTuple

from django.db.models import OuterRef, Prefetch, QuerySet, Subquery

from crawler.logic.modes import Known, Mode, changed_since, order_urls
from crawler.logic.queue import Candidate, QueuePolicy, judge_due
from crawler.models import CrawlRun, RunState
from crawler.processes import is_gone
from crawler.services.policies import CrawlPolicy
from crawler.services.trees import Tree, load_trees
from crawler.services.visits import CopyPlan, VisitPlan
from registry.logic.urls import DEFAULT_PROTOCOLS, parse_protocols
from registry.models import Category, Host, HostCategory, HostCategoryUrl
from registry.services.standing import NEEDED


@dataclass(frozen=True)
class Scope:
    """Which part of its Hosts a crawl looks at: everything, or only some Categories by id."""

    categories: frozenset[int] = field(default_factory=frozenset)

    def includes(self, copy: HostCategory) -> bool:
        return not self.categories or copy.category_id in self.categories


class Target(NamedTuple):
    """A Host that is to be crawled, and why."""

    host_id: int
    name: str
    sentence: str


class UnknownNameError(ValueError):
    """A Host or Category of this name does not exist."""


def resolve_scope(names: Sequence[str]) -> Scope:
    """Return the scope of Categories by name; raise UnknownNameError with those that exist."""
    known = dict(Category.objects.values_list("name", "id"))
    for name in names:
        if name not in known:
            raise UnknownNameError(
                f"There is no Category “{name}”. There are: {', '.join(sorted(known)) or 'none'}."
            )
    return Scope(frozenset(known[name] for name in names))


def resolve_hosts(names: Sequence[str]) -> QuerySet[Host]:
    """Return Hosts by name, whatever their switches say; raise UnknownNameError.

    Several Sites may have a Host of the same name; then all of them are meant.
    """
    found = Host.objects.filter(name__in=names)
    unknown = sorted(set(names) - set(found.values_list("name", flat=True)))
    if unknown:
        raise UnknownNameError(
            f"There is no Host “{unknown[0]}”. Names are written as in the list of Hosts."
        )
    return found


def load_hosts(host_ids: Sequence[int]) -> list[Host]:
    """Return Hosts with their copies and URLs in the order of the ids; three queries."""
    approved = HostCategoryUrl.objects.approved()
    urls = approved.select_related("host_category__host__site").order_by("id")
    copies = (
        HostCategory.objects.select_related("category", "held_metadata")
        .order_by("id")
        .prefetch_related(Prefetch("urls", queryset=urls))
    )
    found = (
        Host.objects.filter(id__in=host_ids)
        .select_related(*NEEDED)
        .prefetch_related(Prefetch("host_categories", queryset=copies))
        .in_bulk()
    )
    return [found[host_id] for host_id in dict.fromkeys(host_ids) if host_id in found]


def load_needed_trees(
    hosts: Iterable[Host], scope: Scope, *, policy: CrawlPolicy
) -> dict[int, Tree]:
    """Return the trees of all Categories that any of the Hosts is asked about."""
    needed = {copy.category_id for host in hosts for copy in copies_to_visit(host, scope)}
    return load_trees(needed, policy=policy.sampling)


def copies_to_visit(host: Host, scope: Scope) -> list[HostCategory]:
    """Return the copies of a Host that are crawled: not those that are always up2date."""
    return [
        copy
        for copy in host.host_categories.all()
        if not copy.always_up2date and scope.includes(copy)
    ]


def plan_visit(
    host: Host,
    scope: Scope,
    *,
    trees: dict[int, Tree],
    loaded_at: datetime,
    seed: int,
    mode: Mode,
    policy: CrawlPolicy,
) -> VisitPlan:
    """Put together what the visit of one Host needs, so that it needs no database.

    `loaded_at` says when the trees were loaded.
    """
    return VisitPlan(
        host_id=host.pk,
        host=host.name,
        seed=seed,
        allow_private=policy.allow_private or host.counts_as_private,
        copies=[
            CopyPlan(
                copy.pk,
                str(copy.category),
                trees[copy.category_id],
                order_urls(
                    {url.pk: url.url for url in copy.urls.all()},
                    preference=parse_protocols(copy.category.crawl_protocols or DEFAULT_PROTOCOLS),
                    mode=mode,
                ),
                Known(copy.up2date, changed_since(copy.last_crawled_at, policy=policy.modes)),
            )
            for copy in copies_to_visit(host, scope)
        ],
        loaded_at=loaded_at,
        mode=mode,
    )


def load_candidates(hosts: QuerySet[Host], *, now: datetime) -> list[Candidate]:
    """Return what the queue must know of Hosts; one query.

    A run whose lease is over runs no more, nor one whose process has ended on this machine.
    """
    running = CrawlRun.objects.filter(
        host=OuterRef("pk"), state=RunState.RUNNING, lease_until_at__gt=now
    )
    rows = hosts.annotate(worker=Subquery(running.values("worker")[:1])).values_list(
        "id",
        "name",
        "system_active",
        "worker",
        "last_crawled_at",
        "last_crawl_duration",
        "last_full_crawl_at",
        "crawl_from",
        "crawl_until",
    )
    return [
        Candidate(pk, name, active, _is_running(worker), crawled_at, took, full_at, begin, end)
        for pk, name, active, worker, crawled_at, took, full_at, begin, end in rows
    ]


def why_not_due(host: Host, *, now: datetime, policy: QueuePolicy) -> str:
    """Say why a Host is not due, by what is written of it now; empty if it is. One query.

    That it is being visited does not count: it is for whoever has just claimed it.
    """
    candidates = load_candidates(Host.objects.filter(pk=host.pk), now=now)
    turnouts = (
        judge_due(each._replace(running=False), now=now, policy=policy) for each in candidates
    )
    return next((turnout.sentence for turnout in turnouts if turnout.overdue is None), "")


def _is_running(worker: str | None) -> bool:
    return worker is not None and not is_gone(worker)
