"""What an edge is told: where its files are and how it answers.

Read from environment variables with the names of the settings, since an edge has no Django.
"""

from collections.abc import Mapping
from pathlib import Path
from typing import NamedTuple

from mirrorlist.logic.files import FilePolicy, normalize_prefix
from mirrorlist.logic.world import AnswerPolicy

CURRENT = "current.sqlite"


class EdgeConfig(NamedTuple):
    """The files of an edge, and its policy."""

    snapshot: Path
    country_mmdb: str
    asn_mmdb: str
    policy: AnswerPolicy


def read_config(environment: Mapping[str, str]) -> EdgeConfig:
    """Read the configuration.

    `MIRRORLIST_SNAPSHOT` names the file itself; without it the current one of
    `MIRRORLIST_SNAPSHOT_DIR` is taken. Raises ValueError with the name of a variable that is not
    a number.
    """
    directory = environment.get("MIRRORLIST_SNAPSHOT_DIR") or str(
        Path(environment.get("STATE_DIR") or "var") / "snapshots"
    )
    return EdgeConfig(
        snapshot=Path(environment.get("MIRRORLIST_SNAPSHOT") or Path(directory) / CURRENT),
        country_mmdb=environment.get("MIRRORLIST_COUNTRY_MMDB", ""),
        asn_mmdb=environment.get("MIRRORLIST_ASN_MMDB", ""),
        policy=AnswerPolicy(
            minimum_hosts=_number(environment, "MIRRORLIST_MINIMUM_HOSTS", 5),
            trusted_proxy_count=_number(environment, "TRUSTED_PROXY_COUNT", 0),
            files=FilePolicy(
                prefix=normalize_prefix(environment.get("MIRRORLIST_FILES_PREFIX", "/")),
                metalink_from_bytes=_number(environment, "MIRRORLIST_METALINK_FROM_BYTES", 4096),
                master_below_bytes=_number(environment, "MIRRORLIST_MASTER_BELOW_BYTES", 0),
                master_above_bytes=_number(environment, "MIRRORLIST_MASTER_ABOVE_BYTES", 0),
            ),
        ),
    )


def _number(environment: Mapping[str, str], name: str, default: int) -> int:
    text = environment.get(name) or str(default)
    if not (text.isascii() and text.isdecimal()):
        raise ValueError(f"{name} must be a number, not “{text}”.")
    return int(text)
