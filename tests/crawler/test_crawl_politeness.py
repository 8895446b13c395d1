"""How gentle a crawl is: breaks that servers ask for, and limits that Hosts share."""

import asyncio
import time
from dataclasses import replace

import pytest

from crawler.logic.retry import RetryPolicy
from crawler.probes.pace import PaceLimits
from registry.logic.listings import Entry
from registry.models import Category
from tests.crawler.mirrors import Mirror, respond
from tests.crawler.world import (
    EVERYTHING,
    POLICY,
    copy_of,
    crawl,
    good_files,
    make_category,
    mirror_of,
    paths,
)
from tests.factories import DirectoryFactory, HostFactory, carry

pytestmark = pytest.mark.django_db


@pytest.fixture
def category() -> Category:
    return make_category()


class Busy:
    """A server that is busy the first few times."""

    def __init__(self, mirror: Mirror, *, times: int, status: int = 503, headers: str = "") -> None:
        self.mirror, self.times, self.status, self.headers = mirror, times, status, headers
        self.moments: list[float] = []

    async def __call__(self, request, writer) -> None:
        self.moments.append(time.monotonic())
        if len(self.moments) <= self.times:
            writer.write(respond(self.status, b"", request, self.headers))
        else:
            await self.mirror.send_file(request, writer)


@pytest.mark.parametrize("status", [429, 503])
def test_a_busy_server_is_asked_again_and_nothing_is_lost(category, status) -> None:
    with Mirror(good_files()) as mirror:
        mirror.answer = Busy(mirror, times=2, status=status)
        policy = replace(POLICY, retry=RetryPolicy(tries=4, first_seconds=0.01))
        host = mirror_of(category, mirror)
        crawl(host, policy=policy)
    assert paths(copy_of(host)) == EVERYTHING


def test_retry_after_is_honored_by_everybody_who_asks_the_address(category) -> None:
    with Mirror(good_files()) as mirror:
        busy = mirror.answer = Busy(mirror, times=1, headers="Retry-After: 1\r\n")
        host = mirror_of(category, mirror)
        crawl(host, policy=replace(POLICY, retry=RetryPolicy()))
    first, second, *_ = busy.moments
    assert second - first >= 0.95
    assert paths(copy_of(host)) == EVERYTHING


def test_a_date_in_retry_after_is_read_by_the_clock_of_the_server(category) -> None:
    """Its clock is years behind ours."""
    wait = (
        "Date: Fri, 01 Jan 2021 00:00:00 GMT\r\n"
        "Retry-After: Fri, 01 Jan 2021 00:00:01 GMT\r\n"
    )  # fmt: skip
    with Mirror(good_files()) as mirror:
        busy = mirror.answer = Busy(mirror, times=1, headers=wait)
        crawl(mirror_of(category, mirror), policy=replace(POLICY, retry=RetryPolicy()))
    assert 0.95 <= busy.moments[1] - busy.moments[0] < 10


class Strict:
    """A server that tells every third request, after the first few, to come back in an hour."""

    def __init__(self, mirror: Mirror, *, after: int = 0) -> None:
        self.mirror, self.after = mirror, after
        self.told: list[bool] = []

    async def __call__(self, request, writer) -> None:
        number = len(self.told) - self.after
        self.told.append(number >= 0 and number % 3 == 0)
        if self.told[-1]:
            writer.write(respond(429, b"", request, "Retry-After: 3600\r\n"))
        else:
            await self.mirror.send_file(request, writer)

    @property
    def asked_afterwards(self) -> int:
        return len(self.told) - self.told.index(True) - 1


PATIENT = replace(POLICY, retry=RetryPolicy())
UNTIL = "asks to be left alone until 2026-11-20 13:00 UTC."
# On a busy machine the answer waits a little to be read; forty are still to be asked.
FEW = 5


def add_directories(category: Category, files: dict[str, bytes], *, count: int = 20) -> None:
    for number in range(count):
        path = f"{category.top_directory}/d{number}"
        entries = (Entry("a", 1, 1), Entry("b", 1, 1))
        DirectoryFactory.create(category=category, path=path, entries=entries)
        files |= {f"/pub/d{number}/{name}": b"x" for name in "ab"}


