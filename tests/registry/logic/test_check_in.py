import pytest

from registry.logic.check_in import Carried, CategoryMatch, CheckInReason, match_report

FEDORA = Carried(
    1,
    "Fedora Linux",
    "pub/fedora/linux",
    {"pub/fedora/linux": 10, "pub/fedora/linux/releases": 11, "pub/fedora/linux/updates": 12},
)
EVERYTHING = Carried(2, "Everything", "", {"": 20, "pub": 21})


def match(reported: dict[str, list[str]], *carried: Carried) -> CategoryMatch:
    (only,) = match_report(reported, carried or (FEDORA,))
    return only


@pytest.mark.parametrize(
    ("paths", "ids"),
    [
        ([""], {10}),
        (["", "releases"], {10, 11}),
        (["/releases/", "updates/"], {11, 12}),
        (["releases", "releases/"], {11}),
        (["../../../etc", "releases"], {11}),
        (["releases\0", "updates"], {12}),
    ],
)
def test_paths_are_relative_to_the_top_directory(paths: list[str], ids: set[int]) -> None:
    found = match({"fedora linux": paths})
    assert found.applied
    assert found.matched == ids


def test_a_category_at_the_very_top_matches_too() -> None:
    assert match({"everything": ["", "pub"]}, EVERYTHING).matched == {20, 21}


def test_names_match_in_any_case_and_the_real_name_is_answered() -> None:
    assert match({"FEDORA linux": ["releases"]}).name == "Fedora Linux"


def test_the_sentence_counts_and_names_what_is_unknown() -> None:
    found = match({"fedora linux": ["", *(f"odd{n}" for n in range(7))]})
    assert found.sentence == (
        "The Host reported 1 of 3 directories. The master does not have “odd0”, “odd1”, “odd2”, "
        "“odd3”, “odd4” and 2 more."
    )
    assert len(found.unknown) == 7


def test_a_report_without_unknown_directories_has_a_short_sentence() -> None:
    assert match({"fedora linux": ["releases"]}).sentence == (
        "The Host reported 1 of 3 directories."
    )


@pytest.mark.parametrize(
    ("reported", "reason", "words"),
    [
        ({"fedora linux": []}, CheckInReason.EMPTY, "names no directory"),
        ({"fedora linux": ["x"]}, CheckInReason.NOTHING_KNOWN, "relative to pub/fedora/linux"),
        ({"fedora epel": ["9"]}, CheckInReason.NOT_CARRIED, "does not carry “fedora epel”"),
    ],
)
def test_a_report_that_cannot_be_meant_is_not_applied(
    reported: dict[str, list[str]], reason: CheckInReason, words: str
) -> None:
    found = match(reported)
    assert not found.applied
    assert found.reason is reason
    assert words in found.sentence
    assert found.matched == frozenset()


def test_before_the_master_is_scanned_nothing_can_be_matched() -> None:
    found = match({"new": ["", "releases"]}, Carried(3, "New", "pub/new", {}))
    assert found.reason is CheckInReason.NOT_SCANNED
    assert "has not been scanned yet" in found.sentence


def test_only_the_first_of_two_spellings_counts() -> None:
    first, second = match_report(
        {"fedora linux": ["releases"], "Fedora Linux": ["updates"]}, [FEDORA]
    )
    assert first.matched == {11}
    assert second.reason is CheckInReason.REPEATED


def test_categories_that_are_not_reported_are_left_alone() -> None:
    assert [found.name for found in match_report({"everything": [""]}, [FEDORA, EVERYTHING])] == [
        "Everything"
    ]


def test_a_directory_with_other_files_than_the_masters_is_stale() -> None:
    carried = Carried(1, "A", "pub", {"pub/x": 1, "pub/y": 2, "pub/z": 3}, {1: b"1", 2: b"2"})
    told = {"x": b"1", "/y/": b"other", "z": None}
    (match,) = match_report({"a": told}, [carried])
    assert (match.matched, match.stale) == (frozenset({1, 3}), frozenset({2}))
    assert match.sentence == (
        "The Host reported 3 of 3 directories. In 1 of them its files are not those of the master."
    )
