"""What operators do on lists and forms: each action calls one service and says what it did."""

from typing import Any

import pytest
from django.contrib.messages import get_messages
from django.http import HttpResponse
from django.test import Client
from django_q.models import OrmQ

from registry.models import Category, Event, Host, HostNetblock, Repository, Site
from tests.factories import (
    CategoryFactory,
    DirectoryFactory,
    EnrolRequestFactory,
    HostCategoryFactory,
    HostFactory,
    HostNetblockFactory,
    RepositoryFactory,
    SiteFactory,
    carry,
)

pytestmark = pytest.mark.django_db


def act(client: Client, table: str, action: str, *rows: Any, **more: str) -> Any:
    url = f"/admin/registry/{table}/"
    return client.post(
        url, {"action": action, "_selected_action": [row.pk for row in rows], **more}
    )


def said(answer: HttpResponse) -> list[str]:
    return [str(message) for message in get_messages(answer.wsgi_request)]  # type: ignore[attr-defined]


def test_disabling_hosts_asks_for_the_sentence_first(admin: Client) -> None:
    host = HostFactory.create(name="m1.example.org")
    page = act(admin, "host", "disable", host)
    assert page.status_code == 200
    assert "m1.example.org" in page.content.decode()
    assert Host.objects.get().admin_active
    answer = act(admin, "host", "disable", host, asked="1", sentence="Wrong content.")
    assert said(answer) == ["The operators’ switch of 1 Host was turned off."]
    assert not Host.objects.get().admin_active


def test_an_empty_sentence_is_asked_for_again(admin: Client) -> None:
    page = act(admin, "host", "disable", HostFactory.create(), asked="1", sentence=" ")
    assert "Say in a sentence why" in page.content.decode()
    assert Host.objects.get().admin_active


def test_hosts_are_enabled(admin: Client) -> None:
    answer = act(admin, "host", "enable", HostFactory.create(admin_active=False))
    assert said(answer) == ["The operators’ switch of 1 Host was turned on."]


def test_sites_are_disabled_with_a_sentence_and_enabled(admin: Client) -> None:
    site = SiteFactory.create()
    assert "Disable Sites" in act(admin, "site", "disable", site).content.decode()
    answer = act(admin, "site", "disable", site, asked="1", sentence="Closed.")
    assert said(answer) == ["The operators’ switch of 1 Site was turned off."]
    answer = act(admin, "site", "enable", site)
    assert said(answer)[-1] == "The operators’ switch of 1 Site was turned on."
    assert Site.objects.get().admin_active


def test_repositories_are_disabled_and_enabled(admin: Client) -> None:
    repository = RepositoryFactory.create()
    page = act(admin, "repository", "disable_repository", repository)
    form = page.context["form"]
    shown = {"repositories": form["repositories"].value(), "why": "It has wrong keys."}
    preview = admin.post("/admin/operations/disable-repository/", shown)
    assert not Repository.objects.get().disabled
    confirmed = {**shown, "shown": preview.context["plan"].fingerprint}
    admin.post("/admin/operations/disable-repository/", confirmed)
    assert Repository.objects.get().disabled
    act(admin, "repository", "enable", repository)
    assert not Repository.objects.get().disabled


def test_crawl_now_puts_the_hosts_we_visit_into_the_queue_of_the_crawlers(admin: Client) -> None:
    host, private = HostFactory.create(), HostFactory.create(private=True)
    answer = act(admin, "host", "crawl_now", host, private)
    assert said(answer) == [
        "A crawl of 1 Host is in the queue.",
        "Not visited: 1 Host, private or switched off by people.",
    ]
    queued = OrmQ.objects.get()
    assert queued.key == "crawl"
    assert (queued.task["func"], queued.task["args"]) == (
        "crawler.tasks.crawl_hosts",
        ([host.pk],),
    )


def test_scan_now_puts_the_categories_with_a_source_into_the_queue(admin: Client) -> None:
    category = CategoryFactory.create(source_location="/srv/master")
    answer = act(admin, "category", "scan_now", category, CategoryFactory.create())
    assert said(answer) == [
        "A scan of 1 Category is in the queue.",
        "Not scanned: 1 Category without a source.",
    ]
    queued = OrmQ.objects.get()
    assert (queued.task["func"], queued.task["args"]) == (
        "crawler.tasks.umdl_category",
        (category.pk,),
    )


