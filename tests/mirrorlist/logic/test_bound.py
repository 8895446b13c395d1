import sys
from collections import OrderedDict
from threading import Thread

from mirrorlist.logic.bound import Bound, keep_newest


def test_the_oldest_entry_of_all_tables_goes_first() -> None:
    bound, one, other = Bound(2), dict[str, int](), dict[str, int]()
    bound.keep(one, "a", 1)
    bound.keep(other, "b", 2)
    bound.keep(other, "c", 3)
    assert (one, other, len(bound)) == ({}, {"b": 2, "c": 3}, 2)


def test_what_is_gone_already_is_no_error() -> None:
    bound, table = Bound(5), dict[str, int]()
    bound.keep(table, "a", 1)
    table.clear()
    assert not bound.drop(1)
    assert not bound.drop(1)


def test_entries_are_dropped_some_at_a_time() -> None:
    bound, table = Bound(5), dict[int, int]()
    for number in range(5):
        bound.keep(table, number, number)
    assert bound.drop(2)
    assert list(table) == [2, 3, 4]
    assert not bound.drop(9)
    assert table == {}


def test_a_table_of_its_own_keeps_the_newest() -> None:
    table = OrderedDict[str, int]()
    assert [keep_newest(table, key, n, most=2) for n, key in enumerate("abc")] == [0, 1, 2]
    assert table == {"b": 1, "c": 2}


def test_threads_may_keep_entries_at_once() -> None:
    bound, tables = Bound(100), [dict[int, int]() for _ in range(4)]

    def work(table: dict[int, int]) -> None:
        for number in range(5_000):
            bound.keep(table, number, number)

    threads = [Thread(target=work, args=[table]) for table in tables]
    interval = sys.getswitchinterval()
    sys.setswitchinterval(1e-6)
    try:
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    finally:
        sys.setswitchinterval(interval)
    assert sum(map(len, tables)) == len(bound) == 100
