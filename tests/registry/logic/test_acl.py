import pytest

from registry.logic.acl import parse_address, sort_addresses


def test_addresses_come_once_in_numeric_order() -> None:
    given = ["2001:db8::10", "198.51.100.10", "198.51.100.9", "2001:db8::9", "198.51.100.9"]
    assert sort_addresses(given) == (
        "198.51.100.9",
        "198.51.100.10",
        "2001:db8::9",
        "2001:db8::10",
    )


@pytest.mark.parametrize(
    ("text", "address"),
    [
        (" 192.0.2.10\n", "192.0.2.10"),
        ("2001:DB8:0::1", "2001:db8::1"),
        ("::ffff:192.0.2.1", "192.0.2.1"),
        ("10.1.2.3", "10.1.2.3"),
    ],
)
def test_an_address_gets_its_canonical_form(text: str, address: str) -> None:
    assert parse_address(text) == address


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("", "not an IP address"),
        ("mirror.example.org", "not an IP address"),
        ("192.0.2.010", "not an IP address"),
        ("1\0", "not an IP address"),
        ("192.0.2.0/24", "not a range"),
        ("2001:db8::1%eth0", "Leave out the interface"),
        ("0.0.0.0", "every address"),
        ("::", "every address"),
        ("127.0.0.1", "loopback"),
        ("::ffff:127.0.0.1", "loopback"),
        ("fe80::1", "one cable"),
        ("224.0.0.1", "multicast"),
        ("255.255.255.255", "reserved"),
    ],
)
def test_what_no_upstream_can_let_in_is_refused_with_a_sentence(text: str, sentence: str) -> None:
    with pytest.raises(ValueError, match=sentence):
        parse_address(text)
