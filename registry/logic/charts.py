"""Geometry of the small charts on our pages: numbers in, coordinates out. Draws nothing."""

from collections.abc import Sequence
from datetime import date
from typing import NamedTuple


class Bar(NamedTuple):
    """One bar of a chart, in the units of its view box; y grows downwards."""

    x: int
    y: int
    width: int
    height: int


def lay_out_bars(
    values: Sequence[int], *, greatest: int, height: int, bar_width: int = 8, gap: int = 2
) -> tuple[Bar, ...]:
    """Return one bar a value; `greatest` has the full height, so that charts can share a scale.

    What is not zero is at least one unit high, so that it can be seen; zero has no height.
    """
    bars = []
    for position, value in enumerate(values):
        tall = max(min(value, greatest) * height // greatest, 1) if value > 0 < greatest else 0
        bars.append(Bar(position * (bar_width + gap), height - tall, bar_width, tall))
    return tuple(bars)


class Point(NamedTuple):
    """One number of a chart over time: the first day it is about, and how it is written."""

    day: date
    label: str
    value: int


class Column(NamedTuple):
    """One number as it is drawn, and the sentence about it."""

    bar: Bar
    sentence: str


class Tick(NamedTuple):
    """One word below the time axis."""

    x: int
    label: str


class TimeChart(NamedTuple):
    """Everything to draw, in the units of a view box of `width` × `height`."""

    columns: tuple[Column, ...]
    ticks: tuple[Tick, ...]
    width: int
    height: int
    top: str


def lay_out_times(
    points: Sequence[Point], *, noun: str, width: int = 720, height: int = 200, ticks: int = 7
) -> TimeChart:
    """Return a bar for each point, side by side in the order given; without any it is empty.

    At most `ticks` of them are labeled, evenly, the first always.
    """
    slot = max(width // max(len(points), 1), 2)
    greatest = max((point.value for point in points), default=0)
    bars = lay_out_bars(
        [point.value for point in points],
        greatest=max(greatest, 1),
        height=height,
        bar_width=max(slot * 4 // 5, 1),
        gap=slot - max(slot * 4 // 5, 1),
    )
    columns = tuple(
        Column(bar, f"{point.label}: {point.value:,} {noun}")
        for bar, point in zip(bars, points, strict=True)
    )
    step = -(-len(points) // ticks) or 1
    labels = tuple(
        Tick(column.bar.x, point.label)
        for column, point in list(zip(columns, points, strict=True))[::step]
    )
    return TimeChart(columns, labels, width, height, shorten(greatest))


def shorten(number: int) -> str:
    """Return a number in three digits or so, for the axis of a chart, for example “278 k”."""
    for power, letter in ((12, "T"), (9, "G"), (6, "M"), (3, "k")):
        if number >= 10**power:
            digits = number / 10**power
            return f"{digits:.0f} {letter}" if digits >= 10 else f"{digits:.1f} {letter}"
    return str(number)
