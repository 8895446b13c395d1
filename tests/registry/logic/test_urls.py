import pytest

from registry.logic.urls import normalize_page, normalize_url, parse_protocols


@pytest.mark.parametrize(
    ("text", "url"),
    [
        (" HTTPS://Mirror.Example.org/Pub// ", "https://mirror.example.org/Pub"),
        ("http://m.example.org:8080/", "http://m.example.org:8080"),
        ("rsync://[2001:DB8::1]/fedora", "rsync://[2001:db8::1]/fedora"),
        ("ftp://[2001:db8::1]:2121/pub", "ftp://[2001:db8::1]:2121/pub"),
        ("https://m.example.org:443/pub", "https://m.example.org/pub"),
        ("https://m.example.org.:80/pub", "https://m.example.org:80/pub"),
        ("https://münchen.example/größe", "https://xn--mnchen-3ya.example/gr%C3%B6%C3%9Fe"),
        ("https://m.example.org/a%20b<c>", "https://m.example.org/a%20b%3Cc%3E"),
    ],
)
def test_urls_have_one_spelling(text: str, url: str) -> None:
    assert normalize_url(text) == url


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("http://m.example.org/a b", "blanks or control characters"),
        ("http://m.example.org/\0", "blanks or control characters"),
        ("http://m.example.org/\u202egnp", "blanks or control characters"),
        ("http://m.example.org/" + "x" * 3000, "too long for a URL"),
        ("http://m.example.org:0/", "is not a URL"),
        ("http://m.example.org\\@evil.example/", "is not a URL"),
        ("http://exаmple.org/", "mixes letters of Cyrillic and Latin"),
        ("http://2130706433/", "not the name of a host"),
        ("http://m.example.org/pub/../etc", "Leave out the . and .."),
        ("http://[::1", "is not a URL"),
        ("http://m.example.org:port/", "is not a URL"),
        ("file:///etc/passwd", "must begin with one of https://"),
        ("m.example.org/pub", "must begin with one of https://"),
        ("http:///pub", "names no host"),
        ("http://ben:secret@m.example.org/", "must not contain a user name"),
        ("http://m.example.org/?q=1", "has no \\? or # part"),
        ("http://m.example.org/#top", "has no \\? or # part"),
    ],
)
def test_what_cannot_be_a_base_url_is_refused_with_a_sentence(text: str, problem: str) -> None:
    with pytest.raises(ValueError, match=problem):
        normalize_url(text)


@pytest.mark.parametrize(
    ("text", "page"),
    [
        ("", ""),
        (" HTTP://Example.org ", "http://example.org"),
        ("https://example.org/?q=ä#top", "https://example.org/?q=%C3%A4#top"),
    ],
)
def test_pages_have_one_spelling(text: str, page: str) -> None:
    assert normalize_page(text) == page


@pytest.mark.parametrize(
    ("text", "protocols"),
    [
        ("https", ("https",)),
        ("rsync, HTTPS http", ("rsync", "https", "http")),
        ("http http https", ("http", "https")),
    ],
)
def test_protocols_keep_their_order_and_appear_once(text: str, protocols: tuple[str, ...]) -> None:
    assert parse_protocols(text) == protocols


@pytest.mark.parametrize(
    ("text", "problem"), [("gopher", "“gopher” is not one of"), (" , ", "Name at least one of")]
)
def test_protocols_that_nobody_speaks_are_refused(text: str, problem: str) -> None:
    with pytest.raises(ValueError, match=problem):
        parse_protocols(text)
