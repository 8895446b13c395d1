"""Signing in through a provider: a real one, on loopback, driven as a browser drives it."""

import json
import subprocess
import sys
import time
from collections.abc import Iterator
from io import StringIO
from typing import Any

import pytest
import requests
from django.conf import settings as django_settings
from django.contrib.auth.models import User
from django.core.management import CommandError, call_command
from django.test import Client
from pytest_django.fixtures import Settings

from registry.models import OidcIdentity
from registry.querysets import is_operator, is_reviewer
from tests.ports import free_port

pytestmark = [pytest.mark.django_db, pytest.mark.sqlite_only]

PEOPLE: dict[str, dict[str, Any]] = {
    "s-ada": {"preferred_username": "ada", "email": "ada@id.example.org", "groups": ["sysadmin"]},
    "s-rev": {"preferred_username": "rex", "groups": ["reviewers"]},
    "s-mem": {"preferred_username": "mia", "groups": ["others"], "given_name": "Mia"},
    "s-bare": {},
    "s-ben": {"preferred_username": "ben", "email": "x@id.example.org", "email_verified": False},
}


@pytest.fixture(scope="module")
def provider() -> Iterator[str]:
    """A provider that knows the people above; its address."""
    port = free_port()
    people = [json.dumps({"sub": sub, **claims}) for sub, claims in PEOPLE.items()]
    arguments = [part for person in people for part in ("--user-claims", person)]
    with subprocess.Popen(
        [sys.executable, "-W", "ignore", "-m", "oidc_provider_mock", "-p", str(port), *arguments],
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    ) as process:
        address = f"http://127.0.0.1:{port}"
        _wait_for(address)
        yield address
        process.terminate()


def _wait_for(address: str) -> None:
    for _ in range(100):
        try:
            requests.get(address, timeout=1)
        except requests.ConnectionError:
            time.sleep(0.1)
        else:
            return
    pytest.fail(f"The provider at {address} did not start.")


@pytest.fixture(autouse=True)
def configured(provider: str, settings: Settings) -> None:
    """An installation that trusts this provider."""
    out = StringIO()
    call_command("oidc_discover", provider, stdout=out)
    found = dict(line.split("=", 1) for line in out.getvalue().splitlines())
    settings.OIDC_ISSUER = found["OIDC_ISSUER"]
    settings.OIDC_RP_CLIENT_ID, settings.OIDC_RP_CLIENT_SECRET = "mirrorsite", "secret"
    settings.OIDC_OP_AUTHORIZATION_ENDPOINT = found["OIDC_AUTHORIZATION_ENDPOINT"]
    settings.OIDC_OP_TOKEN_ENDPOINT = found["OIDC_TOKEN_ENDPOINT"]
    settings.OIDC_OP_USER_ENDPOINT = found["OIDC_USERINFO_ENDPOINT"]
    settings.OIDC_OP_JWKS_ENDPOINT = found["OIDC_JWKS_ENDPOINT"]
    settings.OIDC_END_SESSION_ENDPOINT = found["OIDC_END_SESSION_ENDPOINT"]
    settings.OIDC_OPERATOR_GROUPS, settings.OIDC_REVIEWER_GROUPS = ["sysadmin"], ["reviewers"]
    settings.AUTHENTICATION_BACKENDS = [
        *django_settings.AUTHENTICATION_BACKENDS,
        "mirrorsite.oidc.ProviderBackend",
    ]
    settings.MIDDLEWARE = [
        *django_settings.MIDDLEWARE,
        "mozilla_django_oidc.middleware.SessionRefresh",
    ]
    settings.ROOT_URLCONF = "tests.mirrorsite.oidc_urls"


def sign_in(client: Client, subject: str, *, follow: bool = True, **form: str) -> Any:
    """Do what a browser does: ask us, be sent to the provider, say who one is, come back."""
    sent = client.get("/oidc/authenticate/?next=/my/")
    assert "code_challenge_method=S256" in sent["Location"]
    back = requests.post(
        sent["Location"], data={"sub": subject, **form}, allow_redirects=False, timeout=10
    )
    return client.get(back.headers["Location"], follow=follow)


def test_a_group_makes_an_operator_and_losing_it_takes_that_back(
    client: Client, settings: Settings
) -> None:
    answer = sign_in(client, "s-ada")
    ada = User.objects.get(username="ada")
    assert answer.redirect_chain[-1][0] == "/my/"
    assert (ada.email, ada.is_superuser, is_operator(ada)) == ("ada@id.example.org", True, True)
    assert "“sysadmin” makes them operator" in OidcIdentity.objects.get().reason
    settings.OIDC_OPERATOR_GROUPS = ["another"]
    sign_in(client, "s-ada")
    ada.refresh_from_db()
    assert (ada.is_staff, ada.is_superuser) == (False, False)


