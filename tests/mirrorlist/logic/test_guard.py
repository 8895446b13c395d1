from datetime import UTC, datetime

import pytest

from mirrorlist.logic.guard import (
    Holdings,
    Live,
    Publication,
    Start,
    judge_publication,
    judge_turn,
)


def holdings(hosts: int, repositories: int, directories: int = 9, first: int = 0) -> Holdings:
    return Holdings(
        hosts=frozenset(range(first, first + hosts)),
        repositories=frozenset(
            (f"fedora-{n}", "x86_64") for n in range(first, first + repositories)
        ),
        directories=directories,
    )


@pytest.mark.parametrize(
    ("new", "last", "reason"),
    [
        (holdings(5, 5), None, Publication.ALLOWED),
        (holdings(0, 0, 3), None, Publication.ALLOWED),
        (holdings(0, 0, 0), None, Publication.EMPTY),
        (holdings(80, 5), holdings(100, 5), Publication.ALLOWED),
        (holdings(79, 5), holdings(100, 5), Publication.LOST_HOSTS),
        (holdings(100, 100, first=50), holdings(100, 100), Publication.LOST_HOSTS),
        (holdings(9, 3), holdings(9, 10), Publication.LOST_REPOSITORIES),
        (holdings(1, 1), holdings(3, 3), Publication.ALLOWED),
        (holdings(0, 1), holdings(1, 1), Publication.LOST_HOSTS),
        (holdings(2, 0), holdings(2, 2), Publication.LOST_REPOSITORIES),
        (holdings(2, 0), holdings(0, 0), Publication.ALLOWED),
    ],
)
def test_what_may_replace_the_last_snapshot(new, last, reason: Publication) -> None:
    verdict = judge_publication(new, last, greatest_loss_percent=20, force=False)
    assert verdict.reason is reason
    assert verdict.allows is (reason is Publication.ALLOWED)


def test_the_sentence_tells_what_is_lost_and_what_to_do() -> None:
    verdict = judge_publication(
        holdings(5, 5), holdings(10, 5), greatest_loss_percent=20, force=False
    )
    assert verdict.sentence == (
        "5 of 10 Hosts vanished since the last snapshot, which is more than 20 percent. If that is "
        "right, build it again and force it."
    )


def test_force_publishes_and_keeps_the_sentence() -> None:
    verdict = judge_publication(
        holdings(0, 0), holdings(10, 5), greatest_loss_percent=20, force=True
    )
    assert verdict.reason is Publication.FORCED
    assert verdict.allows
    assert verdict.sentence.startswith("Published although: 10 of 10 Hosts vanished")


ONE, TWO = datetime(2026, 11, 20, 1, tzinfo=UTC), datetime(2026, 11, 20, 2, tzinfo=UTC)


@pytest.mark.parametrize(
    ("start", "live", "allowed"),
    [
        (Start(None, frozenset()), None, True),
        (Start(Live(1, ONE), frozenset()), Live(1, ONE), True),
        (Start(Live(1, ONE), frozenset({2})), Live(2, TWO), True),
        (Start(Live(1, ONE), frozenset()), None, True),
        (Start(Live(1, ONE), frozenset({2})), Live(4, TWO), False),
        (Start(Live(2, ONE), frozenset()), Live(1, TWO), False),
        (Start(Live(1, ONE), frozenset()), Live(1, TWO), False),
        (Start(None, frozenset()), Live(4, TWO), False),
    ],
    ids=[
        "nothing is live",
        "what it began with is",
        "an earlier build is",
        "what it began with is gone",
        "a later build is",
        "an operator rolled back",
        "an operator rolled back to what it began with",
        "a later build is the first",
    ],
)
def test_a_build_replaces_what_is_earlier_only(start: Start, live, allowed: bool) -> None:
    verdict = judge_turn(start, live)
    assert verdict.allows is allowed
    assert (verdict.reason is Publication.OVERTAKEN) is not allowed
