from typing import Any

import pytest
from django.core.management import CommandError
from django.test import Client

from registry.models import Directory, Event, Repository
from tests import factories as f
from tests.registry.operating import (
    ARCHIVED,
    DEVEL,
    RELEASE,
    archive,
    facts,
    make_linux,
    queued,
    run,
    state,
)

pytestmark = pytest.mark.django_db
MOVE = ("move_devel_to_release", "--version", "43", "--category", "Fedora Linux")
ARCHIVE = ("move_to_archive", "--version", "Fedora 43")


def repository() -> Repository:
    return Repository.objects.get(prefix="fedora-43")


def test_a_release_leads_to_its_new_place_under_its_old_prefix() -> None:
    make_linux()
    Repository.objects.update(version=None)
    printed = run(*MOVE)
    assert f"~ Repository fedora-43 x86_64: {DEVEL} → {RELEASE}." in printed
    assert repository().directory.path == RELEASE
    assert str(repository().version) == "Fedora 43"
    assert Event.objects.get().facts == {"directory": [DEVEL, RELEASE]}
    assert queued() == ["mirrorlist.tasks.build_snapshot"]


def test_the_repository_without_prefix_that_a_scan_found_there_gives_way() -> None:
    category = make_linux()
    place = Directory.objects.get(path=RELEASE)
    f.RepositoryFactory.create(directory=place, category=category, prefix="", arch=None)
    run(*MOVE)
    assert Repository.objects.get().directory == place


def test_moving_twice_does_nothing_the_second_time() -> None:
    make_linux()
    run(*MOVE)
    assert "Nothing to do." in run(*MOVE)
    assert Event.objects.count() == 1


def test_a_dry_run_moves_nothing() -> None:
    make_linux()
    before = state()
    assert "1 to change. Nothing was written." in run(*MOVE, "--dry-run")
    assert state() == before
    assert not queued()


def test_a_move_without_target_is_refused_and_exits_with_an_error() -> None:
    make_linux()
    Directory.objects.filter(path=RELEASE).delete()
    with pytest.raises(CommandError, match="1 refused") as caught:
        run(*MOVE)
    assert caught.value.returncode == 1
    assert repository().directory.path == DEVEL
    assert not queued()


def test_a_target_that_is_taken_is_refused() -> None:
    category = make_linux()
    place = Directory.objects.get(path=RELEASE)
    f.RepositoryFactory.create(directory=place, category=category, prefix="fedora-44")
    with pytest.raises(CommandError, match="1 refused"):
        run(*MOVE)
    assert repository().directory.path == DEVEL


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (("--version", "44", "--category", "Fedora Linux"), "Fedora has no Version “44”."),
        (("--version", "43", "--category", "Linus"), "There is no Category called “Linus”."),
    ],
)
def test_unknown_names_are_errors(arguments: tuple[str, ...], sentence: str) -> None:
    make_linux()
    with pytest.raises(CommandError) as caught:
        run("move_devel_to_release", *arguments)
    assert sentence in str(caught.value)


def test_what_is_archived_belongs_to_the_archive() -> None:
    make_linux()
    run(*MOVE)
    place = archive()
    result = facts(*ARCHIVE)
    assert [step["reason"] for step in result["steps"]] == ["asked"]
    assert repository().directory.path == ARCHIVED
    assert repository().category == place
    assert "It is in the archive already." in run(*ARCHIVE)


def test_the_archive_takes_a_single_prefix() -> None:
    make_linux()
    run(*MOVE)
    archive()
    run("move_to_archive", "--repository", "fedora-43")
    assert repository().directory.path == ARCHIVED


def test_an_archive_must_exist() -> None:
    make_linux()
    with pytest.raises(CommandError, match="no Category called “Fedora Archive”"):
        run(*ARCHIVE)


def preview(admin: Client, slug: str, **data: Any) -> Any:
    return admin.post(f"/admin/operations/{slug}/", data)


def confirm(admin: Client, slug: str, **data: Any) -> Any:
    shown = preview(admin, slug, **data).context["plan"].fingerprint
    return admin.post(f"/admin/operations/{slug}/", {**data, "shown": shown})


def test_the_admin_moves_a_release_and_archives_it(admin: Client) -> None:
    category = make_linux()
    archive()
    confirm(admin, "move-to-release", category=category.pk, version="43")
    assert repository().directory.path == RELEASE
    chosen = {"repositories": str(repository().pk), "archive": "Fedora Archive"}
    confirm(admin, "move-to-archive", **chosen)
    assert repository().directory.path == ARCHIVED


@pytest.mark.parametrize("table", ["version", "repository"])
def test_lists_lead_to_the_archive(admin: Client, table: str) -> None:
    make_linux()
    row = repository() if table == "repository" else repository().version
    page = admin.post(
        f"/admin/registry/{table}/",
        {"action": "move_to_archive", "_selected_action": [row.pk]},  # type: ignore[union-attr]
    )
    assert page.context["form"]["archive"].value() == "Fedora Archive"


def test_nothing_is_done_if_the_database_changed_since_the_preview(admin: Client) -> None:
    category = make_linux()
    data = {"category": category.pk, "version": "43"}
    shown = preview(admin, "move-to-release", **data).context["plan"].fingerprint
    place = Directory.objects.get(path=RELEASE)
    f.RepositoryFactory.create(directory=place, category=category, prefix="", arch=None)
    answer = admin.post("/admin/operations/move-to-release/", {**data, "shown": shown})
    assert "The database has changed since the preview" in answer.content.decode()
    assert repository().directory.path == DEVEL
