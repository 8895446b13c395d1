"""Move Repositories to other Directories: from development to release, and to the archive.

A Repository keeps its prefix and its Arch; clients get it from the new Directory. A scan never
moves a Repository that has a prefix, so that this is always an operator's decision.
"""

import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import NamedTuple

from registry.logic.operations.steps import Mark, Plan, Step, StepReason
from registry.logic.places import is_below, join_path, printable


class Held(NamedTuple):
    """A Repository as it is; without prefix clients cannot ask for it by name."""

    id: int
    name: str
    prefix: str
    path: str
    category: str


class Target(NamedTuple):
    """A Directory that a Repository could move to; `holder` is the Repository there now, if any."""

    id: int
    holder: Held | None = None


@dataclass(frozen=True)
class MoveStep(Step):
    """One Repository, its new Directory, and the Repository without prefix that gives way."""

    repository_id: int = 0
    directory_id: int = 0
    replaced_id: int | None = None
    before: str = ""
    after: str = ""


# Where a Repository is to go: the path, or the Step that says why it does not.
Where = str | MoveStep


def released_path(path: str, version: str) -> str | None:
    """Return the path below `releases` that fits a path below `development/VERSION`.

    None for every other path. Only whole components count: 4 is not part of 42.
    """
    pattern = rf"(^|/)development/{re.escape(version)}(?=/|$)"
    moved, count = re.subn(pattern, rf"\1releases/{_literal(version)}", path, count=1)
    return moved if count else None


def archived_path(path: str, *, archive_top: str) -> str:
    """Return the path in the archive: its top directory, then the path without `pub/`.

    The rule is MirrorManager's.
    """
    return join_path(archive_top, path.removeprefix("pub/"))


def plan_release(
    held: Iterable[Held], *, version: str, targets: Mapping[str, Target]
) -> Plan[MoveStep]:
    """Move the Repositories with a prefix below `development/VERSION` to `releases/VERSION`.

    `held` are those of one Category, `targets` all Directories that exist. Left out without a
    step is what lies elsewhere.
    """

    def where(repository: Held) -> Where | None:
        path = released_path(repository.path, version)
        if path is None or repository.prefix:
            return path
        return _stay(repository, StepReason.NO_PREFIX, "It has no prefix; nobody asks for it.")

    return _plan(held, where, targets)


def plan_archive(
    held: Iterable[Held],
    *,
    archive: str,
    archive_top: str,
    staying: frozenset[str],
    targets: Mapping[str, Target],
) -> Plan[MoveStep]:
    """Move Repositories to the Category `archive`, whose top directory is `archive_top`.

    Those there already, those of the Categories `staying` and those without prefix stay.
    """

    def where(repository: Held) -> Where | None:
        if repository.category == archive or is_below(repository.path, archive_top):
            return _stay(repository, StepReason.ARCHIVED, "It is in the archive already.")
        if repository.category in staying:
            return _stay(repository, StepReason.STAYS, f"{repository.category} is never archived.")
        if not repository.prefix:
            return _stay(repository, StepReason.NO_PREFIX, "It has no prefix; nobody asks for it.")
        return archived_path(repository.path, archive_top=archive_top)

    return _plan(held, where, targets)


def _plan(
    held: Iterable[Held],
    where: Callable[[Held], Where | None],
    targets: Mapping[str, Target],
) -> Plan[MoveStep]:
    steps: list[MoveStep] = []
    for repository in sorted(held, key=lambda one: (one.path, one.id)):
        path = where(repository)
        if isinstance(path, MoveStep):
            steps.append(path)
        elif path is not None:
            steps.append(_move(repository, path, targets.get(path)))
    return Plan(tuple(steps))


def _move(repository: Held, path: str, target: Target | None) -> MoveStep:
    if target is None:
        return _refuse(
            repository,
            StepReason.NO_TARGET,
            f"There is no Directory “{printable(path)}”. Scan the Category, or correct the tree.",
        )
    holder = target.holder
    if holder is not None and holder.prefix:
        return _refuse(
            repository,
            StepReason.TARGET_TAKEN,
            f"“{printable(path)}” is that of the Repository {holder.name}.",
        )
    tail = "; the Repository without prefix there gives way" if holder else ""
    return MoveStep(
        Mark.CHANGE,
        StepReason.TARGET_FREED if holder else StepReason.ASKED,
        f"Repository {repository.name}",
        f"{printable(repository.path)} → {printable(path)}{tail}.",
        repository.id,
        target.id,
        holder.id if holder else None,
        repository.path,
        path,
    )


def _stay(repository: Held, reason: StepReason, sentence: str) -> MoveStep:
    return MoveStep(Mark.KEEP, reason, f"Repository {repository.name}", sentence, repository.id)


def _refuse(repository: Held, reason: StepReason, sentence: str) -> MoveStep:
    return MoveStep(Mark.REFUSED, reason, f"Repository {repository.name}", sentence, repository.id)


def _literal(text: str) -> str:
    """Return text as it stands in the replacement of a pattern."""
    return text.replace("\\", "\\\\")
