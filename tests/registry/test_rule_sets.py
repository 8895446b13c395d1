"""Shipped rule sets, added by command and by service, and what they do to the tables."""

import re
from datetime import datetime
from io import StringIO
from typing import Any

import pytest
from django.core.management import CommandError, call_command

from registry.models import Category, Event, RepositoryAlias, RepositoryMapping, RepositoryRedirect
from registry.services.rule_sets import add_rule_set
from tests import factories

pytestmark = pytest.mark.django_db


@pytest.fixture
def epel() -> Category:
    return factories.CategoryFactory.create(name="Fedora EPEL", top_directory="pub/epel")


def run(*args: str, **options: Any) -> str:
    out = StringIO()
    call_command("add_rules", *args, stdout=out, **options)
    return out.getvalue()


def test_a_set_goes_to_the_categories_of_its_usual_names(epel: Category) -> None:
    out = run("epel")
    assert "+ RepositoryMapping Fedora EPEL / ^testing/" in out
    assert "+ RepositoryAlias testing-epel-debug-" in out
    assert "Written." in out
    assert RepositoryMapping.objects.filter(category=epel).count() == 11
    assert RepositoryAlias.objects.get(from_text="testing-epel-").to_text == "testing-epel"
    redirect = RepositoryRedirect.objects.get(from_prefix="epel-testing-10")
    assert redirect.to_prefix == "testing-epel10"


def test_fedora_rules_go_to_all_three_trees() -> None:
    for name in ("Fedora Linux", "Fedora Archive"):
        factories.CategoryFactory.create(name=name)
    run("fedora")
    assert set(RepositoryMapping.objects.values_list("category__name", flat=True)) == {
        "Fedora Linux",
        "Fedora Archive",
    }


def test_the_operator_may_say_which_category_is_meant(epel: Category) -> None:
    factories.CategoryFactory.create(name="Ours")
    run("rocky", category=["Ours"])
    assert RepositoryMapping.objects.get().category.name == "Ours"  # type: ignore[union-attr]


def test_a_dry_run_shows_the_changes_and_writes_nothing(epel: Category) -> None:
    out = run("epel", dry_run=True)
    assert "+ RepositoryMapping" in out
    assert "Nothing was written." in out
    assert not RepositoryMapping.objects.exists()


def test_adding_twice_changes_nothing_and_own_rules_stay(epel: Category) -> None:
    own = factories.RepositoryMappingFactory.create(category=epel, pattern="^mine/", prefix="mine")
    run("epel")
    assert "Nothing changes" in run("epel")
    assert RepositoryMapping.objects.filter(pk=own.pk, prefix="mine").exists()


def test_a_changed_rule_of_the_set_becomes_that_of_the_set_again(epel: Category) -> None:
    run("epel")
    RepositoryMapping.objects.filter(pattern="^testing/").update(prefix="other")
    assert "other" in run("epel")
    assert RepositoryMapping.objects.get(pattern="^testing/").prefix == "testing-epel"


def test_the_timeline_says_which_set_was_added_and_by_whom(
    epel: Category, now: datetime, ada: Any
) -> None:
    add_rule_set("epel", now=now, actor=ada)
    event = Event.objects.get()
    assert event.actor == ada
    assert "rule set epel" in event.sentence


def test_the_list_names_sets_and_their_categories() -> None:
    out = run(list=True)
    assert "opensuse" in out
    assert "(Fedora Linux, Fedora Secondary Arches, Fedora Archive)" in out


@pytest.mark.parametrize(
    ("args", "category", "sentence"),
    [
        ((), [], "Name a set, or use --list"),
        (("debian",), [], "There is no shipped set “debian”. There are: fedora, epel,"),
        (("rocky",), [], "No Category is called “Rocky Linux” or “Rocky”"),
        (("rocky",), ["Nope"], "There is no Category “Nope”. There are: Fedora EPEL."),
    ],
)
def test_what_cannot_be_added_says_why(
    epel: Category, args: tuple[str, ...], category: list[str], sentence: str
) -> None:
    with pytest.raises(CommandError, match=re.escape(sentence)) as caught:
        run(*args, category=category)
    assert caught.value.returncode == 2
