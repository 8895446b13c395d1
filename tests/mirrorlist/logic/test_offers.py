import pytest

from mirrorlist.logic.offers import PATH, PREFERENCE, Wanted, make_offers, trim
from mirrorlist.logic.query import Kind
from mirrorlist.logic.snapshot import Carrier
from tests.mirrorlist.memory import a_host

HOSTS = [a_host(1, "DE"), a_host(2, "FR", private=True)]


def offers(urls: tuple[str, ...], kind: Kind = Kind.MIRRORLIST, protocols=None, redirect=False):
    return make_offers(kind, {0: Carrier(urls, "")}, HOSTS, Wanted(protocols, redirect))


@pytest.mark.parametrize(
    ("urls", "protocols", "kept"),
    [
        (("http://a", "https://a"), ("https",), ("https://a",)),
        (("http://a", "http://b", "rsync://a"), ("http", "rsync"), ("http://a", "http://b")),
        (("https://a",), ("http",), ()),
        (("https://a",), ("",), ()),
    ],
)
def test_protocols_keep_urls_in_their_order(urls, protocols, kept) -> None:
    assert trim(urls, protocols) == kept


@pytest.mark.parametrize(
    ("urls", "text"),
    [
        (("rsync://a/x", "http://a/x", "https://a/x"), b"http://a/x"),
        (("ftp://a/x",), b"ftp://a/x"),
        (("rsync://a/x",), None),
    ],
)
def test_a_mirrorlist_gives_the_first_web_url(urls, text: bytes | None) -> None:
    found = offers(urls)
    assert found.texts.get(0) == text
    assert 0 in found.counted


def test_hosts_without_a_protocol_that_was_asked_for_do_not_count() -> None:
    found = offers(("https://a",), protocols=("rsync",))
    assert 0 not in found.counted
    assert 0 not in found.texts


def test_several_protocols_give_several_urls() -> None:
    found = offers(("https://a", "http://a"), protocols=("http", "https"))
    assert found.texts[0] == b"https://a" + PATH + b"http://a"


@pytest.mark.parametrize(
    ("urls", "protocols", "text"),
    [
        (("ftp://a", "http://a", "https://a"), None, b"http://a"),
        (("ftp://a",), None, None),
        (("http://a", "https://a"), ("https",), b"https://a"),
        (("https://a", "ftp://a"), ("ftp",), None),
    ],
)
def test_a_redirect_needs_a_url_that_browsers_follow(urls, protocols, text) -> None:
    assert offers(urls, protocols=protocols, redirect=True).texts.get(0) == text


def test_metalink_elements_are_escaped_and_private_hosts_marked() -> None:
    carriers = {0: Carrier(("https://a/?x&y",), ""), 1: Carrier(("rsync://b",), "")}
    found = make_offers(Kind.METALINK, carriers, HOSTS, Wanted(redirect=True))
    assert found.texts[0] == (
        b'    <url protocol="https" type="https" location="DE" preference="%b">'
        b"https://a/?x&amp;y%b</url>\n" % (PREFERENCE, PATH)
    )
    assert b' mm0:private="True">rsync://b' in found.texts[1]
