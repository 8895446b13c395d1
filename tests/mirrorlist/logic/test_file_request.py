"""How the address of a file is read."""

import pytest

from mirrorlist.logic.file_request import Form, negotiated, read_modifiers, read_path
from mirrorlist.logic.files import normalize_prefix

ARIA2 = "*/*,application/metalink4+xml,application/metalink+xml"
ZYPPER = "*/*, application/metalink+xml, application/metalink4+xml"
FIREFOX = "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8"


@pytest.mark.parametrize(
    ("accept", "form"),
    [
        ("", None),
        ("*/*", None),
        (FIREFOX, None),
        (ARIA2, Form.META4),
        (ZYPPER, Form.META4),
        ("application/metalink+xml", Form.METALINK),
        ("application/metalink4+xml;q=0, application/metalink+xml", Form.METALINK),
        ("application/metalink4+xml; q=0.5, Application/Metalink+XML; q=0.9", Form.METALINK),
        ("application/metalink4+xml;q=0", None),
        ("application/metalink4+xml;q=nonsense", None),
        ("application/json", Form.JSON),
        ("application/json, text/plain, */*", Form.JSON),
        ("text/html, application/json", None),
        (";;,,;q=", None),
    ],
)
def test_metalinks_are_negotiated_when_they_are_named(accept: str, form: Form | None) -> None:
    assert negotiated(accept) is form


@pytest.mark.parametrize(
    ("query", "form"),
    [
        ("", None),
        ("nothing=known", None),
        ("meta4", Form.META4),
        ("metalink=1", Form.METALINK),
        ("mirrorlist", Form.PAGE),
        ("sha256&json", Form.SHA256),
        ("redirect", None),
        ("ip=192.0.2.1&json", Form.JSON),
        ("jsonp", None),
    ],
)
def test_the_first_word_that_is_known_names_the_form(query: str, form: Form | None) -> None:
    assert read_modifiers(query.encode()).form is form


@pytest.mark.parametrize(
    ("query", "secure"), [("", None), ("https=1", True), ("https", True), ("https=0", False)]
)
def test_https_may_be_demanded_or_forbidden(query: str, secure: bool | None) -> None:
    assert read_modifiers(query.encode()).secure is secure


@pytest.mark.parametrize(
    ("query", "page"),
    [("page=3", 3), ("page=0", 1), ("page=-1", 1), ("page=", 1), ("page=9999999", 1)],
)
def test_pages_are_counted_from_one(query: str, page: int) -> None:
    assert read_modifiers(query.encode()).page == page


def test_hosts_are_asked_for_as_in_a_mirrorlist() -> None:
    request = read_modifiers(b"country=DE,AT&ip=192.0.2.1&path=/etc/passwd&\xff").request
    assert (request.countries, request.ip, request.path) == (("AT", "DE"), "192.0.2.1", "")


@pytest.mark.parametrize(
    ("text", "path"),
    [
        (b"", ()),
        (b"a/b", ("a", "b")),
        (b"//a///b/", ("a", "b")),
        (b"a%20b+c%2Bd%25", ("a b+c+d%",)),
        (b"%C3%A9", ("é",)),
        (b"a%2Fb", ("a", "b")),
        (b"..a/.b", ("..a", ".b")),
        (b"a/../b", None),
        (b"a/./b/.", ("a", "b")),
        (b"%2e%2e/a", None),
        (b"%ff", None),
        (b"a%00", None),
        (b"a%0ab", None),
        (b"/a" * 101, None),
    ],
)
def test_a_path_is_decoded_and_stays_inside_the_tree(
    text: bytes, path: tuple[str, ...] | None
) -> None:
    assert read_path(text) == path


@pytest.mark.parametrize(
    ("text", "prefix"),
    [("/", "/"), ("", ""), (" ", ""), ("download", "/download/"), ("/a/b/", "/a/b/"), ("//", "/")],
)
def test_a_prefix_has_a_slash_at_both_ends(text: str, prefix: str) -> None:
    assert normalize_prefix(text) == prefix
