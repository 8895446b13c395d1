"""Operators' pages about rules: try paths, add a shipped set, apply what changed."""

from io import StringIO
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.core.management import call_command
from django.test import Client

from registry.models import Category, Repository, RepositoryMapping
from tests import factories
from tests.registry.test_recognize_command import OS, unrecognized

pytestmark = pytest.mark.django_db
PAGES = ("/admin/rules/try/", "/admin/rules/add/", "/admin/rules/apply/")
MAPPINGS = "/admin/registry/repositorymapping/"


@pytest.fixture
def linux() -> Category:
    return factories.CategoryFactory.create(name="Fedora Linux", top_directory="pub/fedora/linux")


def add_rules() -> None:
    call_command("add_rules", "fedora", stdout=StringIO())


def text(client: Client, url: str, data: dict[str, Any] | None = None) -> str:
    answer = client.get(url) if data is None else client.post(url, data, follow=True)
    assert answer.status_code == 200
    return answer.content.decode()


def test_pasted_paths_are_answered_with_prefix_rule_and_reason(
    admin: Client, linux: Category, django_assert_max_num_queries
) -> None:
    add_rules()
    paths = f"{OS}\r\n\r\n  atomic/25/summary\r\nreleases/43/Server/x86_64/os\r\n<b>/x\r\n"
    with django_assert_max_num_queries(20):
        page = text(admin, PAGES[0], {"category": linux.pk, "paths": paths})
    assert "fedora-43" in page
    assert "(?:releases|development/[0-9]+)/(?:.*/)?Everything/" in page
    assert "atomic-25" in page
    assert "ostree, binary" in page
    assert "there is no Repository here" in page
    assert "No mapping rule matches “&lt;b&gt;/x”" in page
    assert page.count("<caption>") == page.count("<table")


def test_the_category_of_a_link_is_chosen(admin: Client, linux: Category) -> None:
    assert f'<option value="{linux.pk}" selected>' in text(admin, f"{PAGES[0]}?category={linux.pk}")
    assert f"{PAGES[0]}?category={linux.pk}" in text(
        admin, f"/admin/registry/category/{linux.pk}/change/"
    )


@pytest.mark.parametrize(
    ("data", "sentence"),
    [
        ({"paths": "a"}, "This field is required."),
        ({"category": "", "paths": ""}, "This field is required."),
        ({"category": "x", "paths": "a"}, "not one of the available choices"),
        ({"paths": "a\n" * 501}, "try at most 500 at once, or use manage.py recognize"),
    ],
)
def test_what_cannot_be_tried_says_why(
    admin: Client, linux: Category, data: dict[str, Any], sentence: str
) -> None:
    assert sentence in text(admin, PAGES[0], data)


def test_a_set_is_shown_before_it_is_added(admin: Client, linux: Category) -> None:
    asked = {"rule_set": "fedora"}
    page = text(admin, PAGES[1], asked)
    assert "+ RepositoryMapping Fedora Linux" in page
    assert not RepositoryMapping.objects.exists()
    page = text(admin, PAGES[1], asked | {"add": "Add the set"})
    assert "The set was added: 13 added" in page
    assert RepositoryMapping.objects.filter(category=linux).count() == 13


def test_a_set_goes_to_the_categories_that_were_chosen(admin: Client, linux: Category) -> None:
    asked = {"rule_set": "rocky", "categories": [linux.pk], "add": "Add the set"}
    text(admin, PAGES[1], asked)
    assert RepositoryMapping.objects.get().category == linux
    assert "0 added" in text(admin, PAGES[1], asked)


def test_a_set_without_its_category_says_so(admin: Client, linux: Category) -> None:
    assert "No Category is called “Rocky Linux”" in text(admin, PAGES[1], {"rule_set": "rocky"})


def test_changed_rules_are_applied_after_a_look(admin: Client, linux: Category) -> None:
    repository = unrecognized(linux, OS)
    add_rules()
    page = text(admin, PAGES[2])
    assert "Fedora Linux: of 1 Repository without prefix, 1 get one." in page
    assert 'value="Apply"' in page
    repository.refresh_from_db()
    assert repository.prefix == ""
    assert "1 get one." in text(admin, PAGES[2], {"category": ""})
    repository.refresh_from_db()
    assert repository.prefix == "fedora-43"


def test_rules_may_be_applied_to_one_category(admin: Client, linux: Category) -> None:
    other = unrecognized(factories.CategoryFactory.create(), OS)
    factories.RepositoryMappingFactory.create(pattern="^releases/", prefix="fedora", category=None)
    repository = unrecognized(linux, OS)
    text(admin, PAGES[2], {"category": str(linux.pk)})
    assert Repository.objects.filter(pk=repository.pk, prefix="fedora-43").exists()
    assert Repository.objects.filter(pk=other.pk, prefix="").exists()


def test_nothing_to_apply_has_no_button(admin: Client, linux: Category) -> None:
    assert "Every Repository has a prefix" in text(admin, PAGES[2])
    unrecognized(linux, OS, reason=f"No mapping rule matches “{OS}”; add one that does.")
    page = text(admin, PAGES[2])
    assert "The rules change nothing about them." in page
    assert 'value="Apply"' not in page


def test_whoever_changes_a_rule_is_offered_to_apply_it(admin: Client, linux: Category) -> None:
    unrecognized(linux, OS)
    rule = {"category": linux.pk, "position": 5, "pattern": "^releases/", "prefix": "fedora"}
    page = text(admin, f"{MAPPINGS}add/", rule)
    assert 'href="/admin/rules/apply/">Apply to 1 unrecognized Repository…' in page
    for url in PAGES:
        assert f'href="{url}"' in page


def test_the_list_of_unrecognized_repositories_says_why(admin: Client, linux: Category) -> None:
    unrecognized(linux, OS, reason="No mapping rule matches.")
    unrecognized(linux, "dists/stable", reason="Asked by path.", kind="debian")
    page = text(admin, "/admin/registry/repository/?recognized=no")
    assert "No mapping rule matches." in page
    assert "Asked by path." not in page
    assert 'href="/admin/registry/repository/?recognized=no"' in text(admin, "/admin/")


@pytest.mark.parametrize("url", PAGES)
def test_the_pages_are_for_those_who_may_see_or_change_rules(client: Client, url: str) -> None:
    client.force_login(User.objects.create_user("dan", is_staff=True))
    assert client.get(url).status_code == 403


@pytest.mark.parametrize("url", PAGES)
def test_the_pages_are_well_formed(admin: Client, url: str, linux: Category) -> None:
    assert "style=" not in text(admin, url).split("<main", 1)[1].split("</main", 1)[0]
