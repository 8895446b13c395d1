from datetime import datetime, timedelta

import pytest
from pyroaring import BitMap

from registry.models import Directory, DirectoryIssue, DirectoryState, HostCategory
from registry.services import carriage
from registry.services.carriage import (
    ConcurrentChangeError,
    Findings,
    Issue,
    merge,
    store_findings,
)
from tests.factories import DirectoryFactory, HostCategoryFactory

pytestmark = pytest.mark.django_db

STALE = Issue(DirectoryState.STALE, "size_differs", "It should have 3 bytes, but has 4.")
UNKNOWN = Issue(DirectoryState.UNKNOWN, "no_answer", "Nothing was learned.")
LATER = timedelta(hours=6)


@pytest.fixture
def copy() -> HostCategory:
    return HostCategoryFactory.create()


@pytest.fixture
def directories(copy: HostCategory) -> list[int]:
    return [DirectoryFactory.create(category=copy.category).id for _ in range(4)]


def store(copy: HostCategory, findings: Findings, now: datetime) -> tuple[int, int]:
    return store_findings(copy.pk, findings, reason="Seen.", now=now)


def issues(copy: HostCategory) -> dict[int, str]:
    return dict(copy.issues.values_list("directory_id", "state"))


def found(up2date: set[int], wrong: dict[int, Issue] | None = None, **extra) -> Findings:
    return Findings(BitMap(up2date), wrong or {}, **extra)


@pytest.mark.parametrize(
    ("findings", "after"),
    [
        (found({3}), {1, 2, 3}),
        (found({3}, complete=True), {3}),
        (found({3}, {2: STALE}), {1, 3}),
        (found({3}, {2: UNKNOWN}), {1, 2, 3}),
        (found({3}, {2: UNKNOWN}, complete=True), {2, 3}),
        (found({3}, unknown=BitMap({1, 7}), complete=True), {1, 3}),
        (found(set(), also_wrong=BitMap({1})), {2}),
        (found(set(), complete=True), set()),
    ],
)
def test_the_set_after_findings(findings: Findings, after: set[int]) -> None:
    assert merge(BitMap({1, 2}), findings) == BitMap(after)


def test_findings_are_stored_with_their_reason(copy, directories, now) -> None:
    one, two, *_ = directories
    assert store(copy, found({one}, {two: STALE}), now) == (1, 0)
    copy.refresh_from_db()
    assert copy.up2date == BitMap({one})
    assert (copy.up2date_count, copy.issue_count, copy.reason) == (1, 1, "Seen.")
    assert (copy.up2date_changed_at, copy.last_crawled_at) == (now, None)
    assert issues(copy) == {two: "stale"}


def test_a_crawl_leaves_its_time(copy, now) -> None:
    store_findings(copy.pk, found(set()), reason="", now=now, crawled_at=now)
    store(copy, found(set()), now + LATER)
    copy.refresh_from_db()
    assert copy.last_crawled_at == now


def test_an_unchanged_set_keeps_the_time_of_its_last_change(copy, directories, now) -> None:
    store(copy, found({directories[0]}), now)
    store(copy, found({directories[0]}, complete=True), now + LATER)
    copy.refresh_from_db()
    assert copy.up2date_changed_at == now


def test_an_issue_that_persists_keeps_its_beginning(copy, directories, now) -> None:
    store(copy, found(set(), {directories[0]: STALE}), now)
    store(copy, found(set(), {directories[0]: STALE}), now + LATER)
    issue = copy.issues.get()
    assert (issue.since_at, issue.seen_at) == (now, now + LATER)


def test_an_issue_ends_when_the_directory_is_seen_up2date(copy, directories, now) -> None:
    one, two, *_ = directories
    store(copy, found(set(), {one: STALE, two: STALE}), now)
    store(copy, found({one}), now)
    copy.refresh_from_db()
    assert issues(copy) == {two: "stale"}
    assert copy.issue_count == 1


def test_complete_findings_end_all_other_issues(copy, directories, now) -> None:
    one, two, three, _ = directories
    store(copy, found(set(), {one: STALE, two: STALE, three: STALE}), now)
    store(copy, found({one}, unknown=BitMap({two}), complete=True), now)
    assert issues(copy) == {two: "stale"}


