from crawler.logic.pacing import Pacing


def test_without_a_rate_nobody_waits() -> None:
    pacing = Pacing(per_second=0)
    assert [pacing.reserve(now=5) for _ in range(100)] == [0] * 100


def test_requests_are_spread_evenly() -> None:
    pacing = Pacing(per_second=4)
    assert [pacing.reserve(now=10) for _ in range(4)] == [0, 0.25, 0.5, 0.75]
    assert pacing.reserve(now=10.5) == 0.5


def test_a_burst_comes_first() -> None:
    pacing = Pacing(per_second=2, burst=3)
    assert [pacing.reserve(now=0) for _ in range(5)] == [0, 0, 0, 0.5, 1]


def test_who_paused_gets_a_burst_again_but_no_more() -> None:
    pacing = Pacing(per_second=2, burst=2)
    pacing.reserve(now=0)
    assert [pacing.reserve(now=1000) for _ in range(3)] == [0, 0, 0.5]


def test_a_break_holds_everybody_up() -> None:
    pacing = Pacing(per_second=10, burst=10)
    pacing.hold(30, now=100)
    assert pacing.reserve(now=100) == 30
    assert pacing.reserve(now=131) == 0
    free = Pacing(per_second=0)
    free.hold(5, now=0)
    assert [free.reserve(now=1), free.reserve(now=6)] == [4, 0]
