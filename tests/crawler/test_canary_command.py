"""manage.py crawl --mode canary: the options that go with it do as in other modes."""

import io
import json
from collections.abc import Iterator

import pytest
from django.core.management import CommandError, call_command

from crawler.models import CrawlRun
from registry.models import Category, HostCategoryUrl
from tests.crawler.mirrors import Mirror
from tests.crawler.world import copy_of, good_files, make_category, mirror_of
from tests.factories import carry

pytestmark = pytest.mark.django_db

UNCHANGED = HostCategoryUrl.objects.filter(ipv4_state="unknown")


@pytest.fixture
def category() -> Category:
    return make_category(name="Fedora Linux")


@pytest.fixture
def mirrors(category) -> Iterator[tuple[Mirror, Mirror]]:
    """Two Hosts; the second also carries another Category."""
    with Mirror(good_files()) as first, Mirror(good_files()) as second:
        mirror_of(category, first, name="one.example.org")
        host = mirror_of(category, second, name="two.example.org")
        carry(host, make_category(name="EPEL"), second.url.replace("/pub", "/epel"))
        yield first, second


def canary(*arguments: str) -> str:
    out = io.StringIO()
    call_command("crawl", "--mode", "canary", *arguments, stdout=out)
    return out.getvalue()


def asked(mirrors: tuple[Mirror, Mirror]) -> list[list[str]]:
    return [[each.path for each in mirror.requests] for mirror in mirrors]


def test_canaries_can_be_sent_by_hand(mirrors) -> None:
    assert canary().startswith("3 of 3 URLs were looked at; 3 are not")
    assert not CrawlRun.objects.exists()


def test_a_dry_run_says_which_urls_would_be_asked_and_asks_none(mirrors) -> None:
    lines = canary("--dry-run").splitlines()
    rows = json.loads(canary("--dry-run", "--json", "--host", "one.example.org"))
    assert asked(mirrors) == [[], []]
    assert UNCHANGED.count() == 3
    assert sum("127.0.0.1" in line for line in lines) == 3
    assert rows == [
        {"host": "one.example.org", "category": "Fedora Linux", "url": mirrors[0].url}
    ]  # fmt: skip


def test_only_the_named_hosts_are_asked(mirrors) -> None:
    canary("--host", "one.example.org")
    assert asked(mirrors) == [["/pub/"], []]
    assert UNCHANGED.count() == 2


def test_only_the_named_categories_are_asked(mirrors) -> None:
    canary("--category", "EPEL")
    assert asked(mirrors) == [[], ["/epel/"]]


def test_a_host_is_asked_by_name_whatever_its_switches_say(category) -> None:
    with Mirror(good_files()) as mirror:
        host = mirror_of(category, mirror, name="one.example.org", user_active=False)
        assert canary().startswith("0 of 0 URLs")
        assert canary("--host", "one.example.org").startswith("1 of 1 URLs")
    assert copy_of(host).urls.get().ipv4_state == "working"


def test_the_hosts_can_be_shared_out_among_processes(mirrors) -> None:
    shares = [json.loads(canary("--dry-run", "--json", "--fraction", f"{n}:2")) for n in (1, 2)]
    hosts = [{row["host"] for row in share} for share in shares]
    assert sorted(map(len, hosts)) == [1, 1]
    assert hosts[0].isdisjoint(hosts[1])


def test_the_outcome_is_json_on_request(mirrors) -> None:
    numbers = {"urls": 3, "looked_at": 3, "changed": 3, "turned": 0}
    assert json.loads(canary("--json")) == numbers


def test_nothing_to_ask_is_said() -> None:
    assert canary("--dry-run").strip() == "No URL is to be asked."


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["--due"], "--due does not go with --mode canary: canaries have no interval."),
        (["--seed", "0"], "--seed does not go with --mode canary: canaries draw no sample."),
        (["--host", "nobody"], "There is no Host “nobody”."),
        (["--category", "Nope"], "There is no Category “Nope”."),
        (["--fraction", "5:4"], "write 1:4"),
    ],
)
def test_what_makes_no_sense_is_refused_in_a_sentence(mirrors, arguments, words) -> None:
    with pytest.raises(CommandError, match=words):
        canary(*arguments)
    assert asked(mirrors) == [[], []]
