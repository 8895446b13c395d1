import pytest

from registry.logic.places import is_below, join_path, normalize_path, owning_top, relative_to


@pytest.mark.parametrize(
    ("text", "path"),
    [("", ""), ("/", ""), ("pub", "pub"), ("/pub//fedora/", "pub/fedora"), ("a b/c", "a b/c")],
)
def test_paths_have_one_spelling(text: str, path: str) -> None:
    assert normalize_path(text) == path


@pytest.mark.parametrize("text", [".", "pub/../etc", "pub/./x", "pub/a\0b"])
def test_what_leads_out_of_the_tree_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="is not a path inside the master tree"):
        normalize_path(text)


def test_empty_parts_are_left_out_when_joining() -> None:
    assert join_path("pub", "", "fedora") == "pub/fedora"


@pytest.mark.parametrize(
    ("path", "top", "below"),
    [
        ("pub/fedora", "pub", True),
        ("pub", "pub", True),
        ("public", "pub", False),
        ("pub", "", True),
        ("pub", "pub/fedora", False),
    ],
)
def test_a_name_that_begins_alike_is_not_below(path: str, top: str, *, below: bool) -> None:
    assert is_below(path, top) is below


@pytest.mark.parametrize(
    ("path", "top", "rest"),
    [("pub/fedora/42", "pub/fedora", "42"), ("pub", "pub", ""), ("pub", "", "pub")],
)
def test_paths_below_a_top_directory(path: str, top: str, rest: str) -> None:
    assert relative_to(path, top) == rest


def test_a_directory_belongs_to_the_longest_top_directory() -> None:
    tops = ["pub", "pub/fedora", "pub/fedora/linux"]
    assert owning_top("pub/fedora/linux/42", tops) == "pub/fedora/linux"
    assert owning_top("srv", tops) is None
