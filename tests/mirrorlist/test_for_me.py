"""Which mirrors would I get: the order of a metalink with reasons, and nothing private."""

import re

import pytest
from django.test import Client

from mirrorlist.services.snapshots import build_snapshot
from tests import factories

pytestmark = pytest.mark.django_db
GERMAN = "193.99.144.80"
URL = "/mirrors/for-me/"


@pytest.fixture
def served(network, policy, now):
    network.host("good.example.org", country="DE")
    network.host("far.example.org", country="JP")
    private = network.host("secret.example.org", country="DE", private=True)
    factories.HostNetblockFactory.create(host=private, netblock="193.99.144.0/24", name="secret")
    build_snapshot(now=now, policy=policy)
    return network


def found(text: str) -> list[str]:
    return re.findall(r'<a href="/mirrors/host/\d+/">([^<]+)</a>', text)


def test_mirrors_come_in_the_order_of_the_metalink_with_reasons(served, client: Client) -> None:
    text = client.get(URL, {"ip": GERMAN}).content.decode()
    assert found(text) == ["good.example.org", "far.example.org"]
    assert "It is in the client&#x27;s country." in text
    assert "DE" in text


def test_private_hosts_are_not_named_even_to_their_own_clients(served, client: Client) -> None:
    assert b"secret" not in client.get(URL, {"ip": GERMAN}).content


def test_a_visitor_asks_for_their_own_address_by_default(served, client: Client) -> None:
    answer = client.get(URL, REMOTE_ADDR="133.11.0.1")
    assert found(answer.content.decode())[0] == "far.example.org"
    assert answer.headers["Cache-Control"] == "private, no-store"


def test_a_visitor_asks_as_if_for_another_country(served, client: Client) -> None:
    text = client.get(URL, {"ip": GERMAN, "country": "jp"}).content.decode()
    assert found(text) == ["far.example.org"]


@pytest.mark.parametrize("ip", ["nonsense", "<script>", "1" * 5000, "10.0.0.0/8", "1.2.3.4.5"])
def test_what_is_no_address_is_told_so(served, client: Client, ip: str) -> None:
    answer = client.get(URL, {"ip": ip})
    assert answer.status_code == 200
    assert "is not an address" in answer.content.decode()
    assert b"<script>" not in answer.content


@pytest.mark.parametrize("repo", ["no-such", "<b>", "x" * 10_000, "a&arch=b", "../../etc"])
def test_an_unknown_repository_gives_the_refusal_that_clients_get(
    served, client: Client, repo: str
) -> None:
    answer = client.get(URL, {"ip": GERMAN, "repo": repo, "arch": "x86_64"})
    assert answer.status_code == 200
    assert "Clients are told:" in answer.content.decode()
    assert b"<b>" not in answer.content
