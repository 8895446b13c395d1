"""Coming in without a provider: registering, letters, passwords, guessing."""

import re
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.core import mail
from django.core.cache import cache
from django.test import Client
from django_q.conf import Conf
from pytest_django.fixtures import Settings

pytestmark = pytest.mark.django_db
GOOD = "correct horse battery"
FORM = {"username": "dora", "email": "dora@example.org", "password1": GOOD, "password2": GOOD}


@pytest.fixture(autouse=True)
def at_once(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    """Tasks run at once, and visitors may register."""
    monkeypatch.setattr(Conf, "SYNC", True)
    settings.ACCOUNTS_REGISTRATION = True
    cache.clear()


def link() -> str:
    """Return the path in the last letter."""
    found = re.search(r"https?://[^/]+(/\S+)", str(mail.outbox[-1].body))
    assert found
    return found[1]


def test_a_newcomer_registers_confirms_and_signs_in(client: Client) -> None:
    assert "Look into your mailbox" in client.post("/accounts/register/", FORM).text
    assert mail.outbox[0].subject == "Confirm your address for Mirrorsite"
    credentials = {"username": "dora", "password": GOOD}
    assert "not confirmed yet" in client.post("/accounts/login/", credentials).text
    path = link()
    assert client.get(path).status_code == 200
    assert not User.objects.get().is_active  # a program that reads mail follows links
    assert "is confirmed" in client.post(path, follow=True).text
    assert client.post("/accounts/login/", credentials)["Location"] == "/my/"
    assert "used already" in client.post(path, follow=True).text


@pytest.mark.parametrize(
    ("change", "problem"),
    [
        ({"username": "BEN"}, "already exists"),
        ({"email": "no address"}, "valid email"),
        ({"password2": "another"}, "match"),
        ({"password1": "dora", "password2": "dora"}, "too short"),
        ({"username": "<b>"}, "valid username"),
        ({"username": "x" * 200}, "at most 150"),
    ],
)
def test_what_cannot_be_is_said_beside_its_field(
    client: Client, change: dict[str, str], problem: str
) -> None:
    User.objects.create_user("ben", "ben@example.org")
    answer = client.post("/accounts/register/", FORM | change)
    assert answer.status_code == 400
    assert problem in answer.text
    assert not mail.outbox


def test_nobody_learns_whose_address_has_an_account(client: Client) -> None:
    User.objects.create_user("ben", "Dora@example.org")
    strangers = client.post("/accounts/register/", FORM).text
    assert "Look into your mailbox" in strangers
    assert not User.objects.filter(username="dora").exists()
    assert "your user name is ben" in mail.outbox[0].body
    for email in ("dora@example.org", "nobody@example.org"):
        assert "Look into your mailbox" in client.post("/accounts/password/", {"email": email}).text


def test_a_forgotten_password_is_replaced_by_letter_once(client: Client) -> None:
    User.objects.create_user("ben", "ben@example.org", "ben's password")
    client.post("/accounts/password/", {"email": "BEN@example.org"})
    path = link()
    form = client.get(path, follow=True)
    new = {"new_password1": GOOD, "new_password2": GOOD}
    client.post(form.redirect_chain[-1][0], new)
    assert client.post("/accounts/login/", {"username": "ben", "password": GOOD}).status_code == 302
    assert "used already" in client.get(path, follow=True).text


def test_accounts_of_a_provider_and_sleeping_ones_get_no_reset(client: Client) -> None:
    User.objects.create_user("far", "far@example.org")
    User.objects.create_user("off", "off@example.org", "x", is_active=False)
    for email in ("far@example.org", "off@example.org"):
        client.post("/accounts/password/", {"email": email})
    assert not mail.outbox


def test_a_network_floods_nobody_with_letters(client: Client) -> None:
    User.objects.create_user("ben", "ben@example.org", "ben's password")
    answers = [client.post("/accounts/password/", {"email": "ben@example.org"}) for _ in range(12)]
    assert [answer.status_code for answer in answers[-2:]] == [429, 429]
    assert len(mail.outbox) == 10
    assert "Too many letters" in client.post("/accounts/register/", FORM).text


def test_a_network_that_guesses_is_locked_and_others_are_not(
    client: Client, settings: Settings
) -> None:
    User.objects.create_user("ben", "ben@example.org", "ben's password")
    settings.AXES_FAILURE_LIMIT = 3
    guess = {"username": "ben", "password": "guess"}
    answers = [client.post("/accounts/login/", guess, REMOTE_ADDR="192.0.2.1") for _ in range(3)]
    assert answers[-1].status_code == 429
    assert answers[-1]["Retry-After"] == "900"
    right = {"username": "ben", "password": "ben's password"}
    assert client.post("/accounts/login/", right, REMOTE_ADDR="192.0.2.1").status_code == 429
    assert client.post("/accounts/login/", right, REMOTE_ADDR="192.0.2.2").status_code == 302


def test_a_whole_ipv6_network_counts_as_one(client: Client, settings: Settings) -> None:
    settings.AXES_FAILURE_LIMIT = 2
    guess = {"username": "ben", "password": "guess"}
    for n in (1, 2):
        answer = client.post("/accounts/login/", guess, REMOTE_ADDR=f"2001:db8::{n}")
    assert answer.status_code == 429


def test_registering_can_be_closed(client: Client, settings: Settings) -> None:
    settings.ACCOUNTS_REGISTRATION = False
    assert client.post("/accounts/register/", FORM).status_code == 403
    assert "Register" not in client.get("/accounts/login/").text
    assert not User.objects.exists()


@pytest.mark.parametrize("text", ["x", "a:b:c", "%00"])
def test_a_damaged_link_is_refused_with_a_sentence(client: Client, text: str) -> None:
    answer: Any = client.post(f"/accounts/confirm/{text}/", follow=True)
    assert "damaged" in answer.text
