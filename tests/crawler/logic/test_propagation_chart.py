from datetime import UTC, datetime, timedelta
from itertools import pairwise

from crawler.logic.propagation import Age
from crawler.logic.propagation_chart import HEIGHT, WIDTH, Point, Segment, lay_out

NOON = datetime(2026, 11, 20, 12, 0, tzinfo=UTC)
INTERVAL = timedelta(hours=4)


def point(at: datetime = NOON, **counts: int) -> Point:
    return Point(at, {age: counts.get(age.value, 0) for age in Age})


def test_without_measurements_there_is_nothing_to_draw() -> None:
    assert lay_out([]) == ((), ())


def test_a_column_is_divided_by_shares_from_the_bottom_up() -> None:
    [column] = lay_out([point(same_day=2, older=1, no_info=1)]).columns
    assert column.segments == (
        Segment(Age.SAME_DAY, 100, 100),
        Segment(Age.OLDER, 50, 50),
        Segment(Age.NO_INFO, 0, 50),
    )
    assert column.sentence == (
        "2026-11-20 12:00 UTC: 2 up to 1 day behind, 1 more than 3 days behind, 1 no information"
    )


def test_rounding_never_leaves_a_gap() -> None:
    [column] = lay_out([point(same_day=1, one_day=1, two_day=1)]).columns
    assert sum(segment.height for segment in column.segments) == HEIGHT
    assert [s.y for s in column.segments] == [134, 67, 0]


def test_nobody_counted_is_an_empty_column() -> None:
    [column] = lay_out([point()]).columns
    assert (column.segments, column.sentence) == ((), "2026-11-20 12:00 UTC: no Hosts")


def test_columns_stand_where_their_time_is_so_that_gaps_can_be_seen() -> None:
    times = [NOON - 12 * INTERVAL, NOON - 11 * INTERVAL, NOON]
    columns = lay_out([point(at, same_day=1) for at in times]).columns
    first, second, last = columns
    assert first.x == 0
    assert first.x + first.width < second.x < first.width * 2 + 6
    assert last.x + last.width == WIDTH


def test_many_measurements_stay_apart_and_inside() -> None:
    times = [NOON - number * INTERVAL for number in reversed(range(84))]
    columns = lay_out([point(at, same_day=1) for at in times]).columns
    assert all(a.x + a.width <= b.x for a, b in pairwise(columns))
    assert columns[-1].x + columns[-1].width == WIDTH


def test_very_many_measurements_are_thin_but_there() -> None:
    points = [point(NOON), point(NOON + timedelta(days=400))]
    assert lay_out(points).columns[0].width == 1


def test_days_are_named_on_the_axis_but_never_too_many() -> None:
    week = lay_out([point(NOON - timedelta(days=3)), point(NOON)]).ticks
    assert [tick.label for tick in week] == ["11-18", "11-19", "11-20"]
    assert len(lay_out([point(NOON - timedelta(days=60)), point(NOON)]).ticks) <= 7
