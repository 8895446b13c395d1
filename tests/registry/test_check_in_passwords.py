from datetime import datetime, timedelta
from typing import Any, ClassVar

import pytest
from django.contrib.auth.hashers import MD5PasswordHasher, PBKDF2PasswordHasher
from django.test import Client
from django.utils import timezone

from registry.logic.check_in_payload import PayloadPolicy
from registry.logic.throttle import ThrottlePolicy
from registry.models import Host, HostAclIp, Site, WrongPassword
from registry.services.check_in_wire import check_in_by_xmlrpc
from registry.services.credentials import hash_check_in_password, set_check_in_password
from registry.services.passwords import forget_wrong_passwords
from tests.registry.checking_in import PASSWORD, make_category, make_host, pack, payload

pytestmark = pytest.mark.django_db
SITE = "Example University"
LIMITED = "Too many different wrong passwords were tried."
WRONG = "Config file site name or password incorrect.\nerror checking in"


@pytest.fixture
def host(site: Site) -> Host:
    return make_host(site, make_category())


def try_password(
    password: str, now: datetime, *, site: str = SITE, address: str = "192.0.2.1"
) -> str:
    report = payload(site={"enabled": "1", "name": site, "password": password})
    return check_in_by_xmlrpc(
        pack(report),
        address=address,
        now=now,
        payloads=PayloadPolicy(),
        throttle=ThrottlePolicy(),
    )


def accepted(answer: str) -> bool:
    return "checked in successful" in answer


def test_ten_repeats_of_a_refusal_lock_nobody_out(host: Host, now: datetime) -> None:
    # quick-fedora-mirror: ten attempts a module with pauses of 4, 6, 8 … seconds, five modules
    for _ in range(5):
        for attempt in range(10):
            now += timedelta(seconds=4 + 2 * attempt)
            assert try_password("old password", now) == WRONG
    assert accepted(try_password(PASSWORD, now))
    assert WrongPassword.objects.get().times == 50


def test_a_thousand_wrong_passwords_are_cut(host: Host, now: datetime) -> None:
    answers = [try_password(f"guess {number}", now) for number in range(1000)]
    assert answers[:20] == [WRONG] * 20
    assert all(answer.startswith(LIMITED) for answer in answers[20:])
    assert not any("successful" in answer for answer in answers)
    assert WrongPassword.objects.count() == 20
    assert not accepted(try_password(PASSWORD, now))
    assert accepted(try_password(PASSWORD, now + timedelta(hours=1)))


class CountingHasher(MD5PasswordHasher):
    """Counts the passwords that were hashed."""

    hashed: ClassVar[list[str]] = []

    def encode(self, password: str, salt: str) -> str:
        self.hashed.append(password)
        return super().encode(password, salt)


def test_a_cut_or_repeated_guess_costs_no_hash(host: Host, now: datetime, settings: Any) -> None:
    settings.PASSWORD_HASHERS = [f"{__name__}.CountingHasher"]
    for number in range(100):
        try_password("the same", now)
        try_password(f"guess {number}", now)
    assert len(CountingHasher.hashed) == 20
    assert CountingHasher.hashed.count("the same") == 1


def test_guesses_elsewhere_lock_out_neither_networks_nor_known_addresses(
    host: Host, now: datetime
) -> None:
    for number in range(200):
        try_password(f"guess {number}", now, address=f"198.51.{number}.1")
    assert try_password(PASSWORD, now).startswith(LIMITED)
    HostAclIp.objects.create(host=host, ip="192.0.2.1")
    assert accepted(try_password(PASSWORD, now))


def test_guessing_one_site_does_not_lock_out_another(
    host: Host, other_site: Site, now: datetime
) -> None:
    for number in range(200):
        try_password(f"guess {number}", now, site="Another University", address=f"203.0.{number}.1")
    assert accepted(try_password(PASSWORD, now))


def test_a_whole_ipv6_network_is_one_guesser(host: Host, now: datetime) -> None:
    for number in range(20):
        try_password(f"guess {number}", now, address=f"2001:db8::{number:x}")
    assert try_password(PASSWORD, now, address="2001:db8::ffff").startswith(LIMITED)
    assert accepted(try_password(PASSWORD, now, address="2001:db8:0:1::1"))


def test_a_new_password_is_not_refused_for_having_been_wrong_before(
    site: Site, host: Host, now: datetime
) -> None:
    assert try_password("tomorrow's", now) == WRONG
    Site.objects.filter(pk=site.pk).update(password=hash_check_in_password("tomorrow's"))
    assert accepted(try_password("tomorrow's", now))


@pytest.mark.parametrize("password", ["", "x", "\0", "\ud800"])
def test_a_site_without_a_password_lets_nobody_in(
    password: str, site: Site, host: Host, now: datetime
) -> None:
    Site.objects.filter(pk=site.pk).update(password=hash_check_in_password(""))
    assert try_password(password, now) == WRONG


@pytest.mark.parametrize("name", ["Nobody", "nul\0", "\ud800", "x" * 10_000, "example university"])
def test_a_site_that_does_not_exist_gets_the_same_answer(
    name: str, host: Host, now: datetime
) -> None:
    assert try_password(PASSWORD, now, site=name) == WRONG


def test_a_site_that_does_not_exist_costs_the_same_time(
    host: Host, now: datetime, settings: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Nearly all of the time is the hash, so that is what is counted."""
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.PBKDF2PasswordHasher"]
    Site.objects.update(password=hash_check_in_password(PASSWORD))
    rounds: list[int] = []
    encode = PBKDF2PasswordHasher.encode

    def counting(
        hasher: PBKDF2PasswordHasher, password: str, salt: str, iterations: Any = None
    ) -> str:
        rounds.append(iterations or hasher.iterations)
        return encode(hasher, password, salt, iterations)

    monkeypatch.setattr(PBKDF2PasswordHasher, "encode", counting)
    costs = {}
    for name in (SITE, "Nobody"):
        rounds.clear()
        try_password("wrong", now, site=name)
        costs[name] = sum(rounds)
    assert costs["Nobody"] == costs[SITE] > 0


def test_a_rotated_password_replaces_the_old_one(site: Site, host: Host, now: datetime) -> None:
    new = set_check_in_password(site, now=now)
    assert try_password(PASSWORD, now) == WRONG
    assert accepted(try_password(new, now))
    site.refresh_from_db()
    assert new not in site.password


def test_wrong_passwords_are_forgotten(host: Host, now: datetime) -> None:
    try_password("wrong", now)
    assert forget_wrong_passwords(policy=ThrottlePolicy(), now=now) == 0
    later = now + timedelta(hours=1)
    assert forget_wrong_passwords(policy=ThrottlePolicy(), now=later) == 1


def test_the_wire_asks_for_the_address_behind_our_proxy(
    host: Host, client: Client, settings: Any
) -> None:
    settings.TRUSTED_PROXY_COUNT = 1
    report = pack(payload(site={"name": SITE, "password": "wrong"}))
    body = (
        "<methodCall><methodName>checkin</methodName><params><param>"
        f"<value>{report}</value></param></params></methodCall>"
    )
    client.post("/xmlrpc", body, "text/xml", headers={"X-Forwarded-For": "203.0.113.5"})
    row = WrongPassword.objects.get()
    assert row.network == "203.0.113.5"
    assert row.first_at <= timezone.now()
