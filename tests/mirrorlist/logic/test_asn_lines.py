from ipaddress import IPv4Address, IPv4Network
from itertools import pairwise

import pytest

from mirrorlist.logic.asn_lines import parse_asn, parse_line, split_range


@pytest.mark.parametrize(
    ("line", "networks", "asn"),
    [
        ("192.0.2.0/24 64496", ["192.0.2.0/24"], 64496),
        ("192.0.2.7/24\t AS64496 ", ["192.0.2.0/24"], 64496),
        ("2001:db8::/32 64496", ["2001:db8::/32"], 64496),
        ('192.0.2.0/24,64496,"Example, Inc."', ["192.0.2.0/24"], 64496),
        ('"192.0.2.0","192.0.2.255","64496","Example"', ["192.0.2.0/24"], 64496),
        ("192.0.2.0\t192.0.2.128\t64496\tDE\tX", ["192.0.2.0/25", "192.0.2.128/32"], 64496),
        ("2001:db8::,2001:db8::1,64496", ["2001:db8::/127"], 64496),
    ],
)
def test_lines_of_all_files_in_use_are_read(line: str, networks: list[str], asn: int) -> None:
    found, number = parse_line(line)
    assert ([str(each) for each in found], number) == (networks, asn)


@pytest.mark.parametrize(
    ("line", "sentence"),
    [
        ("192.0.2.0/24", "“192.0.2.0/24” is no network with an ASN."),
        ("192.0.2.0/24 six", "“192.0.2.0/24 six” is no network with an ASN."),
        ("192.0.2.0/33 64496", "“192.0.2.0/33 64496” is no network with an ASN."),
        ("192.0.2.0/² 64496", "“192.0.2.0/² 64496” is no network with an ASN."),
        ("192.0.2.1 64496", "“192.0.2.1 64496” is no network with an ASN."),
        ("network,autonomous_system_number", "is no network with an ASN."),
        ("<html>", "“<html>” is no network with an ASN."),
        ("192.0.2.9,192.0.2.1,64496", "“192.0.2.9,192.0.2.1,64496” is no range of addresses."),
        ("192.0.2.9,2001:db8::,64496", "is no range of addresses."),
    ],
)
def test_garbage_is_refused_with_a_sentence_that_quotes_it(line: str, sentence: str) -> None:
    with pytest.raises(ValueError, match="is no") as raised:
        parse_line(line)
    assert str(raised.value).endswith(sentence)


@pytest.mark.parametrize("text", ["", "AS", "-1", "²", "4294967296", "9" * 5000])
def test_what_is_no_number_of_an_as_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="autonomous system"):
        parse_asn(text)


@pytest.mark.parametrize(
    ("first", "last"), [(0, 2**32 - 1), (1, 1), (1, 14), (5, 260), (2**31 - 3, 2**31 + 3)]
)
def test_a_range_becomes_the_fewest_prefixes_that_fill_it(first: int, last: int) -> None:
    found = list(split_range(first, last, bits=32))
    networks = [IPv4Network((each.address, each.length)) for each in found]
    assert networks[0].network_address == IPv4Address(first)
    assert networks[-1].broadcast_address == IPv4Address(last)
    for one, other in pairwise(networks):
        assert int(one.broadcast_address) + 1 == int(other.network_address)
        assert one.supernet() != other.supernet(), "together they would be one prefix"
