import pytest

from registry.logic.places import printable


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("pub/a name with blanks", "pub/a name with blanks"),
        ("pub/größe", "pub/größe"),
        ("line\nend", "line\\nend"),
        ("bell\a", "bell\\x07"),
        ("caf\udce9", "caf\\xe9"),
        ("right\u202eleft", "right\\u202eleft"),
    ],
)
def test_every_name_fits_into_a_sentence(text: str, shown: str) -> None:
    assert printable(text) == shown
