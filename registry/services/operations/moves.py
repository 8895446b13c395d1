"""Move Repositories: from development to release, and to the archive."""

from abc import abstractmethod
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from registry.logic.operations.moves import (
    Held,
    MoveStep,
    Target,
    archived_path,
    plan_archive,
    plan_release,
    released_path,
)
from registry.logic.operations.steps import Plan
from registry.models import Category, Directory, EventKind, Repository, Version
from registry.querysets import RepositoryQuerySet
from registry.services.operations.base import ChangedError, Notes, Operation, OperationError

# Fedora's Cisco codecs lie outside the tree that is archived, and keep their place.
NEVER_ARCHIVED = frozenset({"Fedora Codecs"})
ARCHIVE = "Fedora Archive"
# Few enough for the number of parameters that SQLite takes in one statement.
PATHS_AT_ONCE = 500


class _Move(Operation[MoveStep]):
    """What all moves share: how a step is written."""

    @abstractmethod
    def changes(self) -> dict[str, int]:
        """Return the columns that every moved Repository gets beside its Directory."""

    def write(self, plan: Plan[MoveStep], note: Notes) -> None:
        changes = self.changes()
        for step in plan.writes:
            if step.replaced_id is not None:
                Repository.objects.filter(pk=step.replaced_id, prefix="").delete()
            moved = Repository.objects.filter(
                pk=step.repository_id, directory__path=step.before
            ).update(directory=step.directory_id, **changes)
            if not moved:
                raise ChangedError
        rows = Repository.objects.select_related("arch", "directory").in_bulk(
            [step.repository_id for step in plan.writes]
        )
        for step in plan.writes:
            note(
                rows[step.repository_id],
                EventKind.CHANGED,
                f"An operator moved “{rows[step.repository_id]}” from {step.before} to "
                f"{step.after}.",
                directory=[step.before, step.after],
            )


@dataclass(frozen=True)
class MoveToRelease(_Move):
    """Move the Repositories of a Category from `development/VERSION` to `releases/VERSION`."""

    category: Category
    version: str

    def plan(self, *, now: datetime) -> Plan[MoveStep]:
        self._version()
        held = _held(Repository.objects.filter(category=self.category))
        paths = {released_path(each.path, self.version) for each in held}
        targets = _targets(path for path in paths if path is not None)
        return plan_release(held, version=self.version, targets=targets)

    def changes(self) -> dict[str, int]:
        return {"version_id": self._version().pk}

    def _version(self) -> Version:
        found = Version.objects.filter(product=self.category.product_id, name=self.version).first()
        if self.category.product_id is None or found is None:
            raise OperationError(
                f"{self.category.product or self.category} has no Version “{self.version}”. "
                "Add the release first."
            )
        return found


@dataclass(frozen=True)
class MoveToArchive(_Move):
    """Move Repositories to the same place in the archive Category."""

    repositories: RepositoryQuerySet
    archive: Category

    def plan(self, *, now: datetime) -> Plan[MoveStep]:
        held, top = _held(self.repositories), self.archive.top_directory
        return plan_archive(
            held,
            archive=self.archive.name,
            archive_top=top,
            staying=NEVER_ARCHIVED,
            targets=_targets({archived_path(each.path, archive_top=top) for each in held}),
        )

    def changes(self) -> dict[str, int]:
        return {"category_id": self.archive.pk}


def _held(repositories: RepositoryQuerySet) -> list[Held]:
    rows = repositories.select_related("directory", "arch", "category").only(
        "prefix", "directory__path", "arch__name", "category__name"
    )
    return [_one(row) for row in rows]


def _one(row: Repository) -> Held:
    return Held(row.pk, str(row), row.prefix, row.directory.path, row.category.name)


def _targets(paths: Iterable[str]) -> dict[str, Target]:
    """Return the Directories that exist of these, with the Repositories there."""
    wanted, found = sorted(paths), {}
    for start in range(0, len(wanted), PATHS_AT_ONCE):
        chunk = wanted[start : start + PATHS_AT_ONCE]
        holders = {
            each.path: each for each in _held(Repository.objects.filter(directory__path__in=chunk))
        }
        rows = Directory.objects.filter(path__in=chunk).order_by().values_list("id", "path")
        found.update({path: Target(id, holders.get(path)) for id, path in rows})
    return found
