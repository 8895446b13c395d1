"""Letters are in the language of whoever reads them, not of whoever makes us write."""

from typing import Any

import pytest
from django.contrib.auth.models import User
from django.core import mail
from django.core.cache import cache
from django.test import Client
from django_q.conf import Conf
from pytest_django.fixtures import Settings

from registry.logic.notifications.topics import Topic
from registry.models import EventKind, Host, NotificationPreference, Site
from registry.services.events import record_event
from registry.services.letter_languages import language_for, note_language
from registry.services.notifications import queue_emails
from tests.conftest import NOW
from tests.factories import HostFactory
from tests.registry.post_office import post_office, run, said
from tests.registry.test_accounts import FORM, GOOD
from tests.registry.test_translated_pages import ENGLISH

pytestmark = pytest.mark.django_db
GERMAN: dict[str, Any] = {"headers": {"accept-language": "de"}}
CHINESE: dict[str, Any] = {"headers": {"accept-language": "zh-hans"}}
NO_ANSWER = "Nothing was learned from https://m1.example.org/pub: no answer in time."


@pytest.fixture(autouse=True)
def at_once(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Conf, "SYNC", True)
    settings.ACCOUNTS_REGISTRATION = True
    cache.clear()


def choose(client: Client, user: User, language: str) -> int:
    client.force_login(user)
    answer = client.post("/my/notifications/", {"digest_hour": 7, "language": language})
    return answer.status_code


def subject() -> str:
    return str(mail.outbox[-1].subject)


def test_a_newcomer_is_written_to_in_the_language_of_the_page(client: Client) -> None:
    client.post("/accounts/register/", FORM, **GERMAN)
    assert subject() == "Bestätigen Sie Ihre Adresse für Mirrorsite"
    assert language_for(user=User.objects.get().pk) == "de"


def test_signing_in_tells_the_language_until_another_is_chosen(client: Client, ben: User) -> None:
    ben.set_password(GOOD)
    ben.save()
    assert language_for(user=ben.pk) == "en"
    client.post("/accounts/login/", {"username": "ben", "password": GOOD}, **CHINESE)
    assert language_for(user=ben.pk) == "zh-hans"
    assert choose(client, ben, "de") == 302
    note_language(ben, "zh-hans")
    assert language_for(user=ben.pk) == "de"
    assert '<option value="de" lang="de" selected>' in " ".join(
        client.get("/my/notifications/").text.split()
    )


@pytest.mark.parametrize("language", ["xx", "<b>", "de-AT"])
def test_a_language_that_we_do_not_write_is_refused(
    client: Client, ben: User, language: str
) -> None:
    assert choose(client, ben, language) == 400
    note_language(ben, language)
    assert not NotificationPreference.objects.exists()


def test_a_password_letter_is_in_the_chosen_language_whoever_asks(
    client: Client, ben: User
) -> None:
    ben.set_password(GOOD)
    ben.save()
    choose(client, ben, "zh-hans")
    Client().post("/accounts/password/", {"email": "ben@example.org"}, **GERMAN)
    assert subject() == "设置您在 Mirrorsite 的新密码"


def test_somebody_invited_is_written_to_in_their_language_or_their_inviters(
    client: Client, ben: User, cara: User, site: Site
) -> None:
    note_language(cara, "zh-hans")
    choose(client, ben, "de")
    page = f"/my/sites/{site.pk}/people/"
    client.post(page, {"person": "stranger@example.org"})
    assert subject().startswith("Sie sind eingeladen")
    client.post(page, {"person": "cara@example.org"})
    assert subject() == "邀请您管理 Mirrorsite 上的 Example University"


def test_a_bare_address_is_written_to_as_the_account_with_it_or_the_installation(
    ben: User, settings: Settings
) -> None:
    note_language(ben, "de")
    assert language_for(address="BEN@example.org") == "de"
    assert language_for(address="noc@example.org") == "en"
    settings.LANGUAGE_CODE = "zh-hans"
    assert language_for(address="noc@example.org") == "zh-hans"


@pytest.fixture
def host(site: Site, ben: User) -> Host:
    return HostFactory.create(site=site, name="m1.example.org")


def letters_about(host: Host) -> list[Any]:
    event = record_event(host, EventKind.URL_FAILED, NO_ANSWER, now=NOW)
    queue_emails(event, site=host.site, host=host)
    with post_office() as box:
        run()
    return list(box.letters)


@pytest.mark.parametrize(
    ("language", "title", "sentence"),
    [
        ("de", "m1.example.org: Warnungen", "war nichts zu erfahren: keine rechtzeitige Antwort."),
        ("zh-hans", "m1.example.org: 警告", "获得信息：未及时应答。"),
    ],
)
def test_news_come_in_the_language_of_their_reader(
    host: Host, ben: User, language: str, title: str, sentence: str
) -> None:
    note_language(ben, language)
    (letter,) = letters_about(host)
    text = said(letter)
    assert letter["Subject"] == f"[Mirrorsite] {title}"
    assert letter["Content-Language"].lower() == language
    assert sentence in text
    assert not ENGLISH.search(text.replace("m1.example.org", ""))
    assert f'<html lang="{language}">' in said(letter, "html")


def test_a_digest_is_in_the_language_too(host: Host, client: Client, ben: User) -> None:
    client.force_login(ben)
    client.post(
        "/my/notifications/", {"digest_hour": 7, "language": "de", Topic.WARNED.value: "digest"}
    )
    event = record_event(host, EventKind.URL_FAILED, NO_ANSWER, now=NOW)
    queue_emails(event, site=host.site, host=host)
    row = host.events.get().notifications.get()
    with post_office() as box:
        run(now=row.due_at)
    (letter,) = box.letters
    assert letter["Subject"].strip() == (
        "[Mirrorsite] Tägliche Zusammenfassung: 1 Nachricht über m1.example.org"
    )
    assert not ENGLISH.search(said(letter))
