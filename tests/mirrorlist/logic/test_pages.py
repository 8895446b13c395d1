"""The pages that an edge gives: Directories and files, whatever their names contain."""

import json
from html.parser import HTMLParser
from typing import Any

import pytest

from mirrorlist.logic.answers import Answer
from mirrorlist.logic.folder_page import ROWS_PER_PAGE
from mirrorlist.logic.pages import iso_time, size_text
from mirrorlist.logic.world_map import Mark, render_map
from registry.logic.listings import Entry
from tests.mirrorlist.files import HIDDEN, ISO, SHA256, a_file_world, fields, file_network, get
from tests.mirrorlist.memory import OS, TOP, a_host

VOID = {"meta", "link"}


class Page(HTMLParser):
    """Checks that elements are closed in order, and remembers links and text."""

    def __init__(self, body: bytes) -> None:
        super().__init__()
        self.open: list[str] = []
        self.links: list[str] = []
        self.seen: list[tuple[str, dict[str, str | None]]] = []
        self.words: list[str] = []
        self.feed(body.decode())
        assert self.open == []

    def handle_starttag(self, tag: str, attrs: Any) -> None:
        attributes = dict(attrs)
        assert not {"style", "onclick", "onload"} & attributes.keys()
        assert tag not in {"script", "style"}
        self.seen.append((tag, attributes))
        if tag == "a":
            self.links.append(attributes["href"])
        if tag not in VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag: str, attrs: Any) -> None:
        self.seen.append((tag, dict(attrs)))

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        self.words.append(data.strip())


def page(got: Answer) -> Page:
    assert got.status == 200
    found = fields(got)
    assert found["Content-Type"] == "text/html; charset=utf-8"
    assert "default-src 'none'" in found["Content-Security-Policy"]
    read = Page(got.body)
    assert len([tag for tag, _ in read.seen if tag == "h1"]) == 1
    return read


def test_a_directory_shows_what_is_in_it_directories_first() -> None:
    got = get(a_file_world(), f"/{OS}/")
    read = page(got)
    rows = [word for word in read.words if word.endswith(("/", ".iso", ".txt", "tiny"))]
    assert rows[-5:] == ["repodata/", '<b>&".txt', "big file+1%#?é.iso", "real.iso", "tiny"]
    assert f"/{OS}/repodata/" in read.links
    assert f"/{ISO}" not in read.links
    assert "/pub/fedora/linux/42/x86_64/os/big%20file%2B1%25%23%3F%C3%A9.iso" in read.links
    assert "667.6 MiB" in read.words
    assert "2024-10-27 03:33" in read.words


def test_breadcrumbs_lead_up() -> None:
    links = page(get(a_file_world(), f"/{OS}/")).links
    assert links[1:6] == [
        "/",
        "/pub/",
        "/pub/fedora/",
        "/pub/fedora/linux/",
        "/pub/fedora/linux/42/",
    ]


@pytest.mark.parametrize(
    ("path", "child"), [("/", "/pub/"), ("/pub/", "/pub/fedora/"), (f"/{TOP}/", f"/{TOP}/empty/")]
)
def test_what_is_only_above_directories_has_a_page_too(path: str, child: str) -> None:
    assert child in page(get(a_file_world(), path)).links


def test_an_empty_directory_says_so() -> None:
    assert "There is nothing here." in page(get(a_file_world(), f"/{TOP}/empty/")).words


def test_what_nobody_may_read_is_not_listed() -> None:
    assert f"/{HIDDEN}/" not in page(get(a_file_world(), f"/{TOP}/")).links


@pytest.mark.parametrize(
    ("path", "query", "location"),
    [
        (f"/{OS}", "", f"/{OS}/"),
        ("/pub", "sort=size", "/pub/?sort=size"),
        ("//pub", "", "/pub/"),
        (f"/{OS}", "a\r\nX: y", f"/{OS}/?a%0D%0AX:%20y"),
    ],
)
def test_directories_end_in_a_slash(path: str, query: str, location: str) -> None:
    got = get(a_file_world(), path, query)
    assert (got.status, fields(got)["Location"]) == (301, location)


@pytest.mark.parametrize(
    ("sort", "last"),
    [
        ("name", "tiny"),
        ("-name", "repodata/"),
        ("size", "big file+1%#?é.iso"),
        ("time", "repodata/"),
        ("x", "tiny"),
    ],
)
def test_rows_are_sorted_on_request(sort: str, last: str) -> None:
    read = page(get(a_file_world(), f"/{OS}/", f"sort={sort}"))
    rows = [word for word in read.words if word.endswith(("/", ".iso", ".txt", "tiny"))]
    assert rows[-1] == last


def test_long_directories_have_several_pages() -> None:
    entries = [Entry(f"{number:05}", 1, 1) for number in range(ROWS_PER_PAGE + 1)]
    world = a_file_world(file_network(listings={OS: entries}))
    first, second = (page(get(world, f"/{OS}/", f"page={number}")) for number in (1, 2))
    assert f"/{OS}/00001" in first.links
    assert f"/{OS}/{ROWS_PER_PAGE:05}" in second.links
    assert (first.links[-1], second.links[-1]) == ("?sort=name&page=2", "?sort=name&page=1")


