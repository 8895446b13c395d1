"""The minutely look at every URL, against real servers on IPv4 and IPv6."""

from dataclasses import replace
from datetime import timedelta

import pytest

from crawler import tasks
from crawler.logic.canary import Canaried, CanaryPolicy, judge_canary
from crawler.services.canaries import CanaryReport, send_canaries, store_changes
from registry.models import Category, Event, HostCategoryUrl
from tests.conftest import NOW
from tests.crawler.ftp_servers import talker
from tests.crawler.mirrors import Mirror, hang, status
from tests.crawler.world import POLICY, crawl, good_files, make_category, mirror_of
from tests.factories import HostFactory, carry
from tests.ports import free_port

pytestmark = pytest.mark.django_db

QUICK = replace(POLICY, canary_seconds=1)


@pytest.fixture
def category() -> Category:
    return make_category()


def canaries(*, minute: int = 0) -> CanaryReport:
    return send_canaries(now=NOW + timedelta(minutes=minute), policy=QUICK)


def families() -> tuple[str, str]:
    url = HostCategoryUrl.objects.get()
    return url.ipv4_state, url.ipv6_state


@pytest.mark.parametrize(
    ("address", "expected"),
    [("127.0.0.1", ("working", "absent")), ("::1", ("absent", "working"))],
)
def test_each_family_is_measured_apart(category, address, expected) -> None:
    with Mirror(good_files(), address=address) as mirror:
        mirror_of(category, mirror)
        assert canaries().changed == 1
        assert mirror.asked() == ["HEAD"]
    assert families() == expected


def test_a_name_with_both_families_may_work_by_one_only(category) -> None:
    """localhost has both addresses; the server listens on one."""
    with Mirror(good_files()) as mirror:
        url = mirror.url.replace("127.0.0.1", "localhost")
        carry(HostFactory.create(), category, url)
        canaries()
    found = HostCategoryUrl.objects.get()
    assert found.ipv4_state == "working"
    assert found.ipv6_state in {"failing", "absent"}  # not every machine gives localhost an ::1


@pytest.mark.parametrize(
    ("scheme", "words", "state"),
    [
        ("rsync", b"@RSYNCD: 31.0\n", "working"),
        ("ftp", b"220 hello\r\n", "working"),
        ("rsync", b"SSH-2.0\r\n", "failing"),
        ("ftp", b"", "failing"),
    ],
)
def test_servers_that_speak_first_are_listened_to(category, scheme, words, state) -> None:
    with talker(words) as server:
        carry(HostFactory.create(), category, server.replace("ftp://", f"{scheme}://"))
        canaries()
    assert families() == (state, "absent")


def test_a_closed_port_fails_after_three_canaries_and_recovers(category) -> None:
    with Mirror(good_files()) as mirror:
        host = mirror_of(category, mirror)
        crawl(host)
        mirror.answer = status(503)
        assert [canaries(minute=minute).turned for minute in range(4)] == [0, 0, 1, 0]
        url = HostCategoryUrl.objects.get()
        assert (url.state, url.consecutive_failures) == ("failing", 0)
        assert url.failing_since_at == NOW + timedelta(minutes=2)
        mirror.answer = None
        assert canaries(minute=5).turned == 1
    events = Event.objects.order_by("id").values_list("kind", "sentence")
    assert list(events) == [
        ("url_failed", f"{mirror.url}: It could not be reached 3 times in a row. "
                       "By IPv4 it answers 503."),
        ("url_recovered", f"{mirror.url}: It can be reached again."),
    ]  # fmt: skip
    assert HostCategoryUrl.objects.get().state == "working"


def test_what_a_visit_found_is_not_forgiven(category) -> None:
    with Mirror(answer=status(200)) as mirror:
        crawl(mirror_of(category, mirror))
        canaries()
    url = HostCategoryUrl.objects.get()
    assert (url.state, url.ipv4_state) == ("failing", "working")
    assert "proves nothing" in url.reason


def test_what_a_visit_writes_meanwhile_wins(category) -> None:
    with Mirror(good_files()) as mirror:
        host = mirror_of(category, mirror)
        url = HostCategoryUrl.objects.get()
        change = judge_canary(Canaried(), {}, policy=CanaryPolicy(fail_after=1))
        crawl(host)
        store_changes([(url, change)], now=NOW)
    assert HostCategoryUrl.objects.get().state == "working"
    assert not Event.objects.exists()


def test_nothing_is_written_if_nothing_changed(category, django_assert_num_queries) -> None:
    with Mirror(good_files()) as mirror:
        mirror_of(category, mirror)
        canaries()
        with django_assert_num_queries(1):
            assert canaries().sentence == (
                "1 of 1 URLs were looked at; 0 are not as they were, 0 failed or recovered."
            )


def test_a_round_ends_in_time_and_leaves_the_rest_alone(category) -> None:
    with Mirror(answer=hang) as mirror:
        mirror_of(category, mirror)
        policy = replace(QUICK, canary_seconds=30, canary_round_seconds=0.5)
        assert send_canaries(now=NOW, policy=policy).looked_at == 0
    assert families() == ("unknown", "unknown")


def test_hosts_that_nobody_wants_in_service_are_left_alone(category) -> None:
    carry(HostFactory.create(user_active=False), category, f"http://127.0.0.1:{free_port()}/")
    assert tasks.send_canaries().startswith("0 of 0 URLs")
