"""Apply the rules to what they did not recognize before, without waiting for a scan."""

from collections.abc import Iterable
from datetime import datetime
from typing import NamedTuple

from django.contrib.auth.models import AbstractBaseUser
from django.db import transaction

from registry.logic.recognition import RecognitionReason
from registry.logic.repository_kinds import RepositoryFormat
from registry.logic.wording import counted
from registry.models import Category, EventKind, Repository
from registry.services.events import record_event
from registry.services.recognition import load_rulebook
from registry.services.repositories import RepositoryPlan, plan_repositories, store_repositories


class Applied(NamedTuple):
    """What the rules make of the unrecognized Repositories of a Category: each that changes."""

    category: Category
    plans: list[RepositoryPlan]
    asked: int

    @property
    def recognized(self) -> int:
        return sum(plan.recognition.recognized for plan in self.plans)

    @property
    def left_out(self) -> int:
        return sum(plan.recognition.reason is RecognitionReason.LEFT_OUT for plan in self.plans)

    @property
    def sentence(self) -> str:
        asked = counted(self.asked, "Repository", "Repositories")
        text = f"{self.category}: of {asked} without prefix, {self.recognized} get one"
        return f"{text}; left out by a rule: {self.left_out}." if self.left_out else f"{text}."


def apply_rules(
    categories: Iterable[Category],
    *,
    now: datetime,
    dry_run: bool = False,
    actor: AbstractBaseUser | None = None,
) -> list[Applied]:
    """Ask the rules again about every Repository without prefix; return what changes.

    Repositories that have a prefix keep it. Categories without any are left out. Each Category is
    one transaction; `dry_run` writes nothing.
    """
    applied = []
    for category in categories:
        with transaction.atomic():
            result, ids = _plan(category)
            if not result.asked:
                continue
            applied.append(result)
            if result.plans and not dry_run:
                store_repositories(category, result.plans, ids=ids)
                record_event(
                    category,
                    EventKind.CHANGED,
                    f"The rules were applied. {result.sentence}",
                    now=now,
                    actor=actor,
                    facts={"recognized": result.recognized, "left_out": result.left_out},
                )
    return applied


def _plan(category: Category) -> tuple[Applied, dict[str, int]]:
    rows = list(
        Repository.objects.filter(directory__category=category, prefix="").values_list(
            "directory__path", "directory_id", "kind"
        )
    )
    found = {path: RepositoryFormat(kind) for path, _, kind in rows}
    plans = plan_repositories(category, found, rulebook=load_rulebook(category)) if rows else []
    return Applied(category, plans, len(rows)), {path: directory for path, directory, _ in rows}
