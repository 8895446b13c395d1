"""What the digests of a file of the master mean: as known, more than known, or wrong."""

from dataclasses import replace
from enum import Enum
from typing import NamedTuple

from crawler.logic.file_history import ALGORITHMS, FileState


class HashReason(Enum):
    """What came of hashing one file."""

    SAME = "same"
    FILLED = "filled"
    RECORDED = "recorded"
    SIZE_DIFFERS = "size_differs"
    DIGEST_DIFFERS = "digest_differs"
    UNREADABLE = "unreadable"


class HashVerdict(NamedTuple):
    """The reason, the sentence, and the state to be written, if there is one."""

    reason: HashReason
    sentence: str
    state: FileState | None = None

    @property
    def good(self) -> bool:
        return self.reason in {HashReason.SAME, HashReason.FILLED, HashReason.RECORDED}


def judge_hashes(known: FileState | None, found: FileState) -> HashVerdict:
    """Compare what is known of a file with what was found; `found` has all digests.

    The time of a known state stays: for repository metadata it is that of its content.
    """
    if known is None:
        return HashVerdict(HashReason.RECORDED, "It had no digests yet.", found)
    if known.size_bytes != found.size_bytes:
        return HashVerdict(
            HashReason.SIZE_DIFFERS,
            f"{known.size_bytes:,} bytes are recorded, but it has {found.size_bytes:,}. Scan the "
            "Category; if it stays so, the checksum file on the master is wrong.",
        )
    for name in ALGORITHMS:
        recorded, real = getattr(known, name), getattr(found, name)
        if recorded and recorded != real:
            return HashVerdict(
                HashReason.DIGEST_DIFFERS,
                f"The recorded {name} begins with {recorded[:12]}, but it has {real[:12]}. The "
                "file is damaged, or the checksum file on the master is wrong.",
            )
    missing = {name: getattr(found, name) for name in ALGORITHMS if not getattr(known, name)}
    if not missing:
        return HashVerdict(HashReason.SAME, "All digests are as recorded.")
    named = ", ".join(missing)
    return HashVerdict(HashReason.FILLED, f"It had no {named} yet.", replace(known, **missing))
