"""What a crawl finds out about mirrors of every kind, and what it writes down."""

from dataclasses import replace

import pytest

from crawler.models import RunState
from registry.models import Category
from tests.crawler.mirrors import (
    Mirror,
    hang,
    redirect,
    respond,
    status,
)
from tests.crawler.world import (
    EVERYTHING,
    OLD,
    PACKAGES,
    POLICY,
    REPODATA,
    copy_of,
    crawl,
    good_files,
    issues,
    make_category,
    mirror_of,
    paths,
)
from tests.factories import CategoryFactory, DirectoryFactory, carry

pytestmark = pytest.mark.django_db


@pytest.fixture
def category() -> Category:
    return make_category()


def test_a_good_mirror_has_everything(category, now) -> None:
    with Mirror(good_files()) as mirror:
        host = mirror_of(category, mirror)
        [run] = crawl(host)
    assert (run.state, run.reason) == (RunState.FINISHED, "5 of 5 Directories are up2date.")
    assert run.counts["up2date"] == run.counts["added"] == 5
    copy = copy_of(host)
    assert paths(copy) == EVERYTHING
    assert (copy.reason, copy.issue_count) == (run.reason, 0)
    assert copy.last_crawled_at is not None
    assert copy.urls.get().state == "working"


def test_directories_above_good_ones_cost_no_request(category) -> None:
    with Mirror(good_files()) as mirror:
        [run] = crawl(mirror_of(category, mirror))
        asked = sorted(each.path for each in mirror.requests[1:])
    assert asked == sorted(good_files())
    assert run.counts["requests"] == 3


def test_a_stale_mirror_is_told_whose_state_it_still_has(category) -> None:
    with Mirror({**good_files(), f"/pub/{REPODATA}/repomd.xml": OLD}) as mirror:
        host = mirror_of(category, mirror)
        [run] = crawl(host)
        url = mirror.url
    assert run.reason == "4 of 5 Directories are up2date; 1 stale."
    copy = copy_of(host)
    assert paths(copy) == EVERYTHING - {REPODATA}
    assert copy.issues.get().sentence == (
        "repomd.xml still has the state of 2026-11-18 12:00 UTC; the master has that of "
        f"2026-11-19 12:00 UTC. Asked: {url}/{REPODATA}/repomd.xml."
    )


def test_good_metadata_does_not_hide_missing_packages(category) -> None:
    files = good_files()
    del files[f"/pub/{PACKAGES}/bash.rpm"]
    with Mirror(files) as mirror:
        host = mirror_of(category, mirror)
        crawl(host)
    assert issues(copy_of(host)) == {PACKAGES: ("missing", "not_found")}
    assert REPODATA in paths(copy_of(host))


def test_a_mirror_that_lost_something_loses_it_in_the_set(category) -> None:
    with Mirror(good_files()) as mirror:
        host = mirror_of(category, mirror)
        crawl(host)
        del mirror.files[f"/pub/{PACKAGES}/bash.rpm"]
        [run] = crawl(host)
    assert (run.counts["added"], run.counts["removed"]) == (0, 1)
    assert paths(copy_of(host)) == EVERYTHING - {PACKAGES}


def test_what_could_not_be_seen_stays_as_it_was(category) -> None:
    with Mirror(good_files()) as mirror:
        host = mirror_of(category, mirror)
        crawl(host)
        mirror.special[f"/pub/{PACKAGES}/bash.rpm"] = status(503)
        [run] = crawl(host)
    assert run.reason == "4 of 5 Directories are up2date; 1 unknown."
    assert paths(copy_of(host)) == EVERYTHING
    assert issues(copy_of(host)) == {PACKAGES: ("unknown", "server_error")}


def test_silence_never_makes_good_what_was_bad(category) -> None:
    with Mirror() as mirror:
        host = mirror_of(category, mirror)
        crawl(host)
        mirror.answer = status(503)
        crawl(host)
    assert not paths(copy_of(host))
    assert issues(copy_of(host))[PACKAGES] == ("missing", "not_found")


def test_who_answers_200_for_everything_has_nothing(category) -> None:
    with Mirror(good_files()) as mirror:
        host = mirror_of(category, mirror)
        crawl(host)
        mirror.answer = status(200, b"<html>Hello", "Content-Type: text/html\r\n")
        [run] = crawl(host)
    copy = copy_of(host)
    assert run.state == RunState.FAILED
    assert "what this URL answers proves nothing" in run.reason
    assert (paths(copy), copy.issue_count) == (set(), 5)
    assert run.counts["unreadable"] == 5
    assert (copy.urls.get().state, copy.urls.get().consecutive_failures) == ("failing", 1)


def test_a_page_for_people_instead_of_a_file_closes_the_url(category) -> None:
    page = status(200, b"<html>Are you a robot?", "Content-Type: text/html\r\n")
    with Mirror(good_files(), special={f"/pub/{PACKAGES}/bash.rpm": page}) as mirror:
        host = mirror_of(category, mirror)
        [run] = crawl(host, policy=replace(POLICY, connections_per_host=1))
    assert issues(copy_of(host)) == {PACKAGES: ("unreadable", "answers_everything")}
    assert not paths(copy_of(host))
    assert "a page for people" in run.reason


def test_a_mirror_that_leads_elsewhere_by_redirect_is_judged_by_the_final_answer(category) -> None:
    with Mirror(good_files("/data")) as target, Mirror(address="127.0.0.2") as mirror:

        async def behave(request, writer) -> None:
            path = request.path.replace("/pub", "/data", 1)
            await redirect(target.url.replace("/pub", path), 301)(request, writer)

        mirror.answer = behave
        host = mirror_of(category, mirror)
        [run] = crawl(host)
    assert paths(copy_of(host)) == EVERYTHING
    assert run.counts["requests"] == 6


