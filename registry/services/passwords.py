"""Check the password that a Host checks in with, at a cost that a guesser cannot raise.

A wrong password is remembered for an hour by a keyed fingerprint: the same one again is refused
without hashing, and too many different ones end the guessing (registry.logic.throttle).
"""

from dataclasses import dataclass
from datetime import datetime

from django.contrib.auth.hashers import check_password
from django.db.models import Count, F, OuterRef, Subquery
from django.db.models.functions import Coalesce
from django.utils.crypto import salted_hmac

from registry.logic.throttle import (
    Guesses,
    ThrottlePolicy,
    ThrottleReason,
    judge_guess,
    network_of,
)
from registry.models import HostAclIp, Site, WrongPassword


@dataclass(frozen=True)
class KnownGuesses:
    """What was guessed from one network within the window, read once for a request."""

    network: str
    fingerprints: frozenset[str]

    def exhausted(self, policy: ThrottlePolicy) -> bool:
        """Tell whether this network may try no further password, so that none need be read."""
        return len(self.fingerprints) >= policy.wrong_passwords_per_network


def load_guesses(address: str, *, policy: ThrottlePolicy, now: datetime) -> KnownGuesses:
    """Return what was guessed from the network of an address lately."""
    network = network_of(address)
    rows = WrongPassword.objects.filter(network=network, last_at__gt=now - policy.window)
    fingerprints = rows.order_by().values_list("fingerprint", flat=True)
    # One more than the limit is as good as all.
    return KnownGuesses(network, frozenset(fingerprints[: policy.wrong_passwords_per_network + 1]))


def guesses_for_site(site: str, *, policy: ThrottlePolicy, now: datetime) -> Coalesce:
    """Return the expression that counts what was guessed lately for the Site of a row.

    `site` is the field that names the Site. An expression, so that it costs no query of its own.
    """
    rows = WrongPassword.objects.filter(site=OuterRef(site), last_at__gt=now - policy.window)
    count = rows.order_by().values("site").annotate(count=Count("pk")).values("count")
    return Coalesce(Subquery(count), 0)


def judge_password(
    site: Site | None,
    name: str,
    password: str,
    guesses: KnownGuesses,
    *,
    guessed_for_site: int,
    policy: ThrottlePolicy,
    now: datetime,
) -> tuple[bool, ThrottleReason]:
    """Tell whether a password is right, and whether it was looked at.

    `guessed_for_site` is what `guesses_for_site` counts. A Site that does not exist, or has no
    password, costs the same time as a wrong password. The fingerprint holds the stored hash, so
    that a new password is not refused for being an old guess.
    """
    stored = site.password if site is not None else ""
    fingerprint = salted_hmac(
        "registry.services.passwords",
        "\0".join((stored, name, password)).encode("utf-8", "surrogatepass"),
        algorithm="sha256",
    ).hexdigest()
    flooded = site is not None and guessed_for_site >= policy.wrong_passwords_per_site
    trusted = flooded and site is not None and _knows_address(site, guesses.network)
    verdict = judge_guess(
        fingerprint,
        Guesses(guesses.fingerprints, guessed_for_site, trusted),
        policy=policy,
    )
    if verdict is ThrottleReason.ALLOWED and check_password(
        password.encode("utf-8", "replace").decode(), stored
    ):
        return True, verdict
    if verdict in {ThrottleReason.ALLOWED, ThrottleReason.REPEATED}:
        _remember(site, fingerprint, guesses.network, now=now)
    return False, verdict


def forget_wrong_passwords(*, policy: ThrottlePolicy, now: datetime) -> int:
    """Delete what no decision looks at any more; return how many rows."""
    return WrongPassword.objects.filter(last_at__lte=now - policy.window).delete()[0]


def _knows_address(site: Site, network: str) -> bool:
    """Tell whether the SiteAdmins named an address in this network as one of their Hosts'."""
    named = HostAclIp.objects.filter(host__site=site).values_list("ip", flat=True)
    return network in {network_of(ip) for ip in named}


def _remember(site: Site | None, fingerprint: str, network: str, *, now: datetime) -> None:
    """Note a wrong password; the same one again only counts up."""
    WrongPassword.objects.bulk_create(
        [
            WrongPassword(
                network=network,
                site=site,
                fingerprint=fingerprint,
                times=0,
                first_at=now,
                last_at=now,
            )
        ],
        ignore_conflicts=True,
    )
    WrongPassword.objects.filter(network=network, fingerprint=fingerprint).update(
        times=F("times") + 1, last_at=now
    )