def test_a_page_that_did_not_change_is_not_sent_again() -> None:
    world = a_file_world()
    first = get(world, f"/{OS}/")
    again = get(world, f"/{OS}/", if_none_match=fields(first)["ETag"])
    assert (again.status, again.body) == (304, b"")
    assert fields(first)["Last-Modified"].endswith("GMT")
    other = a_file_world(file_network(listings={}))
    assert get(other, f"/{OS}/", if_none_match=fields(first)["ETag"]).status == 200


def test_a_page_may_be_kept_by_everybody() -> None:
    assert fields(get(a_file_world(), f"/{OS}/"))["Cache-Control"] == "public, max-age=60"


@pytest.mark.parametrize("times", [(-5,), (10**18,)])
def test_times_that_no_calendar_knows_do_no_harm(times: tuple[int, ...]) -> None:
    entries = [Entry(f"f{time}", 1, time) for time in times]
    world = a_file_world(file_network(directories={OS: 0}, listings={OS: entries}))
    assert "Last-Modified" not in fields(get(world, f"/{OS}/"))


@pytest.mark.parametrize(("query", "accept"), [("json", ""), ("", "application/json")])
def test_a_directory_is_there_as_json(query: str, accept: str) -> None:
    got = get(a_file_world(), f"/{OS}/", query, accept=accept)
    found = json.loads(got.body)
    assert found["path"] == OS
    assert found["directories"] == [{"name": "repodata", "modified_at": "2025-02-19T21:20:00Z"}]
    assert {"name": "tiny", "size": 4095, "modified_at": "2024-10-27T03:33:20Z"} in found["files"]
    top = json.loads(get(a_file_world(), "/", "json").body)
    assert top["directories"] == [{"name": "pub", "modified_at": None}]


def test_without_listings_there_are_no_pages() -> None:
    assert get(a_file_world(file_network(knows_files=False)), f"/{OS}/").status == 404


def test_pages_stay_below_their_prefix() -> None:
    world = a_file_world(prefix="/download/")
    links = page(get(world, f"/download/{OS}/")).links
    assert all(link.startswith(("/download/", "?", "#")) for link in links)
    got = get(world, "/download/.mirrorsite.css")
    assert fields(got)["Content-Type"] == "text/css; charset=utf-8"
    assert b"color-scheme: light dark" in got.body


def test_a_file_has_a_page_with_its_mirrors_and_why_others_are_left_out() -> None:
    hosts = [
        a_host(1, "DE", weight=300),
        a_host(2, "DE", weight=1),
        a_host(3, "FR"),
        a_host(4, "US", private=True),
    ]
    read = page(get(a_file_world(file_network(hosts, behind=[2])), f"/{ISO}", "mirrorlist"))
    assert {"de1.example.org", "fr3.example.org"} <= set(read.words)
    assert "us4.example.org" not in read.words
    assert {"100 %", "< 1 %"} <= set(read.words)
    assert "It does not have this Directory up2date." in read.words
    assert SHA256 in read.words
    for ending in (".meta4", ".metalink", ".sha256", ".sha512", ".asc"):
        assert any(link.endswith(f".iso{ending}") for link in read.links), ending


def test_hosts_that_cannot_come_first_have_no_share() -> None:
    read = page(get(a_file_world(), f"/{ISO}", "mirrorlist"))
    assert read.words.count("50 %") == 2
    assert read.words.count("–") == 2


@pytest.mark.parametrize(
    ("master", "words"),
    [("", "Please try again later."), ("https://dl.example.org/f", "the master")],
)
def test_a_file_that_no_mirror_has_says_what_happens(master: str, words: str) -> None:
    world = a_file_world(file_network(behind=range(4), canonical_url=master))
    assert any(words in word for word in page(get(world, f"/{ISO}", "mirrorlist")).words)


@pytest.mark.parametrize("path", [f"/{OS}/", f'/{OS}/<b>&".txt'])
def test_names_cannot_become_html(path: str) -> None:
    got = get(a_file_world(), path, "mirrorlist")
    page(got)
    assert b"<b>" not in got.body


def test_a_page_without_listings_shows_what_is_known() -> None:
    read = page(get(a_file_world(file_network(knows_files=False)), f"/{OS}/x", "mirrorlist"))
    assert "Size" not in read.words


@pytest.mark.parametrize(
    ("size", "shown"),
    [
        (0, "0 B"), (1023, "1023 B"), (1024, "1.0 KiB"), (1024**2 - 1, "1.0 MiB"),
        (1536 * 1024, "1.5 MiB"), (5 * 1024**6, "5120.0 PiB"),
    ],
)  # fmt: skip
def test_sizes_are_for_people(size: int, shown: str) -> None:
    assert size_text(size) == shown


def test_a_time_is_utc() -> None:
    assert iso_time(0) == "1970-01-01T00:00:00Z"


def test_a_map_shows_places_where_they_are() -> None:
    marks = [Mark((52.5, 13.4), "<Berlin>", "chosen"), Mark((-33.9, 151.2), "Sydney", "host")]
    drawn = render_map(marks, outline='/a"b.svg')
    assert 'class="chosen" cx="13.4" cy="-52.5"' in drawn
    assert 'cx="151.2" cy="33.9"' in drawn
    assert "&lt;Berlin&gt;" in drawn
    assert 'href="/a&quot;b.svg#land"' in drawn
    assert render_map([], outline="/world.svg") == ""
