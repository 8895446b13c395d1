"""The network as one file in the admin: out, and in with a preview."""

from typing import Any

import pytest
from django.contrib.auth.models import Permission, User
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from registry.models import Event, Site
from registry.network_forms import GREATEST_BYTES
from tests.factories import HostFactory, SiteFactory

pytestmark = pytest.mark.django_db
PAGE = "/admin/operations/import-network/"
FILE = """mirrorsite_network: 1
sites:
  - name: Example University
    organization_url: https://www.example.edu
"""


def steps(answer: Any) -> list[str]:
    return [step.line for step in answer.context["plan"].steps]


def confirm(admin: Client, **facts: Any) -> Any:
    shown = admin.post(PAGE, facts)
    plan = shown.context["plan"]
    facts = {"text": shown.context["form"].data["text"], **facts}
    facts.pop("file", None)
    return admin.post(PAGE, {**facts, "shown": plan.fingerprint}, follow=True)


def test_what_is_exported_changes_nothing_when_it_comes_back(admin: Client, site: Site) -> None:
    HostFactory.create(site=site)
    answer = admin.get("/admin/network.yaml")
    text = answer.getvalue().decode()
    assert answer.headers["Content-Disposition"] == 'attachment; filename="network.yaml"'
    assert "Example University" in text
    for replace in ({}, {"replace": "on"}):
        shown = admin.post(PAGE, {"text": text, **replace})
        assert steps(shown) == []
        assert "There is nothing to do." in shown.content.decode()


@pytest.mark.parametrize("uploaded", [False, True])
def test_each_change_is_a_step_and_then_written(admin: Client, site: Site, uploaded) -> None:
    file = SimpleUploadedFile("network.yaml", FILE.encode())
    done = confirm(admin, **({"file": file} if uploaded else {"text": FILE.replace("\n", "\r\n")}))
    assert "Written." in done.content.decode()
    site.refresh_from_db()
    assert site.organization_url == "https://www.example.edu"
    assert Event.objects.filter(site=site, actor__username="ada").exists()


def test_a_change_says_what_was_before(admin: Client, site: Site) -> None:
    [step] = steps(admin.post(PAGE, {"text": FILE}))
    assert step.startswith("~ Site Example University: organization_url: ")
    assert "https://www.example.edu" in step.partition("→")[2]


def test_removing_takes_a_tick_and_is_shown(admin: Client, site: Site) -> None:
    SiteFactory.create(name="Gone")
    assert all(not line.startswith("-") for line in steps(admin.post(PAGE, {"text": FILE})))
    data = {"text": f"{FILE}...\n", "replace": "on"}
    assert any(line.startswith("- Site Gone: ") for line in steps(admin.post(PAGE, data)))
    confirm(admin, **data)
    assert not Site.objects.filter(name="Gone").exists()


def test_a_file_with_a_problem_changes_nothing(admin: Client, site: Site) -> None:
    shown = admin.post(PAGE, {"text": f"{FILE}    colour: red\n"})
    assert steps(shown)[0].startswith("! ")
    assert not shown.context["plan"].writes


@pytest.mark.parametrize(
    ("facts", "words"),
    [
        ({}, "Choose a file or paste its text."),
        ({"text": "x" * (GREATEST_BYTES + 1)}, "A file has at most"),
        ({"file": SimpleUploadedFile("n", b"x" * (GREATEST_BYTES + 1))}, "A file has at most"),
        ({"file": SimpleUploadedFile("n", b"\xff")}, "It is no UTF-8"),
        ({"text": "{" * 10_000}, "1 step refused, so nothing can be done."),
    ],
)
def test_what_is_no_network_file_is_refused_with_a_sentence(admin: Client, facts, words) -> None:
    assert words in admin.post(PAGE, facts).content.decode()


def test_the_export_is_for_those_who_may_see_everything(client: Client, admin: Client) -> None:
    dora = User.objects.create_user("dora", is_staff=True)
    dora.user_permissions.add(Permission.objects.get(codename="view_site"))
    client.force_login(dora)
    assert client.get("/admin/network.yaml").status_code == 403


def test_what_is_odd_about_hosts_is_on_one_page(
    admin: Client, site: Site, django_assert_max_num_queries
) -> None:
    for number in range(3):
        HostFactory.create(site=site, name=f"m{number}.example.org", bandwidth_mbps=1)
    with django_assert_max_num_queries(12):
        text = admin.get("/admin/lint/").content.decode()
    assert "3 of 3 Hosts have something odd." in text
    assert "m2.example.org" in text
    assert "Bandwidth" in text


def test_without_hosts_nothing_is_odd(admin: Client) -> None:
    assert "Nothing about any Host is odd." in admin.get("/admin/lint/").content.decode()
