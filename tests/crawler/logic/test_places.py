import pytest

from crawler.logic.places import hint_of_place

NAMES = {"DE": "Germany", "FR": "France"}


@pytest.mark.parametrize(
    ("found", "hint"),
    [
        ({}, None),
        ({"a.example": []}, None),
        ({"a.example": ["DE"]}, ""),
        ({"a.example": ["FR", "DE"]}, ""),
        ({"a.example": ["FR"], "b.example": ["DE"]}, ""),
        ({"a.example": ["FR"], "b.example": []}, "a.example in France."),
        ({"b.example": ["XX"], "a.example": ["FR"]}, "a.example in France; b.example in XX."),
    ],
)
def test_one_address_in_its_country_confirms_it(found, hint) -> None:
    got = hint_of_place("DE", found, names=NAMES)
    if not hint:
        assert got == hint
    else:
        assert got == (
            "Its country is Germany, but the addresses of its URLs are registered elsewhere: "
            f"{hint} Correct the country if that is where it stands; nothing else follows from "
            "this."
        )


def test_a_country_without_a_name_is_said_by_its_code() -> None:
    hint = hint_of_place("XY", {"a.example": ["FR"]}, names=NAMES)
    assert hint is not None
    assert hint.startswith("Its country is XY, ")
