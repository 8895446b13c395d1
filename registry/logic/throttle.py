"""Who has guessed too many passwords, or checks in too often.

Counts *different* wrong passwords, because quick-fedora-mirror repeats a refused report ten times:
a client that is set up wrongly tries one password, a guesser many. Deliberately stores nothing.
"""

import ipaddress
from collections.abc import Collection
from dataclasses import dataclass
from datetime import timedelta
from enum import Enum

# A household or a rented server has a whole /64 to guess from.
IPV6_NETWORK = 64


@dataclass(frozen=True)
class ThrottlePolicy:
    """How much is too much within `window`."""

    window: timedelta = timedelta(hours=1)
    wrong_passwords_per_network: int = 20
    wrong_passwords_per_site: int = 200
    check_ins_per_host: int = 120


class ThrottleReason(Enum):
    """What is done with a password before it is looked at."""

    ALLOWED = "allowed"
    REPEATED = "repeated"
    NETWORK_LIMITED = "network_limited"
    SITE_LIMITED = "site_limited"


@dataclass(frozen=True)
class Guesses:
    """What was guessed within the window: fingerprints from this network, a number for the Site.

    `trusted` says that the Site named the client's address as one of its own.
    """

    fingerprints: Collection[str]
    for_site: int
    trusted: bool = False


def network_of(address: str) -> str:
    """Return the network that counts as one client; what is no address counts as itself."""
    try:
        parsed = ipaddress.ip_address(address)
    except ValueError:
        return address[:49]
    if isinstance(parsed, ipaddress.IPv6Address):
        if parsed.ipv4_mapped:
            return str(parsed.ipv4_mapped)
        return str(ipaddress.ip_network((int(parsed), IPV6_NETWORK), strict=False))
    return str(parsed)


def judge_guess(fingerprint: str, guesses: Guesses, *, policy: ThrottlePolicy) -> ThrottleReason:
    """Decide whether a password is worth the cost of a hash.

    One that was wrong a moment ago still is, and does not count twice. A Site under attack from
    many networks still lets in the addresses that its SiteAdmins named, so that nobody can be
    locked out by strangers.
    """
    if fingerprint in guesses.fingerprints:
        return ThrottleReason.REPEATED
    if len(guesses.fingerprints) >= policy.wrong_passwords_per_network:
        return ThrottleReason.NETWORK_LIMITED
    if guesses.for_site >= policy.wrong_passwords_per_site and not guesses.trusted:
        return ThrottleReason.SITE_LIMITED
    return ThrottleReason.ALLOWED


def client_address(remote: str, forwarded: str, *, trusted_proxies: int) -> str:
    """Return the address that counts: what the outermost trusted proxy saw.

    Each proxy appends the address of its own client to X-Forwarded-For; anything further left was
    written by the client itself. With fewer entries than trusted proxies, or with something that
    is no address, the connection counts.
    """
    seen = [part.strip() for part in forwarded.split(",")]
    if not 0 < trusted_proxies <= len(seen):
        return remote
    try:
        return str(ipaddress.ip_address(seen[-trusted_proxies]))
    except ValueError:
        return remote
