"""Create and remove redirects between prefixes, one or the set of a release day."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from registry.logic.operations.redirects import RedirectStep, plan_creation, plan_removal
from registry.logic.operations.steps import Mark, Plan
from registry.models import EventKind, Repository, RepositoryRedirect
from registry.services.operations.base import Notes, Operation, OperationError

LONGEST_PREFIX = 200


@dataclass(frozen=True)
class CreateRedirects(Operation[RedirectStep]):
    """Let clients that ask for the first prefix of each pair get the second."""

    pairs: tuple[tuple[str, str], ...]

    def plan(self, *, now: datetime) -> Plan[RedirectStep]:
        _check([name for pair in self.pairs for name in pair])
        return plan_creation(
            self.pairs, existing=existing_redirects(), prefixes=addressable_prefixes()
        )

    def write(self, plan: Plan[RedirectStep], note: Notes) -> None:
        for step in plan.writes:
            row, _ = RepositoryRedirect.objects.update_or_create(
                from_prefix=step.from_prefix, defaults={"to_prefix": step.to_prefix}
            )
            kind = EventKind.CREATED if step.mark is Mark.ADD else EventKind.CHANGED
            sentence = (
                f"An operator lets clients that ask for {row.from_prefix} get {row.to_prefix}."
            )
            note(row, kind, sentence, to_prefix=[step.before, step.to_prefix])


@dataclass(frozen=True)
class RemoveRedirects(Operation[RedirectStep]):
    """Take away the redirects from these prefixes."""

    names: tuple[str, ...]

    def plan(self, *, now: datetime) -> Plan[RedirectStep]:
        _check(self.names)
        return plan_removal(
            self.names, existing=existing_redirects(), prefixes=addressable_prefixes()
        )

    def write(self, plan: Plan[RedirectStep], note: Notes) -> None:
        delete_redirects([step.from_prefix for step in plan.writes], note)


def delete_redirects(names: Iterable[str], note: Notes) -> None:
    """Delete the redirects from these prefixes and note each."""
    for row in RepositoryRedirect.objects.filter(from_prefix__in=names):
        note(
            row,
            EventKind.DELETED,
            f"An operator removed the redirect from {row.from_prefix} to {row.to_prefix}.",
            to_prefix=[row.to_prefix, ""],
        )
        row.delete()


def existing_redirects() -> dict[str, str]:
    """Return where each redirected prefix leads."""
    return dict(RepositoryRedirect.objects.values_list("from_prefix", "to_prefix"))


def addressable_prefixes() -> frozenset[str]:
    """Return the prefixes that Repositories have."""
    found = Repository.objects.addressable().order_by().values_list("prefix", flat=True)
    return frozenset(found.distinct())


def _check(names: list[str] | tuple[str, ...]) -> None:
    for name in names:
        if not name or len(name) > LONGEST_PREFIX or any(c.isspace() or c == "/" for c in name):
            raise OperationError(
                f"“{name[:LONGEST_PREFIX]}” is no prefix: it has 1 to {LONGEST_PREFIX} characters, "
                "no blank and no slash."
            )
