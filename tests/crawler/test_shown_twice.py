"""Directories that a listing shows once more, because more of them turned up: they count once."""

from pathlib import Path

import pytest

from crawler.master.base import SourcePolicy
from crawler.models import RunState
from crawler.services.source_trial import try_source
from registry.models import Category, Directory
from tests.crawler.trees import Clock, linux, scan

pytestmark = pytest.mark.django_db

# The directory above is said to be closed after what is below was shown.
CLOSED_LATE = """\
1\td\t1\ta/repodata
1\tf\t5\ta/repodata/x
1\td\t1\tc
1\tf\t7\tc/y
1\td-\t1\ta
"""
# Lines return to a directory that they had left.
TORN = """\
1\td\t1\ta
1\td\t1\ta/repodata
1\tf\t5\ta/repodata/x
1\td\t1\tc
1\tf\t7\tc/y
1\tf\t9\ta/repodata/repomd.xml
"""


def listed(tmp_path: Path, rows: str) -> Category:
    path = tmp_path / "fullfiletimelist-x"
    path.write_text(f"[Version]\n2\n[Files]\n{rows}1\td\t1\t.\n[End]\n")
    return linux(path, source_kind="file_list")


def rows_of(category: Category) -> list[tuple[str, bool, int, int]]:
    return list(
        Directory.objects.filter(category=category)
        .order_by("path")
        .values_list("path", "readable", "file_count", "size_bytes")
    )


def test_one_that_turns_out_closed_is_written_once_and_closed(tmp_path: Path, clock: Clock) -> None:
    category = listed(tmp_path, CLOSED_LATE)
    result = scan(category, clock)
    counts = result.counts
    assert result.state == RunState.FINISHED
    assert (counts["directories"], counts["files"], counts["bytes"]) == (4, 2, 12)
    assert (counts["added"], counts["changed"], counts["unreadable"]) == (4, 0, 2)
    assert rows_of(category) == [
        ("pub/linux", True, 0, 0),
        ("pub/linux/a", False, 0, 0),
        ("pub/linux/a/repodata", False, 1, 5),
        ("pub/linux/c", True, 1, 7),
    ]
    assert result.log.count("has no repomd.xml") == 1
    again = scan(category, clock)
    assert (again.counts["added"], again.counts["changed"]) == (0, 0)


def test_one_of_which_more_turns_up_is_judged_by_all_of_it(tmp_path: Path, clock: Clock) -> None:
    category = listed(tmp_path, TORN)
    result = scan(category, clock)
    assert (result.counts["directories"], result.counts["files"]) == (4, 3)
    assert rows_of(category)[2] == ("pub/linux/a/repodata", True, 2, 14)
    assert "has no repomd.xml" not in result.log
    assert "the Category has no checksum base" in result.log  # it is looked for, once
    assert scan(category, clock).counts["changed"] == 0


@pytest.mark.parametrize("rows", [CLOSED_LATE, TORN])
def test_a_trial_counts_and_shows_it_once(tmp_path: Path, clock: Clock, rows: str) -> None:
    category = listed(tmp_path, rows)
    report = try_source(category, clock=clock, policy=SourcePolicy(), budget=clock.now - clock.now)
    assert (report.directories, report.files) == (4, 2 + (rows == TORN))
    assert sorted(report.paths) == ["a", "a/repodata", "c"]
