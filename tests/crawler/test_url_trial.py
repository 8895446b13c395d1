"""Trying a URL before it is registered, against real servers."""

import asyncio
import time
from dataclasses import replace
from pathlib import Path

import pytest

from crawler.services import trial_looks
from crawler.services.url_trial import Trial, Wish, try_url, try_urls
from registry.logic.listings import Entry
from registry.models import Category
from tests.conftest import NOW
from tests.crawler.certificates import EARLY, LATE, make_certificate
from tests.crawler.ftp_servers import ftp_server, needs_pyftpdlib
from tests.crawler.mirrors import Mirror, respond, status
from tests.crawler.rsync_daemons import grow, rsync_daemon
from tests.crawler.world import POLICY, good_files, make_category
from tests.factories import CategoryFactory, DirectoryFactory, HostFactory, carry
from tests.ports import free_port

pytestmark = pytest.mark.django_db


def add_file(category: Category, path: str) -> None:
    """Add a Directory with one file."""
    whole = f"{category.top_directory}/{path}"
    DirectoryFactory.create(category=category, path=whole, entries=(Entry("new.rpm", 3, 1),))


@pytest.fixture
def tree(tmp_path: Path) -> Path:
    """What a good mirror has, on disk."""
    return grow(tmp_path / "root", {name[1:]: body for name, body in good_files("").items()})


@pytest.fixture
def category() -> Category:
    return make_category(name="Fedora Linux", top_directory="pub/fedora/linux")


def attempt(url: str, category: Category | None, policy=POLICY, **wish) -> Trial:
    return try_url(Wish(url, category, **wish), clock=lambda: NOW, policy=policy)


def row(trial: Trial, subject: str) -> tuple[str, str]:
    """Return tone and text of the one row about a subject."""
    [finding] = [each for each in trial.findings if each.subject == subject]
    return finding.tone.value, f"{finding.sentence} {finding.advice}".strip()


def test_a_good_mirror_looks_like_its_category(category) -> None:
    with Mirror(good_files()) as mirror:
        trial = attempt(mirror.url, category)
    assert row(trial, "Tree") == (
        "ok",
        "This looks like “Fedora Linux”: 2 of 2 sampled directories are there.",
    )
    assert row(trial, "IPv4") == ("ok", "It can be reached by IPv4.")
    assert row(trial, "IPv6")[0] == "warn"
    assert row(trial, "TLS")[0] == "warn"
    assert trial.works


def test_the_category_is_recognized_where_none_was_chosen(category) -> None:
    other = CategoryFactory.create(name="Another", top_directory="pub/another")
    add_file(other, "9/x")
    with Mirror(good_files()) as mirror:
        assert "looks like “Fedora Linux”" in row(attempt(mirror.url, None), "Tree")[1]


@pytest.mark.parametrize("prefix", ["/pub/linux", "/pub/fedora/linux", "/", "/fedora/linux"])
def test_a_wrong_path_is_corrected(category, prefix) -> None:
    with Mirror(good_files(prefix.rstrip("/"))) as mirror:
        tone, text = row(attempt(mirror.url, category), "Tree")
    assert tone == "bad"
    base = mirror.url.removesuffix("/pub") + prefix.rstrip("/")
    assert text.endswith(f"Did you mean {base}? “Fedora Linux” is there.")


def test_another_category_is_named(category) -> None:
    add_file(CategoryFactory.create(name="EPEL", top_directory="pub/epel"), "9/x")
    with Mirror({"/pub/9/x/new.rpm": b"123"}) as mirror:
        tone, text = row(attempt(mirror.url, category), "Tree")
    assert tone == "bad"
    assert "It has “EPEL” instead." in text


def test_nothing_of_it_says_what_url_is_wanted(category) -> None:
    with Mirror({}) as mirror:
        tone, text = row(attempt(mirror.url, category), "Tree")
    assert (tone, text.startswith("Nothing of “Fedora Linux” is here.")) == ("bad", True)


def test_a_part_of_the_tree_is_a_part(category) -> None:
    for number in range(8):
        add_file(category, f"43/x{number}")
    with Mirror({"/pub/43/x0/new.rpm": b"123", "/pub/43/x2/new.rpm": b"123"}) as mirror:
        tone, text = row(attempt(mirror.url, category), "Tree")
    assert (tone, "Only a part of “Fedora Linux” is here: 2 of 10" in text) == ("warn", True)


def test_older_files_are_counted_apart(category) -> None:
    files = {name: body + b"older" for name, body in good_files().items()}
    with Mirror(files) as mirror:
        assert "2 of them with another size" in row(attempt(mirror.url, category), "Tree")[1]


def test_who_answers_everything_proves_nothing(category) -> None:
    with Mirror(answer=status(200)) as mirror:
        tone, text = row(attempt(mirror.url, category), "Tree")
    assert tone == "bad"
    assert "answer 404 for what it does not have" in text


