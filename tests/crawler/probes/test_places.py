"""Countries of names; only addresses in literal form are asked for, which need no network."""

import pytest

from crawler.probes.places import country_of_address, find_places


@pytest.mark.parametrize(
    ("address", "country"),
    [
        ("193.0.6.139", "NL"),
        ("2001:67c:2e8:22::c100:68b", "NL"),
        ("127.0.0.1", None),
        ("::1", None),
    ],
)
def test_registers_say_where_an_address_is(address, country) -> None:
    assert country_of_address(address) == country


def test_names_are_looked_up_and_those_that_lead_nowhere_have_no_country() -> None:
    names = ["193.0.6.139", "localhost", "no-such-name.invalid", "x" * 300, "127.0.0.1"]
    found = find_places(names)
    assert found.pop("193.0.6.139") == {"NL"}
    assert set(found.values()) == {frozenset()}
    assert len(found) == 4


def test_nothing_to_look_up_is_nothing() -> None:
    assert find_places([]) == {}
