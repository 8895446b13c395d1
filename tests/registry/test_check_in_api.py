import gzip
import json
from datetime import datetime
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from registry.models import (
    Directory,
    DirectoryIssue,
    Event,
    Host,
    HostCategory,
    HostToken,
    Site,
)
from registry.services.credentials import issue_host_token, revoke_host_tokens
from tests.registry.checking_in import make_category, make_host, up2date

pytestmark = pytest.mark.django_db
URL = "/api/v1/check-in/"
REPORT = {"categories": {"fedora linux": ["", "releases", "odd"]}}


@pytest.fixture
def host(site: Site) -> Host:
    return make_host(site, make_category())


@pytest.fixture
def token(host: Host, now: datetime) -> str:
    return issue_host_token(host, now=now).text


def send(client: Client, token: str, document: Any, url: str = URL, **headers: str) -> Any:
    body = document if isinstance(document, bytes) else json.dumps(document).encode()
    headers = {"Authorization": f"Bearer {token}"} | headers
    return client.post(url, body, content_type="application/json", headers=headers)


@pytest.mark.parametrize("url", [URL, URL.rstrip("/")])
def test_a_report_becomes_the_up2date_set(url: str, host: Host, token: str, client: Client) -> None:
    answer = send(client, token, REPORT, url)
    assert answer.status_code == 200
    assert answer.json() == {
        "applied": True,
        "dry_run": False,
        "reason": "applied",
        "sentence": "Fedora Linux: 2 directories added, 0 removed, 0 kept.",
        "categories": [
            {
                "name": "Fedora Linux",
                "reason": "applied",
                "sentence": "The Host reported 2 of 4 directories. The master does not have “odd”.",
                "kept": 0,
                "added": 2,
                "removed": 0,
                "stale": 0,
                "unknown": 1,
                "unknown_names": ["odd"],
            }
        ],
    }
    assert up2date() == {"pub/fedora/linux", "pub/fedora/linux/releases"}


@pytest.mark.parametrize("where", ["body", "query"])
def test_a_dry_run_tells_and_changes_nothing(
    where: str, host: Host, token: str, client: Client
) -> None:
    send(client, token, {"categories": {"Fedora Linux": ["releases", "updates"]}})
    Event.objects.all().delete()
    if where == "body":
        answer = send(client, token, REPORT | {"dry_run": True})
    else:
        answer = send(client, token, REPORT, f"{URL}?dry_run=1")
    document = answer.json()
    assert (document["applied"], document["dry_run"]) == (False, True)
    assert document["sentence"] == "Fedora Linux: 1 directories added, 1 removed, 1 kept."
    assert up2date() == {"pub/fedora/linux/releases", "pub/fedora/linux/updates"}
    assert not Event.objects.exists()


def test_gzip_is_understood(host: Host, token: str, client: Client) -> None:
    body = gzip.compress(json.dumps(REPORT).encode())
    answer = send(client, token, body, **{"Content-Encoding": "gzip"})
    assert answer.json()["applied"]


def test_a_digest_tells_the_current_from_the_stale(host: Host, token: str, client: Client) -> None:
    current = bytes(Directory.objects.get(path="pub/fedora/linux/releases").digest).hex()
    told = {"releases": current, "updates": "00" * 16, "releases/42": None}
    answer = send(client, token, {"categories": {"Fedora Linux": told}})
    assert answer.json()["categories"][0]["stale"] == 1
    assert up2date() == {"pub/fedora/linux/releases", "pub/fedora/linux/releases/42"}
    issue = DirectoryIssue.objects.get()
    assert (issue.directory.path, issue.state) == ("pub/fedora/linux/updates", "stale")
    assert issue.reason == "digest_differs"


@pytest.mark.parametrize(
    "header", ["", "Bearer", "Bearer x", "Basic eDp5", "Bearer mirrorsite_a_b"]
)
def test_without_a_token_nobody_gets_in(header: str, host: Host, client: Client) -> None:
    answer = client.post(URL, b"{}", "application/json", headers={"Authorization": header})
    assert answer.status_code == 401
    assert answer["WWW-Authenticate"] == "Bearer"


