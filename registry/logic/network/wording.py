"""A plan in words: the lines of a dry run, its summary, and the sentence of an Event."""

from collections import Counter
from collections.abc import Iterable, Iterator
from typing import Any

from registry.logic.network.planning import Action, Change, ChangeReason, Plan, show_key
from registry.logic.network.values import quote, show

MARKS = {Action.ADD: "+", Action.CHANGE: "~", Action.REMOVE: "-", Action.KEEP: "="}
PAST = {
    Action.ADD: "added",
    Action.CHANGE: "changed",
    Action.REMOVE: "removed",
    Action.KEEP: "unchanged",
}


def diff_lines(plan: Plan) -> Iterator[tuple[Action, str]]:
    """Yield one line per object that changes, with what happens to it: `+`, `~` or `-`."""
    for change in plan.changes:
        if change.action is not Action.KEEP:
            yield change.action, f"{MARKS[change.action]} {change.record.name}{_details(change)}"


def _details(change: Change) -> str:
    if change.action is Action.REMOVE:
        return f"  ({change.sentence})"
    if change.action is Action.ADD:
        return ""
    return "".join(f"\n    {line}" for line in _fields(change))


def change_details(change: Change) -> str:
    """Return what a change does to its object's fields in one line; empty if it has no former."""
    return "; ".join(_fields(change)) if change.action is Action.CHANGE else ""


def _fields(change: Change) -> list[str]:
    return [
        f"{name}: {_word(before)} → {_word(after)}"
        for name, (before, after) in change.fields.items()
    ]


def _word(value: Any) -> str:
    return quote(show_key(value)) if isinstance(value, tuple) else show(value)


def summary(plan: Plan) -> str:
    """Return how many objects are added, changed and removed, and how many the file has right."""
    counts = Counter(
        change.action for change in plan.changes if change.reason is not ChangeReason.NOT_NAMED
    )
    return ", ".join(f"{counts[action]} {PAST[action]}" for action in Action)


def event_sentence(changes: Iterable[Change], *, source: str) -> str:
    """Return what an import did to one Site or Host, by kind and action."""
    counts = Counter((change.record.kind.noun, change.action) for change in changes)
    parts = [f"{count} × {noun} {PAST[action]}" for (noun, action), count in counts.items()]
    return f"Imported from {quote(source)}: {', '.join(parts)}."


def change_facts(change: Change) -> dict[str, Any]:
    """Return a change as JSON: the action, the object, the reason, and what was before and after.

    Values are in words, since sets and listings are not JSON.
    """
    return {
        "action": change.action.value,
        "kind": change.record.kind.name,
        "key": change.record.label,
        "reason": change.reason.value,
        "sentence": change.sentence,
        "fields": {
            name: [_word(before), _word(after)] for name, (before, after) in change.fields.items()
        },
    }
