"""Load who has which public Repository, from the live snapshot, so that pages and metalinks agree.

What was private or hidden after the snapshot was built is left out at once.
"""

from weakref import WeakKeyDictionary

from mirrorlist.logic.host_sets import HostMask
from mirrorlist.logic.offered import Offered, mask_of, offered_hosts, public_mask
from mirrorlist.logic.world import World
from mirrorlist.services.serving import current_watch
from registry.logic.places import relative_to
from registry.models import Category, Repository
from registry.services.public_list import public_revision

# What was worked out of a snapshot is the same for all visitors.
_REMEMBERED: WeakKeyDictionary[World, dict[tuple[str, str], HostMask]] = WeakKeyDictionary()


def live_world() -> World | None:
    """Return what clients are answered from, or None before the first snapshot."""
    return current_watch().world


def network_revision() -> str:
    """Return a text that changes with the snapshot and with what people change; one query."""
    snapshot = current_watch().snapshot
    return f"{snapshot.sha256 if snapshot else ''} {public_revision()}"


def load_offered(world: World) -> list[Offered]:
    """Return all public Repositories with the Hosts that metalinks give for them; one query."""
    rows = (
        Repository.objects.publiclisted()
        .order_by("prefix", "arch__name")
        .values_list(
            "prefix",
            "arch__name",
            "version__product__name",
            "version__name",
            "version__display_name",
            "category",
            "directory__path",
            "category__top_directory",
        )
    )
    known = _REMEMBERED.setdefault(world, {})
    found = []
    for prefix, arch, product, version, label, category_id, path, top in rows:
        if (prefix, arch) not in known:
            known[prefix, arch] = offered_hosts(world, prefix, arch)
        found.append(
            Offered(
                prefix=prefix,
                arch=arch,
                product=product or "",
                version=version or "",
                label=label or "",
                category_id=category_id,
                directory=relative_to(path, top),
                hosts=known[prefix, arch],
            )
        )
    return found


def load_carrying(world: World) -> dict[int, HostMask]:
    """Return who carries each public Category, by its id; one query."""
    ids = Category.objects.filter(publiclist=True).order_by().values_list("pk", flat=True)
    return {pk: mask_of(world.snapshot.carriers(pk)) for pk in ids}


def listable_mask(world: World, listable: set[int]) -> HostMask:
    """Return the Hosts of the snapshot that are still listable, by their ids."""
    return public_mask(world.snapshot.hosts, listable)
