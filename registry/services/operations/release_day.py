"""Show the Version that is released today, and hide what led up to it."""

from dataclasses import dataclass
from datetime import datetime

from registry.logic.operations.redirects import RedirectStep
from registry.logic.operations.release_day import Shown, ShowStep, plan_release_day
from registry.logic.operations.steps import Plan
from registry.models import EventKind, Version
from registry.services.operations.base import ChangedError, Notes, Operation
from registry.services.operations.redirects import (
    addressable_prefixes,
    delete_redirects,
    existing_redirects,
)


@dataclass(frozen=True)
class ReleaseDay(Operation[ShowStep | RedirectStep]):
    """Show a Version, hide the test Versions of its Product, drop its redirects to rawhide."""

    version: Version

    def plan(self, *, now: datetime) -> Plan[ShowStep | RedirectStep]:
        rows = Version.objects.filter(product=self.version.product_id).select_related("product")
        shown = {row.pk: Shown(row.pk, str(row), row.display, row.is_test) for row in rows}
        released = shown.pop(self.version.pk, None)
        if released is None:
            raise ChangedError  # it was deleted meanwhile
        return plan_release_day(
            released,
            shown.values(),
            version=self.version.name,
            redirects=existing_redirects(),
            prefixes=addressable_prefixes(),
        )

    def write(self, plan: Plan[ShowStep | RedirectStep], note: Notes) -> None:
        for step in plan.writes:
            if isinstance(step, ShowStep):
                _write(step, note)
        redirects = [step.from_prefix for step in plan.writes if isinstance(step, RedirectStep)]
        delete_redirects(redirects, note)


def _write(step: ShowStep, note: Notes) -> None:
    before, after = step.before, step.after
    unchanged = Version.objects.filter(pk=before.id, display=before.display, is_test=before.is_test)
    if not unchanged.update(display=after.display, is_test=after.is_test):
        raise ChangedError
    word = "shows" if after.display else "hides"
    note(
        Version.objects.select_related("product").get(pk=before.id),
        EventKind.CHANGED,
        f"An operator {word} the Version {after.name}: {step.sentence}",
        display=[before.display, after.display],
        is_test=[before.is_test, after.is_test],
    )
