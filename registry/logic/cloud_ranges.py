"""Address ranges that clouds publish, and what they change for a Host inside one.

Knows the documents of the providers, each a row in a table, and when a new list is not believed.
Deliberately fetches nothing.
"""

import json
from collections.abc import Callable, Collection, Iterable, Iterator
from dataclasses import dataclass
from enum import Enum
from ipaddress import IPv4Network, IPv6Network, collapse_addresses
from typing import Any, NamedTuple

from registry.logic.netblocks import parse_netblock
from registry.logic.wording import counted

# The largest provider has some ten thousand; more is a mistake in the filter or in the list.
GREATEST_RANGES = 20_000
# No provider has more in one piece; a default route would send everybody to the Host.
WIDEST = {4: 8, 6: 16}


class Range(NamedTuple):
    """One line of a list: the network, and by which names of regions and services it goes."""

    network: str
    regions: tuple[str, ...] = ()
    services: tuple[str, ...] = ()


Parser = Callable[[str], Iterable[Range]]


class Provider(NamedTuple):
    """Where a provider's list is, how it is read, and which service is meant without a name."""

    url: str
    parse: Parser
    service: str = ""


def _aws(text: str) -> Iterator[Range]:
    document = json.loads(text)
    for each in document["prefixes"]:
        yield Range(each["ip_prefix"], (each["region"],), (each["service"],))
    for each in document["ipv6_prefixes"]:
        yield Range(each["ipv6_prefix"], (each["region"],), (each["service"],))


def _google(text: str) -> Iterator[Range]:
    for each in json.loads(text)["prefixes"]:
        network = each.get("ipv4Prefix") or each["ipv6Prefix"]
        yield Range(network, (each["scope"],), (each["service"],))


def _azure(text: str) -> Iterator[Range]:
    """Service tags: AzureCloud.westeurope is what AzureCloud has in that region."""
    for value in json.loads(text)["values"]:
        name, properties = value["name"].partition(".")[0], value["properties"]
        for network in properties["addressPrefixes"]:
            yield Range(network, (properties["region"],), (name, properties["systemService"]))


def _oracle(text: str) -> Iterator[Range]:
    for region in json.loads(text)["regions"]:
        for each in region["cidrs"]:
            yield Range(each["cidr"], (region["region"],), tuple(each["tags"]))


def _digitalocean(text: str) -> Iterator[Range]:
    """CSV: network, country, region (US-NJ), city, postal code."""
    for line in text.splitlines():
        if line.strip():
            network, country, region, city, *_ = (*line.split(","), "", "", "")
            yield Range(network, (country, region, city))


def _lines(text: str) -> Iterator[Range]:
    for line in text.splitlines():
        network = line.partition("#")[0].strip()
        if network:
            yield Range(network)


PROVIDERS = {
    "aws": Provider("https://ip-ranges.amazonaws.com/ip-ranges.json", _aws, service="EC2"),
    "google": Provider("https://www.gstatic.com/ipranges/cloud.json", _google),
    # Its address changes every week; operators give it.
    "azure": Provider("", _azure, service="AzureCloud"),
    "oracle": Provider(
        "https://docs.oracle.com/en-us/iaas/tools/public_ip_ranges.json", _oracle, service="OCI"
    ),
    "digitalocean": Provider("https://digitalocean.com/geo/google.csv", _digitalocean),
    "list": Provider("", _lines),
}


class Ranges(NamedTuple):
    """The networks of a list that were asked for, and how many entries were left out as wrong."""

    networks: frozenset[str]
    wrong: int


def parse_regions(text: str) -> frozenset[str]:
    """Read names of regions, separated by commas or blanks; case means nothing."""
    return frozenset(text.replace(",", " ").lower().split())


