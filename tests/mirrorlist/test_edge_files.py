"""File paths through every way in: our own protocol, WSGI, and Django."""

import json
from pathlib import Path
from typing import Any

import pytest
from django.test import Client
from pytest_django.fixtures import Settings

from mirrorlist.edge.application import EdgeApplication
from mirrorlist.edge_config import read_config
from mirrorlist.edge_files import NOT_SERVED
from mirrorlist.edge_messages import Request, encode
from mirrorlist.logic.addresses import Ranges
from mirrorlist.logic.answers import Answer
from mirrorlist.logic.files import FilePolicy
from mirrorlist.services.serving import current_watch, edge_environment
from mirrorlist.services.snapshots import build_snapshot
from mirrorlist.snapshot_writer import publish_file, write_snapshot
from registry.logic.listings import Entry, pack_listing
from registry.models import Directory
from tests.mirrorlist.memory import OS
from tests.mirrorlist.test_edge import answering, call
from tests.mirrorlist.test_snapshot_file import CONTENTS

FILE = f"/{OS}/repodata/repomd.xml"
# In CONTENTS nobody has the repodata, so that the master answers for it.
MASTER = "https://master/fedora/linux/42/x86_64/os/repodata/repomd.xml"


def an_application(tmp_path: Path, **policy: Any) -> EdgeApplication:
    write_snapshot(tmp_path / "one.sqlite", CONTENTS)
    publish_file(tmp_path / "one.sqlite", tmp_path / "current.sqlite")
    return answering(tmp_path / "current.sqlite", files=FilePolicy(**policy))


def respond(application: EdgeApplication, target: str, **headers: str) -> Answer:
    sent = {name.replace("_", "-").encode(): value.encode() for name, value in headers.items()}
    return application.respond(Request(b"GET", target.encode(), sent, "192.0.2.1"))


def test_the_edges_protocol_answers_file_paths(tmp_path: Path) -> None:
    application = an_application(tmp_path)
    got = respond(application, FILE)
    head = encode(got, date=b"", silent=False, keep_alive=True, old_client=False)
    assert head.startswith(f"HTTP/1.1 302 Found\r\nLocation: {MASTER}\r\n".encode())
    assert head.endswith(b"\r\nContent-Length: 0\r\n\r\n")
    assert respond(application, f"{FILE}?meta4").headers[0][1] == "application/metalink4+xml"
    assert respond(application, FILE, if_none_match='"2-14"').status == 304
    assert respond(application, f"/{OS}/repodata/", accept="application/json").body[:1] == b"{"


def test_a_target_may_be_a_whole_url(tmp_path: Path) -> None:
    application = an_application(tmp_path)
    for scheme in ("http", "https"):
        assert respond(application, f"{scheme}://edge.example.org{FILE}").status == 302
    root = respond(application, "/")
    assert respond(application, "http://edge.example.org") == root


@pytest.mark.parametrize("prefix", ["/", "/download/"])
def test_an_edge_explains_a_file_to_whom_it_trusts(tmp_path: Path, prefix: str) -> None:
    application = an_application(tmp_path, prefix=prefix)
    trusted = Ranges([("127.0.0.0/8", "us")])
    application.config = application.config._replace(trusted=trusted)
    target = f"{prefix}{FILE[1:]}?explain=1"
    got = respond(application, target, x_forwarded_for="127.0.0.1")
    explanation = json.loads(got.body)
    assert (got.status, explanation["directory"]) == (200, f"{OS}/repodata")
    assert {host["reason"] for host in explanation["hosts"]} == {"not_up2date", "user_off"}
    assert respond(application, target).status == 302
    odd = respond(application, f"{prefix}a&b=%26%25?explain=1", x_forwarded_for="127.0.0.1")
    assert "invalid path" in odd.body.decode()


def test_wsgi_answers_file_paths(tmp_path: Path) -> None:
    application = an_application(tmp_path)
    status, headers, body = call(application, FILE, "")
    assert (status, headers["Location"], body) == ("302 Found", MASTER, b"")
    # WSGI hands over decoded bytes as Latin-1.
    status, headers, _ = call(application, f"/{OS}/repodata/bÃ© +%.iso", "")
    assert headers["Location"].endswith("/repodata/b%C3%A9%20%2B%25.iso")
    assert call(application, FILE, "", HTTP_IF_NONE_MATCH='"2-14"')[0] == "304 Not Modified"
    assert call(application, FILE, "", REQUEST_METHOD="POST")[0] == "405 Method Not Allowed"


