"""Which clients a Host may not be given to, and why.

One table of rules for all stages. Knows a Host's limits and what is known of a client;
deliberately knows nothing of order or of the form of the answer.
"""

from collections.abc import Callable
from enum import Enum, IntEnum
from typing import NamedTuple

from mirrorlist.logic.snapshot import Continents, Host
from registry.logic.reach import Reach

BYTES_PER_MB = 1_000_000


class Reason(Enum):
    """Why a Host that has the Directory is not in an answer."""

    COUNTRY_EXCLUDED = "country_excluded"
    FILE_TOO_BIG = "file_too_big"
    AVOIDED = "avoided"
    NETBLOCKS_ONLY = "netblocks_only"
    ASNS_ONLY = "asns_only"
    PRIVATE = "private"
    COUNTRY_NOT_ALLOWED = "country_not_allowed"
    COUNTRY_ONLY = "country_only"
    CONTINENT_ONLY = "continent_only"
    OTHER_PROTOCOL = "other_protocol"
    NOT_REQUESTED = "not_requested"
    ENOUGH_CLOSER = "enough_closer"
    BEYOND_LIMIT = "beyond_limit"


class Way(IntEnum):
    """How a Host was found; the closer to the client itself, the smaller."""

    NETBLOCK = 1
    ASN = 2
    PLACE = 3


class Circumstances(NamedTuple):
    """What limits look at beside the Host. `file_bytes` is 0 if the size is not known."""

    country: str
    continents: Continents
    avoided: frozenset[str] = frozenset()
    file_bytes: int = 0

    def shares_continent(self, host: Host) -> bool:
        """Tell whether the client is on a continent on which the Host counts."""
        here = self.continents.continent_of.get(self.country)
        return here is not None and any(
            self.continents.continent_of.get(country) == here for country in host.countries
        )


class _Rule(NamedTuple):
    """A limit: whether it keeps a client away, unless the Host was found closer than this."""

    reason: Reason
    from_way: Way
    holds: Callable[[Host, Circumstances], bool]


# The first rule that holds gives the reason. A netblock or autonomous system that an owner named
# counts more than the country the client is said to be in, but not more than its exclusion.
_RULES = (
    _Rule(
        Reason.COUNTRY_EXCLUDED,
        Way.NETBLOCK,
        lambda host, seen: seen.country in host.countries_excluded,
    ),
    _Rule(
        Reason.FILE_TOO_BIG,
        Way.NETBLOCK,
        lambda host, seen: 0 < host.max_file_mb * BYTES_PER_MB < seen.file_bytes,
    ),
    _Rule(Reason.AVOIDED, Way.NETBLOCK, lambda host, seen: host.country in seen.avoided),
    _Rule(Reason.NETBLOCKS_ONLY, Way.ASN, lambda host, _: host.reach is Reach.NETBLOCKS),
    _Rule(Reason.PRIVATE, Way.PLACE, lambda host, _: host.private),
    _Rule(Reason.ASNS_ONLY, Way.PLACE, lambda host, _: host.reach is Reach.ASNS),
    _Rule(
        Reason.COUNTRY_NOT_ALLOWED,
        Way.PLACE,
        lambda host, seen: (
            bool(host.countries_allowed) and seen.country not in host.countries_allowed
        ),
    ),
    _Rule(
        Reason.COUNTRY_ONLY,
        Way.PLACE,
        lambda host, seen: host.reach is Reach.COUNTRY and seen.country not in host.countries,
    ),
    _Rule(
        Reason.CONTINENT_ONLY,
        Way.PLACE,
        lambda host, seen: host.reach is Reach.CONTINENT and not seen.shares_continent(host),
    ),
)


def why_refused(host: Host, circumstances: Circumstances, way: Way) -> Reason | None:
    """Return why a Host may not be given to a client that found it this way, or None."""
    for rule in _RULES:
        if way >= rule.from_way and rule.holds(host, circumstances):
            return rule.reason
    return None


def has_limits(host: Host) -> bool:
    """Tell whether there are clients that the Host is not given to; most have none."""
    return bool(
        host.countries_excluded
        or host.countries_allowed
        or host.max_file_mb
        or host.private
        or host.reach is not Reach.EVERYBODY
    )