def read_ranges(provider: str, text: str, *, regions: str = "", service: str = "") -> Ranges:
    """Return the networks of a provider's document in some regions, as few as possible.

    Without regions all count; without a service the provider's usual one. Networks that are not
    routed on the Internet or cannot be read are left out and counted. Raises ValueError with a
    sentence if the document is not what this provider publishes.
    """
    row = PROVIDERS[provider]
    wanted, named = parse_regions(regions), (service or row.service).lower()
    networks: set[IPv4Network | IPv6Network] = set()
    wrong = 0
    try:
        for each in row.parse(text):
            if wanted and wanted.isdisjoint(map(str.lower, each.regions)):
                continue
            if named and each.services and named not in map(str.lower, each.services):
                continue
            if network := _believed(each.network):
                networks.add(network)
            else:
                wrong += 1
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError):
        raise ValueError("The document is not what this provider publishes.") from None
    return Ranges(frozenset(map(str, _collapse(networks))), wrong)


def _believed(text: Any) -> IPv4Network | IPv6Network | None:
    try:
        network = parse_netblock(text)
    except ValueError:
        return None
    return network if network.is_global and network.prefixlen >= WIDEST[network.version] else None


def _collapse(networks: Collection[IPv4Network | IPv6Network]) -> Iterator[object]:
    yield from collapse_addresses(each for each in networks if isinstance(each, IPv4Network))
    yield from collapse_addresses(each for each in networks if isinstance(each, IPv6Network))


class RangeReason(Enum):
    """What becomes of a list."""

    CHANGED = "changed"
    SAME = "same"
    FORCED = "forced"
    EMPTY = "empty"
    LOST_MUCH = "lost_much"
    TOO_MANY = "too_many"


@dataclass(frozen=True)
class RangePlan:
    """What a list changes for a Host, with the sentence for its timeline."""

    reason: RangeReason
    sentence: str
    add: tuple[str, ...] = ()
    remove: tuple[str, ...] = ()

    @property
    def refused(self) -> bool:
        return self.reason in {RangeReason.EMPTY, RangeReason.LOST_MUCH, RangeReason.TOO_MANY}


def plan_ranges(
    found: Ranges,
    *,
    own: Collection[str],
    others: Collection[str],
    greatest_loss_percent: int,
    force: bool,
) -> RangePlan:
    """Return which netblocks of a source come and go.

    `own` are those the source made before, `others` the Host's remaining ones, which are never
    touched nor doubled. A list without any network, or with far too many, is refused even by
    force; one that lost a larger share than allowed is refused without.
    """
    if not found.networks:
        return RangePlan(
            RangeReason.EMPTY,
            "The list has no network of these regions and this service; check their names.",
        )
    if len(found.networks) > GREATEST_RANGES:
        return RangePlan(
            RangeReason.TOO_MANY,
            f"The list has {len(found.networks):,} networks, and more than {GREATEST_RANGES:,} are "
            "not believed; name regions.",
        )
    add = sorted(found.networks - set(own) - set(others))
    remove = sorted(set(own) - (found.networks - set(others)))
    lost = _gone(own, found.networks)
    if 100 * lost > greatest_loss_percent * len(own) and not force:
        return RangePlan(
            RangeReason.LOST_MUCH,
            f"{lost:,} of {counted(len(own), 'netblock')} would go, which is more than "
            f"{greatest_loss_percent} percent. If that is right, force it.",
        )
    if not add and not remove:
        return RangePlan(RangeReason.SAME, f"Nothing new: {counted(len(own), 'netblock')}.")
    return RangePlan(
        RangeReason.FORCED if force else RangeReason.CHANGED,
        f"{counted(len(add), 'netblock')} added, {len(remove):,} removed.",
        tuple(add),
        tuple(remove),
    )


def _gone(own: Collection[str], found: Collection[str]) -> int:
    """Return how many networks are no longer there, not even as part of a wider one."""
    there = {parse_netblock(text) for text in found}
    return sum(not _is_inside(parse_netblock(text), there) for text in own)


def _is_inside(network: IPv4Network | IPv6Network, there: Collection[object]) -> bool:
    while network not in there:
        if not network.prefixlen:
            return False
        network = network.supernet()
    return True
