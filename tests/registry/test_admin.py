"""Every table of the registry has a list and a page that render, at a cost that does not grow."""

from typing import Any

import pytest
from django.apps import apps
from django.contrib import admin as django_admin
from django.contrib.auth.models import User
from django.db import connection
from django.db.models import Model
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils.html import escape

from registry.models import Country, Host
from tests import factories

pytestmark = pytest.mark.django_db

REGISTRY = sorted(apps.get_app_config("registry").get_models(), key=lambda model: model.__name__)
LIST_BUDGET = 12
PAGE_BUDGET = 12


def make(model: type[Model]) -> Model:
    if model is Country:
        return Country.objects.get(code="DE")
    factory: Any = getattr(factories, f"{model.__name__}Factory")
    row: Model = factory.create()
    return row


def address(model: type[Model], what: str, *args: object) -> str:
    return reverse(f"admin:registry_{model._meta.model_name}_{what}", args=args)


@pytest.mark.parametrize("model", REGISTRY, ids=lambda model: model.__name__)
def test_every_table_has_an_admin_page_of_ours(model: type[Model]) -> None:
    page = django_admin.site._registry[model]
    assert type(page).__module__.startswith("registry.admin.")
    assert len(page.list_display) <= 8


@pytest.mark.parametrize("model", REGISTRY, ids=lambda model: model.__name__)
def test_a_list_costs_the_same_whatever_its_length(admin: Client, model: type[Model]) -> None:
    make(model)
    admin.get(address(model, "changelist"))
    with CaptureQueriesContext(
        connection,
    ) as one:
        assert admin.get(address(model, "changelist")).status_code == 200
    for _ in range(4):
        make(model)
    with CaptureQueriesContext(connection) as five:
        page = admin.get(address(model, "changelist"))
    assert page.context["cl"].result_count >= (5 if model is not Country else 200)
    assert len(five) == len(one), [query["sql"] for query in five][-5:]
    assert len(five) <= LIST_BUDGET


@pytest.mark.parametrize("model", REGISTRY, ids=lambda model: model.__name__)
def test_a_page_renders_within_its_budget(
    admin: Client, model: type[Model], django_assert_max_num_queries: Any
) -> None:
    row = make(model)
    with django_assert_max_num_queries(PAGE_BUDGET):
        page = admin.get(address(model, "change", row.pk))
    assert page.status_code == 200
    assert escape(str(row)) in page.content.decode()


@pytest.mark.parametrize("model", REGISTRY, ids=lambda model: model.__name__)
def test_a_search_finds_its_way_through_every_list(admin: Client, model: type[Model]) -> None:
    if not django_admin.site._registry[model].search_fields:
        pytest.fail("A table without search cannot be used for autocompletion.")
    assert admin.get(address(model, "changelist"), {"q": "4711"}).status_code == 200


@pytest.mark.parametrize("model", REGISTRY, ids=lambda model: model.__name__)
def test_a_form_to_add_renders_or_is_refused(admin: Client, model: type[Model]) -> None:
    writable = django_admin.site._registry[model].has_add_permission(
        admin.get("/admin/").wsgi_request
    )
    assert admin.get(address(model, "add")).status_code == (200 if writable else 403)


@pytest.mark.parametrize("who", ["ben", "cara"])
def test_site_admins_cannot_enter_the_admin(
    client: Client, who: str, request: pytest.FixtureRequest
) -> None:
    client.force_login(request.getfixturevalue(who))
    for url in ("/admin/", "/admin/registry/host/", "/admin/approvals/", "/admin/reference/"):
        answer = client.get(url)
        assert answer.status_code == 302, url
        assert "/admin/login/" in answer.headers["Location"]


def test_users_can_be_searched_to_make_them_site_admins(admin: Client, ben: User) -> None:
    query = {"app_label": "registry", "model_name": "siteadmin", "field_name": "user", "term": "be"}
    found = admin.get("/admin/autocomplete/", query).json()["results"]
    assert [row["text"] for row in found] == ["ben"]


def test_a_host_page_costs_the_same_with_many_rows_on_it(admin: Client) -> None:
    def fill(host: Host, times: int) -> None:
        for country in Country.objects.all()[:times]:
            copy = factories.HostCategoryFactory.create(host=host)
            factories.HostCategoryUrlFactory.create(host_category=copy)
            factories.HostNetblockFactory.create(host=host)
            factories.HostNetblockSourceFactory.create(host=host)
            factories.HostPeerAsnFactory.create(host=host)
            factories.HostCountryAllowedFactory.create(host=host, country=country)
            factories.HostCountryExcludedFactory.create(host=host, country=country)
            factories.HostCountryServedFactory.create(host=host, country=country)
            factories.HostAclIpFactory.create(host=host)
            factories.EventFactory.create(host=host)

    one, many = (
        factories.HostFactory.create(
            sponsor=factories.SponsorFactory.create(),
            approval_decided_by=factories.UserFactory.create(),
        )
        for _ in range(2)
    )
    fill(one, 1)
    fill(many, 6)
    admin.get(address(Host, "change", one.pk))
    with CaptureQueriesContext(connection) as few:
        admin.get(address(Host, "change", one.pk))
    with CaptureQueriesContext(connection) as more:
        admin.get(address(Host, "change", many.pk))
    assert len(more) == len(few) <= PAGE_BUDGET, [query["sql"] for query in few]


def test_a_page_shows_the_first_rows_of_a_long_table_and_keeps_the_others(admin: Client) -> None:
    host = factories.HostFactory.create()
    for number in range(60):
        factories.HostNetblockFactory.create(host=host, netblock=f"198.18.{number}.0/24")
    page = admin.get(address(Host, "change", host.pk))
    formset = next(
        part.formset
        for part in page.context["inline_admin_formsets"]
        if part.formset.prefix == "netblocks"
    )
    assert len(formset.initial_forms) == 50
    assert host.netblocks.count() == 60
