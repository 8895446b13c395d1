"""Hashing files as an operation: which files would be read, then left to a worker."""

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import ClassVar, NamedTuple

from django.conf import settings
from django_q.tasks import async_task

from crawler.services.hashing import Candidate, NoLocalTreeError, choose_files, hash_files
from registry.logic.operations.steps import Mark, Plan, Step, StepReason
from registry.logic.places import printable
from registry.models import Category
from registry.services.operations.base import Notes, Operation, OperationError

TASK = "crawler.tasks.hash_category"
BAD_NAMED = 20


class HashWish(NamedTuple):
    """Which files of a Category: as the arguments of the command."""

    patterns: tuple[str, ...] = ()
    below: str = ""
    missing: bool = False
    verify: bool = False


def wanted_files(category: Category, wish: HashWish) -> list[Candidate]:
    """Return the files to hash. Raises NoLocalTreeError."""
    found = choose_files(category, patterns=wish.patterns, below=wish.below.strip("/"))
    least = settings.PIECES_FROM_BYTES
    return [each for each in found if not wish.missing or each.lacks(pieces_from_bytes=least)]


@dataclass(frozen=True)
class HashFiles(Operation[Step]):
    """Read files of a local master tree, and compare or record their digests."""

    category: Category
    wish: HashWish

    then: ClassVar[tuple[str, ...]] = ()

    def plan(self, *, now: datetime) -> Plan[Step]:
        try:
            files = wanted_files(self.category, self.wish)
        except NoLocalTreeError as error:
            raise OperationError(str(error)) from error
        what = "compared; nothing is recorded" if self.wish.verify else "compared or recorded"
        return Plan(
            tuple(
                Step(
                    Mark.CHANGE,
                    StepReason.ASKED,
                    printable(file.path),
                    f"{file.entry.size:,} bytes are read, and the digests {what}.",
                )
                for file in files
            )
        )

    def write(self, plan: Plan[Step], note: Notes) -> None:
        """Write nothing: what was planned is the task's."""

    def follow(self) -> None:
        options = {"cluster": "crawl"}  # whose tasks may take hours
        async_task(TASK, self.category.pk, **self.wish._asdict(), q_options=options)


def hash_category(category: Category, wish: HashWish, *, clock: Callable[[], datetime]) -> str:
    """Hash the files that are wanted; return what came of it, those that differ by name."""
    files = wanted_files(category, wish)
    checked = list(
        hash_files(
            category,
            files,
            clock=clock,
            verify=wish.verify,
            progress=lambda count: None,
            pieces_from_bytes=settings.PIECES_FROM_BYTES,
        )
    )
    counts = Counter(each.verdict.reason.value.replace("_", " ") for each in checked)
    bad = [each for each in checked if not each.verdict.good]
    told = ", ".join(f"{count:,} {reason}" for reason, count in counts.items())
    lines = [f"! {printable(each.path)}: {each.verdict.sentence}" for each in bad[:BAD_NAMED]]
    more = [f"… and {len(bad) - BAD_NAMED:,} more."] if len(bad) > BAD_NAMED else []
    return "\n".join([f"{category}: {told or 'no file has digests'}.", *lines, *more])
