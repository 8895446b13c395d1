"""Find the mirrors that visitors ask for: who is current by the live snapshot, what by the tables.

So the list and the metalinks never disagree, and what became private since is gone at once.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import NamedTuple

from mirrorlist.logic.host_sets import HostMask, members_of
from mirrorlist.logic.offered import (
    Offered,
    Table,
    anybody,
    by_category,
    count_of,
    make_tables,
    matching,
    share_percent,
    tally,
)
from mirrorlist.logic.world import World
from mirrorlist.services.offered import (
    listable_mask,
    live_world,
    load_carrying,
    load_offered,
)
from registry.logic.public_list import (
    Address,
    Copy,
    Filters,
    Line,
    Mirror,
    sort_lines,
    suits,
)
from registry.models import FamilyState, HostCategoryUrl
from registry.services.public_list import public_lines, public_mirrors

Tally = Sequence[tuple[HostMask, int]]


class Overview(NamedTuple):
    """The network at a glance; `percent` is the share of all copies that is current."""

    tables: tuple[Table, ...]
    mirrors: int
    countries: int
    percent: int | None
    built_at: datetime | None


@dataclass(frozen=True)
class MirrorList:
    """All mirrors that match, in order; details are loaded for those that are shown.

    `repositories` are those that were asked for, `countries` those of the whole network, `members`
    the positions of Hosts in the snapshot by their ids. Without a snapshot nothing is listed.
    """

    lines: tuple[Line, ...]
    repositories: tuple[Offered, ...]
    countries: tuple[tuple[str, str], ...]
    total: int
    world: World | None
    members: Mapping[int, int]
    filters: Filters

    @property
    def built_at(self) -> datetime | None:
        """Return when the snapshot was built, None before the first."""
        return built_at(self.world) if self.world else None

    @property
    def only(self) -> Offered | None:
        """Return the Repository that was asked for, if it is one."""
        return self.repositories[0] if len(self.repositories) == 1 else None


def load_overview() -> Overview:
    """Return what the front page tells; three queries."""
    lines = public_lines()
    world = live_world()
    countries = len({line.country_code for line in lines})
    if world is None:
        return Overview((), len(lines), countries, None, None)
    public = listable_mask(world, {line.id for line in lines})
    repositories, carrying = load_offered(world), load_carrying(world)
    return Overview(
        make_tables(repositories, carrying, public),
        len(lines),
        countries,
        share_percent(repositories, carrying, public),
        built_at(world),
    )


def built_at(world: World) -> datetime:
    """Return when the snapshot was built."""
    return datetime.fromtimestamp(world.snapshot.built_at, UTC)


def find_mirrors(filters: Filters, *, sort: str) -> MirrorList:
    """Return the mirrors that match; five queries, and one for IPv6.

    Where content is asked for, these are the Hosts that have at least one of its Repositories;
    otherwise all that carry anything.
    """
    everybody = public_lines()
    world = live_world()
    countries = tuple(
        sorted({(e.country_code, e.country) for e in everybody}, key=lambda each: each[1])
    )
    if world is None:
        return MirrorList((), (), countries, len(everybody), None, {}, filters)
    repositories = tuple(matching(load_offered(world), filters))
    carrying = load_carrying(world)
    public = listable_mask(world, {line.id for line in everybody})
    categories = {each.category_id for each in repositories} if filters.content else set(carrying)
    members = _reached(world, categories, _wanted(repositories, carrying, public, filters), filters)
    by_id = {world.snapshot.hosts[member].id: member for member in members}
    lines = sort_lines(
        (e for e in everybody if e.id in by_id and filters.country in {"", e.country_code}), sort
    )
    return MirrorList(
        lines=tuple(lines),
        repositories=repositories,
        countries=countries,
        total=len(everybody),
        world=world,
        members=by_id,
        filters=filters,
    )


def _wanted(
    repositories: Iterable[Offered],
    carrying: Mapping[int, HostMask],
    public: HostMask,
    filters: Filters,
) -> list[int]:
    if filters.content:
        return members_of(anybody(repositories) & public)
    carriers = 0
    for mask in carrying.values():
        carriers |= mask
    return members_of(carriers & public)


def _reached(
    world: World, categories: Iterable[int], members: Sequence[int], filters: Filters
) -> list[int]:
    """Keep the Hosts with a URL of the protocol and family of addresses that are asked for."""
    if not filters.protocol and not filters.ipv6:
        return list(members)
    public = HostCategoryUrl.objects.public().order_by()
    known = public.filter(ipv6_state=FamilyState.WORKING) if filters.ipv6 else public.none()
    ipv6 = set(known.values_list("url", flat=True))
    carriers = [world.snapshot.carriers(pk) for pk in categories]
    return [
        member
        for member in members
        if any(
            suits(Address(url, url in ipv6), filters)
            for each in carriers
            if member in each
            for url in each[member].urls
        )
    ]


def show(found: MirrorList, lines: Sequence[Line]) -> list[Mirror]:
    """Load some of the mirrors that were found; three queries.

    Each has the Categories and URLs that fit the question only. If one Repository was asked for,
    its URLs lead there.
    """
    if found.world is None:
        return []
    asked_for = {pk: tally(each) for pk, each in by_category(found.repositories).items()}
    shown = []
    for mirror in public_mirrors([line.id for line in lines]):
        member = found.members[mirror.id]
        copies = (
            _fitting(copy, asked_for.get(copy.category_id, []), member, found.world, found)
            for copy in mirror.copies
            if not found.filters.content or copy.category_id in asked_for
        )
        if kept := tuple(copy for copy in copies if copy.urls):
            shown.append(mirror._replace(copies=kept))
    return shown


def _fitting(copy: Copy, repositories: Tally, member: int, world: World, found: MirrorList) -> Copy:
    """Return a copy with the URLs that clients get and that are asked for."""
    carrier = world.snapshot.carriers(copy.category_id).get(member)
    offered = carrier.urls if carrier else ()
    only = found.only if found.filters.content else None
    below = f"{only.directory}/".lstrip("/") if only else ""
    return copy._replace(
        current=count_of(repositories, member),
        total=sum(times for _, times in repositories),
        urls=tuple(
            address._replace(url=f"{address.url.rstrip('/')}/{below}")
            for address in copy.urls
            if address.url in offered and suits(address, found.filters)
        ),
    )


class Holding(NamedTuple):
    """One Category on a mirror's own page: its copy, and which Repositories are not current."""

    copy: Copy
    missing: tuple[Offered, ...]


class MirrorPage(NamedTuple):
    """Everything that the page of one mirror tells."""

    mirror: Mirror
    holdings: tuple[Holding, ...]
    built_at: datetime | None


MISSING_NAMED = 50


def load_mirror(host_id: int) -> MirrorPage | None:
    """Return a mirror's page, or None if the Host is in no public list; four queries."""
    found = public_mirrors([host_id])
    if not found:
        return None
    world = live_world()
    repositories = by_category(load_offered(world)) if world else {}
    bit = listable_mask(world, {host_id}) if world else 0
    holdings = []
    for copy in found[0].copies:
        here = repositories.get(copy.category_id, [])
        missing = [each for each in here if not each.hosts & bit]
        counted = copy._replace(current=len(here) - len(missing), total=len(here))
        holdings.append(Holding(counted, tuple(missing[:MISSING_NAMED])))
    return MirrorPage(found[0], tuple(holdings), built_at(world) if world else None)
