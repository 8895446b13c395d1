import pytest

from registry.logic.tokens import build_token, hash_token, is_token, prefix_of


def test_a_token_is_found_by_its_prefix_and_proved_by_the_whole() -> None:
    token = build_token("0123456789ab", "se_cret")
    assert prefix_of(token) == "0123456789ab"
    stored = hash_token(token)
    assert is_token(token, stored)
    assert not is_token(f"{token}x", stored)


@pytest.mark.parametrize(
    "text",
    ["", "mirrorsite", "mirrorsite_short_x", "other_0123456789ab_x", "mirrorsite_0123456789ab_"],
)
def test_what_is_no_token_has_no_prefix(text: str) -> None:
    assert prefix_of(text) is None
