"""Refresh one file: what a look at one Directory and one file of it means for what is recorded."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import Enum

from crawler.logic.file_history import FileState, Placed, Placement
from crawler.logic.scope import ScanScope
from registry.logic.listings import Entry
from registry.logic.operations.steps import Mark, Plan, Step, StepReason
from registry.logic.places import is_below, join_path, printable
from registry.logic.wording import counted


class Part(Enum):
    """What a step of a refresh concerns."""

    LISTING = "listing"
    FILE = "file"


@dataclass(frozen=True)
class RefreshStep(Step):
    """The listing of the Directory, or the state of the file."""

    part: Part = Part.FILE


@dataclass(frozen=True)
class OnePath(ScanScope):
    """A scope that leads a source to one directory only, past everything beside the way there.

    `only` is relative to the top directory. What lies directly in it is held, because files may be
    symlinks; a source that walks from the top down has then shown it already.
    """

    only: str = ""

    def holds_directory(self, relative: str) -> bool:
        """Tell whether a directory is on the way, or a name lies in the one that is meant."""
        on_the_way = is_below(self.only, relative) or relative.rpartition("/")[0] == self.only
        return on_the_way and super().holds_directory(relative)


def plan_refresh(
    path: str,
    filename: str,
    *,
    before: Sequence[Entry],
    after: Sequence[Entry],
    placed: Placed | None,
    state: FileState | None,
) -> Plan[RefreshStep]:
    """Compare a Directory and one file in it with what is recorded.

    `before` and `after` are listings; `state` is what was read of the file, None if it is not
    there, and `placed` where that belongs in its history.
    """
    return Plan((_listing(path, before, after), _file(path, filename, placed, state)))


def _listing(path: str, before: Sequence[Entry], after: Sequence[Entry]) -> RefreshStep:
    subject = f"Listing of {printable(path)}"
    old, new = _by_name(before), _by_name(after)
    counts = (
        (len(new.keys() - old.keys()), "new"),
        (sum(old[name] != new[name] for name in old.keys() & new.keys()), "changed"),
        (len(old.keys() - new.keys()), "gone"),
    )
    if not any(count for count, _ in counts):
        sentence = f"UNCHANGED, {counted(len(new), 'file')}."
        return RefreshStep(Mark.KEEP, StepReason.ALREADY, subject, sentence, Part.LISTING)
    told = ", ".join(f"{counted(count, 'file')} {word}" for count, word in counts if count)
    return RefreshStep(Mark.CHANGE, StepReason.ASKED, subject, f"{told}.", Part.LISTING)


def _file(path: str, filename: str, placed: Placed | None, state: FileState | None) -> RefreshStep:
    subject = printable(join_path(path, filename))
    if state is None or placed is None:
        return RefreshStep(
            Mark.REFUSED,
            StepReason.UNKNOWN,
            subject,
            "The master has no such file. What is recorded of it stays; Hosts may still have it.",
        )
    told = f"{counted(state.size_bytes, 'byte')}, sha256 {state.sha256}"
    if placed.placement is Placement.CURRENT:
        return RefreshStep(Mark.KEEP, StepReason.ALREADY, subject, f"UNCHANGED, {told}.")
    if placed.placement is Placement.RETURNED:
        return RefreshStep(
            Mark.CHANGE,
            StepReason.ASKED,
            subject,
            f"An earlier state of it is current again, {told}.",
        )
    return RefreshStep(Mark.ADD, StepReason.ASKED, subject, f"A new state of it, {told}.")


def _by_name(entries: Sequence[Entry]) -> Mapping[str, Entry]:
    return {entry.name: entry for entry in entries}
