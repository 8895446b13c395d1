"""From geo data to answers, through the address that clients use."""

import os
from io import StringIO
from pathlib import Path

import pytest
from django.core.management import call_command
from django.test import Client

from mirrorlist.services.snapshots import build_snapshot
from registry.tasks import update_cloud_ranges
from tests.crawler.mirrors import Mirror
from tests.factories import HostNetblockSourceFactory
from tests.mirrorlist.mmdb import write_mmdb
from tests.mirrorlist.mrt import rib

pytestmark = pytest.mark.django_db
ASK = "/mirrorlist?repo=fedora-42&arch=x86_64&ip="


@pytest.fixture(autouse=True)
def files(settings, tmp_path: Path) -> None:
    settings.MIRRORLIST_NETBLOCKS_FILE = tmp_path / "netblocks.mmdb"


def first_line(client: Client, address: str) -> str:
    return client.get(ASK + address).content.decode().splitlines()[0]


def test_a_new_table_of_autonomous_systems_counts_without_a_restart(
    network, policy, now, client: Client, tmp_path: Path
) -> None:
    network.host("inside.example.org", country="JP", asn=64496)
    build_snapshot(now=now, policy=policy)
    assert "ASN" not in first_line(client, "192.0.2.1")
    (tmp_path / "rib").write_bytes(rib({"192.0.2.0/24": 64496}))
    call_command("netblocks", str(tmp_path / "rib"), stdout=StringIO())
    assert "Using ASN 64496 " in first_line(client, "192.0.2.1")
    assert "Using ASN 64496 " in first_line(client, "2002:c000:201::1"), "6to4"
    assert "ASN" not in first_line(client, "198.51.100.1")


def test_a_new_country_file_counts_without_a_restart(
    network, policy, now, client: Client, settings, tmp_path: Path
) -> None:
    network.host("fr.example.org", country="FR")
    network.host("jp.example.org", country="JP")
    build_snapshot(now=now, policy=policy)
    path = tmp_path / "country.mmdb"
    settings.MIRRORLIST_COUNTRY_MMDB = str(path)
    for country in ("FR", "JP"):
        part = write_mmdb(tmp_path / "part", {"192.0.2.0/24": {"country_code": country}})
        os.replace(part, path)
        assert f"country = {country} " in first_line(client, "192.0.2.1")
    path.write_bytes(b"damaged")
    assert "country = JP " in first_line(client, "192.0.2.1")


def test_machines_of_a_cloud_get_the_host_inside(network, policy, now, client: Client) -> None:
    host = network.host("cloud.example.org", country="JP")
    network.host("de.example.org", country="DE")
    with Mirror({"/pub/list": b"193.99.144.0/24\n"}) as provider:
        HostNetblockSourceFactory.create(host=host, url=f"{provider.url}/list")
        update_cloud_ranges()
    build_snapshot(now=now, policy=policy)
    lines = client.get(f"{ASK}193.99.144.80").content.decode().splitlines()
    assert "Using preferred netblock " in lines[0]
    assert lines[1].startswith("https://cloud.example.org/")
