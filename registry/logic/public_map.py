"""Where mirrors are drawn on a map of the world: near ones share a mark.

Draws plain longitudes and latitudes, in tenths of degrees east and south; knows no outlines.
"""

from collections.abc import Iterable
from typing import NamedTuple

# Marks closer than this would cover each other on a screen.
STEP_DEGREES = 2.5
SMALLEST, GREATEST = 14, 48


class Spot(NamedTuple):
    """A mirror and where it is; `exact` is false if only its country is known."""

    id: int
    name: str
    country_code: str
    country: str
    latitude: float | None
    longitude: float | None
    exact: bool = True


class Mark(NamedTuple):
    """A circle on the map, and the mirrors that it stands for."""

    x: int
    y: int
    radius: int
    spots: tuple[Spot, ...]

    @property
    def label(self) -> str:
        """Return what the mark stands for, in words."""
        names = ", ".join(spot.name for spot in self.spots[:5])
        more = len(self.spots) - 5
        return f"{names} and {more} more" if more > 0 else names


def lay_out_marks(spots: Iterable[Spot]) -> tuple[Mark, ...]:
    """Return the marks of all mirrors whose place is known; the area grows with their number.

    The greatest come first, so that small ones are drawn above them.
    """
    cells: dict[tuple[int, int], list[Spot]] = {}
    for spot in spots:
        if spot.latitude is not None and spot.longitude is not None:
            cell = (round(spot.latitude / STEP_DEGREES), round(spot.longitude / STEP_DEGREES))
            cells.setdefault(cell, []).append(spot)
    marks = (_mark(cell) for cell in cells.values())
    return tuple(sorted(marks, key=lambda mark: (-len(mark.spots), mark.x, mark.y)))


def _mark(spots: list[Spot]) -> Mark:
    """Draw mirrors in the middle between them."""
    east = sum(spot.longitude or 0 for spot in spots) / len(spots)
    north = sum(spot.latitude or 0 for spot in spots) / len(spots)
    radius = min(round(SMALLEST * len(spots) ** 0.5), GREATEST)
    return Mark(round(east * 10), -round(north * 10), radius, tuple(spots))


def group_by_country(spots: Iterable[Spot]) -> list[tuple[str, str, list[Spot]]]:
    """Return code and name of each country with its mirrors, countries and mirrors by name."""
    found: dict[tuple[str, str], list[Spot]] = {}
    for spot in sorted(spots, key=lambda spot: (spot.country, spot.name, spot.id)):
        found.setdefault((spot.country_code, spot.country), []).append(spot)
    return [(code, name, here) for (code, name), here in found.items()]
