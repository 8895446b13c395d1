"""Record what a Host reports about itself. Knows no wire format and checks no password."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from datetime import datetime
from typing import Any

from django.db import transaction
from pyroaring import BitMap

from registry.logic.check_in import Carried, CategoryMatch, CheckInReason, match_report
from registry.models import Directory, DirectoryState, EventKind, Host, HostCategory
from registry.services.carriage import Findings, Issue, store_findings
from registry.services.events import record_event
from registry.services.notifications import queue_emails


@dataclass(frozen=True)
class Origin:
    """Where a report came from, for the audit: what is kept of it instead of the report itself.

    `ignored` are sentences about parts of it that were not used, by the name of the part.
    """

    protocol: str
    address: str = ""
    size_bytes: int = 0
    digest: str = ""
    ignored: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class CategoryOutcome:
    """What a check-in did to one Category: Directories that stayed, came and went."""

    match: CategoryMatch
    kept: int = 0
    added: int = 0
    removed: int = 0


@dataclass(frozen=True)
class CheckInOutcome:
    """What a check-in did. If no Category was applied, `reason` is that of the first one."""

    reason: CheckInReason
    sentence: str
    categories: tuple[CategoryOutcome, ...] = ()

    @property
    def applied(self) -> bool:
        return self.reason is CheckInReason.APPLIED


def record_check_in(
    host: Host,
    reported: Mapping[str, Collection[str]],
    *,
    now: datetime,
    origin: Origin | None = None,
    user_active: bool | None = None,
    dry_run: bool = False,
) -> CheckInOutcome:
    """Take over what a private Host says it has, for each Category it reports and carries.

    A Host of a private Site is private, too: we do not visit it, so nobody else could tell.

    `reported` maps Category names to directory paths relative to their top directory; where those
    are a mapping, its values are digests of the files or None. Public Hosts are refused: the
    crawler looks at the files themselves, and a list of directories would overrule what it found.
    `user_active` is the owner's word about their own switch and holds even if nothing else of the
    report does. Everything is written in one transaction; Categories that are not reported stay as
    they were. A dry run writes nothing. Raises registry.services.carriage.ConcurrentChangeError if
    other writers kept being faster.
    """
    if not host.counts_as_private:
        return CheckInOutcome(
            CheckInReason.NOT_PRIVATE,
            f"“{host}” is not private: it is crawled, and its own report is not used.",
        )
    rows = {row.pk: row for row in _rows(host)}
    matches = match_report(reported, _carried(rows.values(), reported))
    if dry_run:
        return _outcome([_foresee(match, rows) for match in matches])
    with transaction.atomic():
        late = _note_time(host, _applied(matches, rows), now=now)
        if user_active is not None and user_active != host.user_active:
            _turn_switch(host, user_active, now=now)
        outcome = _outcome([_store(match, now=now) for match in matches])
        event = record_event(
            host,
            EventKind.CHECKED_IN if outcome.applied else EventKind.CHECK_IN_IGNORED,
            outcome.sentence,
            now=now,
            facts=_facts(outcome, origin),
        )
        if late:
            queue_emails(event, site=host.site, host=host)
    return outcome


def _rows(host: Host) -> Iterable[HostCategory]:
    return (
        host.host_categories.select_related("category")
        .only("host", "silence_warned_at", "category__name", "category__top_directory")
        .order_by("id")
    )


def _carried(
    rows: Iterable[HostCategory], reported: Mapping[str, Collection[str]]
) -> list[Carried]:
    """Return what the Host carries; Directories and digests only where the report needs them."""
    asked = {name.casefold(): paths for name, paths in reversed(list(reported.items()))}
    return [_load(row, asked.get(row.category.name.casefold(), ())) for row in rows]


def _load(row: HostCategory, paths: Collection[str]) -> Carried:
    category = row.category
    if not paths:
        return Carried(row.pk, category.name, category.top_directory, {})
    known = Directory.objects.crawlable().filter(category=category).order_by()
    digests: dict[int, bytes] = {}
    if isinstance(paths, Mapping) and any(paths.values()):
        rows = list(known.values_list("path", "id", "digest"))
        directories = {path: pk for path, pk, _ in rows}
        digests = {pk: bytes(digest) for _, pk, digest in rows}
    else:
        directories = dict(known.values_list("path", "id"))
    return Carried(row.pk, category.name, category.top_directory, directories, digests)


def _applied(
    matches: Iterable[CategoryMatch], rows: Mapping[int, HostCategory]
) -> list[HostCategory]:
    return [
        rows[match.carried.host_category_id]
        for match in matches
        if match.applied and match.carried is not None
    ]


def _note_time(host: Host, applied: list[HostCategory], *, now: datetime) -> bool:
    """Note when the Host reported; return whether its SiteAdmins had been told that it is late.

    The row of the Host is written first: a second check-in of the same Host waits here, so that
    the two never hold what the other needs.
    """
    if not applied:
        return False
    host.last_checked_in_at = now
    Host.objects.filter(pk=host.pk).update(last_checked_in_at=now)
    HostCategory.objects.filter(pk__in=[row.pk for row in applied]).update(
        last_checked_in_at=now, silent_since_at=None, silence_warned_at=None
    )
    return any(row.silence_warned_at for row in applied)


def _turn_switch(host: Host, wanted: bool, *, now: datetime) -> None:  # noqa: FBT001 -- the value
    """Turn the SiteAdmins' switch as the Host's own configuration says."""
    sentence = (
        f"“{host}” switched itself {'on' if wanted else 'off'} (user_active in its check-in)."
    )
    reason = sentence if not wanted else "" if host.admin_active else host.disable_reason
    Host.objects.filter(pk=host.pk).update(user_active=wanted, disable_reason=reason)
    record_event(
        host,
        EventKind.CHANGED,
        sentence,
        now=now,
        facts={"user_active": [host.user_active, wanted]},
    )
    host.user_active, host.disable_reason = wanted, reason


def _store(match: CategoryMatch, *, now: datetime) -> CategoryOutcome:
    if not match.applied or match.carried is None:
        return CategoryOutcome(match)
    added, removed = store_findings(
        match.carried.host_category_id,
        Findings(up2date=BitMap(match.matched), wrong=_stale(match), complete=True),
        reason=match.sentence,
        now=now,
    )
    return CategoryOutcome(match, len(match.matched) - added, added, removed)


def _stale(match: CategoryMatch) -> dict[int, Issue]:
    issue = Issue(
        DirectoryState.STALE,
        "digest_differs",
        "The Host reported other files, sizes or times than the master has.",
    )
    return dict.fromkeys(match.stale, issue)


def _foresee(match: CategoryMatch, rows: Mapping[int, HostCategory]) -> CategoryOutcome:
    """Return what storing would do."""
    if not match.applied or match.carried is None:
        return CategoryOutcome(match)
    before, after = rows[match.carried.host_category_id].up2date, BitMap(match.matched)
    return CategoryOutcome(match, len(after & before), len(after - before), len(before - after))


def _outcome(outcomes: Sequence[CategoryOutcome]) -> CheckInOutcome:
    return CheckInOutcome(_reason(outcomes), _summarize(outcomes), tuple(outcomes))


def _reason(outcomes: Sequence[CategoryOutcome]) -> CheckInReason:
    if any(outcome.match.applied for outcome in outcomes):
        return CheckInReason.APPLIED
    return outcomes[0].match.reason if outcomes else CheckInReason.EMPTY


def _summarize(outcomes: Sequence[CategoryOutcome]) -> str:
    if not outcomes:
        return "The report names no Category: nothing has changed."
    return " ".join(
        f"{outcome.match.name}: {outcome.added} directories added, {outcome.removed} removed, "
        f"{outcome.kept} kept."
        if outcome.match.applied
        else outcome.match.sentence
        for outcome in outcomes
    )


def _facts(outcome: CheckInOutcome, origin: Origin | None) -> dict[str, Any]:
    """Return what is kept of a report: what it did, and by what it can be recognized."""
    categories = {
        one.match.name: {
            "reason": one.match.reason.value,
            "added": one.added,
            "removed": one.removed,
            "kept": one.kept,
            "stale": len(one.match.stale),
            "unknown": len(one.match.unknown),
        }
        for one in outcome.categories
    }
    return {"categories": categories} | ({"report": asdict(origin)} if origin else {})
