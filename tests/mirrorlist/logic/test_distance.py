"""Near Hosts come first, in bands."""

from collections import Counter

import pytest

from mirrorlist.logic import distance
from mirrorlist.logic.addresses import Ranges
from mirrorlist.logic.distance import (
    Distances,
    band_of,
    cell_of,
    center_of,
    describe_band,
    group_by_band,
    kilometers,
)
from mirrorlist.logic.snapshot import Continents
from tests.mirrorlist.memory import DE, US, a_host, a_world, ask, listed, network

QUERY = "repo=fedora-42&arch=x86_64"
BERLIN, PARIS, TOKYO = (52.5, 13.4), (48.9, 2.4), (35.7, 139.7)


@pytest.mark.parametrize(
    ("here", "there", "km"),
    [
        (BERLIN, BERLIN, 0),
        (BERLIN, PARIS, 880),
        (BERLIN, TOKYO, 8920),
        ((0, 179), (0, -179), 222),
        ((90, 0), (-90, 77), 20_015),
    ],
)
def test_distances_go_around_the_globe(here, there, km: int) -> None:
    assert kilometers(here, there) == pytest.approx(km, abs=20)
    assert kilometers(there, here) == pytest.approx(km, abs=20)


@pytest.mark.parametrize(
    ("km", "band"), [(0, 0), (750, 0), (751, 1), (3000, 2), (12_000, 4), (20_015, 5)]
)
def test_bands_double(km: float, band: int) -> None:
    assert band_of(km) == band
    assert describe_band(band).endswith(".")


@pytest.mark.parametrize("point", [BERLIN, (-0.1, -0.1), (90, 180), (-90, -180)])
def test_a_cell_is_at_most_a_few_hundred_kilometers_wide(point) -> None:
    assert kilometers(center_of(cell_of(point)), point) < 400


def test_hosts_are_grouped_by_band_near_ones_first() -> None:
    bands = [5, 1, 1, 0]
    assert group_by_band(range(4), bands) == [[3], [1, 2], [0]]
    assert group_by_band([], bands) == []


def test_hosts_without_a_point_are_at_that_of_their_country() -> None:
    places = [(None, "JP"), (PARIS, "JP"), (None, "ZZ")]
    found = Distances.of(places, {"JP": TOKYO})
    assert list(found.bands(PARIS)) == [4, 0, distance.UNKNOWN_BAND]


def test_bands_are_worked_out_once_and_memory_is_bounded(monkeypatch) -> None:
    monkeypatch.setattr(distance, "POINTS_REMEMBERED", 2)
    found = Distances([BERLIN])
    assert found.bands(PARIS) is found.bands(PARIS)
    for north in range(9):
        found.bands((north, 0))
        assert len(found._made) <= 2


# Asia, seen from Saudi Arabia: the neighbors before Japan.
SAUDI = Continents(
    {"SA": "AS", "AE": "AS", "IL": "AS", "JP": "AS", "US": "NA"},
    {"SA": (24.7, 46.7), "AE": (25, 55.3), "IL": (32.1, 34.8), "JP": TOKYO, "US": (39, -90)},
)
ARABS = Ranges([(f"{DE}/32", "SA")])


def test_a_continent_is_not_one_place() -> None:
    hosts = [a_host(n, "JP", weight=10_000) for n in (1, 2, 3)]
    hosts += [a_host(n, country) for n, country in ((4, "AE"), (5, "AE"), (6, "IL"), (7, "IL"))]
    world = a_world(network(hosts, continents=SAUDI, netblock_countries=ARABS), minimum_hosts=1)
    for _ in range(20):
        names = listed(ask(world, QUERY, ip=DE))
        assert set(names[:4]) == {"ae4", "ae5", "il6", "il7"}
        assert set(names[4:]) == {"jp1", "jp2", "jp3"}


def test_the_rest_of_the_world_begins_near_too() -> None:
    hosts = [a_host(n, "JP", weight=10_000) for n in (1, 2, 3)]
    hosts += [a_host(n, "AE") for n in (4, 5, 6)]
    apart = Continents(dict.fromkeys(SAUDI.continent_of, "") | {"SA": "AF"}, SAUDI.points)
    world = a_world(network(hosts, continents=apart, netblock_countries=ARABS), minimum_hosts=1)
    assert {name[:2] for name in listed(ask(world, QUERY, ip=DE))[:3]} == {"ae"}


EAST, WEST = (40.7, -74), (34.1, -118.2)
AMERICANS = [a_host(n, "US", point=EAST if n < 4 else WEST) for n in range(1, 7)]


@pytest.mark.parametrize(("place", "near"), [(EAST, {"us1", "us2", "us3"}), (None, set())])
def test_inside_a_country_only_an_exact_place_counts(place, near: set[str]) -> None:
    points = {US: place} if place else {}
    snapshot = network(AMERICANS, continents=Continents({"US": "NA"}, {"US": EAST}))
    world = a_world(snapshot, points=points, minimum_hosts=1)
    first = Counter(name for _ in range(40) for name in listed(ask(world, QUERY, ip=US))[:3])
    assert set(first) == (near or {f"us{n}" for n in range(1, 7)})


def test_a_netblock_of_the_operators_has_no_exact_place() -> None:
    snapshot = network(AMERICANS, netblock_countries=Ranges([(f"{US}/32", "US")]))
    world = a_world(snapshot, points={US: EAST}, minimum_hosts=1)
    place = world.place(US)
    assert place is not None
    assert place.whence.cell is None
