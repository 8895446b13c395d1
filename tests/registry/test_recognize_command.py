"""`manage.py recognize` and `manage.py apply_rules`."""

import io
import json
from datetime import datetime
from io import StringIO
from typing import Any

import pytest
from django.core.management import CommandError, call_command

from registry.models import Category, Event, Repository, RepositoryMapping, Version
from registry.services.rules import apply_rules
from tests import factories

pytestmark = pytest.mark.django_db
OS = "releases/43/Everything/x86_64/os"


@pytest.fixture
def linux() -> Category:
    category = factories.CategoryFactory.create(
        name="Fedora Linux", top_directory="pub/fedora/linux"
    )
    call_command("add_rules", "fedora", stdout=StringIO())
    return category


def run(command: str, *args: str, **options: Any) -> str:
    out = StringIO()
    call_command(command, *args, stdout=out, **options)
    return out.getvalue()


def recognize(*paths: str, category: str = "Fedora Linux") -> list[dict[str, Any]]:
    return [
        json.loads(line)
        for line in run("recognize", *paths, category=category, json=True).splitlines()
    ]


def test_each_path_is_one_json_object_a_line(linux: Category) -> None:
    [first, second] = recognize(f"{OS}/repodata", "releases/43/Everything/source/tree")
    assert list(first) == ["path", "kind", "prefix", "version", "arch", "reason"]
    reason = first.pop("reason")
    assert first == {
        "path": f"{OS}/repodata",
        "kind": "rpm",
        "prefix": "fedora-43",
        "version": "43",
        "arch": "x86_64",
    }
    assert "gives “fedora”" in reason
    assert (second["prefix"], second["arch"]) == ("fedora-source-43", "source")


def test_what_is_not_recognized_says_why(linux: Category) -> None:
    [none, left, outside] = recognize("extras/6/x86_64", "releases/43/Server/x86_64/os", "../x")
    assert (none["prefix"], none["version"], none["arch"]) == ("", "6", "x86_64")
    assert none["reason"] == "No mapping rule matches “extras/6/x86_64”; add one that does."
    assert "there is no Repository here" in left["reason"]
    assert outside["reason"] == "“../x” is not a path inside the master tree."


def test_the_kind_comes_from_the_end_of_the_path(linux: Category) -> None:
    [row] = recognize("atomic/25/summary")
    assert (row["kind"], row["prefix"], row["arch"]) == ("ostree", "atomic-25", "x86_64")


def test_a_category_without_product_works(linux: Category) -> None:
    Category.objects.update(product=None)
    assert recognize(OS)[0]["prefix"] == "fedora-43"


def test_a_table_is_for_people(linux: Category, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", "200")
    out = run("recognize", OS, "a/\x1b[1m", category="Fedora Linux")
    assert out.splitlines()[0].split() == ["path", "kind", "prefix", "version", "arch", "reason"]
    assert "fedora-43" in out
    assert "\x1b[1m" not in out


def test_a_dash_reads_standard_input(linux: Category, monkeypatch: pytest.MonkeyPatch) -> None:
    lines = f"{OS}\n\nupdates/43/Everything/x86_64\r\nrawhide/\xff/x86_64".encode("latin-1")
    monkeypatch.setattr("sys.stdin", io.TextIOWrapper(io.BytesIO(lines)))
    prefixes = [row["prefix"] for row in recognize("-")]
    assert prefixes == ["fedora-43", "updates-released-f43", "rawhide"]


@pytest.mark.parametrize("command", ["recognize", "apply_rules"])
def test_an_unknown_category_is_an_error_that_names_the_others(
    linux: Category, command: str
) -> None:
    args = ("x",) if command == "recognize" else ()
    names = "There is no Category “Nope”. There are: Fedora Linux."
    with pytest.raises(CommandError, match=names) as caught:
        run(command, *args, "--category", "Nope")
    assert caught.value.returncode == 2


def unrecognized(category: Category, path: str, **over: Any) -> Repository:
    directory = factories.DirectoryFactory.create(
        category=category, path=f"{category.top_directory}/{path}"
    )
    facts: dict[str, Any] = {"prefix": "", "arch": None, "version": None}
    return factories.RepositoryFactory.create(
        category=category, directory=directory, **(facts | over)
    )


def test_rules_are_applied_without_a_scan(linux: Category, now: datetime, ada: Any) -> None:
    repository = unrecognized(linux, OS)
    [applied] = apply_rules([linux], now=now, actor=ada)
    repository.refresh_from_db()
    assert (repository.prefix, str(repository.arch)) == ("fedora-43", "x86_64")
    assert Version.objects.filter(product=linux.product, name="43").exists()
    assert applied.sentence == "Fedora Linux: of 1 Repository without prefix, 1 get one."
    event = Event.objects.get(actor=ada)
    assert event.facts == {"recognized": 1, "left_out": 0}


def test_a_dry_run_of_the_rules_writes_nothing(linux: Category) -> None:
    repository = unrecognized(linux, OS)
    out = run("apply_rules", dry_run=True)
    assert f"Repository “pub/fedora/linux/{OS}” gets “fedora-43”" in out
    assert "nothing was written" in out
    repository.refresh_from_db()
    assert repository.prefix == ""


def test_who_has_a_prefix_keeps_it_and_what_is_left_out_goes(linux: Category) -> None:
    kept = unrecognized(linux, "updates/43/Everything/x86_64", prefix="chosen")
    left = unrecognized(linux, "releases/43/Server/x86_64/os")
    out = run("apply_rules", category=["Fedora Linux"])
    assert "of 1 Repository without prefix, 0 get one; left out by a rule: 1." in out
    kept.refresh_from_db()
    assert kept.prefix == "chosen"
    assert not Repository.objects.filter(pk=left.pk).exists()


def test_rules_that_change_nothing_leave_no_event(linux: Category, now: datetime) -> None:
    RepositoryMapping.objects.all().delete()
    unrecognized(linux, OS)
    apply_rules([linux], now=now)
    events = Event.objects.count()
    [again] = apply_rules([linux], now=now)
    assert (again.asked, again.plans) == (1, [])
    assert Event.objects.count() == events


def test_without_unrecognized_repositories_there_is_nothing_to_do(linux: Category) -> None:
    assert "Every Repository has a prefix" in run("apply_rules")
