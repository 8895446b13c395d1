import pytest

from registry.logic.addresses import AddressReason, judge_address

TABLE = [
    ("192.0.0.9", AddressReason.PUBLIC, True),
    ("9.9.9.9", AddressReason.PUBLIC, True),
    ("2620:fe::fe", AddressReason.PUBLIC, True),
    ("127.0.0.1", AddressReason.LOOPBACK, False),
    ("::1", AddressReason.LOOPBACK, False),
    ("10.1.2.3", AddressReason.PRIVATE, False),
    ("192.168.0.1", AddressReason.PRIVATE, False),
    ("fd00::1", AddressReason.PRIVATE, False),
    ("169.254.169.254", AddressReason.LINK_LOCAL, False),
    ("fe80::1%eth0", AddressReason.LINK_LOCAL, False),
    ("100.64.0.1", AddressReason.NOT_GLOBAL, False),
    ("240.0.0.1", AddressReason.PRIVATE, False),
    ("0.0.0.0", AddressReason.UNSPECIFIED, False),
    ("::", AddressReason.UNSPECIFIED, False),
    ("224.0.0.1", AddressReason.MULTICAST, False),
    ("ff02::1", AddressReason.MULTICAST, False),
    ("::ffff:127.0.0.1", AddressReason.LOOPBACK, False),
    ("64:ff9b::7f00:1", AddressReason.LOOPBACK, False),
    ("64:ff9b::909:909", AddressReason.PUBLIC, True),
    ("2002:7f00:1::1", AddressReason.LOOPBACK, False),
    ("2001:0:a00:1::f6f6:f6f6", AddressReason.PRIVATE, False),
    ("127.1", AddressReason.NOT_AN_ADDRESS, False),
    ("2130706433", AddressReason.NOT_AN_ADDRESS, False),
    ("mirror.example.org", AddressReason.NOT_AN_ADDRESS, False),
]


@pytest.mark.parametrize(("text", "reason", "allowed"), TABLE)
def test_which_addresses_may_be_visited(text, reason, allowed) -> None:
    verdict = judge_address(text, allow_private=False)
    assert (verdict.allowed, verdict.reason) == (allowed, reason)
    assert verdict.sentence.startswith(text)


@pytest.mark.parametrize(
    ("text", "allowed", "reason"),
    [
        ("127.0.0.1", True, AddressReason.ALLOWED),
        ("::ffff:10.0.0.1", True, AddressReason.ALLOWED),
        ("9.9.9.9", True, AddressReason.PUBLIC),
        ("0.0.0.0", False, AddressReason.UNSPECIFIED),
        ("239.1.1.1", False, AddressReason.MULTICAST),
        ("localhost", False, AddressReason.NOT_AN_ADDRESS),
    ],
)
def test_a_permission_opens_private_ranges_and_nothing_else(text, allowed, reason) -> None:
    verdict = judge_address(text, allow_private=True)
    assert (verdict.allowed, verdict.reason) == (allowed, reason)
