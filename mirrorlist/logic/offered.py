"""Who has what, as metalinks say it: sets of Hosts per Repository, and what sums up of them.

A set of Hosts is a number, as in `mirrorlist.logic.host_sets`. Knows no database: who may be seen
in public is handed over.
"""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple
from urllib.parse import quote, urlencode

from mirrorlist.logic.host_sets import HostMask
from mirrorlist.logic.query import Kind, Refusal
from mirrorlist.logic.snapshot import Host
from mirrorlist.logic.world import World
from registry.logic.public_list import Filters, natural_key, newest_first


class Offered(NamedTuple):
    """A public Repository: what it is, and which Hosts clients are sent to for it.

    `directory` is its path below the top directory of its Category.
    """

    prefix: str
    arch: str
    product: str
    version: str
    label: str
    category_id: int
    directory: str
    hosts: HostMask = 0


class Cell(NamedTuple):
    """One Version for one Arch: how many mirrors have some of it, and the share of current copies.

    The share is None if nobody carries it.
    """

    version: str
    arch: str
    mirrors: int
    percent: int | None


@dataclass(frozen=True)
class Table:
    """One Product: its Arches, and for each Version its label and a cell or None per Arch."""

    product: str
    arches: tuple[str, ...]
    rows: tuple[tuple[str, str, tuple[Cell | None, ...]], ...]


def offered_hosts(world: World, prefix: str, arch: str) -> HostMask:
    """Return the Hosts that a metalink for a Repository lists for the whole world.

    Repositories without a metalink are answered by mirrorlist; where clients get a refusal there
    are none.
    """
    query = urlencode({"repo": prefix, "arch": arch}, quote_via=quote).encode()
    for kind in (Kind.METALINK, Kind.MIRRORLIST):
        question = world.question(kind, query)
        if isinstance(question, Refusal) or isinstance(question.file, Refusal):
            continue
        scope = question.scope
        return mask_of(
            m
            for m in scope.whereabouts.everywhere
            if m in scope.host_set and m in scope.offers.texts
        )
    return 0


def mask_of(members: Iterable[int]) -> HostMask:
    """Return a set of positions as a number."""
    return sum(1 << member for member in set(members))


def public_mask(hosts: Sequence[Host], listable: frozenset[int] | set[int]) -> HostMask:
    """Return the Hosts of a snapshot that are listable today, by their ids.

    Those for their own networks only are on no public page.
    """
    return mask_of(
        member for member, host in enumerate(hosts) if host.id in listable and host.is_public
    )


def matching(repositories: Iterable[Offered], filters: Filters) -> list[Offered]:
    """Keep the Repositories of a Product, Version, Arch and prefix; empty texts match all."""
    return [
        each
        for each in repositories
        if filters.product in {"", each.product}
        and filters.version in {"", each.version}
        and filters.arch in {"", each.arch}
        and filters.repo in {"", each.prefix}
    ]


def by_category(repositories: Iterable[Offered]) -> dict[int, list[Offered]]:
    """Return Repositories by the id of their Category."""
    found: dict[int, list[Offered]] = {}
    for each in repositories:
        found.setdefault(each.category_id, []).append(each)
    return found


def anybody(repositories: Iterable[Offered]) -> HostMask:
    """Return the Hosts that have at least one of the Repositories."""
    found = 0
    for each in repositories:
        found |= each.hosts
    return found


def tally(repositories: Iterable[Offered]) -> list[tuple[HostMask, int]]:
    """Return each set of Hosts once, with the number of Repositories that it has.

    Most Repositories of a Category are on the same Hosts, so these are few.
    """
    return list(Counter(each.hosts for each in repositories).items())


def count_of(tallied: Iterable[tuple[HostMask, int]], member: int) -> int:
    """Return how many of the Repositories of a tally a Host has."""
    return sum(times for mask, times in tallied if mask >> member & 1)


def share_percent(
    repositories: Iterable[Offered], carrying: Mapping[int, HostMask], public: HostMask
) -> int | None:
    """Return which share of the public copies of Repositories is current, None without copies.

    A copy is a Host that carries the Category of a Repository. Rounded down, so that 100 means
    all.
    """
    current = copies = 0
    for each in repositories:
        carriers = carrying.get(each.category_id, 0) & public
        current += (each.hosts & carriers).bit_count()
        copies += carriers.bit_count()
    return current * 100 // copies if copies else None


def make_tables(
    repositories: Sequence[Offered], carrying: Mapping[int, HostMask], public: HostMask
) -> tuple[Table, ...]:
    """Return the matrix of Versions and Arches of every Product, newest Versions first.

    Repositories that belong to no Version have no place in it.
    """
    groups: dict[str, dict[tuple[str, str], list[Offered]]] = {}
    labels: dict[tuple[str, str], str] = {}
    for each in repositories:
        if each.version:
            cells = groups.setdefault(each.product, {})
            cells.setdefault((each.version, each.arch), []).append(each)
            labels[each.product, each.version] = each.label or each.version
    return tuple(
        _table(product, groups[product], labels, carrying, public)
        for product in sorted(groups, key=natural_key)
    )


def _table(
    product: str,
    cells: Mapping[tuple[str, str], Sequence[Offered]],
    labels: Mapping[tuple[str, str], str],
    carrying: Mapping[int, HostMask],
    public: HostMask,
) -> Table:
    arches = tuple(sorted({arch for _, arch in cells}))
    versions = newest_first({version for version, _ in cells})
    return Table(
        product,
        arches,
        tuple(
            (
                version,
                labels[product, version],
                tuple(_cell(version, arch, cells, carrying, public) for arch in arches),
            )
            for version in versions
        ),
    )


def _cell(
    version: str,
    arch: str,
    cells: Mapping[tuple[str, str], Sequence[Offered]],
    carrying: Mapping[int, HostMask],
    public: HostMask,
) -> Cell | None:
    found = cells.get((version, arch))
    if not found:
        return None
    mirrors = (anybody(found) & public).bit_count()
    return Cell(version, arch, mirrors, share_percent(found, carrying, public))
