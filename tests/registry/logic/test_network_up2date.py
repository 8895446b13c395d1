import pytest
from pyroaring import BitMap

from registry.logic.network.records import Record
from registry.logic.network.schema import KIND
from registry.logic.network.up2date import describe, make_catalog, resolve
from registry.logic.network.values import UP2DATE, Listing, Scope, Type, Up2date, explain, show

CATEGORY = ("Linux",)


def directory(number: int, *, readable: bool = True) -> Record:
    values = {"category": CATEGORY, "readable": readable}
    return Record(KIND["directory"], (f"d{number}",), "", values, row=number)


CATALOG = make_catalog(
    [*(directory(number) for number in range(1, 5)), directory(9, readable=False)]
)
PATHS = {number: path for path, number in CATALOG.numbers.items()}


@pytest.mark.parametrize(
    ("numbers", "words"),
    [
        ([1, 2, 3, 4], "all"),
        ([1, 2, 3, 4, 77], "all"),
        ([1, 3, 4], {"all_except": ["d2"]}),
        ([1, 2], ["d1", "d2"]),
        ([], []),
        ([1, 2, 3, 4, 9], ["d1", "d2", "d3", "d4", "d9"]),
    ],
)
def test_a_set_is_said_in_the_fewest_words_and_understood_again(numbers, words) -> None:
    said = describe(BitMap(numbers), CATEGORY, catalog=CATALOG, paths=PATHS)
    assert UP2DATE.dump(said) == words
    found, unknown = resolve(UP2DATE.parse(words), CATEGORY, catalog=CATALOG)
    assert found == BitMap(numbers) & CATALOG.known
    assert not unknown


def test_nothing_of_an_empty_category_is_not_all() -> None:
    said = describe(BitMap(), ("Empty",), catalog=CATALOG, paths=PATHS)
    assert said == Up2date(Scope.ONLY)


def test_paths_that_no_directory_has_are_named() -> None:
    assert resolve(Up2date(Scope.ALL_EXCEPT, ("d1", "x")), CATEGORY, catalog=CATALOG) == (
        BitMap([2, 3, 4]),
        ["x"],
    )


@pytest.mark.parametrize(
    ("value", "words"),
    [
        (None, "none"),
        (True, "yes"),
        (7, "7"),
        (BitMap([1, 2]), "2 directories"),
        (Listing(b""), "other files"),
        (Listing.of(()), "0 files"),
        (("a", None), "“a” / none"),
    ],
)
def test_values_are_shown_in_few_words(value, words) -> None:
    assert show(value) == words


def test_a_sentence_of_its_own_replaces_the_general_one() -> None:
    kind = Type("a thing", str)
    assert explain(3, kind, ValueError("Mine.")) == "Mine."
    assert explain(3, kind, ValueError()) == "3 is not a thing."
