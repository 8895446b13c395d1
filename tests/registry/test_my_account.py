"""What Ben does about himself, and who may look after his Site."""

import re
from datetime import datetime, timedelta
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.core import mail
from django.test import Client
from django_q.conf import Conf

from registry.models import Event, EventKind, Invitation, PersonalToken, Site, SiteAdmin
from registry.services.people import (
    PeopleError,
    accept_invitation,
    invite_admin,
    link_text,
    remove_admin,
)
from registry.services.personal_tokens import (
    TOKENS_PER_PERSON,
    authenticate_personal_token,
    issue_personal_token,
)

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Conf, "SYNC", True)


@pytest.fixture
def bens(client: Client, ben: User) -> Client:
    client.force_login(ben)
    return client


def people(site: Site) -> str:
    return f"/my/sites/{site.pk}/people/"


def test_a_new_address_counts_when_it_is_confirmed(bens: Client, ben: User) -> None:
    form = {"first_name": "Ben", "last_name": "B", "email": "new@example.org"}
    page = bens.post("/my/account/", form, follow=True).text
    assert "Follow the link in the letter to new@example.org" in page
    ben.refresh_from_db()
    assert (ben.first_name, ben.email) == ("Ben", "ben@example.org")
    found = re.search(r"https?://[^/]+(/\S+)", str(mail.outbox[0].body))
    assert found
    assert mail.outbox[0].to == ["new@example.org"]
    bens.post(found[1])
    ben.refresh_from_db()
    assert ben.email == "new@example.org"


def test_a_password_is_changed_by_whoever_knows_the_old_one(bens: Client) -> None:
    new = {"new_password1": "correct horse", "new_password2": "correct horse"}
    wrong = bens.post("/my/account/password/", {"old_password": "guess", **new})
    assert "errorlist" in wrong.text
    right = bens.post("/my/account/password/", {"old_password": "ben's password", **new})
    assert right["Location"] == "/my/account/"
    assert bens.get("/my/account/").status_code == 200  # the session goes on


def test_a_token_is_shown_once_and_stands_for_its_person(
    bens: Client, ben: User, now: datetime
) -> None:
    form = {"name": "report", "scope": "write", "lifetime": "30"}
    page = bens.post("/my/account/tokens/", form)
    found = re.search(r"<code>(mirrorsite_\S+)</code>", page.text)
    assert found
    assert "no-store" in page["Cache-Control"]
    row = authenticate_personal_token(found[1], now=now)
    assert row is not None
    assert (row.user, row.scope, row.name) == (ben, "write", "report")
    assert found[1] not in bens.get("/my/account/").text
    bens.post(f"/my/account/tokens/{row.pk}/revoke/")
    assert authenticate_personal_token(found[1], now=now) is None


@pytest.mark.parametrize("text", ["", "mirrorsite_", "mirrorsite_000000000000_x", "x" * 5000])
def test_what_is_no_token_opens_nothing(text: str, now: datetime) -> None:
    assert authenticate_personal_token(text, now=now) is None


def test_a_token_ends_with_its_time_and_with_its_account(ben: User, now: datetime) -> None:
    short = issue_personal_token(
        ben, "x", scope=PersonalToken.Scope.READ, lifetime=timedelta(days=1), now=now
    )
    assert authenticate_personal_token(short.text, now=now + timedelta(hours=23)) is not None
    assert authenticate_personal_token(short.text, now=now + timedelta(hours=25)) is None
    ben.is_active = False
    ben.save()
    assert authenticate_personal_token(short.text, now=now) is None


def test_somebody_has_only_so_many_tokens(bens: Client) -> None:
    form = {"name": "x", "scope": "read", "lifetime": ""}
    answers = [bens.post("/my/account/tokens/", form) for _ in range(TOKENS_PER_PERSON + 1)]
    assert [a.status_code for a in answers[-2:]] == [200, 400]
    assert "Revoke one" in answers[-1].text


def test_nobody_revokes_the_token_of_another(bens: Client, cara: User, now: datetime) -> None:
    hers = issue_personal_token(
        cara, "x", scope=PersonalToken.Scope.READ, lifetime=None, now=now
    ).row
    assert bens.post(f"/my/account/tokens/{hers.pk}/revoke/").status_code == 404
    hers.refresh_from_db()
    assert hers.revoked_at is None


