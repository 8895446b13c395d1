"""Where the bars of a chart over time stand."""

from datetime import date

import pytest

from registry.logic.charts import Point, lay_out_times, shorten


def points(*values: int) -> list[Point]:
    return [Point(date(2026, 11, day), f"11-{day:02}", v) for day, v in enumerate(values, start=1)]


def test_the_greatest_bar_has_the_full_height_and_all_fit_in() -> None:
    chart = lay_out_times(points(10, 0, 5), noun="requests", width=300, height=100)
    bars = [column.bar for column in chart.columns]
    assert [bar.height for bar in bars] == [100, 0, 50]
    assert bars[-1].x + bars[-1].width <= 300
    assert chart.columns[0].sentence == "11-01: 10 requests"
    assert chart.top == "10"


def test_few_bars_are_labeled() -> None:
    chart = lay_out_times(points(*range(28)), noun="requests", ticks=7)
    assert [tick.label for tick in chart.ticks] == [f"11-{day:02}" for day in range(1, 29, 4)]


def test_nothing_is_an_empty_chart() -> None:
    chart = lay_out_times([], noun="requests")
    assert (chart.columns, chart.ticks, chart.top) == ((), (), "0")


def test_zeros_have_no_height() -> None:
    assert [c.bar.height for c in lay_out_times(points(0, 0), noun="x").columns] == [0, 0]


@pytest.mark.parametrize(
    ("number", "text"),
    [(999, "999"), (1000, "1.0 k"), (277_501, "278 k"), (3_400_000, "3.4 M"), (10**13, "10 T")],
)
def test_numbers_of_axes_are_short(number: int, text: str) -> None:
    assert shorten(number) == text
