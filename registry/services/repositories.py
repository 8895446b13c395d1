"""The Repositories of a Category: which are new, what the rules say of them, and writing it.

A Repository that has a prefix keeps it, wherever the rules lead now: moving one is an operation of
its own. One without is asked again in every scan, since a rule or an Arch may have been added.
"""

from collections.abc import Collection, Iterable, Mapping, Sequence
from typing import NamedTuple

from django.db import IntegrityError, transaction

from registry.logic.places import printable, relative_to
from registry.logic.recognition import Recognition, RecognitionReason, recognize, yield_to
from registry.logic.repository_kinds import RepositoryFormat
from registry.logic.rulebook import Rulebook
from registry.models import Arch, Category, Repository, Version


class RepositoryPlan(NamedTuple):
    """What is to be written about the Repository at a path; without an id it is new."""

    path: str
    id: int | None
    format: RepositoryFormat
    recognition: Recognition

    @property
    def left_out(self) -> bool:
        return self.recognition.reason is RecognitionReason.LEFT_OUT

    @property
    def sentence(self) -> str:
        if self.left_out:
            return f"“{printable(self.path)}” is none anymore. {self.recognition.sentence}"
        what = f"“{self.recognition.prefix}”" if self.recognition.recognized else "no prefix"
        return f"Repository “{printable(self.path)}” gets {what}: {self.recognition.sentence}"


def plan_repositories(
    category: Category, found: Mapping[str, RepositoryFormat], *, rulebook: Rulebook
) -> list[RepositoryPlan]:
    """Recognize the Repositories at these paths that are new or have no prefix yet.

    Returns only what has to be written. If two want the same prefix and Arch, the one that has it
    keeps it, else the first by path gets it. What a rule leaves out is not written, and removed if
    it was before. Costs two queries.
    """
    taken = {
        (prefix, arch): path
        for prefix, arch, path in Repository.objects.addressable()
        .filter(directory__vanished_at=None)
        .order_by()
        .values_list("prefix", "arch__name", "directory__path")
    }
    existing = {
        path: (id, kind, prefix, reason)
        for path, id, kind, prefix, reason in Repository.objects.filter(
            directory__category=category
        )
        .order_by()
        .values_list("directory__path", "id", "kind", "prefix", "reason")
    }
    plans: list[RepositoryPlan] = []
    for path, format_ in sorted(found.items()):
        id, kind, prefix, reason = existing.get(path, (None, "", "", None))
        if prefix:
            continue
        relative = relative_to(path, category.top_directory)
        recognition = recognize(relative, full_path=path, rulebook=rulebook, format_=format_)
        if recognition.recognized and recognition.arch is not None:
            holder = taken.setdefault((recognition.prefix, recognition.arch), path)
            if holder != path:
                recognition = yield_to(recognition, holder=holder)
        if id is None and recognition.reason is RecognitionReason.LEFT_OUT:
            continue
        same = kind == format_ and recognition.sentence == reason
        if id is None or recognition.recognized or not same:
            plans.append(RepositoryPlan(path, id, format_, recognition))
    return plans


def store_repositories(
    category: Category, plans: Sequence[RepositoryPlan], *, ids: Mapping[str, int]
) -> None:
    """Write Repositories, and the Versions that recognized ones need and that do not exist.

    `ids` are those of the Directories. Should a prefix have been taken since the plan was made,
    the Repository is written without.
    """
    versions = _versions(category, plans)
    arches = dict(Arch.objects.values_list("name", "id"))
    gone = [plan.id for plan in plans if plan.left_out and plan.id is not None]
    Repository.objects.filter(id__in=gone, prefix="").delete()
    rows = [
        _row(category, plan, ids=ids, versions=versions, arches=arches)
        for plan in plans
        if not plan.left_out
    ]
    _release({(row.prefix, row.arch_id) for row in rows})
    try:
        with transaction.atomic():
            _write(rows)
    except IntegrityError:
        for row in rows:
            _write_one(row)


def _release(wanted: Collection[tuple[str, int | None]]) -> None:
    """Take prefixes from Repositories whose Directory is gone; should it return, it asks again."""
    gone = Repository.objects.addressable().filter(directory__vanished_at__isnull=False)
    held = gone.order_by().values_list("id", "prefix", "arch_id")
    ids = [id for id, prefix, arch in held if (prefix, arch) in wanted]
    Repository.objects.filter(id__in=ids).update(
        prefix="", reason="Its Directory is gone, and another Repository has its prefix."
    )


def _versions(category: Category, plans: Iterable[RepositoryPlan]) -> dict[str, int]:
    """Return the ids of the Product's Versions by name, after creating what is missing."""
    if category.product_id is None:
        return {}
    recognized = {
        plan.recognition.version: plan.recognition
        for plan in plans
        if plan.recognition.recognized and plan.recognition.version
    }
    existing = Version.objects.filter(product=category.product_id)
    known = set(existing.values_list("name", flat=True))
    Version.objects.bulk_create(
        [
            Version(
                product_id=category.product_id,
                name=name,
                is_test=recognition.is_test,
                display=recognition.display,
            )
            for name, recognition in recognized.items()
            if name not in known
        ],
        ignore_conflicts=True,  # another Category of the Product may be faster
    )
    return dict(existing.values_list("name", "id"))


def _row(
    category: Category,
    plan: RepositoryPlan,
    *,
    ids: Mapping[str, int],
    versions: Mapping[str, int],
    arches: Mapping[str, int],
) -> Repository:
    recognition = plan.recognition
    return Repository(
        id=plan.id,
        directory_id=ids[plan.path],
        category=category,
        kind=plan.format,
        prefix=recognition.prefix,
        version_id=versions.get(recognition.version or ""),
        arch_id=arches.get(recognition.arch or ""),
        reason=recognition.sentence,
    )


def _write(rows: Sequence[Repository]) -> None:
    # Updates first: should one fail, no new row has been given an id that is rolled back.
    Repository.objects.bulk_update(
        [row for row in rows if row.pk is not None], ["kind", "prefix", "version", "arch", "reason"]
    )
    Repository.objects.bulk_create([row for row in rows if row.pk is None])


def _write_one(row: Repository) -> None:
    try:
        with transaction.atomic():
            _write([row])
    except IntegrityError:
        row.reason = f"“{row.prefix}” was given to another Repository just now. {row.reason}"
        row.prefix = ""
        with transaction.atomic():
            _write([row])