def test_pages_for_people_are_no_files(category) -> None:
    async def page(request, writer) -> None:
        missing = "does-not-exist" in request.path
        html = "Content-Type: text/html\r\n"
        writer.write(respond(404 if missing else 200, b"<p>", request, html))

    with Mirror(answer=page) as mirror:
        assert row(attempt(mirror.url, category), "Tree")[0] == "bad"


def test_a_name_without_address_gets_one_row(category) -> None:
    trial = attempt("https://no-such-name.invalid/pub", category)
    assert [each.subject for each in trial.findings] == ["Name"]
    assert "leads to no address" in trial.findings[0].sentence


def test_a_trial_ends_whatever_the_server_does(category, monkeypatch) -> None:
    monkeypatch.setattr(trial_looks, "SECONDS", 1)
    for number in range(30):
        add_file(category, f"43/x{number}")

    async def slowly(request, writer) -> None:
        await asyncio.sleep(0 if "does-not-exist" in request.path else 0.7)
        writer.write(respond(404, b"", request))

    with Mirror(answer=slowly) as mirror:
        began = time.monotonic()
        trial = attempt(mirror.url, category)
        assert time.monotonic() - began < 3
    assert row(trial, "IPv4")[0] == "ok"
    assert row(trial, "Tree")[1].startswith("There was not enough time to look for files")


def test_several_urls_are_tried_at_the_same_time(category) -> None:
    async def slowly(request, writer) -> None:
        await asyncio.sleep(0.5)
        writer.write(respond(404, b"", request))

    def both(*wishes: Wish) -> float:
        began = time.monotonic()
        found = try_urls(wishes, clock=lambda: NOW, policy=POLICY)
        assert [each.url for each in found] == [wish.url for wish in wishes]
        return time.monotonic() - began

    with Mirror(answer=slowly) as one, Mirror(answer=slowly) as two:
        alone = both(Wish(one.url))
        together = both(Wish(one.url), Wish("no url"), Wish(two.url))
    assert together < 1.5 * alone


def test_private_addresses_are_refused(category) -> None:
    with Mirror(good_files()) as mirror:
        trial = attempt(mirror.url, category, policy=replace(POLICY, allow_private=False))
        assert mirror.requests == []
    assert not trial.works
    assert "Use a name that leads to an address on the Internet." in trial.findings[0].advice


@pytest.mark.parametrize(
    "text", ["mirror.example.org", "https://u:p@example.org/", "file:///etc/passwd", "https://"]
)
def test_what_is_no_base_url_is_not_visited(category, text) -> None:
    trial = attempt(text, category)
    assert [each.subject for each in trial.findings] == ["URL"]
    assert not trial.works


def test_a_registered_url_is_told_to_its_own_people_by_name(category) -> None:
    host = HostFactory.create(name="ours.example.org")
    carry(host, category, "https://ours.example.org/pub")
    own = attempt("https://OURS.example.org/pub/", category, sites=[host.site])
    other = attempt("https://ours.example.org/pub", category, sites=[HostFactory.create().site])
    assert "ours.example.org” already" in own.findings[0].sentence
    assert other.findings[0].sentence == "https://ours.example.org/pub is registered already."


def test_nobody_there_is_bad(category) -> None:
    trial = attempt(f"http://127.0.0.1:{free_port()}/pub", category)
    assert row(trial, "IPv4")[0] == "bad"
    assert row(trial, "Tree")[0] == "bad"


@pytest.mark.needs("openssl")
@pytest.mark.parametrize(("end", "tone"), [(LATE, "ok"), (EARLY, "bad")])
def test_the_certificate_is_judged(category, tmp_path, end, tone) -> None:
    server, client = make_certificate(tmp_path / "tls", "IP:127.0.0.1", end)
    with Mirror(good_files(), tls=server) as mirror:
        trial = attempt(mirror.url, category, policy=replace(POLICY, tls=client))
    assert row(trial, "TLS")[0] == tone


@pytest.mark.needs("openssl")
def test_a_certificate_that_nobody_trusts_is_bad(category, tmp_path) -> None:
    server, _ = make_certificate(tmp_path / "tls", "IP:127.0.0.1", LATE)
    with Mirror(good_files(), tls=server) as mirror:
        trial = attempt(mirror.url, category)
    assert row(trial, "TLS")[0] == "bad"
    assert row(trial, "Tree")[0] == "bad"


@pytest.mark.needs("rsync")
@pytest.mark.parametrize(
    ("module", "tone", "words"),
    [
        ("pub", "ok", "2 of 2 sampled directories are there"),
        ("other", "bad", "Unknown module"),
        ("pub/42", "bad", "Nothing of “Fedora Linux” is here."),
    ],
)
def test_an_rsync_module_is_looked_into(category, tree, tmp_path, module, tone, words) -> None:
    with rsync_daemon(tree, tmp_path / "state") as url:
        trial = attempt(f"{url}/{module}", category)
    assert row(trial, "Tree")[0] == tone
    assert words in row(trial, "Tree")[1]


@needs_pyftpdlib
def test_an_ftp_server_is_looked_into(category, tree) -> None:
    with ftp_server(tree) as url:
        trial = attempt(url, category)
    assert row(trial, "Tree")[0] == "ok"
