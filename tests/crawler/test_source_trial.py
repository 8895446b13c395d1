"""The admin page that tries a source: what it says of one that works, and of one that does not."""

from datetime import timedelta
from pathlib import Path

import pytest
from django.test import Client

from crawler.master.base import SourcePolicy
from crawler.services.source_trial import try_source
from registry.models import Category, Directory
from tests.conftest import NOW
from tests.crawler.masters import file_list
from tests.crawler.trees import Clock, grow, linux

pytestmark = pytest.mark.django_db


def try_it(category: Category, clock: Clock, **over: float):
    budget = timedelta(seconds=over.pop("seconds", 8))
    return try_source(category, clock=clock, policy=SourcePolicy(), budget=budget)


def test_a_source_that_works_says_what_it_has(tree: Path) -> None:
    (tree / "gone").symlink_to("nowhere")
    category = linux(tree, change_signals="README")
    report = try_it(category, Clock(NOW))
    assert report.sentence == (
        "It works: the whole tree was read in 0.0 seconds, 13 directories with 5 files."
    )
    assert report.oddities == ["“pub/linux/gone” is a symlink that leads nowhere; it is left out."]
    assert report.paths[0] == "releases"
    assert f"{tree}/README" in report.signal.value
    assert not Directory.objects.exists()


def test_a_source_is_read_only_for_a_while(tmp_path: Path) -> None:
    root = grow(tmp_path / "m", {f"{number}/file": "" for number in range(100)})

    class Slow(Clock):
        def __call__(self):
            self.forward(seconds=0.5)
            return super().__call__()

    report = try_it(linux(root), Slow(NOW))
    assert "were read in" in report.sentence
    assert report.sentence.endswith("there is more.")
    assert 0 < report.directories < 101
    assert report.entries_per_second > 0


def test_a_listing_that_takes_long_is_no_fault(tmp_path: Path) -> None:
    root = grow(tmp_path / "m")
    rows = "".join(f"1\tf\t1\tf{number}\n" for number in range(70_000))
    (root / "fullfiletimelist-x").write_text(
        file_list(root).replace("[Files]\n", f"[Files]\n{rows}")
    )
    report = try_it(linux(root, source_kind="file_list"), Clock(NOW), seconds=-1)
    assert report.sentence.startswith("It answers, but its listing did not end within")


@pytest.mark.parametrize(
    ("over", "sentence"),
    [
        ({"source_location": "/nowhere"}, "It does not work. /nowhere is not there; mount"),
        ({"source_location": ""}, "It does not work. The Category has no source"),
        ({"source_options": "--rsh=sh"}, "It does not work. The option “--rsh” is not one"),
        ({"source_kind": "rsync"}, "is not where rsync can list"),
    ],
)
def test_a_source_that_does_not_work_says_why(
    tree: Path, over: dict[str, str], sentence: str
) -> None:
    report = try_it(linux(tree, **over), Clock(NOW))
    assert sentence in report.sentence


def test_the_page_is_linked_from_the_category_and_tests_when_asked(
    admin: Client, tree: Path
) -> None:
    category = linux(tree)
    page = admin.get(f"/admin/registry/category/{category.pk}/change/").content.decode()
    address = f"/admin/crawler/masterscan/source/{category.pk}/"
    assert f'href="{address}"' in page
    assert "Result" not in admin.get(address).content.decode()
    answer = admin.post(address).content.decode()
    assert "It works: the whole tree was read" in answer
    assert "none: every scheduled scan reads the tree" in answer


def test_only_who_may_change_a_category_may_test_its_source(
    client: Client, tree: Path, django_user_model
) -> None:
    staff = django_user_model.objects.create_user("dan", is_staff=True)
    client.force_login(staff)
    address = f"/admin/crawler/masterscan/source/{linux(tree).pk}/"
    assert client.post(address).status_code == 403
