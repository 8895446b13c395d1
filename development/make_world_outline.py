"""Turn Natural Earth's land into the outline below our map: mirrorlist/static/mirrorlist/world.svg.

    npm pack world-atlas@2.0.2 && tar xzf world-atlas-2.0.2.tgz
    python development/make_world_outline.py package/land-110m.json

Natural Earth (naturalearthdata.com) is in the public domain; `world-atlas` redistributes it as
TopoJSON, ISC license. Run it again only if the outline should change.
"""

import json
import sys
from itertools import pairwise
from pathlib import Path
from typing import Any

TARGET = Path(__file__).resolve().parent.parent / "mirrorlist/static/mirrorlist/world.svg"
HEAD = (
    "<!-- Land: Natural Earth 1:110m (public domain), by development/make_world_outline.py. "
    "Units are tenths of degrees, east and south. -->"
)
Point = tuple[int, int]
# Tenths of degrees.
WORLD, POLE = 3600, 900


def unpack_arcs(topology: Any) -> list[list[Point]]:
    """Return the arcs of a TopoJSON file as points in tenths of degrees, east and south."""
    scale, start = topology["transform"]["scale"], topology["transform"]["translate"]
    arcs = []
    for arc in topology["arcs"]:
        x = y = 0
        points = []
        for dx, dy in arc:
            x, y = x + dx, y + dy
            east, north = x * scale[0] + start[0], y * scale[1] + start[1]
            points.append((round(east * 10), -round(north * 10)))
        arcs.append(points)
    return arcs


def join_arcs(ring: list[int], arcs: list[list[Point]]) -> list[Point]:
    """Return the points of a ring of arcs; a negative number is an arc backwards."""
    points: list[Point] = []
    for number in ring:
        points += arcs[number] if number >= 0 else arcs[~number][::-1]
    return [*points[:1], *(after for before, after in pairwise(points) if before != after)]


def unwrap(points: list[Point]) -> list[list[Point]]:
    """Return a ring without jumps from one edge of the map to the other.

    One that crosses the date line goes on beyond the edge, and comes a second time, so that its
    other end is drawn, too. One around a pole is closed there.
    """
    turns = 0
    going = points[:1]
    for before, after in pairwise(points):
        turns += (before[0] - after[0] > WORLD // 2) - (after[0] - before[0] > WORLD // 2)
        going.append((after[0] + turns * WORLD, after[1]))
    if turns:
        pole = POLE if going[0][1] > 0 else -POLE
        return [[*going, (going[-1][0], pole), (going[0][0], pole)]]
    rings = [going]
    if max(x for x, _ in going) > WORLD // 2:
        rings.append([(x - WORLD, y) for x, y in going])
    if min(x for x, _ in going) < -WORLD // 2:
        rings.append([(x + WORLD, y) for x, y in going])
    return rings


def draw(points: list[Point]) -> str:
    """Return a ring as a path of relative steps."""
    steps = (f"{b[0] - a[0]},{b[1] - a[1]}" for a, b in pairwise(points))
    return f"M{points[0][0]},{points[0][1]}l{' '.join(steps)}z".replace(",-", "-")


def main() -> None:
    """Read the file that is named, and write ours."""
    topology = json.loads(Path(sys.argv[1]).read_text())
    arcs = unpack_arcs(topology)
    rings = [
        join_arcs(ring, arcs)
        for geometry in topology["objects"]["land"]["geometries"]
        for polygon in geometry["arcs"]
        for ring in polygon
    ]
    path = "".join(draw(ring) for points in rings if len(points) > 3 for ring in unwrap(points))
    TARGET.write_text(
        f'{HEAD}\n<svg xmlns="http://www.w3.org/2000/svg" viewBox="-1800 -900 3600 1800">'
        f'<path id="land" d="{path}"/></svg>\n'
    )


if __name__ == "__main__":
    main()
