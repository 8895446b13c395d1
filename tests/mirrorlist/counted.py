"""Batches of counts, as an edge would write them."""

from datetime import date

from mirrorlist.logic.counters import Counts, Dimension
from mirrorlist.logic.statistics_batch import Batch

DAY = date(2026, 11, 19)


def counts(**over: dict[str, int]) -> Counts:
    """Return some counts of a day; further dimensions by name."""
    values = {
        "kind": {"mirrorlist 200": 7, "metalink 200": 3},
        "country": {"DE": 6, "FR": 4},
        "repository": {"fedora-42": 10},
        "arch": {"x86_64": 10},
    }
    return {Dimension(name): dict(keys) for name, keys in (values | over).items()}


def a_batch(sequence: int = 0, *, day: date = DAY, edge: str = "edge1", **over) -> Batch:
    return Batch(edge, "65f0-abc", sequence, {day: counts(**over)})
