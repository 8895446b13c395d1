"""The command, the tasks and the admin page: what people see of a scan."""

import io
import json
import shutil
from pathlib import Path
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.test import Client

from crawler import tasks
from crawler.models import MasterScan, RunState
from registry.models import Directory
from tests import factories
from tests.conftest import NOW
from tests.crawler.trees import TREE, grow, linux

pytestmark = pytest.mark.django_db


def umdl(*arguments: str) -> str:
    output = io.StringIO()
    call_command("umdl", *arguments, stdout=output)
    return output.getvalue()


def test_the_command_prints_a_table_and_the_reasons(tree: Path) -> None:
    linux(tree)
    printed = umdl()
    assert "repositories" in printed
    assert "Linux: 13 directories with 5 files: 13 added" in printed
    assert Directory.objects.count() == 13


def test_the_command_scans_all_categories_with_a_source(tree: Path, tmp_path: Path) -> None:
    linux(tree)
    factories.CategoryFactory.create(source_location=str(grow(tmp_path / "other")))
    factories.CategoryFactory.create(name="No source")
    umdl()
    assert MasterScan.objects.count() == 2


def test_the_command_scans_only_the_categories_it_is_told(tree: Path) -> None:
    linux(tree)
    factories.CategoryFactory.create(name="Other", source_location=str(tree))
    umdl("--category", "Other", "--category", "Other")
    assert MasterScan.objects.get().category.name == "Other"


def test_an_unknown_category_is_an_error_that_lists_the_known(tree: Path) -> None:
    with pytest.raises(CommandError, match=r"There are: none yet\."):
        umdl("--category", "Linus")
    linux(tree)
    with pytest.raises(CommandError, match=r"no Category called “Linus”\. There are: Linux\."):
        umdl("--category", "Linus", "--category", "Linux")
    assert not MasterScan.objects.exists()


def test_without_any_source_the_command_says_what_to_do() -> None:
    assert "No Category has a source." in umdl()


def test_results_can_be_had_as_json(tree: Path) -> None:
    linux(tree)
    (tree / "link").symlink_to("nowhere")
    [result] = json.loads(umdl("--json"))
    assert result["category"] == "Linux"
    assert result["state"] == "finished"
    assert result["counts"]["added"] == 13
    assert result["log"] == ["“pub/linux/link” is a symlink that leads nowhere; it is left out."]
    assert result["finished_at"] > result["started_at"]


def test_the_command_fails_when_a_scan_did(tree: Path, capsys: Any) -> None:
    linux(tree)
    factories.CategoryFactory.create(name="Absent", source_location="/nowhere/at/all")
    with pytest.raises(CommandError, match="1 of 2 scans did not finish"):
        umdl()
    assert Directory.objects.count() == 13


def test_a_refused_loss_fails_the_command_until_it_is_forced(tree: Path) -> None:
    linux(tree)
    umdl()
    shutil.rmtree(tree / "updates")
    shutil.rmtree(tree / "releases")
    with pytest.raises(CommandError):
        umdl()
    assert "It was forced." in umdl("--force")


def test_a_dry_run_prints_the_difference(tree: Path) -> None:
    linux(tree)
    umdl()
    (tree / "README").write_text("changed")
    printed = umdl("--dry-run")
    assert "pub/linux: Its files changed." in printed
    assert MasterScan.objects.count() == 1


def test_a_log_line_that_looks_like_markup_is_printed_as_it_is(tree: Path) -> None:
    linux(tree)
    (tree / "[bold]x[nope]").symlink_to("nowhere")
    assert "[bold]x[nope]" in umdl()


def test_the_task_scans_every_category_with_a_source(tree: Path) -> None:
    category = linux(tree)
    factories.CategoryFactory.create(name="No source")
    assert tasks.umdl().startswith("Linux: 13 directories")
    assert tasks.umdl_category(category.pk).startswith(
        "Linux: 13 directories with 5 files: 0 added"
    )


def test_the_task_of_a_category_without_source_says_what_to_do() -> None:
    category = factories.CategoryFactory.create(name="Bare")
    assert tasks.umdl_category(category.pk).startswith("Bare: The Category has no source; say on")
    assert tasks.umdl_category(category.pk + 1) == ""


@pytest.fixture
def scans(tree: Path) -> list[MasterScan]:
    category = linux(tree)
    (tree / "<link>").symlink_to("nowhere")
    umdl()
    for state in (RunState.FAILED, RunState.REFUSED, RunState.RUNNING):
        MasterScan.objects.create(
            category=category, state=state, started_at=NOW, lease_until_at=NOW, log="x" * 5000
        )
    return list(MasterScan.objects.all())


def test_the_list_of_scans_costs_few_queries(
    admin: Client, scans: list[MasterScan], django_assert_max_num_queries: Any
) -> None:
    with django_assert_max_num_queries(10):
        page = admin.get("/admin/crawler/masterscan/").content.decode()
    assert "13 directories, 5 files" in page
    assert "13 added, 1 odd" in page
    assert page.count("pill-bad") == 1


def test_the_page_of_a_scan_shows_its_log(admin: Client, scans: list[MasterScan]) -> None:
    finished = next(scan for scan in scans if scan.state == RunState.FINISHED)
    page = admin.get(f"/admin/crawler/masterscan/{finished.pk}/change/").content.decode()
    assert "“pub/linux/&lt;link&gt;” is a symlink that leads nowhere" in page
    assert "style=" not in page.partition("<main")[2].partition("</main>")[0]


def test_scans_cannot_be_edited(admin: Client, scans: list[MasterScan]) -> None:
    assert admin.get("/admin/crawler/masterscan/add/").status_code == 403
    assert admin.post(f"/admin/crawler/masterscan/{scans[0].pk}/delete/").status_code == 403


def test_the_whole_tree_of_the_suite_is_readable(tree: Path) -> None:
    """Should a umask hide it, the other tests would test something else."""
    assert tree.stat().st_mode & 0o005 == 0o005
    assert len(TREE) == 5
