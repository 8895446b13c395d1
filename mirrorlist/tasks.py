"""Background work of the mirrorlist, by the names of the services it calls."""

from django.conf import settings
from django.utils import timezone

from mirrorlist.services import netblocks, snapshots, statistics
from mirrorlist.services.spool import import_spool
from mirrorlist.services.statistics import statistics_policy


def build_snapshot() -> None:
    snapshots.build_snapshot(now=timezone.now(), policy=snapshots.snapshot_policy())


def build_netblocks() -> str:
    policy = netblocks.netblocks_policy()
    built = netblocks.build_netblocks(now=timezone.now(), policy=policy)
    return f"{built.state.value}: {built.sentence}"


def import_statistics() -> str:
    directory = settings.MIRRORLIST_STATISTICS_DIR
    return import_spool(directory, now=timezone.now(), policy=statistics_policy()).sentence


def expire_statistics() -> str:
    gone = statistics.expire_statistics(now=timezone.now(), policy=statistics_policy())
    return f"{gone} rows of statistics were too old."
