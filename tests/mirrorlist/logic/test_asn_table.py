from ipaddress import ip_address, ip_network

import pytest

from mirrorlist.logic.asn_table import (
    AsnTable,
    Counts,
    Prefix,
    Replacement,
    describe_counts,
    judge_replacement,
    read_counts,
)


def prefix(text: str) -> Prefix:
    network = ip_network(text)
    return Prefix(int(network.network_address), network.prefixlen, network.max_prefixlen)


def table(**networks: int) -> AsnTable:
    made = AsnTable()
    for text, asn in networks.items():
        made.add(prefix(text), asn)
    return made


def find(made: AsnTable, text: str) -> int | None:
    address = ip_address(text)
    return made.find(int(address), address.max_prefixlen)


def test_the_longest_prefix_of_a_family_decides() -> None:
    made = table(**{"192.0.0.0/16": 1, "192.0.2.0/24": 2, "2a00:1::/32": 3})
    assert find(made, "192.0.2.9") == 2
    assert find(made, "192.0.3.9") == 1
    assert find(made, "2a00:1::9") == 3
    assert find(made, "10.0.0.1") is None
    assert (len(made), made.counts(), made.asns()) == (3, Counts(2, 1), 3)


def test_of_a_prefix_that_comes_twice_the_first_counts() -> None:
    made = table(**{"192.0.2.0/24": 1})
    assert made.add(prefix("192.0.2.0/24"), 2)
    assert find(made, "192.0.2.9") == 1


@pytest.mark.parametrize(
    ("network", "asn"),
    [
        ("0.0.0.0/0", 64496),
        ("::/0", 64496),
        ("0.0.0.0/7", 64496),
        ("2000::/15", 64496),
        ("2001::/32", 64496),
        ("2002::/16", 64496),
        ("2002:c000:200::/40", 64496),
        ("::/96", 64496),
        ("192.0.2.0/24", 0),
        ("192.0.2.0/24", 23456),
        ("192.0.2.0/24", 2**32 - 1),
    ],
)
def test_what_says_nothing_about_clients_is_left_out(network: str, asn: int) -> None:
    made = AsnTable()
    assert not made.add(prefix(network), asn)
    assert len(made) == 0


def test_rows_come_by_address_and_wider_ones_first() -> None:
    made = table(**{"192.0.2.0/24": 1, "192.0.0.0/16": 2, "192.0.0.0/24": 3, "9.0.0.0/8": 4})
    assert [(str(each), asn) for each, asn in made.rows(32)] == [
        ("9.0.0.0/8", 4),
        ("192.0.0.0/16", 2),
        ("192.0.0.0/24", 3),
        ("192.0.2.0/24", 1),
    ]
    assert str(prefix("2a00:1::/32")) == "2a00:1::/32"


@pytest.mark.parametrize(
    ("new", "last", "force", "reason"),
    [
        (Counts(0, 0), None, False, Replacement.EMPTY),
        (Counts(0, 0), None, True, Replacement.EMPTY),
        (Counts(1, 0), None, False, Replacement.ALLOWED),
        (Counts(90, 10), Counts(100, 10), False, Replacement.ALLOWED),
        (Counts(89, 10), Counts(100, 10), False, Replacement.LOST_MUCH),
        (Counts(200, 0), Counts(100, 10), False, Replacement.LOST_MUCH),
        (Counts(89, 10), Counts(100, 10), True, Replacement.FORCED),
        (Counts(200, 10), Counts(100, 0), False, Replacement.ALLOWED),
    ],
)
def test_a_table_that_lost_much_does_not_replace_the_last(
    new: Counts, last: Counts | None, force: bool, reason: Replacement
) -> None:
    verdict = judge_replacement(new, last, greatest_loss_percent=10, force=force)
    assert verdict.reason is reason
    assert verdict.allows == (reason in {Replacement.ALLOWED, Replacement.FORCED})


def test_the_sentence_says_how_much_was_lost() -> None:
    verdict = judge_replacement(
        Counts(5, 1), Counts(1000, 1), greatest_loss_percent=10, force=False
    )
    assert verdict.sentence == (
        "It has 5 IPv4 prefixes and the last table has 1,000, which is more than 10 percent lost. "
        "If that is right, force it."
    )


def test_counts_survive_in_a_description() -> None:
    assert read_counts(describe_counts(Counts(950_000, 7))) == Counts(950_000, 7)
    assert read_counts("GeoLite2ASN database") is None
