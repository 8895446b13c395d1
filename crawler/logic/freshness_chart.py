"""Geometry of the chart of one Host's freshness: what visits found over time, as lines.

One line for each Category, in percent of its Directories. Draws nothing.
"""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, NamedTuple

from registry.logic.coverage import share_percent

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

WIDTH, HEIGHT = 720, 160
DAYS = 30
TICK_DAYS = 5


class Seen(NamedTuple):
    """What one visit found of one Category: so many Directories up2date, of so many seen."""

    at: datetime
    category: str
    up2date: int
    total: int


class Dot(NamedTuple):
    """One visit as it is drawn, and the sentence about it."""

    x: int
    y: int
    sentence: str


class Line(NamedTuple):
    """One Category: its dots by time, the text that SVG draws a line by, and what is newest."""

    category: str
    number: int
    dots: tuple[Dot, ...]
    points: str


class Tick(NamedTuple):
    """One day on the time axis."""

    x: int
    label: str


class Chart(NamedTuple):
    """Everything to draw, in the units of a view box of WIDTH × HEIGHT."""

    lines: tuple[Line, ...]
    ticks: tuple[Tick, ...]


def lay_out(visits: Sequence[Seen], *, now: datetime) -> Chart:
    """Return the chart of the last days; visits that saw nothing have no dot.

    `visits` come in the order of time. At most one dot for each unit of width and Category is
    kept, the last one.
    """
    start = now - timedelta(days=DAYS)

    def place(at: datetime) -> int:
        return int(WIDTH * ((at - start) / (now - start)))

    found: dict[str, dict[int, Dot]] = {}
    for visit in visits:
        percent = share_percent(visit.up2date, visit.total)
        if percent is not None and visit.at >= start:
            x, y = place(visit.at), HEIGHT - HEIGHT * percent // 100
            sentence = f"{visit.at:%Y-%m-%d %H:%M} UTC, {visit.category}: {percent} % up2date"
            found.setdefault(visit.category, {})[x] = Dot(x, y, sentence)
    lines = (
        Line(name, number, tuple(dots.values()), " ".join(f"{d.x},{d.y}" for d in dots.values()))
        for number, (name, dots) in enumerate(sorted(found.items()), start=1)
    )
    days = (now - timedelta(days=ago) for ago in range(DAYS, 0, -TICK_DAYS))
    return Chart(tuple(lines), tuple(Tick(place(day), f"{day:%m-%d}") for day in days))
