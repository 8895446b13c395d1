"""Which URLs of a Host an answer of some kind gives, ready as bytes.

Knows protocols and the two forms. Deliberately knows no paths: a URL ends in a placeholder for
the part below the Category's top directory, so that the bytes serve every Directory.
"""

from collections.abc import Container, Mapping, Sequence
from typing import NamedTuple
from xml.sax.saxutils import escape

from mirrorlist.logic.query import Kind
from mirrorlist.logic.snapshot import Carrier, Families, Host, Reachable

# URLs contain no control characters, so these can stand for what is filled in later.
PATH = b"\x01"
PREFERENCE = b"\x02"

WEB = ("https", "http", "ftp")
REDIRECTABLE = ("https", "http")


class Wanted(NamedTuple):
    """What a request asks of URLs. `protocols` is None when any will do.

    `ipv4` and `ipv6` ask for URLs that are known to be reachable by that family.
    """

    protocols: tuple[str, ...] | None = None
    redirect: bool = False
    ipv4: bool = False
    ipv6: bool = False


class Offers(NamedTuple):
    """What each Host offers, by position; `counted` are those that count towards the minimum.

    In a mirrorlist each text is one URL without its path, or several with PATH between them. In a
    metalink they are `url` elements, and `pieces` the same cut where the preference belongs.
    `families` tell by which a Host can be reached under the URLs that are given. `tiers` are how
    late Hosts come for clients by IPv4, and by IPv6; `by_family` tells whether that makes any
    difference between them. `hidden` count without a URL to show.
    """

    counted: Container[int]
    texts: Mapping[int, bytes]
    families: Mapping[int, Families]
    tiers: tuple[Mapping[int, int], Mapping[int, int]]
    by_family: bool
    hidden: frozenset[int]
    pieces: Mapping[int, Sequence[bytes]] = {}

    def reachable(self, member: int, *, ipv6: bool) -> Reachable:
        """Tell whether a client's family of addresses reaches a Host that has a text."""
        families = self.families[member]
        return families.ipv6 if ipv6 else families.ipv4


def make_offers(
    kind: Kind, carriers: Mapping[int, Carrier], hosts: Sequence[Host], wanted: Wanted
) -> Offers:
    """Choose the URLs of every Host of a Category.

    Asked-for protocols keep as many URLs as there are protocols, in the order of the URLs, and
    Hosts without one do not count, nor do those that an asked-for family does not reach. A
    mirrorlist gives one web URL of each Host, a redirect needs one that browsers follow, a
    metalink gives all.
    """
    kept = {
        member: urls for member, carrier in carriers.items() if (urls := _wanted(carrier, wanted))
    }
    counted = frozenset(kept)
    if kind is Kind.MIRRORLIST:
        kept = {member: shown for member, urls in kept.items() if (shown := _shown(urls, wanted))}
    families = {member: _families(carriers[member], urls) for member, urls in kept.items()}
    if kind is Kind.METALINK:
        elements = {member: _elements(hosts[member], urls) for member, urls in kept.items()}
        pieces = {member: element.split(PREFERENCE) for member, element in elements.items()}
        texts = elements
    else:
        pieces = {}
        texts = {member: PATH.join(map(str.encode, urls)) for member, urls in kept.items()}
    tiers = (
        {member: tier_of(each.ipv4, hosts[member].weight) for member, each in families.items()},
        {member: tier_of(each.ipv6, hosts[member].weight) for member, each in families.items()},
    )
    hidden = frozenset(member for member in counted - texts.keys() if hosts[member].weight > 0)
    # What comes equally late for all is no difference.
    reached = ({each.ipv4 for each in families.values()}, {each.ipv6 for each in families.values()})
    by_family = any(len(ways) > 1 for ways in reached)
    return Offers(counted, texts, families, tiers, by_family, hidden, pieces)


def tier_of(reachable: Reachable, share: int) -> int:
    """Return how late a Host comes: behind those that the client's family reaches better.

    Within that, a Host without a share comes after all others.
    """
    return 2 * reachable + (not share)


def _wanted(carrier: Carrier, wanted: Wanted) -> tuple[str, ...]:
    """Return the URLs of the protocols and families that are asked for."""
    urls = carrier.urls
    if wanted.ipv4 or wanted.ipv6:
        families = _by_url(carrier)
        urls = tuple(
            url
            for url in urls
            if (not wanted.ipv4 or families[url].ipv4 is Reachable.YES)
            and (not wanted.ipv6 or families[url].ipv6 is Reachable.YES)
        )
    return urls if wanted.protocols is None else trim(urls, wanted.protocols)


def _shown(urls: Sequence[str], wanted: Wanted) -> tuple[str, ...]:
    """Return the URLs that a mirrorlist or redirect gives of one Host."""
    if wanted.redirect:
        return trim(urls, REDIRECTABLE)[:1]
    return trim(urls, WEB)[:1] if wanted.protocols is None else tuple(urls)


def _by_url(carrier: Carrier) -> dict[str, Families]:
    if not carrier.families:
        return dict.fromkeys(carrier.urls, Families())
    return dict(zip(carrier.urls, carrier.families, strict=True))


def _families(carrier: Carrier, urls: Sequence[str]) -> Families:
    """Return what reaches the best of some URLs of a Host."""
    by_url = _by_url(carrier)
    return Families(min(by_url[url].ipv4 for url in urls), min(by_url[url].ipv6 for url in urls))


def trim(urls: Sequence[str], protocols: Sequence[str]) -> tuple[str, ...]:
    """Return the first URLs that use one of the protocols, at most as many as protocols."""
    beginnings = tuple(f"{protocol}:" for protocol in protocols)
    return tuple(url for url in urls if url.startswith(beginnings))[: len(protocols)]


def _elements(host: Host, urls: Sequence[str]) -> bytes:
    """Return the `url` elements of one Host; private ones are marked."""
    private = b"" if host.is_public else b' mm0:private="True"'
    return b"".join(
        b'    <url protocol="%b" type="%b" location="%b" preference="%b"%b>%b%b</url>\n'
        % (protocol, protocol, host.country.encode(), PREFERENCE, private, text, PATH)
        for protocol, text in ((url.partition(":")[0].encode(), _escaped(url)) for url in urls)
    )


def _escaped(url: str) -> bytes:
    return escape(url).encode()
