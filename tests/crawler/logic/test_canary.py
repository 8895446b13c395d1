import pytest

from crawler.logic.canary import Canaried, CanaryPolicy, Family, Reach, Reached, judge_canary
from crawler.logic.health import Standing, Turn
from crawler.logic.observations import Fault

POLICY = CanaryPolicy(fail_after=2)
V4, V6 = Family.IPV4, Family.IPV6
GOOD, GONE = Reached(200), Reached(0, Fault.CONNECTION, "no connection")
WORKING, FAILING, UNKNOWN = Standing.WORKING, Standing.FAILING, Standing.UNKNOWN


@pytest.mark.parametrize(
    ("before", "found", "standing", "failures", "turn"),
    [
        (Canaried(WORKING), {V4: GOOD, V6: GOOD}, WORKING, 0, Turn.NONE),
        (Canaried(UNKNOWN), {V4: GOOD}, UNKNOWN, 0, Turn.NONE),
        (Canaried(WORKING), {V4: GOOD, V6: GONE}, WORKING, 0, Turn.NONE),
        (Canaried(WORKING, canary_failures=1), {V6: GOOD}, WORKING, 0, Turn.NONE),
        (Canaried(WORKING), {V4: GONE}, WORKING, 1, Turn.NONE),
        (Canaried(WORKING, canary_failures=1), {V4: GONE}, FAILING, 2, Turn.FAILED),
        (Canaried(WORKING, canary_failures=1), {}, FAILING, 2, Turn.FAILED),
        (Canaried(UNKNOWN, canary_failures=1), {V4: Reached(503)}, FAILING, 2, Turn.FAILED),
        (Canaried(FAILING, canary_failures=2), {V4: GONE}, FAILING, 2, Turn.NONE),
        (Canaried(FAILING, canary_failures=2), {V4: Reached(404)}, WORKING, 0, Turn.RECOVERED),
        (Canaried(FAILING, "Lies.", visit_failures=1), {V4: GOOD}, FAILING, 0, Turn.NONE),
    ],
)
def test_what_a_canary_changes(before, found, standing, failures, turn) -> None:
    change = judge_canary(before, found, policy=POLICY)
    assert (change.after.standing, change.after.canary_failures, change.turn) == (
        standing, failures, turn,
    )  # fmt: skip
    if turn is not Turn.NONE:
        assert change.after.sentence == change.sentence != before.sentence
    else:
        assert change.after.sentence == before.sentence


def test_families_are_told_apart() -> None:
    after = judge_canary(Canaried(), {V4: GONE}, policy=POLICY).after
    assert after.ipv4 == Reach("failing", "By IPv4: no connection.", 1)
    assert after.ipv6 == Reach("absent", "Its name has no IPv6 address.")
    after = judge_canary(Canaried(), {V4: Reached(500), V6: GOOD}, policy=POLICY).after
    assert after.ipv4 == Reach("failing", "By IPv4 it answers 500.", 1)
    assert after.ipv6 == Reach("working", "It can be reached by IPv6.")


LOST = "By IPv6: no connection."
WELL = Reach("working", "It can be reached by IPv6.")


@pytest.mark.parametrize(
    ("before", "found", "after"),
    [
        (WELL, GONE, WELL._replace(failures=1)),
        (WELL._replace(failures=1), GONE, Reach("failing", LOST, 2)),
        (Reach("failing", LOST, 2), GONE, Reach("failing", LOST, 2)),
        (Reach("failing", LOST, 2), GOOD, WELL),
        (WELL._replace(failures=1), GOOD, WELL),
        (Reach("absent"), GONE, Reach("failing", LOST, 1)),
    ],
)
def test_a_family_that_worked_fails_after_several_failures(before, found, after) -> None:
    change = judge_canary(Canaried(WORKING, ipv6=before), {V4: GOOD, V6: found}, policy=POLICY)
    assert change.after.ipv6 == after
    assert (change.after.standing, change.turn) == (WORKING, Turn.NONE)


@pytest.mark.parametrize(
    ("found", "why"),
    [
        ({V4: GONE}, "By IPv4: no connection."),
        ({}, "Its name leads to no address that we visit."),
    ],
)
def test_the_owner_is_told_why(found, why) -> None:
    change = judge_canary(Canaried(WORKING, canary_failures=1), found, policy=POLICY)
    assert change.sentence == f"It could not be reached 2 times in a row. {why}"
