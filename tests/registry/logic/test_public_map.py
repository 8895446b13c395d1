from typing import Any

from registry.logic.public_map import Spot, group_by_country, lay_out_marks


def spot(number: int, latitude: float | None = 50.0, longitude: float | None = 8.0, **over: Any):
    return Spot(number, f"m{number}", "DE", "Germany", latitude, longitude)._replace(**over)


def test_a_mirror_is_drawn_east_and_south_in_tenths_of_degrees() -> None:
    (mark,) = lay_out_marks([spot(1, 50.1, -8.6)])
    assert (mark.x, mark.y) == (-86, -501)
    assert mark.label == "m1"


def test_near_mirrors_share_a_mark_that_is_larger_and_drawn_first() -> None:
    large, small = lay_out_marks([spot(1, 0, 0), spot(2, 50, 8.2), spot(3, 50.2, 8.0)])
    assert [each.id for each in large.spots] == [2, 3]
    assert (large.x, large.y) == (81, -501)
    assert large.radius > small.radius


def test_a_mark_names_five_mirrors_and_counts_the_others() -> None:
    (mark,) = lay_out_marks(spot(number) for number in range(7))
    assert mark.label == "m0, m1, m2, m3, m4 and 2 more"


def test_what_has_no_place_is_not_drawn() -> None:
    assert lay_out_marks([spot(1, None), spot(2, longitude=None)]) == ()


def test_the_list_has_everybody_by_country_and_name() -> None:
    swiss = spot(3, None, country_code="CH", country="Switzerland")
    got = group_by_country([swiss, spot(2), spot(1)])
    assert [(code, name, [each.id for each in here]) for code, name, here in got] == [
        ("DE", "Germany", [1, 2]),
        ("CH", "Switzerland", [3]),
    ]
