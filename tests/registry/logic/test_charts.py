from registry.logic.charts import Bar, lay_out_bars


def test_the_greatest_has_full_height_and_nothing_has_none() -> None:
    assert lay_out_bars([0, 5, 10], greatest=10, height=32) == (
        Bar(0, 32, 8, 0),
        Bar(10, 16, 8, 16),
        Bar(20, 0, 8, 32),
    )


def test_little_beside_much_can_still_be_seen() -> None:
    assert lay_out_bars([1, 100_000], greatest=100_000, height=32)[0].height == 1


def test_a_value_above_the_scale_is_cut() -> None:
    assert lay_out_bars([20], greatest=10, height=32)[0].height == 32


def test_without_values_there_is_nothing_to_see() -> None:
    assert lay_out_bars([], greatest=0, height=32) == ()
    assert lay_out_bars([0], greatest=0, height=32)[0].height == 0