def test_a_colleague_is_added_by_name_and_leaves(bens: Client, site: Site, cara: User) -> None:
    assert "cara is SiteAdmin now" in bens.post(people(site), {"person": "cara"}, follow=True).text
    row = SiteAdmin.objects.get(site=site, user=cara)
    page = bens.post(f"{people(site)}{row.pk}/remove/", follow=True).text
    assert "cara is no longer SiteAdmin" in page
    kinds = list(Event.objects.filter(site=site).values_list("kind", flat=True))
    assert kinds == [EventKind.ADMIN_REMOVED, EventKind.ADMIN_ADDED]


def test_the_last_site_admin_cannot_leave(bens: Client, site: Site, ben: User) -> None:
    row = site.admins.get(user=ben)
    page = bens.post(f"{people(site)}{row.pk}/remove/", follow=True).text
    assert "is the only SiteAdmin" in page
    assert site.admins.count() == 1
    with pytest.raises(PeopleError, match="Add another one first"):
        remove_admin(row, actor=ben, now=datetime.now(tz=None).astimezone())


@pytest.mark.parametrize(
    ("person", "problem"),
    [
        ("nobody", "There is no account"),
        ("CARA", "Capitals count"),
        ("ben", "is SiteAdmin of Example University already"),
        ("ben@example.org", "has the address"),
        ("not@an", "valid email"),
        ("", "required"),
        ("x" * 300, "at most 254"),
    ],
)
def test_whom_one_cannot_add_is_said(
    bens: Client, site: Site, cara: User, person: str, problem: str
) -> None:
    answer = bens.post(people(site), {"person": person})
    assert answer.status_code == 400
    assert problem in answer.text
    assert not mail.outbox


def test_an_invitation_is_accepted_by_whoever_has_the_letter_once(
    bens: Client, site: Site, cara: User
) -> None:
    bens.post(people(site), {"person": "dora@example.org"})
    found = re.search(r"https?://[^/]+(/\S+)", str(mail.outbox[0].body))
    assert found
    assert "ben invites you" in str(mail.outbox[0].body)
    stranger = Client()
    assert "Sign in or register first" in stranger.get(found[1]).text
    assert stranger.post(found[1])["Location"].startswith("/accounts/login/?next=/accounts/inv")
    stranger.force_login(cara)
    assert (
        "You are SiteAdmin of Example University now" in stranger.post(found[1], follow=True).text
    )
    again: Any = stranger.post(found[1])
    assert again.status_code == 410
    assert "accepted already" in again.text


def test_an_invitation_that_was_withdrawn_or_is_too_old_is_gone(
    bens: Client, site: Site, cara: User, now: datetime
) -> None:
    row = invite_admin(site, "dora@example.org", actor=None, now=now)
    text = link_text(row)
    with pytest.raises(PeopleError, match="expired on 2026-11-27"):
        accept_invitation(text, user=cara, now=now + timedelta(days=8))
    bens.post(f"{people(site)}invitations/{row.pk}/withdraw/")
    assert not Invitation.objects.exists()
    with pytest.raises(PeopleError, match="withdrawn"):
        accept_invitation(text, user=cara, now=now)
    with pytest.raises(PeopleError, match="damaged"):
        accept_invitation("x", user=cara, now=now)


def test_a_second_invitation_ends_the_first(site: Site, now: datetime) -> None:
    invite_admin(site, "dora@example.org", actor=None, now=now)
    invite_admin(site, "Dora@example.org", actor=None, now=now)
    assert site.invitations.count() == 1
    for n in range(19):
        invite_admin(site, f"d{n}@example.org", actor=None, now=now)
    with pytest.raises(PeopleError, match="20 invitations are open"):
        invite_admin(site, "one@example.org", actor=None, now=now)


def test_people_of_another_site_are_out_of_reach(
    bens: Client, site: Site, other_site: Site, cara: User, now: datetime
) -> None:
    row = invite_admin(other_site, "dora@example.org", actor=None, now=now)
    hers = other_site.admins.get(user=cara)
    tried = [
        bens.get(people(other_site)),
        bens.post(people(other_site), {"person": "ben"}),
        bens.post(f"{people(other_site)}{hers.pk}/remove/"),
        bens.post(f"{people(site)}{hers.pk}/remove/"),
        bens.post(f"{people(site)}invitations/{row.pk}/withdraw/"),
    ]
    assert {answer.status_code for answer in tried} == {404}
    assert other_site.admins.count() == other_site.invitations.count() == 1
