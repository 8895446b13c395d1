"""Background work of the mirrorlist, by the names of the services it calls."""

from django.utils import timezone

from mirrorlist.services import netblocks, snapshots


def build_snapshot() -> None:
    snapshots.build_snapshot(now=timezone.now(), policy=snapshots.snapshot_policy())


def build_netblocks() -> str:
    policy = netblocks.netblocks_policy()
    built = netblocks.build_netblocks(now=timezone.now(), policy=policy)
    return f"{built.state.value}: {built.sentence}"
