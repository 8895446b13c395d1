"""Disable and enable Repositories: who is concerned beyond those that were named.

Clients ask for a prefix; one disabled Repository disables its prefix for all Arches.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from registry.logic.operations.steps import Mark, Plan, Step, StepReason


class Switched(NamedTuple):
    """A Repository and its switch."""

    id: int
    name: str
    prefix: str
    disabled: bool


@dataclass(frozen=True)
class SwitchStep(Step):
    """One Repository whose switch is turned, or that is concerned."""

    repository_id: int = 0


def plan_disabling(
    chosen: Iterable[Switched], *, sharing: Mapping[str, Sequence[Switched]], why: str
) -> Plan[SwitchStep]:
    """Disable Repositories; `sharing` are all Repositories of each prefix.

    The others of a prefix are named, since clients are told that they are disabled, too.
    """
    rows = sorted(chosen)
    ids = {row.id for row in rows}
    steps = [_disable(row, why) for row in rows]
    for prefix in sorted({row.prefix for row in rows if row.prefix}):
        steps.extend(
            SwitchStep(
                Mark.KEEP,
                StepReason.SHARES_PREFIX,
                f"Repository {other.name}",
                "It is not switched, but clients are told that it is disabled, too: it has the "
                "same prefix.",
                other.id,
            )
            for other in sharing.get(prefix, ())
            if other.id not in ids and not other.disabled
        )
    return Plan(tuple(steps))


def plan_enabling(
    chosen: Iterable[Switched], *, sharing: Mapping[str, Sequence[Switched]]
) -> Plan[SwitchStep]:
    """Enable Repositories; say where one of the same prefix stays disabled and keeps them off."""
    rows = sorted(chosen)
    ids = {row.id for row in rows}
    steps = []
    for row in rows:
        others = [o for o in sharing.get(row.prefix, ()) if o.disabled and o.id not in ids]
        if not row.disabled:
            mark, reason, sentence = Mark.KEEP, StepReason.ALREADY, "It is enabled."
        elif others:
            mark, reason = Mark.CHANGE, StepReason.SHARES_PREFIX
            sentence = (
                f"It is enabled, but {others[0].name} has the same prefix and stays disabled, so "
                "clients are still told so."
            )
        else:
            mark, reason = Mark.CHANGE, StepReason.ASKED
            sentence = "Clients that ask for it are answered again."
        steps.append(SwitchStep(mark, reason, f"Repository {row.name}", sentence, row.id))
    return Plan(tuple(steps))


def _disable(row: Switched, why: str) -> SwitchStep:
    subject = f"Repository {row.name}"
    if row.disabled:
        return SwitchStep(Mark.KEEP, StepReason.ALREADY, subject, "It is disabled.", row.id)
    sentence = f"Clients are told that it is disabled. {why}"
    return SwitchStep(Mark.CHANGE, StepReason.ASKED, subject, sentence, row.id)
