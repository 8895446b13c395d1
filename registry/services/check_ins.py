"""Record what a Host reports about itself. Knows no wire format and checks no password."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime

from django.db import transaction
from pyroaring import BitMap

from registry.logic.check_in import Carried, CategoryMatch, CheckInReason, match_report
from registry.models import Directory, EventKind, Host
from registry.services.carriage import Findings, store_findings
from registry.services.events import record_event


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
    host: Host, reported: Mapping[str, Collection[str]], *, now: datetime
) -> CheckInOutcome:
    """Take over what a private Host says it has, for each Category it reports and carries.

    `reported` maps Category names to directory paths relative to their top directory. Public
    Hosts are refused: the crawler looks at the files themselves, and a list of directories would
    overrule what it found. Everything is written in one transaction; Categories that are not
    reported stay as they were. Raises registry.services.carriage.ConcurrentChangeError if other
    writers kept being faster.
    """
    if not host.private:
        return CheckInOutcome(
            CheckInReason.NOT_PRIVATE,
            f"“{host}” is not private: it is crawled, and its own report is not used.",
        )
    with transaction.atomic():
        matches = match_report(reported, _carried(host, reported))
        outcomes = tuple(_store(match, now=now) for match in matches)
        outcome = CheckInOutcome(_reason(outcomes), _summarize(outcomes), outcomes)
        if not outcome.applied:
            return outcome
        host.last_checked_in_at = now
        host.save(update_fields=["last_checked_in_at"])
        record_event(host, EventKind.CHECKED_IN, outcome.sentence, now=now, facts=_facts(outcomes))
    return outcome


def _carried(host: Host, reported: Mapping[str, Collection[str]]) -> list[Carried]:
    """Return what the Host carries; the Directories only where the report is about them."""
    asked = {name.casefold() for name, paths in reported.items() if paths}
    return [
        Carried(
            row.pk,
            row.category.name,
            row.category.top_directory,
            dict(
                Directory.objects.crawlable()
                .filter(category=row.category_id)
                .order_by()
                .values_list("path", "id")
            )
            if row.category.name.casefold() in asked
            else {},
        )
        for row in host.host_categories.select_related("category")
        .only("category__name", "category__top_directory")
        .order_by("id")
    ]


def _store(match: CategoryMatch, *, now: datetime) -> CategoryOutcome:
    if not match.applied or match.carried is None:
        return CategoryOutcome(match)
    added, removed = store_findings(
        match.carried.host_category_id,
        Findings(up2date=BitMap(match.matched), wrong={}, complete=True),
        reason=match.sentence,
        now=now,
    )
    return CategoryOutcome(match, len(match.matched) - added, added, removed)


def _reason(outcomes: tuple[CategoryOutcome, ...]) -> CheckInReason:
    if any(outcome.match.applied for outcome in outcomes):
        return CheckInReason.APPLIED
    return outcomes[0].match.reason if outcomes else CheckInReason.EMPTY


def _summarize(outcomes: tuple[CategoryOutcome, ...]) -> str:
    if not outcomes:
        return "The report names no Category: nothing has changed."
    return " ".join(
        f"{outcome.match.name}: {outcome.added} directories added, {outcome.removed} removed, "
        f"{outcome.kept} kept."
        if outcome.match.applied
        else outcome.match.sentence
        for outcome in outcomes
    )


def _facts(outcomes: tuple[CategoryOutcome, ...]) -> dict[str, dict[str, str | int]]:
    return {
        outcome.match.name: {
            "reason": outcome.match.reason.value,
            "added": outcome.added,
            "removed": outcome.removed,
            "kept": outcome.kept,
            "unknown": len(outcome.match.unknown),
        }
        for outcome in outcomes
    }