def test_lists_offer_the_answers_of_the_queue(admin: Client) -> None:
    site = SiteFactory.create(approval="pending")
    netblock = HostNetblockFactory.create(approval="pending")
    request = EnrolRequestFactory.create()
    act(admin, "site", "approve_selected", site)
    act(admin, "enrolrequest", "approve_selected", request)
    assert "Reject" in act(admin, "hostnetblock", "reject_selected", netblock).content.decode()
    act(admin, "hostnetblock", "reject_selected", netblock, asked="1", sentence="Not yours.")
    for thing, approval in ((site, "approved"), (request, "approved"), (netblock, "rejected")):
        thing.refresh_from_db()
        assert thing.approval == approval
    act(admin, "hostnetblock", "reopen_selected", netblock)
    assert HostNetblock.objects.get().approval == "pending"


def test_a_change_on_a_form_is_noted_with_before_and_after(admin: Client) -> None:
    category = CategoryFactory.create(name="Linux", product=None)
    page = admin.get(f"/admin/registry/category/{category.pk}/change/")
    form = page.context["adminform"].form
    data = {name: form[name].value() or "" for name in form.fields}
    admin.post(page.request["PATH_INFO"], data | {"name": "Fedora Linux"})
    assert Category.objects.get().name == "Fedora Linux"
    event = Event.objects.get()
    assert event.facts == {"name": ["Linux", "Fedora Linux"]}
    assert event.sentence == "ada changed name of “Fedora Linux”."


def test_a_form_saved_as_it_was_leaves_no_trace(admin: Client) -> None:
    category = CategoryFactory.create(product=None)
    page = admin.get(f"/admin/registry/category/{category.pk}/change/")
    form = page.context["adminform"].form
    admin.post(page.request["PATH_INFO"], {n: form[n].value() or "" for n in form.fields})
    assert not Event.objects.exists()


def test_what_an_operator_adds_is_noted(admin: Client) -> None:
    data = {"name": "EPEL", "top_directory": "pub/epel", "source_kind": "local"}
    admin.post("/admin/registry/category/add/", data)
    assert Event.objects.get().sentence == "ada added “EPEL”."


@pytest.mark.parametrize(
    ("value", "found"),
    [
        ("listed", ["good"]),
        ("failing", ["failing"]),
        ("operators", ["off"]),
        ("system", ["sick"]),
        ("private", ["private"]),
        ("empty", ["off", "private", "sick"]),
    ],
)
def test_hosts_are_filtered_by_their_standing(admin: Client, value: str, found: list[str]) -> None:
    category = CategoryFactory.create()
    carry(HostFactory.create(name="good"), category, "https://good/")
    failing = carry(HostFactory.create(name="failing", user_active=False), category, "https://x/")
    failing.urls.update(state="failing")
    HostFactory.create(name="off", admin_active=False)
    HostFactory.create(name="sick", system_active=False)
    HostFactory.create(name="private", private=True)
    page = admin.get("/admin/registry/host/", {"standing": value})
    assert [host.name for host in page.context["cl"].result_list] == found


@pytest.mark.parametrize(("value", "count"), [("no", 1), ("yes", 2)])
def test_repositories_are_filtered_by_whether_they_were_recognized(
    admin: Client, value: str, count: int
) -> None:
    RepositoryFactory.create(prefix="")
    RepositoryFactory.create_batch(2)
    page = admin.get("/admin/registry/repository/", {"recognized": value})
    assert page.context["cl"].result_count == count


def test_the_page_of_a_copy_shows_its_directories_a_page_at_a_time(admin: Client) -> None:
    copy = HostCategoryFactory.create()
    DirectoryFactory.create_batch(101, category=copy.category)
    url = f"/admin/registry/hostcategory/{copy.pk}/change/"
    assert len(admin.get(url).context["copies"]) == 100
    assert len(admin.get(url, {"directories": "2"}).context["copies"]) == 1
