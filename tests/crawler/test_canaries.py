"""The minutely look at every URL, against real servers on IPv4 and IPv6."""

import asyncio
from dataclasses import replace
from datetime import timedelta

import pytest
from django.test import Client

from crawler import tasks
from crawler.logic.canary import Canaried, CanaryPolicy, Family, Reached, judge_canary
from crawler.logic.health import Standing
from crawler.logic.observations import Fault
from crawler.probes.pace import PaceLimits
from crawler.services import flights
from crawler.services.canaries import CanaryReport, send_canaries, store_changes
from crawler.services.results import store_visits
from registry.models import Category, Event, HostCategoryUrl, Notification
from tests.conftest import NOW
from tests.crawler.ftp_servers import talker
from tests.crawler.mirrors import Mirror, hang, respond, status
from tests.crawler.world import POLICY, crawl, good_files, make_category, mirror_of
from tests.factories import HostFactory, SiteAdminFactory, carry
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


def told() -> list[tuple[str, str]]:
    rows = Notification.objects.order_by("id")
    return list(rows.values_list("recipient", "event__kind"))


def test_owners_are_told_once_by_the_canary_or_the_visit(category) -> None:
    """The journey: a canary is first, then visits fail, too; and back again."""
    with Mirror(good_files()) as mirror:
        host = mirror_of(category, mirror, contact="noc@example.org")
        crawl(host)
        mirror.answer = status(503)
        for minute in range(4):
            canaries(minute=minute)
        assert told() == [("noc@example.org", "url_failed")]
        crawl(host)
        crawl(host)
        canaries(minute=5)
        assert told() == [("noc@example.org", "url_failed")]
        mirror.answer = None
        canaries(minute=6)  # what visits found wrong is not for a canary to forgive
        crawl(host)
        canaries(minute=7)
    assert [kind for _, kind in told()] == ["url_failed", "url_recovered"]
    assert Event.objects.count() == 2


def test_a_visit_can_be_what_finds_it_back(category) -> None:
    with Mirror(answer=status(503)) as mirror:
        host = mirror_of(category, mirror, contact="noc@example.org")
        for minute in range(3):
            canaries(minute=minute)
        mirror.answer, mirror.files = None, good_files()
        crawl(host)
    assert Event.objects.latest("id").sentence == f"{mirror.url}: It works again."
    assert [kind for _, kind in told()] == ["url_failed", "url_recovered"]


def test_a_canary_while_a_visit_is_under_way_tells_only_once(category, monkeypatch) -> None:
    with Mirror(answer=status(503)) as mirror:
        host = mirror_of(category, mirror, contact="noc@example.org")

        def store(visits, **kwargs) -> None:
            for minute in range(3):
                canaries(minute=minute)
            store_visits(visits, **kwargs)

        monkeypatch.setattr(flights, "store_visits", store)
        crawl(host)
    assert told() == [("noc@example.org", "url_failed")]
    assert HostCategoryUrl.objects.get().consecutive_failures == 1


def test_urls_of_one_host_that_turn_together_share_a_letter(category) -> None:
    with Mirror(answer=status(503)) as one, Mirror(answer=status(503)) as two:
        mirror_of(category, one, two, contact="noc@example.org")
        for minute in range(3):
            canaries(minute=minute)
    assert told() == [("noc@example.org", "url_failed")]
    assert len(Event.objects.get().facts["urls"]) == 2


def test_names_that_share_an_address_share_its_limits(category) -> None:
    """A server of many names gets as few canaries at once as one of one name."""
    now = most = 0

    async def count(request, writer) -> None:
        nonlocal now, most
        now += 1
        most = max(most, now)
        await asyncio.sleep(0.05)
        now -= 1
        writer.write(respond(200, b"", request))

    with Mirror(answer=count) as mirror:
        for number in range(6):
            name = ("127.0.0.1", "localhost")[number % 2]
            url = mirror.url.replace("127.0.0.1", name)
            carry(HostFactory.create(), category, f"{url}/{number}")
        policy = replace(QUICK, pace=PaceLimits(connections_per_address=1), canary_seconds=5)
        assert send_canaries(now=NOW, policy=policy).looked_at == 6
    assert most == 1


def test_owners_and_operators_see_both_families(category, ada, ben) -> None:
    with Mirror(good_files()) as mirror:
        host = mirror_of(category, mirror)
        SiteAdminFactory.create(site=host.site, user=ben)
        crawl(host)
    reason = "By IPv6: no connection (Connection refused)."
    change = judge_canary(
        Canaried(Standing.WORKING),
        {Family.IPV4: Reached(200), Family.IPV6: Reached(0, Fault.CONNECTION, reason[9:-1])},
        policy=CanaryPolicy(),
    )
    store_changes([(HostCategoryUrl.objects.get(), change)], now=NOW)
    url = HostCategoryUrl.objects.get()
    assert (url.state, url.ipv4_state, url.ipv6_state) == ("working", "working", "failing")
    assert not Event.objects.exists()
    client = Client()
    client.force_login(ben)
    page = " ".join(client.get(f"/my/hosts/{host.pk}/").content.decode().split())
    assert f"IPv4: working · IPv6: failing. {reason}" in page
    client.force_login(ada)
    page = client.get(f"/admin/registry/hostcategoryurl/{url.pk}/change/").content.decode()
    assert reason in page
