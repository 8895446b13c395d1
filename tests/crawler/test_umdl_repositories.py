"""Repositories that scans find: created, recognized later, kept, or refused a prefix."""

import shutil
from pathlib import Path

import pytest

from registry.logic.repository_kinds import RepositoryFormat
from registry.models import Arch, Directory, Repository, RepositoryMapping, Version
from registry.services.recognition import load_rulebook
from registry.services.repositories import plan_repositories, store_repositories
from tests import factories
from tests.crawler.trees import OS, UPDATES, Clock, grow, linux, repomd, scan

pytestmark = pytest.mark.django_db


def found() -> set[tuple[str, str | None, str | None]]:
    return set(Repository.objects.values_list("prefix", "version__name", "arch__name"))


def test_repositories_are_created_with_their_versions(tree: Path, clock: Clock) -> None:
    category = linux(tree)
    scan(category, clock)
    assert found() == {
        ("fedora-42", "42", "x86_64"),
        ("updates-released-f42", "42", "x86_64"),
    }
    repository = Repository.objects.get(prefix="fedora-42")
    assert repository.directory.path == f"pub/linux/{OS}"
    assert repository.category == category
    assert "Rule “^releases/[^/]+/Everything/” gives “fedora”" in repository.reason
    assert not Version.objects.get(product=category.product).is_test


def test_versions_of_test_trees_are_test_versions(tmp_path: Path, clock: Clock) -> None:
    root = grow(tmp_path / "m", {"test/43/x86_64/repodata/repomd.xml": repomd()})
    category = linux(root)
    factories.RepositoryMappingFactory.create(pattern="^test/", prefix="fedora")
    scan(category, clock)
    assert Version.objects.get(name="43").is_test


def test_a_category_without_product_has_repositories_but_no_versions(
    tree: Path, clock: Clock
) -> None:
    scan(linux(tree, product=None), clock)
    assert ("fedora-42", None, "x86_64") in found()
    assert not Version.objects.exists()


def test_a_product_without_versions_works(tmp_path: Path, clock: Clock) -> None:
    root = grow(tmp_path / "m", {"rolling/x86_64/repodata/repomd.xml": repomd()})
    category = linux(root)
    factories.RepositoryMappingFactory.create(pattern="^rolling/", prefix="rolling")
    scan(category, clock)
    assert found() == {("rolling", None, "x86_64")}


def test_what_no_rule_matches_says_so_and_is_recognized_when_one_does(
    tree: Path, clock: Clock
) -> None:
    category = linux(tree)
    RepositoryMapping.objects.filter(prefix="fedora").delete()
    result = scan(category, clock)
    repository = Repository.objects.get(prefix="")
    assert repository.reason == f"No mapping rule matches “{OS}”; add one that does."
    assert f"Repository “pub/linux/{OS}” gets no prefix: No mapping rule matches" in result.log
    assert scan(category, clock).counts["odd"] == 0
    factories.RepositoryMappingFactory.create(pattern="^releases/", prefix="later")
    assert scan(category, clock).counts["repositories"] == 1
    repository.refresh_from_db()
    assert (repository.prefix, repository.version.name) == ("later-42", "42")  # type: ignore[union-attr]


def test_an_unknown_arch_is_recognized_when_it_is_added(tmp_path: Path, clock: Clock) -> None:
    root = grow(
        tmp_path / "m", {"releases/42/Everything/loongarch9/os/repodata/repomd.xml": repomd()}
    )
    category = linux(root)
    scan(category, clock)
    assert found() == {("", None, None)}
    Arch.objects.create(name="loongarch9")
    scan(category, clock)
    assert found() == {("fedora-42", "42", "loongarch9")}


def test_an_existing_repository_keeps_its_prefix(tree: Path, clock: Clock) -> None:
    category = linux(tree)
    scan(category, clock)
    RepositoryMapping.objects.update(prefix="other")
    Repository.objects.filter(prefix="fedora-42").update(prefix="chosen", reason="By hand.")
    assert scan(category, clock).counts["repositories"] == 0
    assert Repository.objects.get(prefix="chosen").reason == "By hand."


def test_the_second_with_a_prefix_gets_none_and_the_reason(tree: Path, clock: Clock) -> None:
    category = linux(tree)
    scan(category, clock)
    grow(tree, {"releases/42/Everything/x86_64/new/repodata/repomd.xml": repomd()})
    result = scan(category, clock)
    second = Repository.objects.get(directory__path__endswith="/new")
    assert second.prefix == ""
    assert f"“fedora-42” for x86_64 already is “pub/linux/{OS}”" in second.reason
    assert second.reason in result.log


