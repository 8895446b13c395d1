"""What docs/reference/api.md and /api/v1/ promise, so that it stays true."""

import json
import re
import shlex
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from django.test import Client

from registry.api.base import Pages
from tests.registry.api.calling import Caller, World
from tests.test_pages import assert_well_formed

pytestmark = pytest.mark.django_db

PAGE = (Path(__file__).resolve().parents[3] / "docs/reference/api.md").read_text(encoding="utf-8")
LINES = re.findall("^curl .*$", PAGE, re.MULTILINE)
SITE = "https://mirrors.example.org"


def run(line: str, token: str) -> Any:
    """Do what a line of curl does."""
    words = iter(shlex.split(line)[1:])
    method, headers, body, url = "GET", {}, "", ""
    for word in words:
        if word == "-X":
            method = next(words)
        elif word == "-H":
            name, _, value = next(words).partition(": ")
            headers[name] = value.replace("$TOKEN", token)
        elif word == "-d":
            body = next(words)
        elif word != "-i":
            url = word.removeprefix(SITE)
    kind = headers.pop("Content-Type", "application/json")
    return Client().generic(method, url, body, content_type=kind, headers=headers)


@pytest.mark.parametrize("line", LINES)
def test_every_line_of_curl_works(line: str, callers: dict[str, Caller], world: World) -> None:
    token = callers["operator"].token
    real = line.replace("hosts/1/", f"hosts/{world.host.pk}/")
    answer = run(real, token)
    if "If-Match" in line:  # the ETag of the page is that of no real Host
        seen = callers["operator"]("GET", f"/hosts/{world.host.pk}/")["ETag"]
        answer = run(real.replace('"0-5d1c"', seen), token)
    assert answer.status_code in {200, 201, 202}
    assert answer.json()


def test_the_page_names_every_status_and_limit() -> None:
    for status in (400, 401, 403, 404, 405, 409, 412, 415, 422, 428, 429):
        assert re.search(rf"^\| [0-9, ]*{status}\b", PAGE, re.MULTILINE), status
    assert f"({Pages.default_limit}, at most {Pages.max_limit})" in PAGE
    per_minute = {name: rate.partition("/")[0] for name, rate in settings.API_RATES.items()}
    assert f"{per_minute['anonymous']} requests a minute, a person {per_minute['person']}" in PAGE
    assert f"of which {per_minute['write']} may be changes; {per_minute['crawl']} visits" in PAGE


def test_the_page_of_the_api_lists_every_operation(client: Client) -> None:
    answer = client.get("/api/v1/")
    assert answer.status_code == 200
    assert_well_formed(answer.text)
    for method, path in (("PATCH", "/hosts/{id}/"), ("POST", "/operations/{slug}/")):
        assert f"{method} /api/v1{path}" in answer.text
    assert "bandwidth_mbps" in answer.text


def test_the_openapi_document_says_how_to_sign_in(client: Client) -> None:
    answer = client.get("/api/v1/schema/")
    document = json.loads(answer.content)
    assert document["openapi"].startswith("3.")
    schemes = document["components"]["securitySchemes"]
    assert schemes["personalToken"] == {"type": "http", "scheme": "bearer"}


@pytest.mark.parametrize("path", ["status/", "snapshots/", "statistics/"])
def test_the_state_of_the_system_is_public(path: str, client: Client) -> None:
    assert client.get(f"/api/v1/{path}").status_code == 200


@pytest.mark.parametrize("method", ["GET", "POST"])
def test_other_addresses_are_a_problem_as_json(method: str) -> None:
    answer = Caller()(method, "/no/such/thing/")
    assert (answer.status_code, answer.json()["error"]) == (404, "not_found")
