import pytest

from mirrorlist.logic.protobuf_limits import Told, tell
from registry.logic.reach import Reach
from tests.mirrorlist.memory import CONTINENTS, a_host

EU = frozenset({"DE", "FR", "ES"})
ALL = frozenset(CONTINENTS.continent_of)


def told(
    allowed: frozenset[str] = frozenset(),
    *,
    everywhere: bool = True,
    by_country: bool = True,
    by_netblock: bool = True,
    by_asn: bool = True,
) -> Told:
    return Told(allowed, everywhere, by_country, by_netblock, by_asn)


@pytest.mark.parametrize(
    ("limits", "expected"),
    [
        ({}, told()),
        ({"countries_allowed": frozenset({"FR"})}, told(frozenset({"FR"}))),
        ({"private": True}, told(everywhere=False, by_country=False)),
        ({"reach": Reach.ASNS}, told(everywhere=False, by_country=False)),
        ({"reach": Reach.NETBLOCKS}, told(everywhere=False, by_country=False, by_asn=False)),
        ({"reach": Reach.CONTINENT}, told(EU)),
        ({"reach": Reach.COUNTRY}, told(frozenset({"DE"}), by_country=False)),
        (
            {"reach": Reach.COUNTRY, "countries_served": frozenset({"US"})},
            told(frozenset({"DE", "US"}), by_country=False),
        ),
        (
            {"reach": Reach.CONTINENT, "countries_served": frozenset({"US"})},
            told(EU | {"US", "CA"}),
        ),
        (
            {"countries_excluded": frozenset({"US"})},
            told(ALL - {"US"}, by_country=False, by_netblock=False, by_asn=False),
        ),
        (
            {"reach": Reach.COUNTRY, "countries_allowed": frozenset({"FR"})},
            told(everywhere=False, by_country=False),
        ),
    ],
)
def test_the_cache_never_says_more_than_an_owner_allows(limits, expected: Told) -> None:
    assert tell(a_host(1, "DE", **limits), CONTINENTS.continent_of) == expected
