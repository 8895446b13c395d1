"""What is odd about how Hosts are set up: on pages, in the admin, by command."""

import json
from datetime import timedelta
from io import StringIO
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command
from django.test import Client

from registry.models import Host, HostCategory, HostCategoryUrl, Site
from registry.networks import addresses_of_names, asns_of_addresses
from registry.services.lint import lint_hosts
from tests.conftest import NOW
from tests.factories import CategoryFactory, HostFactory, HostNetblockFactory, carry
from tests.mirrorlist.mmdb import Number, write_mmdb

pytestmark = pytest.mark.django_db


@pytest.fixture
def host(site: Site) -> Host:
    host: Host = HostFactory.create(site=site, name="localhost", asn_clients=False)
    carry(host, CategoryFactory.create(name="Linux"), "http://localhost/pub")
    return host


def rules(*, look_up: bool = False) -> list[str]:
    return [
        hint.rule.value
        for linted in lint_hosts(Host.objects.all(), now=NOW, look_up=look_up)
        for hint in linted.hints
    ]


def run(*arguments: str) -> str:
    out = StringIO()
    call_command("lint", *arguments, stdout=out)
    return out.getvalue()


def test_what_is_written_down_is_loaded(host) -> None:
    assert rules() == ["no_https", "no_rsync", "nobody"]
    HostCategoryUrl.objects.update(
        url="https://localhost/pub",
        ipv4_state="working",
        ipv6_state="absent",
        certificate_until_at=NOW + timedelta(days=1),
    )
    HostCategory.objects.update(last_crawled_at=NOW)
    Host.objects.update(place_hint="It is elsewhere.", bandwidth_mbps=1, asn_clients=True)
    assert sorted(rules()) == sorted(
        [
            "only_ipv4",
            "certificate",
            "bandwidth",
            "country",
            "clients_without_asn",
            "no_rsync",
            "nothing_up2date",
            "nobody",
        ]
    )


def test_private_hosts_need_clients(host) -> None:
    Host.objects.update(private=True)
    assert {"no_clients", "no_check_in"} <= set(rules())
    HostNetblockFactory.create(host=host)
    assert "no_clients" not in rules()


def test_a_rejected_url_is_none(host) -> None:
    HostCategoryUrl.objects.update(approval="rejected")
    assert "no_url" in rules()


def test_names_are_looked_up_only_if_asked(host) -> None:
    Host.objects.update(name="no-such-name.invalid")
    assert "no_address" not in rules()
    assert rules(look_up=True)[0] == "no_address"


def test_names_lead_to_addresses() -> None:
    found = addresses_of_names(["localhost", "no-such-name.invalid", "x" * 300])
    assert "127.0.0.1" in found["localhost"]
    assert (found["no-such-name.invalid"], found["x" * 300]) == ((), ())


@pytest.fixture
def asn_file(tmp_path: Path, settings) -> str:
    """A file in which loopback belongs to AS64500."""
    records: dict[str, dict[str, object]] = {
        "127.0.0.0/8": {"autonomous_system_number": Number(64500)},
        "8.0.0.0/8": {"asn": "AS64502"},
    }
    path = write_mmdb(tmp_path / "asn.mmdb", records)
    settings.MIRRORLIST_ASN_MMDB = str(path)
    return str(path)


def test_the_system_of_an_address_is_in_the_file(asn_file) -> None:
    assert asns_of_addresses(["127.0.0.1", "127.0.0.2", "9.9.9.9"], file=asn_file) == [64500]
    assert asns_of_addresses(["8.8.8.8"], file=asn_file) == [64502]


@pytest.mark.parametrize("content", [None, b"", b"nonsense"])
def test_without_a_usable_file_no_system_is_known(tmp_path, content) -> None:
    path = tmp_path / "file.mmdb"
    if content is not None:
        path.write_bytes(content)
    assert asns_of_addresses(["127.0.0.1"], file=str(path)) == []


def test_another_asn_than_that_of_the_addresses_is_odd(host, asn_file) -> None:
    Host.objects.update(asn=64501)
    assert "other_asn" in rules(look_up=True)
    Host.objects.update(asn=64500)
    assert "other_asn" not in rules(look_up=True)


def test_the_command_says_it_host_by_host(host, other_site) -> None:
    HostFactory.create(site=other_site, name="b.invalid")
    text = run("--offline")
    assert "Example University / localhost: look again: It has no https URL." in text
    assert text.endswith("2 of 2 Hosts have something odd.\n")
    assert "b.invalid" not in run("--site", "Example University")


def test_the_command_writes_json(host) -> None:
    [row] = json.loads(run("--json", "--offline"))
    assert (row["site"], row["host"]) == ("Example University", "localhost")
    assert row["hints"][0]["rule"] == "no_https"
    assert row["hints"][0]["advice"].endswith("Add one.")


def test_an_unknown_site_is_said() -> None:
    with pytest.raises(CommandError, match="There is no Site “Nowhere”"):
        run("--site", "Nowhere")


def test_owners_and_operators_see_it_on_the_page_of_the_host(host, client: Client, ben, ada):
    client.force_login(ben)
    assert "It has no https URL." in client.get(f"/my/hosts/{host.pk}/").content.decode()
    page = client.get(f"/my/hosts/{host.pk}/lint/").content.decode()
    assert "It has no https URL." in page
    client.force_login(ada)
    page = client.get(f"/admin/registry/host/{host.pk}/change/").content.decode()
    assert "It has no https URL." in page


def test_hosts_cost_no_query_each(site, django_assert_max_num_queries) -> None:
    for number in range(20):
        one = HostFactory.create(site=site)
        carry(one, CategoryFactory.create(), f"http://{number}.example.org/")
    with django_assert_max_num_queries(4):
        assert len(lint_hosts(Host.objects.all(), now=NOW, look_up=False)) == 20