def test_a_prefix_is_free_for_the_new_place_when_the_old_is_gone(tree: Path, clock: Clock) -> None:
    category = linux(tree)
    scan(category, clock)
    shutil.move(tree / OS, tree / "releases/42/Everything/x86_64/moved")
    scan(category, clock)
    repository = Repository.objects.get(prefix="fedora-42")
    assert repository.directory.path.endswith("/moved")


def test_two_new_ones_with_one_prefix_are_settled_by_path(tmp_path: Path, clock: Clock) -> None:
    names = [f"releases/42/Everything/x86_64/{name}/repodata/repomd.xml" for name in "ba"]
    scan(linux(grow(tmp_path / "m", dict.fromkeys(names, repomd()))), clock)
    assert Repository.objects.get(prefix="fedora-42").directory.path.endswith("/a")
    assert Repository.objects.filter(prefix="").count() == 1


@pytest.mark.parametrize("known", [True, False])
def test_a_prefix_that_was_taken_since_it_was_planned_is_not_given_twice(
    tree: Path, clock: Clock, known: bool
) -> None:
    category = linux(tree)
    scan(category, clock)
    if known:
        Repository.objects.update(prefix="")
    else:
        Repository.objects.all().delete()
    places = [f"pub/linux/{path}" for path in (OS, UPDATES)]
    formats = dict.fromkeys(places, RepositoryFormat.RPM)
    plans = plan_repositories(category, formats, rulebook=load_rulebook(category))
    faster = factories.RepositoryFactory.create(prefix="fedora-42")
    ids = dict(Directory.objects.values_list("path", "id"))
    store_repositories(category, plans, ids=ids)
    assert Repository.objects.get(prefix="fedora-42") == faster
    assert Repository.objects.get(prefix="updates-released-f42").directory_id == ids[places[1]]
    loser = Repository.objects.get(directory__path=places[0])
    assert loser.prefix == ""
    assert loser.reason.startswith("“fedora-42” was given to another Repository just now.")


def test_a_bad_rule_is_skipped_and_named(tree: Path, clock: Clock) -> None:
    category = linux(tree)
    factories.RepositoryMappingFactory.create(pattern="(", prefix="broken", position=1)
    result = scan(category, clock)
    assert "The mapping rule “(” is skipped" in result.log
    assert ("fedora-42", "42", "x86_64") in found()


def test_repodata_inside_repodata_makes_no_repository(tree: Path, clock: Clock) -> None:
    grow(tree, {f"{OS}/repodata/repodata/repomd.xml": repomd()})
    scan(linux(tree), clock)
    assert Repository.objects.count() == 2


def test_a_repository_that_lost_its_repodata_is_noted(tree: Path, clock: Clock) -> None:
    category = linux(tree)
    scan(category, clock)
    shutil.rmtree(tree / UPDATES / "repodata")
    result = scan(category, clock)
    assert f"“pub/linux/{UPDATES}/repodata” is gone; clients cannot use" in result.log
    assert Repository.objects.filter(prefix="updates-released-f42").exists()


def test_the_repository_above_a_half_written_repomd_exists(tree: Path, clock: Clock) -> None:
    (tree / OS / "repodata/repomd.xml").write_text("<repomd")
    scan(linux(tree), clock)
    assert Repository.objects.filter(prefix="fedora-42").exists()


def test_a_rulebook_holds_only_what_concerns_the_category(tree: Path) -> None:
    category = linux(tree)
    factories.VersionFactory.create(name="9")
    factories.VersionFactory.create(name="42", product=category.product)
    factories.RepositoryMappingFactory.create(category=factories.CategoryFactory.create())
    rulebook = load_rulebook(category)
    assert rulebook.versions == ("42",)
    assert len(rulebook.rules) == 2
    assert "x86_64" in rulebook.arches


def test_deleting_directories_takes_their_rows_with_them(tree: Path, clock: Clock) -> None:
    category = linux(tree)
    scan(category, clock)
    for child in ("releases", "updates"):
        shutil.rmtree(tree / child)
    scan(category, clock, force=True)
    assert Directory.objects.count() == 1
    assert not Repository.objects.exists()