def test_a_token_with_another_secret_is_refused(host: Host, token: str, client: Client) -> None:
    assert send(client, f"{token[:-1]}é", REPORT).status_code == 401


def test_a_revoked_token_is_refused(host: Host, token: str, client: Client, now: datetime) -> None:
    assert revoke_host_tokens(host, now=now) == 1
    assert send(client, token, REPORT).status_code == 401


def test_a_token_for_something_else_is_refused(host: Host, token: str, client: Client) -> None:
    HostToken.objects.update(scopes=["other"])
    assert send(client, token, REPORT).status_code == 401


def test_the_last_use_of_a_token_is_known(host: Host, token: str, client: Client) -> None:
    send(client, token, REPORT)
    used = HostToken.objects.get().last_used_at
    assert used is not None
    send(client, token, REPORT)
    assert HostToken.objects.get().last_used_at == used


def test_a_public_host_is_told_why_not(host: Host, token: str, client: Client) -> None:
    Host.objects.update(private=False)
    answer = send(client, token, REPORT)
    assert answer.status_code == 403
    assert answer.json()["error"] == "not_private"
    assert up2date() == set()


def test_a_report_without_effect_is_no_success(host: Host, token: str, client: Client) -> None:
    answer = send(client, token, {"categories": {"Fedora Linux": []}})
    assert answer.status_code == 422
    assert answer.json()["reason"] == "empty"


def test_mistakes_are_told_with_their_paths(host: Host, token: str, client: Client) -> None:
    answer = send(client, token, {"categories": {"A": ["x", 1]}, "dry_run": 1})
    assert answer.status_code == 400
    assert [one["path"] for one in answer.json()["problems"]] == ["dry_run", "categories.A[1]"]


@pytest.mark.parametrize(
    ("body", "encoding", "status"),
    [(b"{", "identity", 400), (b"{}", "gzip", 400), (b"{}", "br", 415)],
)
def test_what_cannot_be_read_is_refused(
    body: bytes, encoding: str, status: int, host: Host, token: str, client: Client
) -> None:
    answer = send(client, token, body, **{"Content-Encoding": encoding})
    assert answer.status_code == status
    assert answer.json()["sentence"]


def test_a_body_that_is_too_large_is_refused(host: Host, token: str, client: Client) -> None:
    assert send(client, token, b" " * (16 * 1024 * 1024 + 1)).status_code == 413


def test_a_host_that_reports_all_the_time_is_told_when_to_return(
    host: Host, token: str, client: Client
) -> None:
    Event.objects.bulk_create(
        Event(at=timezone.now(), kind="checked_in", host=host, sentence="x", subject="x")
        for _ in range(120)
    )
    answer = send(client, token, REPORT)
    assert (answer.status_code, answer["Retry-After"]) == (429, "600")


def test_the_owners_switch_may_be_reported(host: Host, token: str, client: Client) -> None:
    send(client, token, REPORT | {"user_active": False})
    assert Host.objects.get().user_active is False
    assert "switched itself off" in Host.objects.get().disable_reason
    assert HostCategory.objects.get().last_checked_in_at is not None


def test_names_that_no_database_holds_change_nothing(
    host: Host, token: str, client: Client
) -> None:
    body = (
        b'{"categories": {"\xff\\u0000": ["x"], "Fedora Linux": ["releases", "\xff", "a\\u0000"]}}'
    )
    assert send(client, token, body).json()["applied"]
    assert up2date() == {"pub/fedora/linux/releases"}


def test_get_is_not_allowed(client: Client, host: Host, token: str) -> None:
    answer = client.get(URL, headers={"Authorization": f"Bearer {token}"})
    assert (answer.status_code, answer["Allow"]) == (405, "POST, OPTIONS")
