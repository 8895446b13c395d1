"""Whom mirrorlist-server may send to a Host: our limits, as far as its cache can say them.

mirrorlist-server trims by allowed countries where it looks for requested countries and everywhere,
but not for the client's own country and continent, nor for netblocks and autonomous systems. A
limit that it would forget there takes the Host off those lists: rather too few clients than one
that must not come. It knows nothing of the size of files, of Hosts that are always listed, nor
of families of addresses.
"""

from collections.abc import Mapping
from typing import NamedTuple

from mirrorlist.logic.snapshot import Host
from registry.logic.reach import Reach


class Told(NamedTuple):
    """Where a Host stands in the cache. No allowed countries mean all.

    `everywhere` and `by_country` are the lists of each Directory; `by_netblock` and `by_asn` say
    whether clients of those networks find it.
    """

    allowed: frozenset[str]
    everywhere: bool
    by_country: bool
    by_netblock: bool
    by_asn: bool


def tell(host: Host, continent_of: Mapping[str, str]) -> Told:
    """Return where a Host stands in the cache.

    Allowed countries alone are told as MirrorManager does, leaks included; every limit that is
    ours holds in each stage. Clients of an unknown country are sent to no Host with such a limit.
    """
    limits = [frozenset(host.countries_allowed)] if host.countries_allowed else []
    if host.reach is Reach.COUNTRY:
        limits.append(frozenset(host.countries))
    if host.reach is Reach.CONTINENT:
        here = {continent_of.get(country) for country in host.countries} - {None}
        limits.append(frozenset(code for code, where in continent_of.items() if where in here))
    if host.countries_excluded:
        limits.append(frozenset(continent_of) - host.countries_excluded)
    allowed = frozenset.intersection(*limits) if limits else frozenset()
    nowhere = not host.is_public or (bool(limits) and not allowed)
    forgotten = host.reach is Reach.COUNTRY or bool(host.countries_excluded)
    return Told(
        allowed=allowed,
        everywhere=not nowhere,
        by_country=not nowhere and not forgotten,
        by_netblock=not host.countries_excluded,
        by_asn=not host.countries_excluded and host.reach is not Reach.NETBLOCKS,
    )
