"""Redirects from one prefix to another: one, or the whole set of a release day.

Redirects are not chained, and one whose prefix is that of a Repository hides it.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from registry.logic.operations.steps import Mark, Plan, Step, StepReason

# What stands for a version in a template, as operators know it from MirrorManager.
PLACE = "%s"


class Template(NamedTuple):
    """A prefix with the place of its version, and the prefix that takes its place in rawhide."""

    prefix: str
    rawhide: str


# The prefixes of one release of Fedora. Rawhide has no updates: everything is in one Repository.
RELEASE_DAY = (
    Template("fedora-%s", "rawhide"),
    Template("fedora-debug-%s", "rawhide-debug"),
    Template("fedora-source-%s", "rawhide-source"),
    Template("updates-released-f%s", "rawhide"),
    Template("updates-released-debug-f%s", "rawhide-debug"),
    Template("updates-released-source-f%s", "rawhide-source"),
    Template("updates-testing-f%s", "rawhide"),
    Template("updates-testing-debug-f%s", "rawhide-debug"),
    Template("updates-testing-source-f%s", "rawhide-source"),
)


@dataclass(frozen=True)
class RedirectStep(Step):
    """One redirect, as it is to be or to go."""

    from_prefix: str = ""
    to_prefix: str = ""
    before: str = ""


def release_day_pairs(
    version: str, target: str, *, templates: Sequence[Template] = RELEASE_DAY
) -> list[tuple[str, str]]:
    """Return the redirects of a whole release: from its prefixes to those of another version.

    The target `rawhide` means the prefixes of rawhide.
    """
    return [
        (
            each.prefix.replace(PLACE, version),
            each.rawhide if target == "rawhide" else each.prefix.replace(PLACE, target),
        )
        for each in templates
    ]


def plan_creation(
    pairs: Iterable[tuple[str, str]],
    *,
    existing: Mapping[str, str],
    prefixes: frozenset[str],
) -> Plan[RedirectStep]:
    """Create redirects or lead existing ones elsewhere.

    `existing` are all redirects, `prefixes` those that Repositories have. Refused is a redirect to
    itself, to a prefix that is redirected itself, and from a prefix that another one leads to. If
    one is refused, none is written: half a release day is worse than none.
    """
    wanted = dict(pairs)
    after = dict(existing) | wanted
    sources = {target: source for source, target in sorted(after.items(), reverse=True)}
    steps = [
        _create(source, target, existing=existing, after=after, sources=sources, prefixes=prefixes)
        for source, target in wanted.items()
    ]
    return Plan(tuple(steps), whole=True)


def plan_removal(
    names: Iterable[str], *, existing: Mapping[str, str], prefixes: frozenset[str]
) -> Plan[RedirectStep]:
    """Remove the redirects from these prefixes; those that do not exist are already gone."""
    steps = []
    for name in dict.fromkeys(names):
        target = existing.get(name)
        if target is None:
            step = RedirectStep(
                Mark.KEEP, StepReason.ALREADY, f"Redirect {name}", "There is none.", name
            )
        else:
            now = (
                "clients get the Repository of that name again"
                if name in prefixes
                else "clients that ask for it get an error, since no Repository has that prefix"
            )
            step = RedirectStep(
                Mark.REMOVE,
                StepReason.ASKED,
                f"Redirect {name} → {target}",
                f"It goes; {now}.",
                name,
                target,
                target,
            )
        steps.append(step)
    return Plan(tuple(steps))


def _create(
    source: str,
    target: str,
    *,
    existing: Mapping[str, str],
    after: Mapping[str, str],
    sources: Mapping[str, str],
    prefixes: frozenset[str],
) -> RedirectStep:
    subject = f"Redirect {source} → {target}"
    if refusal := _why_refused(source, target, after=after, sources=sources):
        return RedirectStep(Mark.REFUSED, refusal[0], subject, refusal[1], source, target)
    before = existing.get(source)
    if before == target:
        return RedirectStep(Mark.KEEP, StepReason.ALREADY, subject, "It exists.", source, target)
    reason, notes = StepReason.ASKED, []
    if source in prefixes:
        reason = StepReason.HIDES
        notes.append(f"The Repository “{source}” is hidden by it.")
    if target not in prefixes:
        notes.append(f"No Repository has the prefix “{target}” yet.")
    if before is None:
        sentence = " ".join(["It is new.", *notes])
        return RedirectStep(Mark.ADD, reason, subject, sentence, source, target)
    sentence = " ".join([f"It led to “{before}”.", *notes])
    return RedirectStep(Mark.CHANGE, reason, subject, sentence, source, target, before)


def _why_refused(
    source: str, target: str, *, after: Mapping[str, str], sources: Mapping[str, str]
) -> tuple[StepReason, str] | None:
    if source == target:
        return StepReason.CONFLICT, "It would lead to itself."
    if target in after:
        return (
            StepReason.CHAIN,
            f"“{target}” is redirected to “{after[target]}” itself, and redirects are not "
            "chained. Lead there instead, or remove that one first.",
        )
    if source in sources:
        return (
            StepReason.CHAIN,
            f"“{sources[source]}” is redirected to “{source}”, and redirects are not chained. "
            "Remove that one first, or lead it elsewhere.",
        )
    return None