def test_a_mirror_with_a_wrong_clock_is_judged_by_what_it_has(category) -> None:
    wrong = (
        "Date: Thu, 01 Jan 1970 00:00:00 GMT\r\nLast-Modified: Wed, 01 Jan 2200 00:00:00 GMT\r\n"
    )
    files = good_files()
    special = {path: status(200, body, wrong) for path, body in files.items()}
    with Mirror(files, special=special) as mirror:
        host = mirror_of(category, mirror)
        crawl(host)
    assert paths(copy_of(host)) == EVERYTHING


def test_where_a_mirror_redirects_to_stands_in_the_log(category) -> None:
    with Mirror(good_files()) as target, Mirror(address="127.0.0.2") as mirror:
        for path in good_files():
            mirror.special[path] = redirect(target.url.replace("/pub", path))
        [run] = crawl(mirror_of(category, mirror))
    there = target.url.removesuffix("/pub")
    assert f"{mirror.url} redirects to {there} (2 requests)." in run.log


def test_a_redirect_loop_is_unreadable(category) -> None:
    loop = redirect(f"/pub/{PACKAGES}/bash.rpm")
    with Mirror(good_files(), special={f"/pub/{PACKAGES}/bash.rpm": loop}) as mirror:
        host = mirror_of(category, mirror)
        crawl(host)
    assert issues(copy_of(host)) == {PACKAGES: ("unreadable", "bad_redirect")}


def test_a_mirror_that_hangs_is_given_up_after_one_timeout(category) -> None:
    with Mirror(answer=hang) as mirror:
        host = mirror_of(category, mirror)
        [run] = crawl(host)
        assert mirror.asked() == ["HEAD"]
    assert run.state == RunState.FAILED
    assert "no answer in time" in run.reason
    assert run.counts["unknown"] == 5
    assert not issues(copy_of(host))


def test_a_forbidden_tree_is_unreadable(category) -> None:
    with Mirror(answer=status(403)) as mirror:
        host = mirror_of(category, mirror)
        crawl(host)
    found = issues(copy_of(host))
    assert found == dict.fromkeys(EVERYTHING, ("unreadable", "forbidden"))


@pytest.mark.parametrize(("there", "state"), [(True, None), (False, ("missing", "not_found"))])
def test_an_empty_directory_that_leads_nowhere_is_asked_for(category, there, state) -> None:
    DirectoryFactory.create(category=category, path=f"{category.top_directory}/empty")
    with Mirror(good_files(), special={"/pub/empty/": status(200 if there else 404)}) as mirror:
        host = mirror_of(category, mirror)
        crawl(host)
        assert mirror.asked("/pub/empty/") == ["HEAD"]
    assert issues(copy_of(host)).get("empty") == state
    assert ("empty" in paths(copy_of(host))) is there


def test_an_empty_category_says_what_to_do_first() -> None:
    with Mirror() as mirror:
        [run] = crawl(mirror_of(CategoryFactory.create(), mirror))
    assert run.reason == "The Category has no Directories yet; run UMDL first."


def test_what_is_always_up2date_is_not_asked(category, now) -> None:
    with Mirror(good_files()) as mirror:
        host = mirror_of(category, mirror)
        host.host_categories.update(always_up2date=True)
        [run] = crawl(host)
        assert not mirror.requests
    assert run.state == RunState.SKIPPED
    assert "nothing to ask" in run.reason
    host.refresh_from_db()
    assert host.last_crawled_at is not None


def test_directories_that_are_not_readable_are_not_expected(category) -> None:
    category.directories.filter(path__endswith=PACKAGES).update(readable=False)
    with Mirror(good_files()) as mirror:
        host = mirror_of(category, mirror)
        crawl(host)
        assert not mirror.asked(f"/pub/{PACKAGES}/bash.rpm")
    assert paths(copy_of(host)) == EVERYTHING - {PACKAGES}


def test_when_the_time_of_a_host_is_used_up_the_rest_is_unknown(category) -> None:
    with Mirror(good_files()) as mirror:
        host = mirror_of(category, mirror)
        crawl(host)
        [run] = crawl(host, policy=replace(POLICY, host_budget_seconds=0))
    assert run.reason == (
        "The time for this Host was used up. None of the 5 Directories could be seen; "
        "they stay as they were."
    )
    assert paths(copy_of(host)) == EVERYTHING


def test_head_may_be_refused(category) -> None:
    with Mirror(good_files()) as mirror:

        async def behave(request, writer) -> None:
            if request.method == "HEAD":
                writer.write(respond(405, b"", request))
            else:
                await mirror.send_file(request, writer)

        mirror.answer = behave
        host = mirror_of(category, mirror)
        crawl(host)
    assert paths(copy_of(host)) == EVERYTHING


def test_a_repomd_of_gigabytes_is_stale_and_is_not_read(category) -> None:
    async def huge(request, writer) -> None:
        writer.write(respond(200, b"", request, length=10 * 1024**3))

    with Mirror(good_files(), special={f"/pub/{REPODATA}/repomd.xml": huge}) as mirror:
        host = mirror_of(category, mirror)
        crawl(host)
    assert issues(copy_of(host))[REPODATA] == ("stale", "too_large")


def test_each_category_is_told_apart(category) -> None:
    other = make_category(name="Other")
    with Mirror(good_files()) as good, Mirror() as empty:
        host = mirror_of(category, good)
        carry(host, other, empty.url)
        [run] = crawl(host)
    found = {each.host_category.category.name: each for each in run.categories.all()}
    assert (found[category.name].up2date, found["Other"].up2date) == (5, 0)
    assert found["Other"].missing == 5
    assert run.reason == "5 of 10 Directories are up2date; 5 missing."
    assert f"# {category}: " in run.log
