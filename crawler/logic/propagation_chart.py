"""Geometry of the chart of one Repository's propagation: counts over time in, coordinates out.

Each measurement is a column of full height, divided by the shares of the ages. Draws nothing.
"""

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime, timedelta
from typing import NamedTuple

from crawler.logic.propagation import LABELS, Age

WIDTH, HEIGHT = 720, 200
INTERVAL = timedelta(hours=4)
SHORTEST = timedelta(days=1)


class Point(NamedTuple):
    """One measurement: when, and how many Hosts had which age."""

    at: datetime
    counts: Mapping[Age, int]

    @property
    def total(self) -> int:
        return sum(self.counts.values())


class Segment(NamedTuple):
    """One age within a column; y grows downwards."""

    age: Age
    y: int
    height: int


class Column(NamedTuple):
    """One measurement as it is drawn, and the sentence about it."""

    x: int
    width: int
    segments: tuple[Segment, ...]
    sentence: str


class Tick(NamedTuple):
    """One day on the time axis."""

    x: int
    label: str


class Chart(NamedTuple):
    """Everything to draw, in the units of a view box of WIDTH × HEIGHT."""

    columns: tuple[Column, ...]
    ticks: tuple[Tick, ...]


def lay_out(points: Sequence[Point], *, ticks: int = 7) -> Chart:
    """Return the chart of measurements in the order of time; without any it is empty.

    Columns stand where their time is, so that gaps can be seen. A measurement that counted no
    Host has no segments.
    """
    if not points:
        return Chart((), ())
    end = points[-1].at
    start = min(points[0].at, end - SHORTEST)
    slot = WIDTH * INTERVAL / (end - start + INTERVAL)
    width = max(int(slot) - 1, 1)

    def place(at: datetime) -> int:
        return int((WIDTH - width) * ((at - start) / (end - start)))

    columns = (Column(place(p.at), width, _stack(p), _sentence(p)) for p in points)
    return Chart(tuple(columns), _ticks(start, end, place, most=ticks))


def _stack(point: Point) -> tuple[Segment, ...]:
    """Divide a column from the bottom up; rounding never leaves a gap."""
    segments, below = [], 0
    for age in Age:
        before = HEIGHT * below // (point.total or 1)
        below += point.counts[age]
        tall = HEIGHT * below // (point.total or 1) - before
        if tall:
            segments.append(Segment(age, HEIGHT - before - tall, tall))
    return tuple(segments)


def _sentence(point: Point) -> str:
    parts = [f"{point.counts[age]} {LABELS[age]}" for age in Age if point.counts[age]]
    return f"{point.at:%Y-%m-%d %H:%M} UTC: {', '.join(parts) or 'no Hosts'}"


def _ticks(
    start: datetime, end: datetime, place: Callable[[datetime], int], *, most: int
) -> tuple[Tick, ...]:
    days = [
        day
        for number in range((end - start).days + 2)
        if start
        <= (
            day := (start + timedelta(days=number)).replace(
                hour=0, minute=0, second=0, microsecond=0
            )
        )
        <= end
    ]
    step = -(-len(days) // most) or 1
    return tuple(Tick(place(day), f"{day:%m-%d}") for day in days[::step])
