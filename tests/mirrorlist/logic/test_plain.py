import pytest

from mirrorlist.logic.offers import PATH
from mirrorlist.logic.plain import (
    render_location,
    render_mirrorlist,
    render_path,
    render_repositories,
)


def test_every_line_ends_in_a_line_feed() -> None:
    assert render_mirrorlist(b"# x ", [b"https://a/p", b"http://b/q"], b"/os/") == (
        b"# x \nhttps://a/p/os/\nhttp://b/q/os/\n"
    )


def test_several_urls_of_a_host_follow_each_other() -> None:
    assert render_mirrorlist(b"#", [b"https://a" + PATH + b"http://a", b"ftp://b"], b"/os/") == (
        b"#\nhttps://a/os/\nhttp://a/os/\nftp://b/os/\n"
    )


def test_without_hosts_the_header_stands_alone() -> None:
    assert render_mirrorlist(b"# x ", [], b"/") == b"# x \n"


@pytest.mark.parametrize(
    ("below", "filename", "path"),
    [
        ("", "", b"/"),
        ("a/b", "", b"/a/b/"),
        ("a b", "ü+&.iso", "/a b/ü+&.iso".encode()),
        ("", "repomd.xml", b"/repomd.xml"),
        ("a\nb", "\x01", b"/a%0Ab/%01"),
    ],
)
def test_paths_are_not_escaped_unless_they_break_the_line(below, filename, path) -> None:
    assert render_path(below, filename) == path


def test_a_location_fits_into_a_header() -> None:
    assert render_location(b"https://a/%20", "/a b/ü+c++&x\r\n".encode()) == (
        "https://a/%20/a%20b/%C3%BC+c++&x%0D%0A"
    )


def test_repositories_are_sorted_by_their_key_and_plus_is_no_obstacle() -> None:
    assert render_repositories([("b", "x"), ("c++", "y"), ("a-1", "x"), ("a", "x")]) == (
        "# repo=a&arch=x\n# repo=a-1&arch=x\n# repo=b&arch=x\n# repo=c++&arch=y\n"
    )
