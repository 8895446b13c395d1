"""Emergency expire: drop earlier states of metadata now, instead of when Hosts had time to follow.

For the day on which a compose was pulled back, or signed with the wrong key.
"""

from dataclasses import dataclass
from datetime import datetime

from registry.logic.operations.expiry import ExpiryStep, State, plan_expiry
from registry.logic.operations.steps import Plan
from registry.models import EventKind, FileDetail, Repository
from registry.querysets import RepositoryQuerySet
from registry.services.operations.base import Notes, Operation

# Few enough for the number of parameters that SQLite takes in one statement.
IDS_AT_ONCE = 500


@dataclass(frozen=True)
class EmergencyExpire(Operation[ExpiryStep]):
    """Drop all but the newest FileDetails of Repositories, and of what lies below them."""

    repositories: RepositoryQuerySet

    def plan(self, *, now: datetime) -> Plan[ExpiryStep]:
        rows = self._rows()
        categories = {repository.category_id for repository in rows}
        states = (
            FileDetail.objects.filter(directory__category__in=categories)
            .newest_first()
            .values_list("id", "directory__path", "filename", "seen_at")
        )
        named = {repository.directory.path: str(repository) for repository in rows}
        return plan_expiry((State(*row) for row in states.iterator()), repositories=named)

    def write(self, plan: Plan[ExpiryStep], note: Notes) -> None:
        ids = [id for step in plan.writes for id in step.ids]
        for start in range(0, len(ids), IDS_AT_ONCE):
            FileDetail.objects.filter(id__in=ids[start : start + IDS_AT_ONCE]).delete()
        losing = {step.subject for step in plan.writes if not step.ids}
        for repository in self._rows():
            if f"Repository {repository}" in losing:
                note(
                    repository,
                    EventKind.CHANGED,
                    f"An operator dropped all earlier states of the metadata of “{repository}”.",
                )

    def _rows(self) -> list[Repository]:
        rows = self.repositories.select_related("directory", "arch")
        return list(rows.only("prefix", "category", "directory__path", "arch__name"))
