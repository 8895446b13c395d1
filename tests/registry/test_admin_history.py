"""Everything operators change has a past: on the timeline, and where the page leads to it."""

from typing import Any

import pytest
from django.apps import apps
from django.contrib import admin as django_admin
from django.test import Client

from registry.admin.base import AuditedAdmin, ReadOnlyAdmin
from registry.models import Event, HostNetblock, NotificationPreference, Product, Webhook
from tests.factories import (
    CategoryFactory,
    EventFactory,
    HostFactory,
    HostNetblockFactory,
    ProductFactory,
    RepositoryFactory,
)

pytestmark = pytest.mark.django_db

# People's own affairs; webhooks note their changes by their service.
NOT_AUDITED = {NotificationPreference, Webhook}


@pytest.mark.parametrize(
    "model", list(apps.get_app_config("registry").get_models()), ids=lambda model: model.__name__
)
def test_every_table_that_operators_edit_is_audited(model: Any) -> None:
    page = django_admin.site._registry[model]
    assert isinstance(page, AuditedAdmin | ReadOnlyAdmin) or model in NOT_AUDITED


def test_what_was_changed_of_a_category_is_found_from_its_page(admin: Client) -> None:
    category = CategoryFactory.create(name="Fedora Linux")
    EventFactory.create(subject="category: Fedora Linux", sentence="It was moved.")
    EventFactory.create(subject="category: EPEL", sentence="Another was moved.")
    page = admin.get(f"/admin/registry/category/{category.pk}/change/")
    address = next(tool.url for tool in page.context["tools"] if tool.label == "Timeline")
    text = admin.get(address).content.decode()
    assert "It was moved." in text
    assert "Another was moved." not in text


def test_repositories_and_hosts_lead_to_their_timeline_too(admin: Client) -> None:
    for thing, table in (
        (RepositoryFactory.create(), "repository"),
        (HostFactory.create(), "host"),
    ):
        page = admin.get(f"/admin/registry/{table}/{thing.pk}/change/")
        tools = {tool.label: tool.url for tool in page.context["tools"]}
        assert admin.get(tools["Timeline"]).status_code == 200


def test_a_product_s_changes_are_noted(admin: Client) -> None:
    product = ProductFactory.create(name="Fedora")
    admin.post(
        f"/admin/registry/product/{product.pk}/change/",
        form_of(admin, product, name="Fedora Linux"),
    )
    assert Product.objects.get().name == "Fedora Linux"
    assert Event.objects.get().facts == {"name": ["Fedora", "Fedora Linux"]}


def test_rows_inside_a_page_are_noted_as_well(admin: Client) -> None:
    host = HostFactory.create(name="m1")
    kept = HostNetblockFactory.create(host=host, netblock="198.51.100.0/24")
    gone = HostNetblockFactory.create(host=host, netblock="203.0.113.0/24")
    data = form_of(admin, host)
    data |= {
        "netblocks-0-name": "campus",
        "netblocks-1-DELETE": "on",
        "netblocks-2-netblock": "192.0.2.0/24",
        "netblocks-TOTAL_FORMS": "3",
    }
    answer = admin.post(f"/admin/registry/host/{host.pk}/change/", data)
    assert answer.status_code == 302
    assert set(HostNetblock.objects.values_list("netblock", flat=True)) == {
        kept.netblock,
        "192.0.2.0/24",
    }
    noted = {event.kind: event.sentence for event in Event.objects.filter(host=host)}
    assert noted == {
        "changed": "ada changed name of “198.51.100.0/24 prefers m1”.",
        "deleted": f"ada deleted “{gone.netblock} prefers m1”.",
        "created": "ada added “192.0.2.0/24 prefers m1”.",
    }


def form_of(client: Client, thing: Any, **changes: str) -> dict[str, str]:
    """Return what the page of a thing would send as it is, with some changes."""
    page = client.get(f"/admin/registry/{thing._meta.model_name}/{thing.pk}/change/")
    forms = [page.context["adminform"].form]
    for inline in page.context["inline_admin_formsets"]:
        forms += [inline.formset.management_form, *inline.formset.initial_forms]
    data: dict[str, str] = {}
    for form in forms:
        for name in form.fields:
            value = form[name].value()
            if value is not None and value is not False:
                data[form.add_prefix(name)] = "on" if value is True else str(value)
    return data | changes
