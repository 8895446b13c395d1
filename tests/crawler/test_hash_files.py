import hashlib
import io
import json
import os
from pathlib import Path
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.test import Client
from django_q.models import OrmQ

from crawler import tasks
from crawler.hashing import FileChangedError, hash_file
from crawler.services.hash_chore import HashFiles, HashWish
from registry.models import Category, FileDetail
from registry.services.operations.base import OperationError
from tests import factories
from tests.conftest import NOW
from tests.crawler.trees import Clock, grow, linux, scan

pytestmark = pytest.mark.django_db
ISO = "iso/boot.iso"


@pytest.fixture
def category(tree: Path, clock: Clock) -> Category:
    """A Category with an image of which only the MD5 is published."""
    digest = hashlib.md5(b"boot", usedforsecurity=False).hexdigest()
    grow(tree, {ISO: "boot", "iso/other.iso": "other", "iso/MD5SUM": f"{digest}  boot.iso\n"})
    made = linux(tree)
    scan(made, clock)
    return made


def run(*arguments: str) -> str:
    output = io.StringIO()
    call_command("hash_files", "--category", "Linux", *arguments, stdout=output)
    return output.getvalue()


def reasons(*arguments: str) -> dict[str, Any]:
    lines = [json.loads(line) for line in run("--json", *arguments).splitlines()]
    return {line["path"]: line["reason"] for line in lines}


def detail(name: str = "boot.iso") -> FileDetail:
    return FileDetail.objects.get(filename=name)


def test_missing_digests_are_filled_in(category: Category) -> None:
    assert not detail().sha256
    assert reasons()["pub/linux/iso/boot.iso"] == "filled"
    assert detail().sha256 == hashlib.sha256(b"boot").hexdigest()
    assert set(reasons().values()) == {"same"}


def test_verify_records_nothing(category: Category) -> None:
    printed = run("--verify")
    assert "1 filled" in printed
    assert printed.endswith("Nothing was recorded.\n")
    assert not detail().sha256


def test_a_damaged_file_is_reported_and_what_is_recorded_stays(
    category: Category, tree: Path
) -> None:
    (tree / ISO).write_text("bOOt")
    output = io.StringIO()
    with pytest.raises(CommandError, match="1 of 4 files are not as recorded"):
        call_command("hash_files", "--category", "Linux", stdout=output)
    assert "! pub/linux/iso/boot.iso: The recorded md5 begins with" in output.getvalue()
    assert not detail().sha256


def test_files_without_digests_are_recorded_by_name(category: Category) -> None:
    assert reasons("--name", "*.iso")["pub/linux/iso/other.iso"] == "recorded"
    row = detail("other.iso")
    assert row.sha512 == hashlib.sha512(b"other").hexdigest()
    assert row.size_bytes == 5


def test_only_a_part_of_the_tree_is_hashed(category: Category) -> None:
    assert set(reasons("--below", "/pub/linux/iso/")) == {
        "pub/linux/iso/MD5SUM",
        "pub/linux/iso/boot.iso",
    }


def test_a_file_that_is_gone_or_leads_out_is_reported(
    category: Category, tree: Path, tmp_path: Path
) -> None:
    outside = tmp_path / "outside"
    outside.write_text("boot")
    (tree / ISO).unlink()
    (tree / ISO).symlink_to(outside)
    (tree / "iso/MD5SUM").unlink()
    output = io.StringIO()
    with pytest.raises(CommandError, match="2 of 4 files"):
        call_command("hash_files", "--category", "Linux", stdout=output)
    assert "It cannot be hashed: it leads out of the tree." in output.getvalue()
    assert "It cannot be hashed: it is not there, or no file." in output.getvalue()


def test_a_file_that_is_written_meanwhile_has_no_digests(tmp_path: Path) -> None:
    path = tmp_path / "growing"
    path.write_bytes(b"x")

    def grow_more(count: int) -> None:
        with path.open("ab") as file:
            file.write(b"x" if os.stat(path).st_size < 3 else b"")

    with pytest.raises(FileChangedError):
        hash_file(str(path), root=str(tmp_path), progress=grow_more)


@pytest.mark.parametrize(
    ("over", "sentence"),
    [
        ({"source_location": ""}, "is not on this machine"),
        ({"name": "Other"}, "no Category called “Linux”"),
    ],
)
def test_what_cannot_be_hashed_is_an_error(over: dict[str, str], sentence: str) -> None:
    factories.CategoryFactory.create(**{"name": "Linux", "source_location": "/srv", **over})
    with pytest.raises(CommandError) as caught:
        run()
    assert sentence in str(caught.value)
    assert caught.value.returncode == 2


def test_a_category_without_digests_has_nothing_to_hash(tree: Path) -> None:
    linux(tree)
    assert run() == "No file has digests.\n"


PAGE = "/admin/operations/hash-files/"


def chosen(category: Category, **facts: str) -> dict[str, Any]:
    return {"category": category.pk, **facts}


def test_operators_see_which_files_would_be_read_and_a_worker_reads_them(
    admin: Client, category: Category
) -> None:
    shown = admin.post(PAGE, chosen(category, below=f"pub/linux/{ISO}"))
    plan = shown.context["plan"]
    assert [step.line for step in plan.steps] == [
        "~ pub/linux/iso/boot.iso: 4 bytes are read, and the digests compared or recorded."
    ]
    assert not detail().sha256
    data = chosen(category, below=f"pub/linux/{ISO}", shown=plan.fingerprint)
    admin.post(PAGE, data)
    [row] = OrmQ.objects.all()
    task = row.task
    assert (row.key, task["func"]) == ("crawl", "crawler.tasks.hash_category")
    assert tasks.hash_category(*task["args"], **task["kwargs"]) == "Linux: 1 filled."
    assert detail().sha256


def test_files_that_differ_are_named_in_what_the_worker_says(
    category: Category, tree: Path, clock: Clock
) -> None:
    detail().__class__.objects.filter(filename="boot.iso").update(md5="0" * 32)
    told = tasks.hash_category(category.pk, verify=True, patterns=("*.iso",))
    assert told.startswith("Linux: ")
    assert "\n! pub/linux/iso/boot.iso: " in told


def test_only_masters_on_this_machine_can_be_hashed_in_the_admin(
    admin: Client, category: Category
) -> None:
    assert admin.post(PAGE, chosen(category, missing="on", names="*.iso")).context["plan"].writes
    Category.objects.update(source_location="")
    assert "Select a valid choice" in admin.post(PAGE, chosen(category)).content.decode()
    with pytest.raises(OperationError, match="not on this machine"):
        HashFiles(Category.objects.get(), HashWish()).plan(now=NOW)
