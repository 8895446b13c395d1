"""Looks that break by a bug of ours: nobody else suffers, and nobody is believed for ever."""

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from crawler.models import RunState
from crawler.services import canaries, url_visits, visits
from registry.models import Category, HostCategoryUrl
from tests.conftest import NOW
from tests.crawler.mirrors import Mirror, always
from tests.crawler.rsync_daemons import grow, rsync_daemon
from tests.crawler.world import (
    CURRENT,
    EVERYTHING,
    PACKAGE,
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
from tests.factories import HostCategoryUrlFactory, HostFactory, carry

pytestmark = pytest.mark.django_db

FAULT = "broke by a fault of ours (ZeroDivisionError: by zero); see the log."


@pytest.fixture
def category() -> Category:
    return make_category()


@pytest.fixture
def daemon(tmp_path: Path) -> Iterator[str]:
    files = {f"{REPODATA}/repomd.xml": CURRENT, f"{PACKAGES}/bash.rpm": PACKAGE}
    root = grow(tmp_path / "tree", files, mtime={f"{REPODATA}/repomd.xml": 2000})
    with rsync_daemon(root, tmp_path / "state") as url:
        yield f"{url}/pub"


def broken(real: Callable[..., Any], *, when: Callable[..., bool]) -> Callable[..., Any]:
    """Return a function of ours with a bug."""

    def call(*args: Any, **kwargs: Any) -> Any:
        if when(*args):
            raise ZeroDivisionError("by zero")
        return real(*args, **kwargs)

    return call


def break_at(monkeypatch, name: str, when: Callable[..., bool] = lambda *_: True) -> None:
    monkeypatch.setattr(url_visits, name, broken(getattr(url_visits, name), when=when))


def test_a_look_that_breaks_costs_its_directory_only(category, monkeypatch, caplog) -> None:
    break_at(monkeypatch, "judge_file", lambda expected, _: expected.name == "bash.rpm")
    with Mirror(good_files()) as mirror:
        host = mirror_of(category, mirror)
        [run] = crawl(host)
    assert run.state == RunState.FINISHED
    assert paths(copy_of(host)) == EVERYTHING - {PACKAGES}
    assert issues(copy_of(host)) == {PACKAGES: ("unknown", "broke")}
    assert FAULT in copy_of(host).issues.get().sentence
    assert f"Looking at {mirror.url}, {PACKAGES} broke." in caplog.text


def test_the_next_url_is_asked_where_the_look_at_one_broke(category, monkeypatch) -> None:
    with Mirror(good_files()) as first, Mirror(good_files()) as second:
        host = mirror_of(category, first, second)
        at_first = lambda found: found.url.startswith(first.url)  # noqa: E731 -- one line
        break_at(monkeypatch, "judge_greeting", at_first)
        [run] = crawl(host)
    assert (run.state, paths(copy_of(host))) == (RunState.FINISHED, EVERYTHING)
    assert FAULT in HostCategoryUrl.objects.get(url=first.url).reason


def test_nobody_becomes_immune_by_breaking_the_crawl(category, monkeypatch) -> None:
    """One visit changes nothing; after as many as silence is given, it is believed no longer."""
    with Mirror(good_files()) as mirror:
        host = mirror_of(category, mirror)
        crawl(host)
        break_at(monkeypatch, "judge_greeting")
        left = []
        for _ in range(4):
            [run] = crawl(host)
            host.refresh_from_db()
            left.append((host.system_active, paths(copy_of(host))))
    assert left == [(True, EVERYTHING)] * 3 + [(False, set())]
    assert FAULT in run.reason


@pytest.mark.needs("rsync")
def test_a_listing_that_breaks_leaves_the_work_to_another_url(
    category, monkeypatch, daemon
) -> None:
    break_at(monkeypatch, "content_by_listing")
    with Mirror(good_files()) as mirror:
        host = mirror_of(category, mirror)
        HostCategoryUrlFactory.create(host_category=copy_of(host), url=daemon)
        [run] = crawl(host)
    assert (run.state, paths(copy_of(host))) == (RunState.FINISHED, EVERYTHING)
    assert FAULT in HostCategoryUrl.objects.get(url=daemon).reason


@pytest.mark.needs("rsync")
def test_what_was_listed_counts_if_comparing_digests_breaks(category, monkeypatch, daemon) -> None:
    break_at(monkeypatch, "judge_file")
    host = HostFactory.create()
    carry(host, category, daemon)
    [run] = crawl(host)
    assert (run.state, paths(copy_of(host))) == (RunState.FINISHED, EVERYTHING)


def test_a_canary_that_breaks_neither_stops_the_others_nor_blames_the_url(
    category, monkeypatch, caplog
) -> None:
    with Mirror(good_files()) as first, Mirror(good_files()) as second:
        mirror_of(category, first, second)
        at_first = lambda url, *_: url == first.url  # noqa: E731 -- one line
        reach = broken(vars(canaries)["reach"], when=at_first)
        monkeypatch.setattr(canaries, "reach", reach)
        sent = [canaries.send_canaries(now=NOW, policy=POLICY) for _ in range(4)]
    assert [report.looked_at for report in sent] == [1] * 4
    states = dict(HostCategoryUrl.objects.values_list("url", "ipv4_state"))
    assert states == {first.url: "unknown", second.url: "working"}
    assert f"Looking at {first.url} broke." in caplog.text


HUGE = b"Mon, 01 Jan 2020 00:00:00 +99999999999999999999"


def test_a_date_beyond_numbers_stops_no_canary_and_spares_no_mirror(category) -> None:
    """It once raised an error that nobody caught."""
    busy = always(b"HTTP/1.1 503 X\r\nContent-Length: 0\r\nRetry-After: " + HUGE + b"\r\n\r\n")
    with Mirror(answer=busy) as mirror, Mirror(good_files()) as other:
        hosts = mirror_of(category, mirror), mirror_of(category, other)
        report = canaries.send_canaries(now=NOW, policy=POLICY)
        runs = [crawl(hosts[0])[0] for _ in range(4)]
    assert report.looked_at == 2
    assert "broke" not in "".join(run.reason for run in runs)
    hosts[0].refresh_from_db()
    assert not hosts[0].system_active


def test_a_visit_that_breaks_elsewhere_neither_stops_the_others_nor_blames_the_host(
    category, monkeypatch, caplog
) -> None:
    with Mirror(good_files()) as first, Mirror(good_files(), address="127.0.0.2") as second:
        hosts = mirror_of(category, first), mirror_of(category, second)
        turns = iter([True, False])
        choose = broken(vars(visits)["choose_rows"], when=lambda *_: next(turns))
        monkeypatch.setattr(visits, "choose_rows", choose)
        runs = crawl(*hosts)
    assert [run.state for run in runs] == [RunState.FAILED, RunState.FINISHED]
    assert runs[0].reason == "The crawl itself broke (ZeroDivisionError: by zero); see the log."
    assert copy_of(hosts[0]).urls.get().state == "unknown"
    assert f"Looking at {hosts[0]} broke." in caplog.text
