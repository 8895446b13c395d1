"""The page of a Host, filled in and sent as a browser does."""

from datetime import timedelta
from typing import Any

import pytest
from django.apps import apps
from django.test import Client

from registry.models import Country, Event, Host, HostCategory, HostNetblock
from tests.factories import (
    CategoryFactory,
    EventFactory,
    HostCountryAllowedFactory,
    HostCountryExcludedFactory,
    HostCountryServedFactory,
    HostFactory,
    HostNetblockFactory,
    carry,
)

pytestmark = pytest.mark.django_db


def url_of(host: Host) -> str:
    return f"/admin/registry/host/{host.pk}/change/"


def filled_in(page: Any) -> dict[str, Any]:
    """Return what a browser would send from a page: all fields of all forms as they are."""
    formsets = [part.formset for part in page.context["inline_admin_formsets"]]
    forms = [page.context["adminform"].form]
    forms += [form for formset in formsets for form in (formset.management_form, *formset)]
    fields = [form[name] for form in forms for name in form.fields]
    return {
        field.html_name: value
        for field in fields
        if (value := field.value()) is not None and value is not False and value != ""
    }


def add_row(data: dict[str, Any], prefix: str, **fields: str) -> None:
    number = data[f"{prefix}-TOTAL_FORMS"]
    data[f"{prefix}-TOTAL_FORMS"] = number + 1
    data |= {f"{prefix}-{number}-{name}": value for name, value in fields.items()}


@pytest.fixture
def host(db: None) -> Host:
    made: Host = HostFactory.create(bandwidth_mbps=100)
    carry(made, CategoryFactory.create(name="Linux"), "https://m1.example.org/")
    HostCountryAllowedFactory.create(host=made)
    EventFactory.create(host=made)
    return made


def test_a_page_sent_as_it_was_changes_nothing(admin: Client, host: Host) -> None:
    answer = admin.post(url_of(host), filled_in(admin.get(url_of(host))))
    assert answer.status_code == 302, answer.context["errors"]
    assert Event.objects.count() == 1
    assert host.host_categories.count() == host.countries_allowed.count() == 1


def test_rows_of_every_table_can_be_added(admin: Client, host: Host) -> None:
    data = filled_in(admin.get(url_of(host)))
    add_row(data, "netblocks", netblock="11.1.2.3/24", name="campus")
    add_row(data, "peer_asns", asn="64500")
    add_row(data, "countries_allowed", country="AT")
    add_row(data, "acl_ips", ip="198.51.100.1")
    add_row(data, "host_categories", category=str(CategoryFactory.create().pk))
    answer = admin.post(url_of(host), data)
    assert answer.status_code == 302, answer.context["errors"]
    assert HostNetblock.objects.get().netblock == "11.1.2.0/24"
    assert host.countries_allowed.filter(country=Country.objects.get(code="AT")).exists()
    assert host.peer_asns.count() == host.acl_ips.count() == 1
    assert host.host_categories.count() == 2


def test_rows_that_are_not_edited_can_be_removed(admin: Client, host: Host) -> None:
    data = filled_in(admin.get(url_of(host))) | {"countries_allowed-0-DELETE": "on"}
    assert admin.post(url_of(host), data).status_code == 302
    assert not host.countries_allowed.exists()


def test_of_a_long_table_only_the_rows_on_the_page_are_touched(admin: Client, host: Host) -> None:
    for number in range(60):
        HostNetblockFactory.create(host=host, netblock=f"11.1.{number}.0/24")
    data = filled_in(admin.get(url_of(host)))
    assert data["netblocks-INITIAL_FORMS"] == 50
    data["netblocks-49-name"] = "the last on the page"
    assert admin.post(url_of(host), data).status_code == 302
    assert host.netblocks.count() == 60
    assert host.netblocks.get(name="the last on the page").pk == int(data["netblocks-49-id"])


