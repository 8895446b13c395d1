"""Emergency expire: clients must get no earlier state of some metadata anymore.

Says which states of files go and which Repositories lose their alternates. The newest state of a
file always stays.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from itertools import groupby
from typing import NamedTuple

from registry.logic.operations.steps import Mark, Plan, Step, StepReason
from registry.logic.places import is_below, join_path, printable
from registry.logic.wording import counted


class State(NamedTuple):
    """One recorded state of one file of a Directory."""

    id: int
    path: str
    filename: str
    seen_at: datetime


@dataclass(frozen=True)
class ExpiryStep(Step):
    """The earlier states of one file, by their ids."""

    ids: tuple[int, ...] = ()


def plan_expiry(states: Iterable[State], *, repositories: Mapping[str, str]) -> Plan[ExpiryStep]:
    """Drop all but the current state of every file in or below the Directories of Repositories.

    `states` come by Directory and file, the newest first; `repositories` are names by path.
    Repositories without earlier states are kept as they are.
    """
    steps: list[ExpiryStep] = []
    losing: dict[str, int] = {}
    for (path, filename), history in groupby(states, key=lambda state: state[1:3]):
        current, *earlier = history
        above = [top for top in repositories if is_below(path, top)] if earlier else []
        if not above:
            continue
        for top in above:
            losing[top] = losing.get(top, 0) + len(earlier)
        steps.append(
            ExpiryStep(
                Mark.REMOVE,
                StepReason.SUPERSEDED,
                printable(join_path(path, filename)),
                f"{counted(len(earlier), 'earlier state')} of it, the oldest of "
                f"{earlier[-1].seen_at:%Y-%m-%d %H:%M} UTC; the one of "
                f"{current.seen_at:%Y-%m-%d %H:%M} UTC stays.",
                tuple(state.id for state in earlier),
            )
        )
    told = [_repository(name, losing.get(top, 0)) for top, name in sorted(repositories.items())]
    return Plan((*told, *steps))


def _repository(name: str, lost: int) -> ExpiryStep:
    if not lost:
        return ExpiryStep(
            Mark.KEEP, StepReason.ALREADY, f"Repository {name}", "It has no alternates."
        )
    return ExpiryStep(
        Mark.CHANGE,
        StepReason.LOSES_ALTERNATES,
        f"Repository {name}",
        f"It loses {counted(lost, 'alternate')}; clients accept the newest metadata only.",
    )
