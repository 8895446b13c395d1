"""Take back what private Hosts no longer vouch for, and tell their SiteAdmins before.

Loads how long each private Host has been silent about a master that changed, asks
registry.logic.expiry, and writes. A check-in that comes at the same moment wins.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime

from django.conf import settings
from django.db import transaction
from pyroaring import BitMap

from registry.logic.expiry import ExpiryPolicy, Silence, Stage, Verdict, judge_silence
from registry.logic.throttle import ThrottlePolicy
from registry.models import Directory, DirectoryState, EventKind, Host, HostCategory
from registry.services.carriage import Findings, Issue, store_findings
from registry.services.events import record_event
from registry.services.notifications import queue_emails
from registry.services.passwords import forget_wrong_passwords

# What is noted and who is told, by how far the silence went; the others are silent themselves.
EVENTS = {
    Stage.OUTDATED: EventKind.CHECK_IN_OUTDATED,
    Stage.WARNED: EventKind.CHECK_IN_MISSED,
    Stage.EXPIRED: EventKind.CHECK_IN_EXPIRED,
}
TOLD = {Stage.WARNED, Stage.EXPIRED}
# Directories by id, with the time of their last change.
Changes = Mapping[int, datetime]


@dataclass
class ExpiryOutcome:
    """How many HostCategories were looked at, and how many reached which stage for the first time.

    `dropped` is the number of Directories that left an up2date set.
    """

    looked_at: int = 0
    stages: dict[Stage, int] = field(default_factory=lambda: defaultdict(int))
    dropped: int = 0

    @property
    def sentence(self) -> str:
        return (
            f"{self.looked_at} private copies looked at: {self.stages[Stage.WARNED]} warned, "
            f"{self.stages[Stage.EXPIRED]} expired, {self.dropped} directories dropped."
        )


def expiry_policy() -> ExpiryPolicy:
    """Return the policy of the settings."""
    return ExpiryPolicy(
        propagation=settings.CHECK_IN_PROPAGATION,
        warn=settings.CHECK_IN_WARN,
        expire=settings.CHECK_IN_EXPIRE,
    )


def expire_check_ins(*, now: datetime, policy: ExpiryPolicy | None = None) -> ExpiryOutcome:
    """Judge every private copy that is believed on its Host's word; may run twice without harm.

    Costs one query per Category, and a few per copy whose state changes.
    """
    policy = policy or expiry_policy()
    outcome = ExpiryOutcome()
    changes: dict[int, dict[int, datetime]] = {}
    noted: dict[tuple[Host, Stage], list[str]] = defaultdict(list)
    for row in HostCategory.objects.self_reporting().select_related("host__site", "category"):
        if row.category_id not in changes:
            changes[row.category_id] = _changes(row.category_id, now=now)
        outcome.looked_at += 1
        changed = _unreported(row, changes[row.category_id])
        silence = Silence(
            row.category.name, row.self_reported_at, row.silent_since_at, len(changed)
        )
        verdict = judge_silence(silence, policy=policy, now=now)
        dropped = _apply(row, verdict, changed, now=now)
        if dropped is None:
            continue
        outcome.dropped += dropped
        if _is_news(row, verdict, dropped):
            outcome.stages[verdict.stage] += 1
            noted[row.host, verdict.stage].append(verdict.sentence)
    _tell(noted, now=now)
    forget_wrong_passwords(policy=ThrottlePolicy(), now=now)
    return outcome


def _changes(category: int, *, now: datetime) -> dict[int, datetime]:
    """Return when the Directories of a Category changed; a clock that is ahead does not count."""
    rows = Directory.objects.crawlable().filter(category=category, changed_at__lte=now)
    return dict(rows.order_by().values_list("id", "changed_at"))


def _unreported(row: HostCategory, changes: Changes) -> BitMap:
    """Return the Directories that the master changed since the Host reported the Category."""
    reported_at = row.self_reported_at
    if reported_at is None:
        return BitMap(changes)
    return BitMap(pk for pk, changed_at in changes.items() if changed_at > reported_at)


def _apply(row: HostCategory, verdict: Verdict, changed: BitMap, *, now: datetime) -> int | None:
    """Write a verdict; return how many Directories were dropped, or None if a check-in was faster.

    The claim and the set are one transaction, and a check-in takes the same row: it is either seen
    here, or comes after and brings the set back.
    """
    warned_at = row.silence_warned_at or (now if verdict.stage in TOLD else None)
    after = {
        "silent_since_at": verdict.since,
        "silence_warned_at": warned_at if verdict.since else None,
    }
    findings = _findings(row, verdict, changed)
    if findings is None and all(getattr(row, name) == value for name, value in after.items()):
        return 0
    with transaction.atomic():
        claimed = HostCategory.objects.filter(
            pk=row.pk,
            last_checked_in_at=row.last_checked_in_at,
            silent_since_at=row.silent_since_at,
            silence_warned_at=row.silence_warned_at,
        ).update(**after)
        if not claimed:
            return None
        if findings is None:
            return 0
        return store_findings(row.pk, findings, reason=verdict.sentence, now=now)[1]


def _findings(row: HostCategory, verdict: Verdict, changed: BitMap) -> Findings | None:
    """Return what a verdict means for the up2date set, or None if it stays as it is."""
    if verdict.stage is Stage.EXPIRED:
        return Findings(up2date=BitMap(), wrong={}, complete=True)
    dropped = row.up2date & changed
    if not verdict.drops_changed or not dropped:
        return None
    issue = Issue(DirectoryState.STALE, "changed_since_check_in", verdict.sentence)
    return Findings(up2date=BitMap(), wrong=dict.fromkeys(dropped, issue))


def _is_news(row: HostCategory, verdict: Verdict, dropped: int) -> bool:
    """Tell whether this stage was reached only now: each is told once."""
    if verdict.stage is Stage.WARNED:
        return row.silence_warned_at is None
    return verdict.stage in EVENTS and dropped > 0


def _tell(noted: Mapping[tuple[Host, Stage], Iterable[str]], *, now: datetime) -> None:
    """Note one Event a Host and stage, and put the mails into the outbox."""
    for (host, stage), sentences in noted.items():
        with transaction.atomic():
            event = record_event(host, EVENTS[stage], " ".join(sentences), now=now)
            if stage in TOLD:
                queue_emails(event, site=host.site, host=host)
