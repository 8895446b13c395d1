from typing import Any

import pytest
from django.test import Client

from registry.models import Host, HostAclIp, Site
from tests.factories import HostFactory, SiteFactory

pytestmark = pytest.mark.django_db


@pytest.fixture
def hosts(site: Site) -> None:
    for name, ip, private in (
        ("a", "198.51.100.10", False),
        ("b", "198.51.100.9", True),
        ("c", "2001:db8::1", False),
    ):
        host = HostFactory.create(site=site, name=name, private=private)
        HostAclIp.objects.create(host=host, ip=ip)
    other = HostFactory.create(site=SiteFactory.create(private=True))
    HostAclIp.objects.create(host=other, ip="198.51.100.10")
    HostAclIp.objects.create(host=other, ip="203.0.113.1")


@pytest.mark.parametrize(
    ("query", "text"),
    [
        ("", "198.51.100.9\n198.51.100.10\n203.0.113.1\n2001:db8::1\n"),
        ("?public_only", "198.51.100.10\n2001:db8::1\n"),
        ("?public_only=1", "198.51.100.10\n2001:db8::1\n"),
        ("?private_only", "198.51.100.9\n198.51.100.10\n203.0.113.1\n"),
        ("?private_only=0", "198.51.100.9\n198.51.100.10\n203.0.113.1\n2001:db8::1\n"),
    ],
)
@pytest.mark.parametrize("path", ["/rsync_acl", "/rsync_acl/"])
def test_addresses_come_one_a_line(
    path: str, query: str, text: str, hosts: None, client: Client
) -> None:
    answer = client.get(f"{path}{query}")
    assert answer.content.decode() == text
    assert answer["Content-Type"] == "text/plain; charset=utf-8"


@pytest.mark.parametrize(
    "off",
    [
        {"admin_active": False},
        {"approval": "pending"},
        {"site__admin_active": False},
        {"site__approval": "rejected"},
    ],
)
def test_what_operators_did_not_let_in_is_left_out(
    off: dict[str, Any], site: Site, client: Client
) -> None:
    HostAclIp.objects.create(host=HostFactory.create(site=site), ip="198.51.100.1")
    Host.objects.update(user_active=False)
    assert client.get("/rsync_acl").content == b"198.51.100.1\n"
    for name, value in off.items():
        model = Site if name.startswith("site__") else Host
        model.objects.update(**{name.removeprefix("site__"): value})
    assert client.get("/rsync_acl").content == b""


def test_the_same_as_json(hosts: None, client: Client) -> None:
    answer = client.get("/rsync_acl?format=json&public_only")
    assert answer.json() == {"addresses": ["198.51.100.10", "2001:db8::1"]}


def test_both_at_once_is_a_mistake(client: Client) -> None:
    assert client.get("/rsync_acl?public_only&private_only").status_code == 400


def test_it_is_only_read(client: Client) -> None:
    assert client.post("/rsync_acl").status_code == 405