def test_a_reviewer_enters_the_queue_and_changes_nothing_else(client: Client) -> None:
    sign_in(client, "s-rev")
    rex = User.objects.get(username="rex")
    assert is_reviewer(rex)
    assert not is_operator(rex)
    assert client.get("/admin/").status_code == 200
    assert client.get("/admin/approvals/").status_code == 200
    assert client.get("/admin/registry/host/add/").status_code == 403
    assert client.get("/admin/registry/hosttoken/").status_code == 403


def test_a_member_has_no_role_and_a_missing_claim_is_no_error(client: Client) -> None:
    sign_in(client, "s-mem")
    mia = User.objects.get(username="mia")
    assert (mia.first_name, mia.is_staff, mia.has_usable_password()) == ("Mia", False, False)
    client.post("/accounts/logout/")
    sign_in(client, "s-bare")
    assert User.objects.get(username="s-bare").oidc_identities.get().groups == []


def test_an_imported_account_is_found_by_its_name_and_others_are_left_alone(client: Client) -> None:
    waiting = User.objects.create_user("mia")
    taken = User.objects.create_user("ben", "ben@example.org", "ben's password")
    sign_in(client, "s-mem")
    assert OidcIdentity.objects.get().user == waiting
    client.post("/accounts/logout/")
    sign_in(client, "s-ben")
    newcomer = OidcIdentity.objects.get(subject="s-ben").user
    assert newcomer.username == "ben-2"
    assert newcomer.email == ""  # the provider did not verify it
    taken.refresh_from_db()
    assert taken.email == "ben@example.org"


def test_an_account_that_was_switched_off_here_stays_out(client: Client) -> None:
    sign_in(client, "s-mem")
    User.objects.update(is_active=False)
    client.logout()
    answer = sign_in(client, "s-mem")
    assert "This account was switched off" in answer.text
    assert not answer.wsgi_request.user.is_authenticated


def test_whom_the_provider_refuses_learns_it(client: Client) -> None:
    answer = sign_in(client, "s-mem", action="deny")
    assert "The provider did not let you in" in answer.text


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("OIDC_ISSUER", "https://another.example.org"),
        ("OIDC_OP_TOKEN_ENDPOINT", "http://127.0.0.1:9/nobody"),
        ("OIDC_OP_USER_ENDPOINT", "http://127.0.0.1:9/nobody"),
    ],
)
def test_an_answer_that_cannot_be_trusted_signs_nobody_in(
    client: Client, settings: Settings, name: str, value: str
) -> None:
    setattr(settings, name, value)
    answer = sign_in(client, "s-ada")
    assert "Signing in failed" in answer.text
    assert not User.objects.exists()


@pytest.mark.parametrize("query", ["code=x&state=y", "state=y", "error=x&state=y", ""])
def test_a_callback_out_of_nowhere_signs_nobody_in(client: Client, query: str) -> None:
    answer = client.get(f"/oidc/callback/?{query}", follow=True)
    assert answer.redirect_chain[-1][0] == "/accounts/login/"
    assert not answer.wsgi_request.user.is_authenticated


def test_signing_out_ends_the_session_at_the_provider_too(client: Client, provider: str) -> None:
    page = sign_in(client, "s-mem")
    assert 'action="/oidc/logout/"' in page.text
    answer = client.post("/oidc/logout/")
    assert answer["Location"].startswith(f"{provider}/oauth2/end_session?")
    assert "id_token_hint=" in answer["Location"]
    assert client.get("/my/").status_code == 302


def test_an_old_session_is_renewed_at_the_provider_without_a_word(
    client: Client, provider: str
) -> None:
    sign_in(client, "s-mem")
    session = client.session
    session["oidc_id_token_expiration"] = 0
    session.save()
    answer = client.get("/my/")
    assert answer["Location"].startswith(f"{provider}/oauth2/authorize?")
    assert "prompt=none" in answer["Location"]
    answer = client.get("/oidc/callback/?error=login_required&state=x", follow=True)
    assert "Your session at the provider has ended" in answer.text


def test_what_is_no_provider_is_said_so(provider: str) -> None:
    with pytest.raises(CommandError, match="could not be read"):
        call_command("oidc_discover", f"{provider}/nothing/here")
