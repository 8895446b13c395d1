"""Which URLs of a Host an answer of some kind gives, ready as bytes.

Knows protocols and the two forms. Deliberately knows no paths: a URL ends in a placeholder for
the part below the Category's top directory, so that the bytes serve every Directory.
"""

from collections.abc import Container, Mapping, Sequence
from typing import NamedTuple
from xml.sax.saxutils import escape

from mirrorlist.logic.query import Kind
from mirrorlist.logic.snapshot import Carrier, Host

# URLs contain no control characters, so these can stand for what is filled in later.
PATH = b"\x01"
PREFERENCE = b"\x02"

WEB = ("https", "http", "ftp")
REDIRECTABLE = ("https", "http")


class Offers(NamedTuple):
    """What each Host offers, by position; `counted` are those that count towards the minimum.

    In a mirrorlist each text is one URL without its path, or several with PATH between them.
    """

    counted: Container[int]
    texts: Mapping[int, bytes]


def make_offers(
    kind: Kind,
    carriers: Mapping[int, Carrier],
    hosts: Sequence[Host],
    *,
    protocols: Sequence[str] | None,
    redirect: bool,
) -> Offers:
    """Choose the URLs of every Host of a Category.

    Asked-for protocols keep as many URLs as there are protocols, in the order of the URLs, and
    Hosts without one do not count. A mirrorlist gives one web URL of each Host, a redirect needs
    one that browsers follow, a metalink gives all.
    """
    kept = {
        member: urls
        for member, carrier in carriers.items()
        if (urls := carrier.urls if protocols is None else trim(carrier.urls, protocols))
    }
    counted = frozenset(kept)
    if kind is Kind.METALINK:
        return Offers(counted, {m: _elements(hosts[m], urls) for m, urls in kept.items()})
    if redirect:
        kept = {member: trim(urls, REDIRECTABLE)[:1] for member, urls in kept.items()}
    elif protocols is None:
        kept = {member: trim(urls, WEB)[:1] for member, urls in kept.items()}
    texts = {member: PATH.join(map(str.encode, urls)) for member, urls in kept.items() if urls}
    return Offers(counted, texts)


def trim(urls: Sequence[str], protocols: Sequence[str]) -> tuple[str, ...]:
    """Return the first URLs that use one of the protocols, at most as many as protocols."""
    beginnings = tuple(f"{protocol}:" for protocol in protocols)
    return tuple(url for url in urls if url.startswith(beginnings))[: len(protocols)]


def _elements(host: Host, urls: Sequence[str]) -> bytes:
    """Return the `url` elements of one Host; private ones are marked."""
    private = b' mm0:private="True"' if host.private else b""
    return b"".join(
        b'    <url protocol="%b" type="%b" location="%b" preference="%b"%b>%b%b</url>\n'
        % (protocol, protocol, host.country.encode(), PREFERENCE, private, text, PATH)
        for protocol, text in ((url.partition(":")[0].encode(), _escaped(url)) for url in urls)
    )


def _escaped(url: str) -> bytes:
    return escape(url).encode()
