"""What the queue already found out, its pages, and how it is used without a mouse."""

from pathlib import Path
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.test import Client

from registry.models import Host, Site
from tests.factories import (
    CategoryFactory,
    HostFactory,
    HostNetblockFactory,
    HostPeerAsnFactory,
    SiteFactory,
    UserFactory,
    carry,
)
from tests.mirrorlist.mmdb import Number, write_mmdb

pytestmark = pytest.mark.django_db

QUEUE = "/admin/approvals/"


def text_of(client: Client, url: str = QUEUE) -> str:
    return client.get(url).content.decode()


def test_a_site_is_compared_with_who_registered_it(admin: Client) -> None:
    dora = UserFactory.create(username="dora", email="dora@example.net")
    SiteFactory.create(name="Old", created_by=dora)
    SiteFactory.create(
        name="New", created_by=dora, approval="pending", organization_url="https://example.org"
    )
    text = text_of(admin)
    assert "dora &lt;dora@example.net&gt;" in text
    assert "The mail address is at example.net, the home page at example.org." in text
    assert "Old (approved)" in text


def test_a_host_shows_its_urls_and_who_has_its_name(admin: Client) -> None:
    twin = HostFactory.create(name="Mirror.example.org", site=SiteFactory.create(name="Elsewhere"))
    for asn in (64500, 64501):
        HostPeerAsnFactory.create(host=twin, asn=asn)
    host = HostFactory.create(name="mirror.example.org", approval="pending")
    copy = carry(host, CategoryFactory.create(name="Linux"), "https://mirror.example.org/pub")
    copy.urls.update(state="failing", reason="It timed out.")
    text = text_of(admin)
    assert "Elsewhere has a Host mirror.example.org, too." in text
    assert "https://mirror.example.org/pub – failing: It timed out." in text


def test_a_new_name_of_a_url_is_compared_with_the_names_before(admin: Client) -> None:
    host = HostFactory.create(name="m1.example.org")
    copy = carry(host, CategoryFactory.create(), "https://m1.example.org/pub")
    copy.urls.create(url="https://evil.example.net/pub", approval="pending")
    text = text_of(admin)
    assert "evil.example.net shares its domain with none of 1 other name it has." in text


def test_a_netblock_is_compared_with_who_announces_it(
    admin: Client, settings: Any, tmp_path: Path
) -> None:
    path = tmp_path / "asn.mmdb"
    write_mmdb(path, {"11.0.0.0/8": {"asn": Number(749, 6)}})
    settings.MIRRORLIST_ASN_MMDB = str(path)
    HostNetblockFactory.create(
        netblock="11.0.0.0/8", approval="pending", host=HostFactory.create(asn=64500)
    )
    text = text_of(admin)
    assert "AS749 announces 11.0.0.0/8; the Host names AS64500." in text
    HostPeerAsnFactory.create(host=Host.objects.get(), asn=64496)
    said = "AS749 announces 11.0.0.0/8; the Host names AS64496, AS64500."
    assert said in text_of(admin)
    HostPeerAsnFactory.create(host=Host.objects.get(), asn=749)
    assert "AS749 announces 11.0.0.0/8, as the Host says." in text_of(admin)
    settings.MIRRORLIST_ASN_MMDB = str(tmp_path / "none.mmdb")
    assert "No table of origins is built yet" in text_of(admin)
    (tmp_path / "damaged.mmdb").write_text("This is no database.")
    settings.MIRRORLIST_ASN_MMDB = str(tmp_path / "damaged.mmdb")
    assert "No table of origins is built yet" in text_of(admin)


def test_a_long_queue_has_pages(admin: Client) -> None:
    for number in range(53):
        HostFactory.create(name=f"m{number:02}.example.org", approval="pending")
    text = text_of(admin)
    assert "m49.example.org" in text
    assert "m50.example.org" not in text
    assert "All Hosts that wait" in text
    second = text_of(admin, f"{QUEUE}?kind=host&page=2")
    assert "m52.example.org" in second
    assert "Page 2 of 2" in second


def test_what_waits_for_its_owner_comes_last(admin: Client, ada: User) -> None:
    first = HostFactory.create(name="first.example.org", approval="pending")
    HostFactory.create(name="second.example.org", approval="pending")
    admin.post(QUEUE, {"ask": f"host-{first.pk}", "sentence": "Who?"})
    text = text_of(admin)
    assert text.index("second.example.org") < text.index("first.example.org")


def test_a_button_beside_a_row_means_that_row_alone(admin: Client) -> None:
    one, other = HostFactory.create_batch(2, approval="pending")
    admin.post(QUEUE, {"selected": f"host-{other.pk}", "approve": f"host-{one.pk}"})
    assert list(Host.objects.filter(approval="pending")) == [other]


def test_the_keys_come_from_a_file_of_ours_and_buttons_work_without_it(admin: Client) -> None:
    HostFactory.create(approval="pending")
    text = text_of(admin)
    assert '<script src="/static/mirrorsite/queue.js" defer></script>' in text
    for key in ("a", "r", "q", "s"):
        assert f'accesskey="{key}"' in text
    assert (
        "style=" not in text.split('<form method="post" class="approvals">')[1].split("</form>")[0]
    )


def test_a_thousand_that_wait_cost_no_more_queries(
    admin: Client, django_assert_max_num_queries: Any
) -> None:
    dora, example = UserFactory.create(), HostFactory.create()
    Site.objects.bulk_create(
        Site(name=f"S{n}", approval="pending", created_by=dora) for n in range(1000)
    )
    Host.objects.bulk_create(
        Host(name=f"m{n}", approval="pending", site=example.site, country=example.country)
        for n in range(1000)
    )
    with django_assert_max_num_queries(12):
        assert admin.get(QUEUE).status_code == 200
    with django_assert_max_num_queries(12):
        assert admin.get(f"{QUEUE}?kind=site&page=7").status_code == 200
