from ipaddress import IPv6Address, ip_address

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mirrorlist.logic.addresses import Address, Ranges, embedded_ipv4, parse_address


@pytest.mark.parametrize(
    ("text", "canonical", "bits"),
    [
        ("192.0.2.1", "192.0.2.1", 32),
        (" 192.0.2.1 ", "192.0.2.1", 32),
        ("::ffff:192.0.2.1", "192.0.2.1", 32),
        ("2001:DB8::1", "2001:db8::1", 128),
        ("fe80::1%eth0", "fe80::1", 128),
    ],
)
def test_addresses_are_read(text: str, canonical: str, bits: int) -> None:
    address = parse_address(text)
    assert address is not None
    assert (address.text, address.bits) == (canonical, bits)


@pytest.mark.parametrize("text", ["", "example.org", "1.2.3", "1.2.3.4:80", "☃", "1" * 5000])
def test_what_is_no_address_is_none(text: str) -> None:
    assert parse_address(text) is None


@settings(max_examples=3_000, deadline=None)
@given(
    st.one_of(
        st.ip_addresses().map(str),
        st.ip_addresses(v=6).map(lambda address: address.exploded),
        st.lists(st.sampled_from(["0", "1", "01", "255", "256", ""]), max_size=5).map(".".join),
        st.lists(st.sampled_from(["", "0", "0a", "a", "2001", "12345"]), max_size=9).map(":".join),
    )
)
def test_the_short_way_reads_what_the_long_way_reads(text: str) -> None:
    try:
        long = ip_address(text)
    except ValueError:
        assert parse_address(text) is None
        return
    mapped = long.ipv4_mapped if isinstance(long, IPv6Address) else None
    expected = mapped or long
    assert parse_address(text) == (str(expected), int(expected), expected.max_prefixlen)


def located(text: str) -> Address:
    address = parse_address(text)
    assert address is not None
    return address


def test_the_longest_prefix_comes_first() -> None:
    ranges = Ranges([("10.0.0.0/8", "wide"), ("10.1.0.0/16", "near"), ("10.1.2.3", "one")])
    assert ranges.containing(located("10.1.2.3")) == [(32, "one"), (16, "near"), (8, "wide")]
    assert ranges.containing(located("10.2.0.0")) == [(8, "wide")]
    assert ranges.containing(located("11.0.0.0")) == []


def test_families_do_not_mix_and_garbage_is_skipped() -> None:
    ranges = Ranges([("::/0", "six"), ("0.0.0.0/0", "four"), ("garbage", "?"), ("::/0", "more")])
    assert ranges.containing(located("2001:db8::1")) == [(0, "six"), (0, "more")]
    assert ranges.containing(located("192.0.2.1")) == [(0, "four")]


@pytest.mark.parametrize(
    ("text", "inner"),
    [
        ("::ffff:192.0.2.1", "192.0.2.1"),
        ("::ffff:c000:201", "192.0.2.1"),
        ("2002:c000:201::1", "192.0.2.1"),
        ("2001:0:4136:e378:8000:63bf:3fff:fdd2", "192.0.2.45"),
        ("2001::8000:63bf:3fff:fdd2", "192.0.2.45"),
        ("64:ff9b::c000:201", "192.0.2.1"),
        ("64:ff9b:1::c000:201", None),
        ("2001:db8::1", None),
        ("2001:0:nonsense", None),
        ("192.0.2.1", None),
        ("", None),
    ],
)
def test_an_ipv4_address_inside_an_ipv6_address_is_found(text: str, inner: str | None) -> None:
    assert embedded_ipv4(text) == inner


def test_addresses_that_begin_as_no_range_does_are_in_none() -> None:
    ranges = Ranges([("10.16.0.0/12", "wide"), ("192.0.2.0/24", "near"), ("2001:db8::/30", "six")])
    found = {ip: [value for _, value in ranges.containing(located(ip))] for ip in (
        "10.15.255.255", "10.16.0.0", "10.31.255.255", "10.32.0.0",
        "192.0.2.9", "192.0.3.9", "2001:dbb::1", "2001:dbc::1",
    )}  # fmt: skip
    assert found == {
        "10.15.255.255": [], "10.16.0.0": ["wide"], "10.31.255.255": ["wide"], "10.32.0.0": [],
        "192.0.2.9": ["near"], "192.0.3.9": [], "2001:dbb::1": ["six"], "2001:dbc::1": [],
    }  # fmt: skip


@pytest.mark.parametrize("netblock", ["0.0.0.0/0", "0.0.0.0/3", "10.0.0.0/8"])
def test_wide_ranges_contain_what_they_should(netblock: str) -> None:
    ranges = Ranges([(netblock, "wide"), ("203.0.113.0/24", "near")])
    inside = "wide" if netblock != "10.0.0.0/8" else ""
    assert [value for _, value in ranges.containing(located("1.2.3.4"))] == [inside] * bool(inside)
    assert ranges.containing(located("203.0.113.9"))[0] == (24, "near")
