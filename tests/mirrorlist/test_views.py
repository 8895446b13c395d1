"""The addresses inside Django."""

import pytest
from defusedxml import ElementTree
from django.test import Client

from mirrorlist.services.snapshots import build_snapshot
from tests import factories

pytestmark = pytest.mark.django_db
QUERY = "repo=fedora-42&arch=x86_64"
GERMAN = "193.99.144.80"


@pytest.fixture
def served(network, policy, now):
    network.host("good.example.org", country="DE")
    network.host("far.example.org", country="JP")
    private = network.host("private.example.org", country="DE", private=True)
    factories.HostNetblockFactory.create(host=private, netblock="198.51.100.0/24")
    build_snapshot(now=now, policy=policy)
    return network


def test_a_mirrorlist_comes_from_the_snapshot(served, client: Client) -> None:
    got = client.get(f"/mirrorlist?{QUERY}&ip={GERMAN}")
    assert got.headers["Content-Type"] == "text/plain"
    assert got.content.decode() == (
        "# repo = fedora-42 arch = x86_64 country = DE country = global \n"
        "https://good.example.org/fedora/42/os/\n"
        "https://far.example.org/fedora/42/os/\n"
    )


def test_a_metalink_of_an_ostree_repository_verifies_its_summary(
    network, policy, now, client: Client
) -> None:
    atomic = factories.DirectoryFactory.create(category=network.category, path="pub/fedora/atomic")
    factories.FileDetailFactory.create(directory=atomic, filename="summary", sha256="a" * 64)
    factories.RepositoryFactory.create(
        directory=atomic, prefix="atomic-42", kind="ostree", arch=network.repository.arch
    )
    network.host("good.example.org", has=[atomic])
    build_snapshot(now=now, policy=policy)
    got = client.get("/metalink?repo=atomic-42&arch=x86_64")
    document = ElementTree.fromstring(got.content)
    names = {"m": "http://www.metalinker.org/"}
    file = document.find(".//m:file", names)
    assert file is not None
    assert file.get("name") == "summary"
    assert file.findtext(".//m:hash[@type='sha256']", None, names) == "a" * 64
    assert (
        file.findtext(".//m:url", None, names) == "https://good.example.org/fedora/atomic/summary"
    )


def test_a_metalink_verifies_the_metadata(served, client: Client) -> None:
    got = client.get(f"/metalink?{QUERY}")
    assert got.headers["Content-Type"] == "application/metalink+xml"
    document = ElementTree.fromstring(got.content)
    names = {"m": "http://www.metalinker.org/"}
    assert document.findtext(".//m:hash[@type='sha256']", None, names) == "f" * 64
    assert {url.text for url in document.iterfind(".//m:url", names)} == {
        "https://good.example.org/fedora/42/os/repodata/repomd.xml",
        "https://far.example.org/fedora/42/os/repodata/repomd.xml",
    }


def test_private_hosts_are_for_their_netblock_only(served, client: Client) -> None:
    assert b"private" not in client.get(f"/mirrorlist?{QUERY}").content
    lines = client.get(f"/mirrorlist?{QUERY}&ip=198.51.100.9").content.decode().split("\n")
    assert "Using preferred netblock" in lines[0]
    assert lines[1] == "https://private.example.org/fedora/42/os/"


@pytest.mark.parametrize(("trusted", "country"), [(0, "JP"), (1, "DE")])
def test_proxies_are_believed_as_configured(
    served, client: Client, settings, trusted: int, country: str
) -> None:
    settings.TRUSTED_PROXY_COUNT = trusted
    settings.MIRRORLIST_MINIMUM_HOSTS = 1
    got = client.get(
        f"/mirrorlist?{QUERY}", REMOTE_ADDR="210.171.226.40", HTTP_X_FORWARDED_FOR=GERMAN
    )
    assert got.content.decode().split("\n")[0].endswith(f"country = {country} ")


@pytest.mark.parametrize("method", ["get", "post", "put", "delete"])
def test_any_method_is_taken_for_get(served, method: str) -> None:
    client = Client(enforce_csrf_checks=True)
    assert getattr(client, method)(f"/mirrorlist?{QUERY}").status_code == 200


def test_head_tells_the_length(served, client: Client) -> None:
    got = client.head(f"/mirrorlist?{QUERY}")
    assert got.content == b""
    assert got.headers["Content-Length"] == str(len(client.get(f"/mirrorlist?{QUERY}").content))


def test_errors_have_no_content_type(served, client: Client) -> None:
    got = client.get("/mirrorlist?path=no/where")
    assert (got.status_code, got.content) == (404, b"error: invalid path")
    assert "Content-Type" not in got.headers


def test_odd_bytes_are_answered(served, client: Client) -> None:
    for header in ("żółw", "1.2.3.4,", "\xff\xfe", ","):
        got = client.get(f"/mirrorlist?{QUERY}&x=%ff%00+", HTTP_X_FORWARDED_FOR=header)
        assert got.status_code == 200


def test_serving_asks_the_database_nothing(
    served, client: Client, django_assert_num_queries
) -> None:
    with django_assert_num_queries(0):
        client.get(f"/mirrorlist?{QUERY}")
        client.get(f"/metalink?{QUERY}")


def test_without_a_snapshot_clients_are_told_to_come_back(policy, client: Client) -> None:
    got = client.get(f"/mirrorlist?{QUERY}")
    assert got.status_code == 503
    assert got.content.startswith(b"There is no snapshot to answer from yet.")
    assert got.headers["Retry-After"] == "60"
