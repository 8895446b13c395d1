"""Geometry of the bar that shows the states of one copy's Directories. Draws nothing."""

from collections.abc import Mapping
from typing import NamedTuple

WIDTH, HEIGHT = 1000, 40
# What there is of something can be seen, however little it is.
LEAST = 8
# In the order in which they stand, best first. What is wrong beyond what is stored has no state.
ORDER = ("up2date", "stale", "missing", "unreadable", "wrong", "unknown")


class Part(NamedTuple):
    """One state: how many Directories are in it, and where it is drawn."""

    state: str
    number: int
    x: int
    width: int


def lay_out_copy(
    total: int, *, up2date: int, issues: Mapping[str, int], issue_count: int
) -> tuple[Part, ...]:
    """Return the states that occur, side by side; without Directories there are none.

    `issues` counts those that are stored by state, `issue_count` all of them. What nobody counted
    is unknown.
    """
    counts = {"up2date": min(up2date, total)} | dict(issues)
    counts["wrong"] = max(0, issue_count - sum(issues.values()))
    rest = total - sum(counts.values())
    counts["unknown"] = counts.get("unknown", 0) + max(0, rest)
    found = [(state, counts[state]) for state in ORDER if counts.get(state)]
    whole = sum(count for _, count in found)
    room = WIDTH - LEAST * len(found)
    parts, x = [], 0
    for number, (state, count) in enumerate(found, start=1):
        width = LEAST + room * count // whole if number < len(found) else WIDTH - x
        parts.append(Part(state, count, x, width))
        x += width
    return tuple(parts)
