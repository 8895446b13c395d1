"""Keep the netblocks of Hosts inside clouds as their providers publish them.

Lists are fetched outside any transaction, each once however many Hosts need it. What a list says
is written at once, since an operator chose the list; what people wrote is never touched.
"""

import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime
from functools import cache
from math import inf

from django.conf import settings
from django.contrib.auth.models import AbstractBaseUser
from django.db import transaction
from django.db.models import QuerySet

from registry.download import DownloadError, DownloadPolicy, download
from registry.logic.cloud_ranges import PROVIDERS, RangePlan, Ranges, plan_ranges, read_ranges
from registry.logic.wording import counted
from registry.models import Approval, EventKind, HostNetblock, HostNetblockSource, SourceState
from registry.services.events import record_event

# The largest list has 10 MB.
GREATEST_LIST_BYTES = 64 << 20
ROWS_AT_ONCE = 1000
FACTS_KEPT = 100

# The ranges of a list, or the sentence why there are none.
Found = Ranges | str


@dataclass(frozen=True)
class RangesPolicy:
    """How lists are fetched, and how much of them may vanish."""

    greatest_loss_percent: int = 50
    fetching: DownloadPolicy = field(default_factory=DownloadPolicy)


@dataclass(frozen=True)
class Outcome:
    """What became of one source; without a plan its list could not be had or read."""

    source: HostNetblockSource
    state: SourceState
    reason: str
    plan: RangePlan | None = None

    @property
    def sentence(self) -> str:
        return f"{self.source}: {self.reason}"


def ranges_policy() -> RangesPolicy:
    """Return the policy that the settings ask for."""
    return RangesPolicy(
        greatest_loss_percent=settings.CLOUD_RANGES_GREATEST_LOSS_PERCENT,
        fetching=DownloadPolicy(
            user_agent=f"Mirrorsite/{settings.VERSION} (+{settings.BASE_URL})",
            allow_private=settings.PROBE_ALLOW_PRIVATE,
            greatest_bytes=GREATEST_LIST_BYTES,
            total_seconds=120,
        ),
    )


def update_sources(
    sources: QuerySet[HostNetblockSource],
    *,
    now: datetime,
    policy: RangesPolicy,
    force: bool = False,
    dry_run: bool = False,
    actor: AbstractBaseUser | None = None,
) -> list[Outcome]:
    """Make the netblocks of each source as published; a dry run only tells.

    A list that cannot be had, or is not believed, changes nothing; the source says why, and the
    Host's timeline hears of it once.
    """
    outcomes = []
    for source, found in look_at_sources(sources, policy=policy):
        outcome = judge_source(source, found, policy=policy, force=force)
        if not dry_run:
            with transaction.atomic():
                write_outcome(outcome, now=now, actor=actor)
        outcomes.append(outcome)
    return outcomes


def look_at_sources(
    sources: QuerySet[HostNetblockSource], *, policy: RangesPolicy, seconds: float = inf
) -> Iterator[tuple[HostNetblockSource, Found]]:
    """Fetch and read the list of each source; yield its ranges, or the sentence why there are none.

    What does not come within `seconds` is not waited for, nor is any list after it. Must not run
    inside a transaction.
    """
    until = time.monotonic() + seconds
    fetch = cache(lambda url: _fetch(url, policy.fetching, until=until))
    for source in sources.select_related("host__site").order_by("pk"):
        yield source, _look(source, fetch(source.url or PROVIDERS[source.provider].url))


def _fetch(url: str, policy: DownloadPolicy, *, until: float) -> str | DownloadError:
    """Return the text at a URL, or why there is none: also a failure is asked for once only."""
    left = until - time.monotonic()
    if left <= 0:
        return DownloadError(f"There was no time left to fetch {url}.")
    policy = policy._replace(total_seconds=min(policy.total_seconds, left))
    with tempfile.TemporaryFile() as file:
        try:
            download(url, file, policy=policy)
        except DownloadError as error:
            return error
        file.seek(0)
        return file.read().decode("utf-8", "replace")


def _look(source: HostNetblockSource, text: str | DownloadError) -> Found:
    """Return the ranges of a source, or the sentence why there are none."""
    if isinstance(text, DownloadError):
        return str(text)
    try:
        return read_ranges(source.provider, text, regions=source.regions, service=source.service)
    except ValueError as error:
        return str(error)


def judge_source(
    source: HostNetblockSource, found: Found, *, policy: RangesPolicy, force: bool = False
) -> Outcome:
    """Return what a list means for its Host as it is now; write nothing."""
    if isinstance(found, str):
        return Outcome(source, SourceState.FAILED, found)
    plan = _plan(source, found, policy=policy, force=force)
    state = SourceState.REFUSED if plan.refused else SourceState.UP2DATE
    return Outcome(source, state, _reason(plan, found), plan)


def _plan(
    source: HostNetblockSource, found: Ranges, *, policy: RangesPolicy, force: bool
) -> RangePlan:
    rows = HostNetblock.objects.filter(host=source.host_id).values_list("netblock", "source")
    own: set[str] = set()
    others: set[str] = set()
    for netblock, source_id in rows:
        (own if source_id == source.pk else others).add(netblock)
    return plan_ranges(
        found,
        own=own,
        others=others,
        greatest_loss_percent=policy.greatest_loss_percent,
        force=force,
    )


def _reason(plan: RangePlan, found: Ranges) -> str:
    if not found.wrong:
        return plan.sentence
    wrong = counted(found.wrong, "entry", "entries")
    return f"{plan.sentence} Left out, not being networks of the Internet: {wrong}."


def write_outcome(outcome: Outcome, *, now: datetime, actor: AbstractBaseUser | None) -> None:
    """Write what a list means for its Host, inside the caller's transaction."""
    source, plan = outcome.source, outcome.plan
    before = source.state
    source.state, source.reason, source.last_fetched_at = outcome.state, outcome.reason, now
    source.save(update_fields=["state", "reason", "last_fetched_at"])
    if outcome.state != SourceState.UP2DATE:
        if before != outcome.state:
            record_event(source, EventKind.RANGES_REFUSED, outcome.sentence, now=now, actor=actor)
        return
    if plan is None or not (plan.add or plan.remove):
        return
    for some in _pieces(plan.remove):
        HostNetblock.objects.filter(source=source, netblock__in=some).delete()
    rows = (
        HostNetblock(
            host=source.host,
            netblock=netblock,
            name=source.name,
            source=source,
            approval=Approval.APPROVED,
            approval_reason="It comes from a list that an operator chose.",
        )
        for netblock in plan.add
    )
    # Somebody else may be writing the same list at the same time.
    HostNetblock.objects.bulk_create(rows, batch_size=ROWS_AT_ONCE, ignore_conflicts=True)
    record_event(
        source,
        EventKind.CHANGED,
        outcome.sentence,
        now=now,
        actor=actor,
        facts={
            "reason": plan.reason.value,
            "added": list(plan.add[:FACTS_KEPT]),
            "removed": list(plan.remove[:FACTS_KEPT]),
        },
    )


def _pieces(netblocks: tuple[str, ...]) -> Iterator[tuple[str, ...]]:
    for start in range(0, len(netblocks), ROWS_AT_ONCE):
        yield netblocks[start : start + ROWS_AT_ONCE]
