from datetime import datetime
from io import StringIO

import pytest
from django.contrib.auth.hashers import check_password
from django.contrib.auth.models import User
from django.core.management import CommandError, call_command

from registry.models import Event, EventKind, Host, HostToken, Site
from registry.services.credentials import (
    TOKENS_PER_HOST,
    authenticate_token,
    issue_host_token,
    revoke_host_tokens,
    set_check_in_password,
)
from tests.factories import HostFactory

pytestmark = pytest.mark.django_db
SCOPE = HostToken.Scope.CHECK_IN


@pytest.fixture
def host(site: Site) -> Host:
    host: Host = HostFactory.create(site=site, name="inside.example.org")
    return host


def run(*arguments: str) -> tuple[str, str]:
    out, err = StringIO(), StringIO()
    call_command(*arguments, stdout=out, stderr=err)
    return out.getvalue(), err.getvalue()


def test_a_password_is_stored_as_a_hash_and_noted(site: Site, ben: User, now: datetime) -> None:
    password = set_check_in_password(site, now=now, actor=ben)
    site.refresh_from_db()
    assert check_password(password, site.password)
    event = Event.objects.get(kind=EventKind.CREDENTIAL_ISSUED)
    assert (event.actor, event.site) == (ben, site)
    assert password not in event.sentence


def test_old_tokens_stay_valid_until_revoked(host: Host, now: datetime) -> None:
    first, second = (issue_host_token(host, now=now) for _ in range(2))
    assert authenticate_token(first.text, scope=SCOPE, now=now) == first.row
    assert revoke_host_tokens(host, now=now, prefix=first.row.prefix) == 1
    assert authenticate_token(first.text, scope=SCOPE, now=now) is None
    assert authenticate_token(second.text, scope=SCOPE, now=now) == second.row


def test_revoking_nothing_notes_nothing(host: Host, now: datetime) -> None:
    assert revoke_host_tokens(host, now=now) == 0
    assert not Event.objects.exists()


def test_the_token_itself_is_nowhere_in_the_database(host: Host, now: datetime) -> None:
    text = issue_host_token(host, now=now).text
    row = HostToken.objects.values().get()
    assert text not in str(row)
    assert text not in Event.objects.get().sentence
    assert str(HostToken.objects.get()) == f"{row['prefix']}… of inside.example.org"


def test_the_command_prints_a_new_password_once(site: Site) -> None:
    out, err = run("check_in_password", "example university")
    site.refresh_from_db()
    assert check_password(out.strip(), site.password)
    assert "not shown again" in err


def test_the_command_issues_and_revokes_tokens(host: Host, now: datetime) -> None:
    text = run("host_token", "Inside.example.org")[0].strip()
    assert authenticate_token(text, scope=SCOPE, now=now) is not None
    assert run("host_token", "inside.example.org", "--revoke")[0] == (
        "1 token(s) of “inside.example.org” were revoked.\n"
    )
    assert authenticate_token(text, scope=SCOPE, now=now) is None


def test_commands_name_what_they_cannot_find(host: Host, other_site: Site) -> None:
    with pytest.raises(CommandError, match="There is no Site “Nobody”"):
        run("check_in_password", "Nobody")
    with pytest.raises(CommandError, match="There is no Host “nowhere”"):
        run("host_token", "nowhere")
    HostFactory.create(site=other_site, name=host.name)
    with pytest.raises(CommandError, match="add --site"):
        run("host_token", host.name)
    run("host_token", host.name, "--site", "another university")
    assert HostToken.objects.get().host.site == other_site


def test_the_command_says_that_a_host_has_too_many_tokens(host: Host, now: datetime) -> None:
    for _ in range(TOKENS_PER_HOST):
        issue_host_token(host, now=now)
    with pytest.raises(CommandError, match="revoke one"):
        run("host_token", "inside.example.org")
    assert revoke_host_tokens(host, now=now) == TOKENS_PER_HOST
    assert run("host_token", "inside.example.org")[0].startswith("mirrorsite_")
