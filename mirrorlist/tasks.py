"""Background work of the mirrorlist, by the names of the services it calls."""

from django.conf import settings
from django.utils import timezone

from mirrorlist.services import log_imports, netblocks, snapshots, statistics
from mirrorlist.services.spool import import_spool
from mirrorlist.services.statistics import statistics_policy


def build_snapshot() -> None:
    snapshots.build_snapshot(now=timezone.now(), policy=snapshots.snapshot_policy())


def build_netblocks(*, force: bool = False) -> str:
    policy = netblocks.netblocks_policy()
    built = netblocks.build_netblocks(now=timezone.now(), policy=policy, force=force)
    return f"{built.state.value}: {built.sentence}"


def import_statistics() -> str:
    directory = settings.MIRRORLIST_STATISTICS_DIR
    return import_spool(directory, now=timezone.now(), policy=statistics_policy()).sentence


def expire_statistics() -> str:
    now = timezone.now()
    gone = statistics.expire_statistics(now=now, policy=statistics_policy())
    uploads = log_imports.expire_uploads(now=now)
    return f"{gone} rows of statistics and {uploads} uploaded logs were too old."


def read_log(import_id: int) -> str:
    return log_imports.read_log(import_id, clock=timezone.now, policy=statistics_policy())
