import io
import json

import pytest
from django.core.management import CommandError, call_command
from django.utils import timezone
from rich.console import Console

from crawler.management.crawl_report import Bars
from crawler.models import CrawlRun
from registry.models import Category
from tests.crawler.mirrors import Mirror, hang
from tests.crawler.world import crawl as visit
from tests.crawler.world import good_files, make_category, mirror_of
from tests.factories import HostFactory

pytestmark = pytest.mark.django_db


@pytest.fixture
def category() -> Category:
    return make_category(name="Fedora Linux")


def crawl(*arguments: str) -> str:
    out = io.StringIO()
    call_command("crawl", *arguments, stdout=out)
    return out.getvalue()


def test_the_results_are_a_table_and_reasons_where_they_are_needed(category) -> None:
    broken = good_files()
    broken.popitem()
    with Mirror(good_files()) as mirror, Mirror(broken) as other:
        mirror_of(category, mirror, name="good.example.org")
        mirror_of(category, other, name="broken.example.org")
        lines = crawl().splitlines()
    rows = {line.split()[0]: line.split()[1:] for line in lines if "finished" in line}
    assert rows["good.example.org"][:6] == ["finished", "5", "0", "0", "0", "0"]
    assert rows["broken.example.org"][:6] == ["finished", "4", "0", "1", "0", "0"]
    reasons = [line for line in lines if "are up2date" in line]
    assert reasons == ["broken.example.org: 4 of 5 Directories are up2date; 1 missing."]


def test_the_results_are_json_on_request(category) -> None:
    with Mirror(good_files()) as mirror:
        mirror_of(category, mirror, name="mirror.example.org")
        [row] = json.loads(crawl("--json", "--seed", "42"))
    assert row["seconds"] >= 0
    del row["seconds"]
    assert row == {
        "host": "mirror.example.org",
        "state": "finished",
        "up2date": 5,
        "stale": 0,
        "missing": 0,
        "unreadable": 0,
        "unknown": 0,
        "requests": 3,
        "seed": 42,
        "reason": "5 of 5 Directories are up2date.",
    }


def test_a_dry_run_only_says_what_would_be_done(category) -> None:
    with Mirror() as mirror:
        mirror_of(category, mirror, name="mirror.example.org")
        rows = json.loads(crawl("--dry-run", "--json", "--due"))
        assert not mirror.requests
    assert rows == [{"host": "mirror.example.org", "reason": "It was never crawled."}]
    assert not CrawlRun.objects.exists()


def test_hosts_are_named_whatever_their_switches_say() -> None:
    HostFactory.create(name="one.example.org")
    HostFactory.create(name="two.example.org", user_active=False)
    named = json.loads(crawl("--dry-run", "--json", "--host", "two.example.org"))
    assert [row["host"] for row in named] == ["two.example.org"]
    everybody = json.loads(crawl("--dry-run", "--json"))
    assert [row["host"] for row in everybody] == ["one.example.org"]


def test_hosts_that_are_not_due_are_left_out_on_request() -> None:
    HostFactory.create(last_crawled_at=timezone.now())
    assert crawl("--due", "--dry-run").strip() == "No Host is to be crawled."


def test_a_category_narrows_the_crawl(category) -> None:
    make_category(name="EPEL")
    with Mirror(good_files()) as mirror:
        mirror_of(category, mirror)
        [row] = json.loads(crawl("--json", "--category", "EPEL"))
        assert not mirror.requests
    assert row["state"] == "skipped"


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["--host", "nobody"], "There is no Host “nobody”."),
        (["--category", "Nope"], "There is no Category “Nope”. There are: Fedora Linux."),
    ],
)
def test_an_unknown_name_is_an_error_that_says_what_there_is(category, arguments, words) -> None:
    with pytest.raises(CommandError, match=words):
        crawl(*arguments)


def test_the_exit_code_tells_when_nothing_was_learned(category, settings) -> None:
    settings.CRAWLER_TIMEOUT_SECONDS = 1
    with Mirror(answer=hang) as mirror:
        mirror_of(category, mirror)
        with pytest.raises(SystemExit) as ended:
            crawl()
    assert ended.value.code == 1


def test_a_reason_with_brackets_is_printed_as_it_is(category) -> None:
    with Mirror(good_files()) as mirror:
        mirror_of(category, mirror, name="[/red] mirror")
        assert "[/red] mirror" in crawl()


@pytest.mark.parametrize("terminal", [True, False])
def test_only_a_terminal_sees_how_far_it_is(category, terminal) -> None:
    shown = io.StringIO()
    console = Console(file=shown, force_terminal=terminal, width=120)
    with Mirror(good_files()) as mirror, Bars(console) as bars:
        host = mirror_of(category, mirror, name="mirror.example.org")
        visit(host, progress=bars)
    assert ("mirror.example.org" in shown.getvalue()) is terminal


def test_the_hosts_can_be_shared_out_among_processes() -> None:
    for number in range(6):
        HostFactory.create(name=f"m{number}")
    shares = [json.loads(crawl("--dry-run", "--json", "--fraction", f"{n}:2")) for n in (1, 2)]
    names = [[row["host"] for row in share] for share in shares]
    assert sorted(names[0] + names[1]) == [f"m{number}" for number in range(6)]
    assert len(names[0]) == 3


def test_the_mode_is_passed_on(category) -> None:
    with Mirror(good_files()) as mirror:
        mirror_of(category, mirror)
        [row] = json.loads(crawl("--json", "--mode", "repodata"))
    assert (row["up2date"], CrawlRun.objects.get().mode) == (1, "repodata")


def test_what_is_no_fraction_is_an_error() -> None:
    with pytest.raises(CommandError, match="write 1:4"):
        crawl("--fraction", "5:4")
