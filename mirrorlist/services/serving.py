"""What this process answers from: the live snapshot with this installation's settings."""

import os
import sys
from functools import lru_cache
from pathlib import Path
from random import Random

from django.conf import settings

from mirrorlist.geo import GeoFiles
from mirrorlist.logic.files import FilePolicy
from mirrorlist.logic.world import AnswerPolicy
from mirrorlist.services.snapshots import snapshot_policy
from mirrorlist.watch import Watch

# Where Django answers file paths; an edge has them at MIRRORLIST_FILES_PREFIX.
DOWNLOAD = "/download/"

# How an edge answers file paths.
FILES = (
    "MIRRORLIST_FILES_PREFIX",
    "MIRRORLIST_METALINK_FROM_BYTES",
    "MIRRORLIST_MASTER_BELOW_BYTES",
    "MIRRORLIST_MASTER_ABOVE_BYTES",
)
# What an edge needs to know to count and to hand over what it counted.
COUNTING = (
    "MIRRORLIST_STATISTICS_DIR",
    "MIRRORLIST_STATISTICS_SECONDS",
    "MIRRORLIST_STATISTICS_FILES",
    "MIRRORLIST_SAME_DOWNLOAD_SECONDS",
    "MIRRORLIST_STATISTICS_URL",
    "MIRRORLIST_STATISTICS_TOKEN_FILE",
    "MIRRORLIST_EDGE_NAME",
)


def current_watch() -> Watch:
    """Return the watch of the live snapshot, refreshed; it is kept as long as the process.

    Its `world` is None if there is no snapshot yet, and `problem` says why.
    """
    geo = _geo(
        settings.MIRRORLIST_COUNTRY_MMDB,
        settings.MIRRORLIST_ASN_MMDB,
        settings.MIRRORLIST_CITY_MMDB,
        str(settings.MIRRORLIST_NETBLOCKS_FILE),
    )
    watch = _watch(
        snapshot_policy().current,
        geo,
        AnswerPolicy(
            minimum_hosts=settings.MIRRORLIST_MINIMUM_HOSTS,
            trusted_proxy_count=settings.TRUSTED_PROXY_COUNT,
            files=FilePolicy(
                prefix=DOWNLOAD,
                metalink_from_bytes=settings.MIRRORLIST_METALINK_FROM_BYTES,
                master_below_bytes=settings.MIRRORLIST_MASTER_BELOW_BYTES,
                master_above_bytes=settings.MIRRORLIST_MASTER_ABOVE_BYTES,
                trackers=tuple(settings.MIRRORLIST_TORRENT_TRACKERS),
            ),
        ),
    )
    watch.refresh()
    if geo.refresh():
        watch.renew()
    return watch


def edge_environment() -> dict[str, str]:
    """Return the environment in which an edge has the settings of this process."""
    return {
        "PYTHONPATH": os.pathsep.join([str(settings.BASE_DIR), *filter(None, sys.path)]),
        "MIRRORLIST_SNAPSHOT": str(snapshot_policy().current),
        "MIRRORLIST_COUNTRY_MMDB": settings.MIRRORLIST_COUNTRY_MMDB,
        "MIRRORLIST_ASN_MMDB": settings.MIRRORLIST_ASN_MMDB,
        "MIRRORLIST_CITY_MMDB": settings.MIRRORLIST_CITY_MMDB,
        "MIRRORLIST_NETBLOCKS_FILE": str(settings.MIRRORLIST_NETBLOCKS_FILE),
        "MIRRORLIST_MINIMUM_HOSTS": str(settings.MIRRORLIST_MINIMUM_HOSTS),
        "MIRRORLIST_TORRENT_TRACKERS": ",".join(settings.MIRRORLIST_TORRENT_TRACKERS),
        "TRUSTED_PROXY_COUNT": str(settings.TRUSTED_PROXY_COUNT),
    } | {name: str(getattr(settings, name)) for name in (*FILES, *COUNTING)}


@lru_cache(maxsize=2)
def _geo(country_mmdb: str, asn_mmdb: str, city_mmdb: str, netblocks: str) -> GeoFiles:
    return GeoFiles(country=country_mmdb, asn=asn_mmdb, city=city_mmdb, netblocks=netblocks)


@lru_cache(maxsize=2)
def _watch(path: Path, geo: GeoFiles, policy: AnswerPolicy) -> Watch:
    return Watch(path, geo, policy, rng=Random())  # noqa: S311 -- chance, not secrecy
