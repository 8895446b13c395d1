"""Counters that processes share: sums survive whoever counted, however it ended."""

import os
from collections.abc import Callable, Iterator

import pytest

from mirrorlist.counters import COPY_BYTES, SLOT_BYTES, SharedCounters
from mirrorlist.metrics import render_metrics, sample, summed


@pytest.fixture
def shared() -> Iterator[SharedCounters]:
    shared = SharedCounters()
    yield shared
    shared.close()


def in_a_child(act: Callable[[], None]) -> None:
    pid = os.fork()
    if pid == 0:
        act()
        os._exit(0)
    assert os.waitpid(pid, 0)[1] == 0


def publishing(shared: SharedCounters, count: int) -> Callable[[], None]:
    def act() -> None:
        shared.claim()
        shared.publish({"requests_total": count}, {"gauges": [["connections", {}, 3]]})

    return act


def totals(shared: SharedCounters) -> dict[str, int]:
    return summed(shared.tallies({}, {}))


def test_what_the_dead_counted_stays_counted(shared: SharedCounters) -> None:
    for count in (5, 7):
        in_a_child(publishing(shared, count))
        shared.claim()
    assert totals(shared)["requests_total"] == 12
    assert all(not tally.state for tally in shared.tallies({}, {}))


def test_a_copy_torn_by_a_death_is_not_believed(shared: SharedCounters) -> None:
    in_a_child(publishing(shared, 5))
    for slot in range(1):
        start = slot * SLOT_BYTES
        # The second copy is the one that was written; a later one was begun in the first.
        shared._memory[start : start + 20] = b"\xff" * 20
        assert shared._read(slot)[1]["counts"] == {"requests_total": 5}
        shared._memory[start + COPY_BYTES : start + COPY_BYTES + 20] = b"\xff" * 20
        assert shared._read(slot) == (0, {})


def test_labels_are_escaped() -> None:
    assert sample("x", path='a"b\\c\nd') == r'x{path="a\"b\\c\nd"}'
    assert sample("x") == "x"


def test_a_text_too_long_for_its_slot_leaves_the_last_one(shared: SharedCounters) -> None:
    shared.claim()
    shared.publish({"a": 1}, {})
    shared.publish({"a": 2, "b" * COPY_BYTES: 1}, {})
    assert shared._read(shared._mine or 0)[1]["counts"] == {"a": 1}
    assert b"mirrorsite_edge_connections_total" in render_metrics([])
