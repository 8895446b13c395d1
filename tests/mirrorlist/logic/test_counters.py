"""What is counted of answers, and what never is."""

from typing import Any

import pytest

from mirrorlist.logic.answers import Facts
from mirrorlist.logic.counters import (
    OTHER,
    Counters,
    CountersPolicy,
    Dimension,
    is_key,
    merge,
    trim,
)
from tests.mirrorlist.memory import DE, a_host, a_world, ask, network


def facts(**over) -> Facts:
    values: dict[str, Any] = {
        "kind": "mirrorlist",
        "address": "192.0.2.1",
        "country": "DE",
        "repo": "fedora-42",
        "arch": "x86_64",
        "path": "pub/fedora/42/os",
        "host_id": 7,
    }
    return Facts(**(values | over))


def a_file(path: str = "pub/a.iso", **over) -> Facts:
    return facts(kind="redirect", repo="", arch="", path=path, **over)


def counted(*answers: tuple[Facts, int], **policy):
    counters = Counters(CountersPolicy(**policy))
    for one, status in answers:
        counters.count([(one, status, 5000)])
    return counters.take()


def test_an_answer_counts_in_each_dimension() -> None:
    assert counted((facts(), 200), (facts(country="FR", countme="2"), 200)) == {
        Dimension.KIND: {"mirrorlist 200": 2},
        Dimension.COUNTRY: {"DE": 1, "FR": 1},
        Dimension.REPOSITORY: {"fedora-42": 2},
        Dimension.ARCH: {"x86_64": 2},
        Dimension.HOST: {"7": 2},
        Dimension.COUNTME: {"fedora-42 x86_64 2": 1},
    }


def test_a_real_answer_is_counted() -> None:
    world = a_world(network([a_host(4, "DE")]))
    answer = ask(world, "repo=fedora-42&arch=x86_64&countme=3", ip=DE)
    assert answer.facts is not None
    got = counted((answer.facts, answer.status))
    assert got[Dimension.HOST] == {"4": 1}
    assert got[Dimension.COUNTME] == {"fedora-42 x86_64 3": 1}


def test_nothing_holds_an_address() -> None:
    assert "192.0.2.1" not in str(counted((facts(), 200), (a_file(), 302)))


def test_an_answer_without_hosts_counts_for_none() -> None:
    assert Dimension.HOST not in counted((facts(host_id=0), 200))


def test_a_failure_is_an_answer_and_nothing_else() -> None:
    assert counted((a_file(), 404)) == {Dimension.KIND: {"redirect 404": 1}}


def test_a_system_that_wants_to_be_counted_counts_by_its_name() -> None:
    fedora = facts(countme="1", system="Fedora Linux 42/kde")
    got = counted((fedora, 200), (fedora, 200), (facts(system="not asked/x"), 200))
    assert got[Dimension.SYSTEM] == {"Fedora Linux 42/kde fedora-42": 2}


@pytest.mark.parametrize("countme", ["0", "5", "x", "1,2", "1" * 99])
def test_other_ages_of_systems_are_not_believed(countme: str) -> None:
    assert Dimension.COUNTME not in counted((facts(countme=countme), 200))


@pytest.mark.parametrize(
    ("kind", "files"),
    [
        ("redirect", 1),
        ("metalink", 1),
        ("meta4", 1),
        ("torrent", 1),
        ("magnet", 1),
        ("mirrorlist", 0),
        ("listing", 0),
    ],
)
def test_what_leads_to_a_file_is_a_download(kind: str, files: int) -> None:
    got = counted((a_file()._replace(kind=kind), 200))
    assert sum(got.get(Dimension.FILE, {}).values()) == files


def test_the_metadata_of_a_repository_is_no_download() -> None:
    assert Dimension.FILE not in counted((facts(kind="metalink"), 200))


def test_the_same_download_counts_once() -> None:
    answers = [(a_file(), 302)] * 3 + [(a_file(address="192.0.2.2"), 302), (a_file("pub/b"), 302)]
    assert counted(*answers)[Dimension.FILE] == {"pub/a.iso": 2, "pub/b": 1}
    assert counted(*answers, same_download_seconds=0)[Dimension.FILE] == {
        "pub/a.iso": 4,
        "pub/b": 1,
    }


@pytest.mark.parametrize(("seconds", "downloads"), [(0, 1), (599, 1), (1200, 2)])
def test_a_download_is_forgotten_after_a_while(seconds: int, downloads: int) -> None:
    counters = Counters(CountersPolicy())
    counters.pass_time(1000)
    counters.count([(a_file(), 302, 0)])
    for passed in range(0, seconds + 1, 100):
        counters.pass_time(1000 + passed)
    counters.pass_time(1000 + seconds)
    counters.count([(a_file(), 302, 0)])
    assert counters.take()[Dimension.FILE] == {"pub/a.iso": downloads}


def test_beyond_the_bound_the_least_used_files_are_other() -> None:
    popular = [(a_file("pub/popular", address=f"192.0.2.{n}"), 302) for n in range(50)]
    many = [(a_file(f"pub/{number}"), 302) for number in range(500)]
    got = counted(*popular, *many, files=20)[Dimension.FILE]
    assert got["pub/popular"] == 50
    assert sum(got.values()) == 550
    assert len(got) <= 20


@pytest.mark.parametrize("path", ["pub/" + "x" * 500, "pub/\0", "pub/\ud800", "pub/\r\nSet-Cookie"])
def test_a_hostile_name_is_other(path: str) -> None:
    assert counted((a_file(path), 302))[Dimension.FILE] == {OTHER: 1}


def test_a_hostile_repository_is_other() -> None:
    assert counted((facts(repo="a\0"), 200))[Dimension.REPOSITORY] == {OTHER: 1}


@pytest.mark.parametrize(
    ("text", "good"), [("", True), ("<b>", True), ("ü", True), ("\x7f", False), ("x" * 501, False)]
)
def test_keys_can_be_stored_and_shown(text: str, good: bool) -> None:
    assert is_key(text) is good


def test_taking_begins_anew() -> None:
    counters = Counters(CountersPolicy())
    counters.count([(facts(), 200, 0)])
    assert counters.take()
    assert counters.take() == {}


def test_trimming_keeps_the_sum_and_the_greatest() -> None:
    counts = {"a": 5, "b": 1, "c": 9, OTHER: 2, "d": 1}
    trim(counts, most=4)
    assert counts == {"a": 5, "c": 9, "d": 1, OTHER: 3}


def test_few_keys_are_not_trimmed() -> None:
    counts = {"a": 5}
    trim(counts, most=4)
    assert counts == {"a": 5}


def test_merging_adds_up() -> None:
    into = {Dimension.COUNTRY: {"DE": 1}}
    merge(into, {Dimension.COUNTRY: {"DE": 2, "FR": 1}, Dimension.FILE: {"a": 1}}, files=9)
    assert into == {Dimension.COUNTRY: {"DE": 3, "FR": 1}, Dimension.FILE: {"a": 1}}
