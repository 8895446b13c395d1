"""Add a Product, or a release of one: the rows that have to exist before a scan can fill them.

Knows which existing rows already say the same and which contradict. Deliberately changes nothing
that exists: what contradicts is refused, and then nothing is added at all.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field

from registry.logic.operations.steps import Mark, Plan, Step, StepReason


@dataclass(frozen=True)
class Wanted:
    """What the operator asks for. Without a Category only Versions are added.

    `host` is a master Host that carries the whole Category, under `url`.
    """

    product: str
    versions: tuple[str, ...] = ()
    category: str = ""
    top_directory: str = ""
    source_location: str = ""
    host: str = ""
    url: str = ""


@dataclass(frozen=True)
class Existing:
    """What there is already of what is wanted.

    `category` is Product and top directory of the Category of that name; `tops` are Categories by
    top directory; `copy` are the URLs under which the Host carries the Category, None if it does
    not; `urls` are owners by URL.
    """

    product: bool = False
    versions: frozenset[str] = frozenset()
    category: tuple[str, str] | None = None
    tops: Mapping[str, str] = field(default_factory=dict)
    copy: frozenset[str] | None = None
    urls: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class AddStep(Step):
    """One row: its table and its name."""

    table: str = ""
    name: str = ""


def plan_addition(wanted: Wanted, existing: Existing) -> Plan[AddStep]:
    """Return the rows to add, in the order in which they need each other."""
    steps = [_row("product", "Product", wanted.product, exists=existing.product)]
    if wanted.category:
        steps.append(_category(wanted, existing))
    steps.extend(
        _row("version", "Version", f"{wanted.product} {name}", exists=name in existing.versions)
        for name in dict.fromkeys(wanted.versions)
    )
    if wanted.host and wanted.category:
        steps.extend(_copy(wanted, existing))
    return Plan(tuple(steps), whole=True)


def _row(table: str, word: str, name: str, *, exists: bool) -> AddStep:
    if exists:
        return AddStep(Mark.KEEP, StepReason.ALREADY, f"{word} {name}", "It exists.", table, name)
    return AddStep(Mark.ADD, StepReason.ASKED, f"{word} {name}", "It is new.", table, name)


def _category(wanted: Wanted, existing: Existing) -> AddStep:
    name, top = wanted.category, wanted.top_directory
    subject = f"Category {name}"
    if existing.category is None:
        owner = existing.tops.get(top)
        if owner is not None:
            return AddStep(
                Mark.REFUSED,
                StepReason.CONFLICT,
                subject,
                f"“{top}” is the top directory of the Category “{owner}”. Choose another.",
            )
        scan = "" if wanted.source_location else " It is not scanned until it has a source."
        sentence = f"It is new; its top directory is “{top}”.{scan}"
        return AddStep(Mark.ADD, StepReason.ASKED, subject, sentence, "category", name)
    product, old_top = existing.category
    if (product, old_top) != (wanted.product, top):
        return AddStep(
            Mark.REFUSED,
            StepReason.CONFLICT,
            subject,
            f"It exists, with the Product “{product or 'none'}” and the top directory "
            f"“{old_top}”. Change it on its page if that is wrong.",
        )
    return AddStep(Mark.KEEP, StepReason.ALREADY, subject, "It exists.", "category", name)


def _copy(wanted: Wanted, existing: Existing) -> list[AddStep]:
    subject = f"{wanted.category} on {wanted.host}"
    owner = existing.urls.get(wanted.url)
    if wanted.url and owner is not None and owner != subject:
        return [
            AddStep(
                Mark.REFUSED,
                StepReason.CONFLICT,
                f"URL {wanted.url}",
                f"It is that of {owner}. Choose another.",
            )
        ]
    if existing.copy is None:
        sentence = "It is new, always up2date: the Host is the master, so it is never crawled."
        steps = [AddStep(Mark.ADD, StepReason.ASKED, subject, sentence, "copy", wanted.host)]
    else:
        steps = [AddStep(Mark.KEEP, StepReason.ALREADY, subject, "It exists.", "copy", wanted.host)]
    if wanted.url:
        exists = existing.copy is not None and wanted.url in existing.copy
        steps.append(_row("url", "URL", wanted.url, exists=exists))
    return steps
