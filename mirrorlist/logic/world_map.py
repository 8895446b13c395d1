"""A map of the world as SVG: where a client and the mirrors are, on plain latitudes and longitudes.

Knows the projection. Deliberately has no coastlines of its own: they are a picture beside the page,
which browsers keep, in tenths of degrees east and south.
"""

from collections.abc import Sequence
from html import escape
from typing import NamedTuple

from mirrorlist.logic.distance import Point


class Mark(NamedTuple):
    """A place to show, in degrees north and east; `kind` is its class in the stylesheet."""

    point: Point
    label: str
    kind: str


def render_map(marks: Sequence[Mark], *, outline: str) -> str:
    """Return an SVG element, or nothing if there is no place to show.

    `outline` is the address of a picture whose element `land` is drawn below. Everything on the map
    is also in the table below it. Antarctica is cut off.
    """
    if not marks:
        return ""
    lines = [
        '<svg class="map" viewBox="-180 -84 360 142" role="img" '
        'aria-label="Map of the mirrors in the table below">',
        f'<use class="land" href="{escape(outline)}#land" transform="scale(.1)"/>',
        '<g class="graticule">',
        *(f'<line x1="{x}" y1="-90" x2="{x}" y2="90"/>' for x in range(-150, 180, 30)),
        *(f'<line x1="-180" y1="{y}" x2="180" y2="{y}"/>' for y in range(-60, 90, 30)),
        "</g>",
    ]
    lines += [
        f'<circle class="{mark.kind}" cx="{mark.point[1]:g}" cy="{-mark.point[0]:g}" r="2">'
        f"<title>{escape(mark.label)}</title></circle>"
        for mark in marks
    ]
    return "\n".join([*lines, "</svg>"])
