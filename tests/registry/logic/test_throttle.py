import pytest

from registry.logic.throttle import (
    Guesses,
    ThrottlePolicy,
    ThrottleReason,
    client_address,
    judge_guess,
    network_of,
)

POLICY = ThrottlePolicy(wrong_passwords_per_network=3, wrong_passwords_per_site=5)


@pytest.mark.parametrize(
    ("guesses", "reason"),
    [
        (Guesses((), 0), ThrottleReason.ALLOWED),
        (Guesses(("a", "b"), 4), ThrottleReason.ALLOWED),
        (Guesses(("a", "new"), 2), ThrottleReason.REPEATED),
        (Guesses(("a", "b", "c"), 3), ThrottleReason.NETWORK_LIMITED),
        (Guesses(("a",), 5), ThrottleReason.SITE_LIMITED),
        (Guesses(("a",), 5, trusted=True), ThrottleReason.ALLOWED),
        (Guesses(("a", "b", "c"), 5, trusted=True), ThrottleReason.NETWORK_LIMITED),
    ],
)
def test_different_wrong_passwords_count(guesses: Guesses, reason: ThrottleReason) -> None:
    assert judge_guess("new", guesses, policy=POLICY) is reason


@pytest.mark.parametrize(
    ("address", "network"),
    [
        ("192.0.2.7", "192.0.2.7"),
        ("2001:db8:1:2:3:4:5:6", "2001:db8:1:2::/64"),
        ("::ffff:192.0.2.7", "192.0.2.7"),
        ("", ""),
        ("no address" * 9, ("no address" * 9)[:49]),
    ],
)
def test_a_client_is_an_address_or_an_ipv6_network(address: str, network: str) -> None:
    assert network_of(address) == network


@pytest.mark.parametrize(
    ("forwarded", "trusted", "address"),
    [
        ("", 0, "10.0.0.1"),
        ("198.51.100.1", 0, "10.0.0.1"),
        ("198.51.100.1", 1, "198.51.100.1"),
        ("203.0.113.9, 198.51.100.1", 1, "198.51.100.1"),
        ("203.0.113.9, 198.51.100.1", 2, "203.0.113.9"),
        ("198.51.100.1", 2, "10.0.0.1"),
        ("<script>", 1, "10.0.0.1"),
        ("", 1, "10.0.0.1"),
    ],
)
def test_only_our_own_proxies_are_believed(forwarded: str, trusted: int, address: str) -> None:
    assert client_address("10.0.0.1", forwarded, trusted_proxies=trusted) == address
