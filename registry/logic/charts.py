"""Geometry of the small charts on our pages: numbers in, coordinates out. Draws nothing."""

from collections.abc import Sequence
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
