"""Where a tree may be."""

import pytest

from crawler.logic.tree_guess import guess_bases, spread


@pytest.mark.parametrize(
    ("url", "wanted"),
    [
        ("https://m.example.org/pub", "https://m.example.org/pub/fedora/linux"),
        ("https://m.example.org/fedora", "https://m.example.org/fedora/linux"),
        ("https://m.example.org/fedora/linux/releases", "https://m.example.org/fedora/linux"),
        ("https://m.example.org", "https://m.example.org/pub/fedora/linux"),
        ("https://m.example.org/wrong", "https://m.example.org"),
    ],
)
def test_the_likely_places_are_among_the_guesses(url: str, wanted: str) -> None:
    assert wanted in guess_bases(url, top_directory="pub/fedora/linux")


def test_the_url_itself_is_no_guess_and_none_comes_twice() -> None:
    found = guess_bases("https://m.example.org/a/a", top_directory="a/a", most=50)
    assert "https://m.example.org/a/a" not in found
    assert len(set(found)) == len(found)


def test_guesses_end() -> None:
    deep = "https://m.example.org/" + "/".join("abcdefgh")
    assert len(guess_bases(deep, top_directory="pub/x", most=5)) == 5


@pytest.mark.parametrize(
    ("count", "most", "expected"),
    [(0, 3, []), (2, 3, [0, 1]), (9, 3, [0, 3, 6]), (10, 3, [0, 3, 6])],
)
def test_a_few_stand_evenly_for_many(count: int, most: int, expected: list[int]) -> None:
    assert spread(range(count), most=most) == expected
