"""The same change for many Hosts or Sites: from the list over the preview to the timeline."""

from typing import Any

import pytest
from django.contrib.auth.models import Group, User
from django.test import Client

from registry.models import Event, Host, HostCategory, HostCategoryUrl, Site
from registry.querysets import REVIEWERS
from tests.factories import CategoryFactory, HostFactory, SiteFactory, carry

pytestmark = pytest.mark.django_db


def choose(client: Client, table: str, action: str, rows: list[Any]) -> Any:
    data = {"action": action, "_selected_action": [row.pk for row in rows]}
    return client.post(f"/admin/registry/{table}/", data)


def change(client: Client, slug: str, data: dict[str, Any]) -> Any:
    url = f"/admin/operations/{slug}/"
    preview = client.post(url, data)
    return client.post(url, {**data, "shown": preview.context["plan"].fingerprint}, follow=True)


def ids(rows: list[Any]) -> str:
    return ",".join(str(row.pk) for row in rows)


def test_bandwidth_is_set_from_the_list_with_a_preview(admin: Client) -> None:
    hosts = HostFactory.create_batch(2, bandwidth_mbps=100)
    page = choose(admin, "host", "set_bandwidth", hosts)
    assert "Set bandwidth" in page.content.decode()
    assert page.context["form"]["hosts"].value() == ids(hosts)
    done = change(admin, "set-bandwidth", {"hosts": ids(hosts), "bandwidth_mbps": "1000"})
    assert "Set bandwidth: 2 to change. Written." in done.content.decode()
    assert done.redirect_chain[-1][0] == "/admin/registry/host/"
    assert set(Host.objects.values_list("bandwidth_mbps", "revision")) == {(1000, 1)}
    event = Event.objects.filter(host=hosts[0]).get()
    assert event.facts == {"bandwidth_mbps": [100, 1000]}
    assert event.sentence == f"An operator changed bandwidth mbps of “{hosts[0]}”."


def test_hosts_move_to_a_country_and_become_private(admin: Client) -> None:
    host = HostFactory.create()
    copy = carry(host, CategoryFactory.create(), "https://m1/", up2date_count=7)
    change(admin, "set-country", {"hosts": ids([host]), "country": "FR"})
    change(admin, "set-privacy", {"hosts": ids([host]), "private": "yes"})
    host.refresh_from_db()
    copy.refresh_from_db()
    assert (host.country_id, host.private, copy.up2date_count) == ("FR", True, 0)


def test_sites_become_private_with_what_is_known_of_their_hosts(admin: Client) -> None:
    host = HostFactory.create()
    copy = carry(host, CategoryFactory.create(), "https://m1/", up2date_count=7)
    assert "Make private" in choose(admin, "site", "set_site_privacy", [host.site]).content.decode()
    change(admin, "set-site-privacy", {"sites": ids([host.site]), "private": "yes"})
    copy.refresh_from_db()
    assert (Site.objects.get().private, copy.up2date_count) == (True, 0)


def test_many_hosts_begin_to_carry_a_category_and_stop(admin: Client) -> None:
    category = CategoryFactory.create(name="Linux")
    hosts = HostFactory.create_batch(2)
    carry(hosts[0], category, "https://m1/")
    data = {"hosts": ids(hosts), "category": str(category.pk)}
    change(admin, "add-category", data)
    assert HostCategory.objects.count() == 2
    change(admin, "remove-category", data)
    assert not HostCategory.objects.exists()
    assert not HostCategoryUrl.objects.exists()
    assert Event.objects.count() == 3


@pytest.mark.parametrize(
    ("slug", "data"),
    [
        ("set-bandwidth", {"bandwidth_mbps": "10"}),
        ("add-category", {"category": "CATEGORY"}),
    ],
)
def test_nothing_selected_is_said(admin: Client, slug: str, data: dict[str, str]) -> None:
    category = CategoryFactory.create()
    data = {key: value.replace("CATEGORY", str(category.pk)) for key, value in data.items()}
    text = admin.post(f"/admin/operations/{slug}/", data).content.decode()
    assert "on the" in text or "on their list first" in text
    assert "first." in text


def test_what_needs_rows_is_not_among_the_operations(admin: Client) -> None:
    text = admin.get("/admin/operations/").content.decode()
    assert "Set bandwidth" not in text
    assert "Import CSV" in text
    assert "/admin/django_q/schedule/" in text


def test_a_thousand_hosts_change_in_a_few_statements(
    admin: Client, django_assert_max_num_queries: Any
) -> None:
    site, example = SiteFactory.create(), HostFactory.create()
    Host.objects.bulk_create(
        Host(site=site, name=f"m{n}", country=example.country) for n in range(1000)
    )
    data = {"hosts": ids(list(Host.objects.all())), "bandwidth_mbps": "77"}
    plan = admin.post("/admin/operations/set-bandwidth/", data).context["plan"]
    with django_assert_max_num_queries(20):  # with the session, the task and the page after it
        admin.post("/admin/operations/set-bandwidth/", {**data, "shown": plan.fingerprint})
    assert set(Host.objects.values_list("bandwidth_mbps", flat=True)) == {77}


def test_reviewers_change_nothing(client: Client, db: None) -> None:
    reviewer = User.objects.create_user("rita", is_staff=True)
    reviewer.groups.add(Group.objects.get_or_create(name=REVIEWERS)[0])
    client.force_login(reviewer)
    data = {"hosts": ids([HostFactory.create()]), "bandwidth_mbps": "77", "shown": "x"}
    assert client.post("/admin/operations/set-bandwidth/", data).status_code == 403
