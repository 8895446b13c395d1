"""The chart of what visits found."""

from datetime import UTC, datetime, timedelta

from crawler.logic.freshness_chart import HEIGHT, WIDTH, Seen, lay_out

NOW = datetime(2026, 11, 20, 12, 0, tzinfo=UTC)


def seen(days: float, up2date: int, total: int = 10, category: str = "Linux") -> Seen:
    return Seen(NOW - timedelta(days=days), category, up2date, total)


def test_each_category_is_a_line_in_percent() -> None:
    chart = lay_out([seen(15, 5), seen(0, 10), seen(0, 0, category="EPEL")], now=NOW)
    epel, linux = chart.lines
    assert [(dot.x, dot.y) for dot in linux.dots] == [(WIDTH // 2, HEIGHT // 2), (WIDTH, 0)]
    assert linux.points == "360,80 720,0"
    assert linux.dots[0].sentence == "2026-11-05 12:00 UTC, Linux: 50 % up2date"
    assert (epel.number, linux.number) == (1, 2)


def test_what_is_old_or_saw_nothing_is_left_out() -> None:
    assert lay_out([seen(31, 5), seen(1, 0, total=0)], now=NOW).lines == ()


def test_of_visits_in_one_place_the_last_counts() -> None:
    [line] = lay_out([seen(0.01, 1), seen(0.0101, 2)], now=NOW).lines
    assert len(line.dots) == 1


def test_the_axis_has_days() -> None:
    assert [tick.label for tick in lay_out([], now=NOW).ticks][:2] == ["10-21", "10-26"]