def test_what_is_wrong_without_words_keeps_the_words_it_had(copy, directories, now) -> None:
    store(copy, found(set(), {directories[0]: STALE}), now)
    store(copy, found(set(), also_wrong=BitMap(directories[:2]), complete=True), now)
    copy.refresh_from_db()
    assert issues(copy) == {directories[0]: "stale"}
    assert copy.issue_count == 2


def test_not_knowing_does_not_hide_what_was_known(copy, directories, now) -> None:
    one, two, *_ = directories
    store(copy, found({two}, {one: STALE}), now)
    store(copy, found(set(), {one: UNKNOWN, two: UNKNOWN}, complete=True), now)
    copy.refresh_from_db()
    assert issues(copy) == {one: "stale", two: "unknown"}
    assert copy.up2date == BitMap({two})


def test_certain_issues_are_kept_before_unknown_ones(copy, directories, now, monkeypatch):
    monkeypatch.setattr(carriage, "ISSUES_KEPT", 2)
    one, two, three, four = directories
    store(copy, found(set(), {one: UNKNOWN, two: UNKNOWN, three: STALE, four: STALE}), now)
    copy.refresh_from_db()
    assert issues(copy) == {three: "stale", four: "stale"}
    assert copy.issue_count == 4


def test_partial_findings_do_not_add_issues_without_end(copy, directories, now, monkeypatch):
    monkeypatch.setattr(carriage, "ISSUES_KEPT", 2)
    for directory in directories:
        store(copy, found(set(), {directory: STALE}), now)
    assert issues(copy) == dict.fromkeys(directories[:2], "stale")


def test_a_directory_deleted_meanwhile_gets_no_issue(copy, directories, now) -> None:
    gone = directories[0]
    Directory.objects.filter(pk=gone).delete()
    store(copy, found(set(), {gone: STALE, directories[1]: STALE}), now)
    assert issues(copy) == {directories[1]: "stale"}


@pytest.mark.parametrize("count", [1, 100])
def test_storing_costs_at_most_five_queries(copy, now, count, django_assert_max_num_queries):
    made = [DirectoryFactory.create(category=copy.category).id for _ in range(2 * count)]
    store(copy, found(set(), dict.fromkeys(made[:count], STALE)), now)
    # Two more than five: inside a test the transaction is a savepoint and its release.
    with django_assert_max_num_queries(5 + 2):
        store(copy, found(set(made[:count]), dict.fromkeys(made[count:], STALE)), now)
    with django_assert_max_num_queries(4 + 2):
        store(copy, found(set(made), complete=True), now)
    with django_assert_max_num_queries(2 + 2):
        store(copy, found(set(made), complete=True), now)


class Rival:
    """Another writer, who changes the set right after we have read it, a number of times."""

    def __init__(self, copy: HostCategory, times: int, directory: int) -> None:
        self.copy, self.times, self.directory = copy, times, directory

    def merge(self, before: BitMap, findings: Findings) -> BitMap:
        if self.times:
            self.times -= 1
            mine = HostCategory.objects.get(pk=self.copy.pk)
            HostCategory.objects.filter(pk=self.copy.pk).update(
                up2date=mine.up2date | BitMap({self.directory}),
                up2date_revision=mine.up2date_revision + 1,
            )
        return merge(before, findings)


def test_two_writers_at_once_both_get_their_way(copy, directories, now, monkeypatch):
    monkeypatch.setattr(carriage, "merge", Rival(copy, 2, directories[0]).merge)
    store(copy, found({directories[1]}), now)
    copy.refresh_from_db()
    assert copy.up2date == BitMap(directories[:2])
    assert copy.up2date_revision == 3


def test_whoever_always_loses_the_race_is_told(copy, directories, now, monkeypatch):
    monkeypatch.setattr(carriage, "merge", Rival(copy, 5, directories[0]).merge)
    with pytest.raises(ConcurrentChangeError, match="kept changing"):
        store(copy, found(set(), {directories[1]: STALE}), now)
    assert not DirectoryIssue.objects.exists()
