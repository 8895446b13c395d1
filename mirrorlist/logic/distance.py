"""How far Hosts are from a client, in bands so coarse that weights still spread the load.

Knows the globe. Deliberately knows neither stages nor countries.
"""

from collections.abc import Iterable, Mapping, Sequence
from math import asin, cos, radians, sin, sqrt

Point = tuple[float, float]
Cell = tuple[int, int]

EARTH_RADIUS_KM = 6371.0
# Doubling, since the time of a round trip matters by its ratio. What lies beyond is one band.
BAND_ENDS_KM = (750, 1500, 3000, 6000, 12_000)
UNKNOWN_BAND = len(BAND_ENDS_KM)
# Fewer Hosts than these make no band of their own: one near Host would carry a whole country.
FEWEST_IN_BAND = 3
# Clients of the same cell of the globe share what is worked out for them.
CELL_DEGREES = 5
POINTS_REMEMBERED = 5_000


def kilometers(here: Point, there: Point) -> float:
    """Return the distance of two points, given in degrees north and east."""
    north, other_north = radians(here[0]), radians(there[0])
    across = sin((other_north - north) / 2) ** 2
    along = sin(radians(there[1] - here[1]) / 2) ** 2
    chord = sqrt(across + cos(north) * cos(other_north) * along)
    return 2 * EARTH_RADIUS_KM * asin(min(1.0, chord))


def cell_of(point: Point) -> Cell:
    """Return the cell of the globe that a point is in."""
    return int(point[0] // CELL_DEGREES), int(point[1] // CELL_DEGREES)


def center_of(cell: Cell) -> Point:
    """Return the middle of a cell."""
    return (cell[0] + 0.5) * CELL_DEGREES, (cell[1] + 0.5) * CELL_DEGREES


def band_of(distance_km: float) -> int:
    """Return the number of the band that a distance is in, from near to far."""
    return sum(distance_km > end for end in BAND_ENDS_KM)


def describe_band(band: int) -> str:
    """Return the sentence about a Host in a band."""
    if band == UNKNOWN_BAND:
        return f"It is more than {BAND_ENDS_KM[-1]:,} km away, or nobody knows where it is."
    return f"It is at most {BAND_ENDS_KM[band]:,} km away."


def group_by_band(members: Sequence[int], bands: Sequence[int]) -> list[list[int]]:
    """Group Hosts by band, near ones first."""
    found: dict[int, list[int]] = {}
    for member in members:
        found.setdefault(bands[member], []).append(member)
    return [group for _, group in sorted(found.items())]


class Distances:
    """In which band every Host is, from the points that were asked for."""

    def __init__(self, points: Iterable[Point | None]) -> None:
        """Take the points of all Hosts in order; those of unknown place are farthest."""
        self._points = list(points)
        self._made: dict[Point, Sequence[int]] = {}

    @classmethod
    def of(
        cls, places: Iterable[tuple[Point | None, str]], points: Mapping[str, Point]
    ) -> "Distances":
        """Make it from the own point and the country of each Host; the country's stands in."""
        return cls(point or points.get(country) for point, country in places)

    def bands(self, here: Point) -> Sequence[int]:
        """Return the band of every Host, by position."""
        found = self._made.get(here)
        if found is None:
            if len(self._made) >= POINTS_REMEMBERED:
                self._made = {}
            found = self._made[here] = bytes(
                UNKNOWN_BAND if there is None else band_of(kilometers(here, there))
                for there in self._points
            )
        return found