def test_countries_are_listed_where_they_belong_by_name(admin: Client, host: Host) -> None:
    for code in ("CH", "AT"):
        HostCountryExcludedFactory.create(host=host, country=Country.objects.get(code=code))
    HostCountryServedFactory.create(host=host, country=Country.objects.get(code="AT"))
    HostCountryServedFactory.create(country=Country.objects.get(code="FR"))
    page = admin.get(url_of(host))
    listed = {
        part.formset.prefix: [str(form.instance.country) for form in part.formset.initial_forms]
        for part in page.context["inline_admin_formsets"]
        if part.formset.prefix.startswith("countries_")
    }
    assert listed == {
        "countries_allowed": ["Switzerland (CH)"],
        "countries_excluded": ["Austria (AT)", "Switzerland (CH)"],
        "countries_served": ["Austria (AT)"],
    }


def test_what_is_chosen_is_shown_as_it_is_and_as_it_was_sent(admin: Client, host: Host) -> None:
    page = admin.get(url_of(host))
    assert '<option value="DE" selected>Germany (DE)</option>' in page.content.decode()
    data = filled_in(page) | {"country": "AT", "bandwidth_mbps": "many"}
    text = admin.post(url_of(host), data).content.decode()
    assert '<option value="AT" selected>Austria (AT)</option>' in text
    assert "Germany (DE)</option>" not in text


def test_a_bad_netblock_is_answered_with_its_sentence(admin: Client, host: Host) -> None:
    data = filled_in(admin.get(url_of(host)))
    add_row(data, "netblocks", netblock="campus")
    page = admin.post(url_of(host), data)
    assert "“campus” is not an address range." in page.content.decode()


@pytest.mark.parametrize(
    ("table", "field", "bad", "good", "stored"),
    [
        ("category", "top_directory", "pub/../etc", "/pub//fedora/", "pub/fedora"),
        ("netblockcountry", "netblock", "campus", "11.1.2.3/24", "11.1.2.0/24"),
        (
            "hostcategoryurl",
            "url",
            "gopher://m",
            "HTTPS://M.example.org/pub/",
            "https://m.example.org/pub",
        ),
    ],
)
def test_what_people_type_is_refused_with_a_sentence_or_stored_in_one_form(
    admin: Client, host: Host, table: str, field: str, bad: str, good: str, stored: str
) -> None:
    data = {
        "name": "EPEL",
        "source_kind": "local",
        "country": "AT",
        "host_category": host.host_categories.get().pk,
    }
    url = f"/admin/registry/{table}/add/"
    page = admin.post(url, {**data, field: bad})
    assert f"“{bad}”" in page.content.decode()
    assert admin.post(url, {**data, field: good}).status_code == 302
    model = apps.get_model("registry", table)
    row = model._default_manager.order_by("pk").last()
    assert getattr(row, field) == stored


def test_a_changed_switch_is_on_the_timeline(admin: Client, host: Host) -> None:
    data = filled_in(admin.get(url_of(host)))
    del data["admin_active"]
    data |= {"disable_reason": "Wrong content.", "bandwidth_mbps": "1000"}
    assert admin.post(url_of(host), data).status_code == 302
    event = Event.objects.first()
    assert event is not None
    assert event.facts == {
        "admin_active": [True, False],
        "disable_reason": ["", "Wrong content."],
        "bandwidth_mbps": [100, 1000],
    }


def test_the_page_says_why_a_host_is_not_listed(admin: Client, host: Host) -> None:
    Host.objects.update(system_active=False, system_reason="No URL worked for four crawls.")
    text = admin.get(url_of(host)).content.decode()
    assert "The system took the Host out of service: No URL worked for four crawls." in text
    assert "The Host is approved." in text


def test_what_the_system_found_cannot_be_edited(admin: Client, host: Host) -> None:
    data = filled_in(admin.get(url_of(host))) | {"approval": "rejected", "system_reason": "x"}
    assert admin.post(url_of(host), data).status_code == 302
    host.refresh_from_db()
    assert (host.approval, host.system_reason) == ("approved", "")


def test_a_page_says_how_stable_the_host_is_and_how_far_behind(admin: Client, host: Host) -> None:
    Host.objects.update(stability_percent=97, place_hint="Its addresses are in France.")
    HostCategory.objects.update(behind=timedelta(days=1, hours=4))
    text = admin.get(url_of(host)).content.decode()
    assert "1 day, 4 hours" in text
    assert '<div class="readonly">97</div>' in text
    assert "Its addresses are in France." in text
    assert "97 %" in admin.get("/admin/registry/host/").content.decode()
