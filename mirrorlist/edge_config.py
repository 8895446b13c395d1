"""What an edge is told: where its files are, how it answers, and what clients may cost.

Read from environment variables with the names of the settings, since an edge has no Django.
"""

import re
from collections.abc import Mapping
from pathlib import Path
from typing import NamedTuple

from mirrorlist.access_log import AccessLog, Addresses
from mirrorlist.counting import CountingConfig, read_counting_config
from mirrorlist.edge_limits import Limits
from mirrorlist.logic.addresses import Ranges
from mirrorlist.logic.files import FilePolicy, normalize_prefix
from mirrorlist.logic.world import AnswerPolicy
from mirrorlist.pull import PullPolicy
from registry.logic.netblocks import parse_netblock

CURRENT = "current.sqlite"
TRACKER = re.compile(r"(udp|https?|wss?)://[!-~]+")
DEFAULT_TRUSTED = "127.0.0.0/8,::1"
# These are paths themselves.
PATHS = frozenset({"MIRRORLIST_NETBLOCKS_FILE", "MIRRORLIST_STATISTICS_TOKEN_FILE"})


class EdgeConfig(NamedTuple):
    """The files of an edge, its policy and its limits."""

    snapshot: Path
    country_mmdb: str = ""
    asn_mmdb: str = ""
    city_mmdb: str = ""
    netblocks: str = ""
    policy: AnswerPolicy = AnswerPolicy()
    limits: Limits = Limits()
    pull: PullPolicy | None = None
    logs: tuple[AccessLog, ...] = ()
    trusted: Ranges[str] = Ranges(())
    warn_seconds: int = 7200
    look_seconds: float = 2.0
    counting: CountingConfig | None = None


def read_config(environment: Mapping[str, str]) -> EdgeConfig:
    """Read the configuration.

    `MIRRORLIST_SNAPSHOT` names the file itself; without it the current one of
    `MIRRORLIST_SNAPSHOT_DIR` is taken. Raises ValueError with the name of a variable that cannot
    be read.
    """
    values = _with_files(environment)
    directory = values.get("MIRRORLIST_SNAPSHOT_DIR") or str(
        Path(values.get("STATE_DIR") or "var") / "snapshots"
    )
    proxies = _number(values, "TRUSTED_PROXY_COUNT", 0)
    return EdgeConfig(
        snapshot=Path(values.get("MIRRORLIST_SNAPSHOT") or Path(directory) / CURRENT),
        country_mmdb=values.get("MIRRORLIST_COUNTRY_MMDB", ""),
        asn_mmdb=values.get("MIRRORLIST_ASN_MMDB", ""),
        city_mmdb=values.get("MIRRORLIST_CITY_MMDB", ""),
        netblocks=values.get("MIRRORLIST_NETBLOCKS_FILE")
        or str(Path(values.get("STATE_DIR") or "var") / "geo/netblocks.mmdb"),
        policy=AnswerPolicy(
            minimum_hosts=_number(values, "MIRRORLIST_MINIMUM_HOSTS", 5),
            trusted_proxy_count=proxies,
            files=_files(values),
        ),
        limits=_limits(values, behind_proxy=proxies > 0),
        pull=_pull(values),
        logs=_logs(values),
        trusted=_trusted(values),
        warn_seconds=_number(values, "MIRRORLIST_SNAPSHOT_WARN_SECONDS", 7200),
        look_seconds=_seconds(values, "EDGE_LOOK_SECONDS", 2.0),
        counting=read_counting_config(values),
    )


def _files(values: Mapping[str, str]) -> FilePolicy:
    return FilePolicy(
        prefix=normalize_prefix(values.get("MIRRORLIST_FILES_PREFIX", "/")),
        metalink_from_bytes=_number(values, "MIRRORLIST_METALINK_FROM_BYTES", 4096),
        master_below_bytes=_number(values, "MIRRORLIST_MASTER_BELOW_BYTES", 0),
        master_above_bytes=_number(values, "MIRRORLIST_MASTER_ABOVE_BYTES", 0),
        trackers=_trackers(values),
    )


def _trackers(values: Mapping[str, str]) -> tuple[str, ...]:
    found = tuple(values.get("MIRRORLIST_TORRENT_TRACKERS", "").replace(",", " ").split())
    for url in found:
        if not TRACKER.fullmatch(url):
            raise ValueError(f"MIRRORLIST_TORRENT_TRACKERS: “{url}” is no URL of a tracker.")
    return found


def _limits(values: Mapping[str, str], *, behind_proxy: bool) -> Limits:
    """Read what a client may cost; a proxy's connections are those of many."""
    return Limits(
        connections=_number(values, "EDGE_CONNECTIONS", 10_000),
        connections_per_address=_number(
            values, "EDGE_CONNECTIONS_PER_ADDRESS", 0 if behind_proxy else 1000
        ),
        header_seconds=_number(values, "EDGE_HEADER_SECONDS", 10),
        idle_seconds=_number(values, "EDGE_IDLE_SECONDS", 30),
        write_seconds=_number(values, "EDGE_WRITE_SECONDS", 30),
    )


def _pull(values: Mapping[str, str]) -> PullPolicy | None:
    url = values.get("MIRRORLIST_SNAPSHOT_URL", "")
    if not url:
        return None
    return PullPolicy(
        url=url,
        token=values.get("MIRRORLIST_SNAPSHOT_TOKEN", ""),
        every_seconds=max(_number(values, "MIRRORLIST_SNAPSHOT_PULL_SECONDS", 60), 1),
    )


def _logs(values: Mapping[str, str]) -> tuple[AccessLog, ...]:
    name = values.get("EDGE_LOG_ADDRESSES") or Addresses.FULL.value
    if name not in {form.value for form in Addresses}:
        raise ValueError(f"EDGE_LOG_ADDRESSES must be full, short or none, not “{name}”.")
    return tuple(
        AccessLog(Path(values[variable]), addresses=Addresses(name), as_json=as_json)
        for variable, as_json in (("EDGE_ACCESS_LOG", False), ("EDGE_JSON_LOG", True))
        if values.get(variable)
    )


def _trusted(values: Mapping[str, str]) -> Ranges[str]:
    texts = values.get("EDGE_TRUSTED_NETWORKS", DEFAULT_TRUSTED).replace(",", " ").split()
    for text in texts:
        try:
            parse_netblock(text)
        except ValueError as error:
            raise ValueError(f"EDGE_TRUSTED_NETWORKS: “{text}” is no netblock.") from error
    return Ranges((text, text) for text in texts)


def _with_files(environment: Mapping[str, str]) -> dict[str, str]:
    """Return the variables; NAME_FILE is the path of a file that holds the value of NAME."""
    values = dict(environment)
    for name, path in environment.items():
        if not name.startswith(("MIRRORLIST_", "EDGE_")) or name in PATHS:
            continue
        if name.endswith("_FILE") and path:
            try:
                values[name.removesuffix("_FILE")] = Path(path).read_text().strip()
            except OSError as error:
                raise ValueError(f"{name}: {path} cannot be read: {error.strerror}.") from error
    return values


def _seconds(values: Mapping[str, str], name: str, default: float) -> float:
    text = values.get(name) or str(default)
    if not re.fullmatch(r"[0-9]{1,9}(\.[0-9]{1,9})?", text):
        raise ValueError(f"{name} must be a number of seconds, not “{text}”.")
    return float(text)


def _number(values: Mapping[str, str], name: str, default: int) -> int:
    text = values.get(name) or str(default)
    if not (text.isascii() and text.isdecimal()):
        raise ValueError(f"{name} must be a number, not “{text}”.")
    return int(text)