@pytest.mark.parametrize("path", [FILE, "/", "/download", "/downloads/x"])
def test_nothing_is_served_above_the_prefix(tmp_path: Path, path: str) -> None:
    application = an_application(tmp_path, prefix="/download/")
    assert respond(application, path) == NOT_SERVED
    assert respond(application, f"/download{FILE}").status == 302


def test_an_edge_reads_its_prefix_and_sizes_from_the_environment() -> None:
    assert read_config({}).policy.files == FilePolicy()
    config = read_config(
        {
            "MIRRORLIST_FILES_PREFIX": "pub",
            "MIRRORLIST_METALINK_FROM_BYTES": "1",
            "MIRRORLIST_MASTER_BELOW_BYTES": "2",
            "MIRRORLIST_MASTER_ABOVE_BYTES": "3",
        }
    )
    assert config.policy.files == FilePolicy("/pub/", 1, 2, 3)
    assert read_config({"MIRRORLIST_FILES_PREFIX": ""}).policy.files.prefix == ""


def test_an_edge_gets_the_settings_of_the_server(settings: Settings) -> None:
    settings.MIRRORLIST_FILES_PREFIX = "/files"
    settings.MIRRORLIST_MASTER_BELOW_BYTES = 7
    files = read_config(edge_environment()).policy.files
    assert (files.prefix, files.master_below_bytes) == ("/files/", 7)


@pytest.mark.parametrize("prefix", ["/", "/download/"])
def test_an_edge_gives_the_outline_that_its_maps_are_drawn_on(tmp_path: Path, prefix: str) -> None:
    application = an_application(tmp_path, prefix=prefix)
    got = respond(application, f"{prefix}.mirrorsite-world.svg")
    assert got.status == 200
    assert dict(got.headers)["Content-Type"] == "image/svg+xml"
    assert b'<path id="land"' in got.body
    assert len(got.body) < 40_000
    assert respond(application, f"{prefix}x/.mirrorsite-world.svg").status == 404
    allowed = dict(respond(application, f"{prefix}{OS}/repodata/").headers)
    assert "img-src 'self'" in allowed["Content-Security-Policy"]


@pytest.mark.django_db
def test_django_answers_below_download(network, policy, now, client: Client) -> None:
    assert client.get("/download/x").status_code == 503
    network.host("good.example.org")
    listing = pack_listing([Entry("a file+.iso", 5_000, 1_700_000_000)])
    Directory.objects.filter(pk=network.os.pk).update(listing=listing)
    build_snapshot(now=now, policy=policy)
    current_watch()
    got = client.get("/download/pub/fedora/42/os/a%20file%2B.iso")
    assert (got.status_code, got.headers["Location"]) == (
        302,
        "https://good.example.org/fedora/42/os/a%20file%2B.iso",
    )
    assert got.headers["Link"].count("rel=describedby") == 2
    page = client.get("/download/pub/fedora/42/os/")
    assert "default-src 'none'" in page.headers["Content-Security-Policy"]
    assert b'href="/download/pub/fedora/42/os/a%20file%2B.iso"' in page.content
    assert client.get("/download/.mirrorsite.css").headers["Content-Type"].startswith("text/css")
    assert client.get("/download/.mirrorsite-world.svg").headers["Content-Type"] == "image/svg+xml"


def test_trackers_are_told_to_edges(settings: Settings) -> None:
    settings.MIRRORLIST_TORRENT_TRACKERS = ["udp://a.example.org:1", "https://b.example.org/x"]
    files = read_config(edge_environment()).policy.files
    assert files.trackers == ("udp://a.example.org:1", "https://b.example.org/x")


@pytest.mark.parametrize("text", ["tracker.example.org", "ftp://x/", "udp://é"])
def test_what_is_no_tracker_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="MIRRORLIST_TORRENT_TRACKERS"):
        read_config({"MIRRORLIST_TORRENT_TRACKERS": text})