def test_a_server_that_asks_for_a_long_break_gets_it_at_once(category) -> None:
    with Mirror(good_files()) as mirror:
        strict = mirror.answer = Strict(mirror)
        host = mirror_of(category, mirror)
        began = time.monotonic()
        [run] = crawl(host, policy=PATIENT)
    assert time.monotonic() - began < 5
    assert strict.told == [True]
    assert (run.state, f"{mirror.url} {UNTIL}" in run.reason) == ("failed", True)
    assert copy_of(host).urls.get().reason == f"{mirror.url} {UNTIL}"


def test_a_long_break_in_the_middle_leaves_the_rest_as_it_was(category) -> None:
    """What the other connection asks until the answer has been read is answered, and no more."""
    with Mirror(good_files()) as mirror:
        add_directories(category, mirror.files)
        host = mirror_of(category, mirror)
        crawl(host)
        strict = mirror.answer = Strict(mirror, after=6)
        [run] = crawl(host, policy=PATIENT)
    assert strict.asked_afterwards <= FEW
    assert (run.state, run.counts["unknown"] > 15) == ("finished", True)
    assert UNTIL in run.reason
    assert len(paths(copy_of(host))) == 25
    url = copy_of(host).urls.get()
    assert (url.state, UNTIL in url.reason) == ("working", True)


def test_the_next_url_takes_over_during_a_long_break(category) -> None:
    with Mirror(good_files()) as first, Mirror(good_files()) as second:
        add_directories(category, first.files)
        second.files = first.files
        strict = first.answer = Strict(first, after=6)
        host = mirror_of(category, first, second)
        [run] = crawl(host, policy=PATIENT)
    assert strict.asked_afterwards <= FEW
    assert (run.state, run.reason) == ("finished", "25 of 25 Directories are up2date.")


def test_a_server_that_stays_busy_gets_its_break_although_the_file_is_given_up(category) -> None:
    with Mirror(good_files()) as mirror:
        busy = mirror.answer = Busy(mirror, times=1, headers="Retry-After: 1\r\n")
        crawl(mirror_of(category, mirror), policy=replace(POLICY, retry=RetryPolicy(tries=1)))
    assert busy.moments[1] - busy.moments[0] >= 0.95


def test_two_hosts_on_one_address_share_its_connections(category) -> None:
    """Each Host may have two; together they have no more."""
    now, most = 0, 0

    async def behave(request, writer) -> None:
        nonlocal now, most
        now += 1
        most = max(most, now)
        await asyncio.sleep(0.05)
        now -= 1
        writer.write(respond(404, b"", request))

    with Mirror(answer=behave) as mirror:
        first = mirror_of(category, mirror)
        second = HostFactory.create()
        carry(second, category, mirror.url.replace("/pub", "/other"))
        crawl(first, second)
    assert most == 2


def test_the_rate_to_one_address_is_kept(category) -> None:
    with Mirror(good_files()) as mirror:
        moments = Busy(mirror, times=0)
        mirror.answer = moments
        pace = PaceLimits(requests_per_second_per_address=10)
        host = mirror_of(category, mirror)
        for number in range(3):
            url = f"{mirror.url}/{number}"
            carry(HostFactory.create(), category, url)
        hosts = [host, *type(host).objects.exclude(pk=host.pk)]
        crawl(*hosts, policy=replace(POLICY, pace=pace))
    asked = len(moments.moments)
    assert asked > 12
    # A second's worth may come at once.
    assert moments.moments[-1] - moments.moments[0] >= (asked - 11) / 10 * 0.9


def test_all_addresses_together_have_a_budget(category) -> None:
    with Mirror(good_files()) as one, Mirror(good_files(), address="127.0.0.2") as two:
        pace = PaceLimits(requests_per_second=10)
        hosts = mirror_of(category, one), mirror_of(category, two)
        began = time.monotonic()
        crawl(*hosts, policy=replace(POLICY, pace=pace))
        asked = len(one.requests) + len(two.requests)
    assert time.monotonic() - began >= (asked - 2) / 10 * 0.9
