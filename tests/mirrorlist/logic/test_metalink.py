from pathlib import Path

import pytest
from defusedxml import ElementTree

from mirrorlist.logic.metalink import (
    escape_path,
    render_failure,
    render_file,
    render_head,
    render_metalink,
)
from mirrorlist.logic.offers import Wanted, make_offers
from mirrorlist.logic.query import Kind
from mirrorlist.logic.snapshot import Carrier, FileDetail
from tests.mirrorlist.memory import NOW, a_host

DATA = Path(__file__).parents[2] / "data"
CURRENT = FileDetail(1_795_249_680, 3069, "5" * 32, "1" * 40, "2" * 64, "f" * 128)
OLDER = FileDetail(1_795_149_680, 3070, "6" * 32, "", "3" * 64, "")


def test_a_metalink_is_what_clients_know_byte_for_byte() -> None:
    hosts = [a_host(1, "US", private=True), a_host(2, "DE")]
    carriers = {
        0: Carrier(("http://us.example.org/repo",), ""),
        1: Carrier(("https://de.example.org/repo", "rsync://de.example.org/repo"), ""),
    }
    pieces = make_offers(Kind.METALINK, carriers, hosts, Wanted()).pieces
    got = render_metalink(
        render_head(NOW),
        render_file("repomd.xml", [CURRENT, OLDER]),
        [pieces[0], pieces[1]],
        b"/repodata/repomd.xml",
    )
    assert got.decode() == (DATA / "metalink.xml").read_text()


def test_what_is_unknown_is_left_out() -> None:
    got = render_file("x.iso", [FileDetail(0, 0, "", "", "", "")]).decode()
    assert got == (
        ' <files>\n  <file name="x.iso">\n   <verification>\n   </verification>\n'
        '   <resources maxconnections="1">\n'
    )


def test_preference_falls_to_one_and_stays() -> None:
    pieces = [[b'"', b'"']] * 103
    got = render_metalink(b"", b"", pieces, b"")
    assert got.startswith(b'"100""99""98"')
    assert b'"3""2""1""1""1""1"   </resources>' in got


@pytest.mark.parametrize("message", ["repo -- gone", "a---->b", "-", "x\ny--", "\x00--\x0b-", "ü"])
def test_a_failure_document_is_well_formed_whatever_it_says(message: str) -> None:
    document = render_failure(render_head(NOW), message)
    ElementTree.fromstring(document.decode())
    assert document.endswith(b"\n-->\n</metalink>\n")


def test_the_failure_document_is_what_clients_know() -> None:
    assert render_failure(render_head(NOW), "repo disabled").decode() == (
        '<?xml version="1.0" encoding="utf-8"?>\n'
        '<metalink version="3.0" xmlns="http://www.metalinker.org/" type="dynamic"'
        ' pubdate="Fri, 20 Nov 2026 04:41:46 GMT" generator="mirrormanager"'
        ' xmlns:mm0="http://fedorahosted.org/mirrormanager">\n'
        "<!-- repo disabled\n-->\n</metalink>\n"
    )


def test_names_and_paths_are_escaped() -> None:
    name = render_file('a"&<b', [CURRENT]).decode().split("\n")[1]
    assert ElementTree.fromstring(f"{name}</file>").get("name") == 'a"&<b'
    assert escape_path(b"/a&b/<c>") == b"/a&amp;b/&lt;c&gt;"
