"""The report of an import, as lines for people and as JSON for machines."""

import dataclasses
from collections.abc import Iterator
from typing import Any

from registry.logic.mirrormanager.choices import HEADINGS
from registry.logic.network.planning import Action
from registry.logic.network.wording import change_facts, diff_lines, summary
from registry.services.mirrormanager import Report

# How many choices of one kind are printed; --verbosity 2 and --json have all.
SHOWN = 10


def report_lines(report: Report, *, everything: bool) -> Iterator[tuple[str, str]]:
    """Yield style and text of each line; all changes and choices only if `everything`."""
    for problem in report.outcome.problems:
        yield "bold red", f"! {problem}"
    if report.outcome.problems:
        return
    if everything:
        for _, line in diff_lines(report.outcome.plan):
            yield "", line
    yield from _choice_lines(report, everything=everything)
    yield "", ""
    for table in sorted(report.ledger.read):
        yield "", f"{table}: {report.ledger.read[table]} read, {report.ledger.taken[table]} taken"
    yield "", f"Configuration: {summary(report.outcome.plan)}."
    yield "", _content_line(report)
    yield "", _sets_line(report)
    yield "bold", conclusion(report)


def _choice_lines(report: Report, *, everything: bool) -> Iterator[tuple[str, str]]:
    for reason, heading in HEADINGS.items():
        count = report.ledger.counts[reason]
        if not count:
            continue
        yield "yellow", f"{heading}: {count}"
        shown = report.ledger.of(reason)[: None if everything else SHOWN]
        for choice in shown:
            yield "", f"    {choice.row}: {choice.sentence}"
        if len(shown) < count:
            yield "", f"    … and {count - len(shown)} more"


def _content_line(report: Report) -> str:
    counts = report.counts
    return (
        f"New: {len(report.users)} accounts, {counts['passwords']} check-in passwords, "
        f"{counts['directories']} Directories, {counts['file_details']} FileDetails, "
        f"{counts['repositories_added']} Repositories; "
        f"{counts['repositories_changed']} Repositories changed."
    )


def _sets_line(report: Report) -> str:
    sets = report.sets
    resumed = f" {sets.resumed} were stored by an earlier import." if sets.resumed else ""
    return (
        f"up2date sets: {sets.read} read with {sets.up2date} Directories, {sets.changed} differ, "
        f"{sets.kept} kept as they are here; {sets.lost} rows name no Directory.{resumed}"
    )


def conclusion(report: Report) -> str:
    """Return in one sentence whether anything was written."""
    if not report.changed:
        return "Nothing changes: the database says the same."
    return "Dry run: nothing was written." if report.dry_run else "Written."


def report_facts(report: Report) -> dict[str, Any]:
    """Return the whole report as JSON."""
    changes = [each for each in report.outcome.plan.changes if each.action is not Action.KEEP]
    return {
        "written": report.changed and not report.dry_run and not report.outcome.problems,
        "problems": [
            {"row": each.path, "reason": each.reason, "sentence": each.sentence}
            for each in report.outcome.problems
        ],
        "tables": {
            table: {"read": read, "taken": report.ledger.taken[table]}
            for table, read in sorted(report.ledger.read.items())
        },
        "users_created": report.users,
        "counts": report.counts,
        "up2date_sets": dataclasses.asdict(report.sets),
        "choices": {
            reason.value: {
                "count": report.ledger.counts[reason],
                "meaning": HEADINGS[reason],
                "rows": [
                    {"row": choice.row, "sentence": choice.sentence}
                    for choice in report.ledger.of(reason)
                ],
            }
            for reason in HEADINGS
            if report.ledger.counts[reason]
        },
        "changes": [change_facts(change) for change in changes],
    }
