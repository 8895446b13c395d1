"""The day of a release: its Version is shown, test Versions of the Product are hidden.

Redirects that led its prefixes to rawhide go, too: there is something better now. As MirrorManager
does on a release day. Deliberately moves no Repository; that is an operation of its own.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import NamedTuple

from registry.logic.operations.redirects import (
    RELEASE_DAY,
    RedirectStep,
    plan_removal,
    release_day_pairs,
)
from registry.logic.operations.steps import Mark, Plan, Step, StepReason

RAWHIDE = frozenset(each.rawhide for each in RELEASE_DAY)


class Shown(NamedTuple):
    """A Version and what decides whether people see it."""

    id: int
    name: str
    display: bool
    is_test: bool


@dataclass(frozen=True)
class ShowStep(Step):
    """One Version as it was and is to be."""

    before: Shown
    after: Shown


def plan_release_day(
    released: Shown,
    others: Iterable[Shown],
    *,
    version: str,
    redirects: Mapping[str, str],
    prefixes: frozenset[str],
) -> Plan[ShowStep | RedirectStep]:
    """Show a Version, hide the `others` of its Product that are test releases.

    `version` is its name in prefixes, `redirects` are all that exist. One that leads a prefix of
    the Version anywhere else than to rawhide was somebody's decision, and stays.
    """
    names = [
        source
        for source, _ in release_day_pairs(version, "rawhide")
        if redirects.get(source) in RAWHIDE
    ]
    steps: list[ShowStep | RedirectStep] = [_show(released)]
    steps.extend(_hide(other) for other in sorted(others, key=_by_name) if other.is_test)
    steps.extend(plan_removal(names, existing=redirects, prefixes=prefixes).steps)
    return Plan(tuple(steps))


def _by_name(version: Shown) -> str:
    return version.name


def _show(version: Shown) -> ShowStep:
    subject = f"Version {version.name}"
    after = version._replace(display=True, is_test=False)
    if after == version:
        sentence = "It is shown on public pages, and no test release."
        return ShowStep(Mark.KEEP, StepReason.ALREADY, subject, sentence, version, after)
    told = ["It is shown on public pages"] if not version.display else []
    told += ["it is no test release anymore"] if version.is_test else []
    sentence = " and ".join(told)
    sentence = f"{sentence[0].upper()}{sentence[1:]}."
    return ShowStep(Mark.CHANGE, StepReason.ASKED, subject, sentence, version, after)


def _hide(version: Shown) -> ShowStep:
    subject = f"Version {version.name}"
    after = version._replace(display=False)
    if after == version:
        sentence = "It is a test release, and hidden."
        return ShowStep(Mark.KEEP, StepReason.ALREADY, subject, sentence, version, after)
    sentence = "It is a test release; public pages do not show it anymore."
    return ShowStep(Mark.CHANGE, StepReason.TEST, subject, sentence, version, after)
