"""Which files of a Directory are asked for when every file costs a request.

Knows which files are metadata, which are newest, and how to draw the rest. Deliberately does not
know how they are asked for or what the answers mean.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from registry.logic.listings import Entry
from registry.logic.repository_kinds import REPOMD, is_metadata, is_verified

if TYPE_CHECKING:
    from collections.abc import Sequence
    from random import Random


class SamplingPolicy(NamedTuple):
    """How many files of a Directory may be asked for, and of a whole Host.

    Metadata is capped too, because some masters keep months of it in one Directory.
    """

    metadata: int = 20
    newest: int = 2
    at_random: int = 1
    files_per_host: int = 50_000


class Frame(NamedTuple):
    """The files of one Directory, sorted by how much they say: the same for every Host."""

    metadata: tuple[Entry, ...]
    newest: tuple[Entry, ...]
    rest: tuple[Entry, ...]

    @property
    def empty(self) -> bool:
        return not (self.metadata or self.newest)


def frame_listing(entries: Sequence[Entry], *, policy: SamplingPolicy) -> Frame:
    """Sort the files of a Directory into metadata, newest and the rest.

    Ties in time go to the first name. What clients verify comes before all other metadata, since
    it alone says whether the copy is current; a Directory with repomd.xml holds metadata only.
    Metadata beyond the policy is left out.
    """
    by_age = sorted(entries, key=lambda entry: (-entry.mtime, entry.name))
    if any(entry.name == REPOMD for entry in entries):
        metadata, others = by_age, []
    else:
        metadata = [entry for entry in by_age if is_metadata(entry.name)]
        others = [entry for entry in by_age if not is_metadata(entry.name)]
    metadata.sort(key=lambda entry: (entry.name != REPOMD, not is_verified(entry.name)))
    return Frame(
        tuple(metadata[: policy.metadata]),
        tuple(others[: policy.newest]),
        tuple(others[policy.newest :]),
    )


def allow_per_directory(directories: int, *, policy: SamplingPolicy) -> int:
    """Return how many files besides metadata may be asked for in each of so many Directories.

    At least one, whatever the budget: of a Directory that nobody asks about nothing is known.
    """
    share = policy.files_per_host // max(directories, 1)
    return max(1, min(share, policy.newest + policy.at_random))


def draw_files(frame: Frame, *, allowed: int, policy: SamplingPolicy, rng: Random) -> list[Entry]:
    """Return the files to ask for, in this order: metadata, the newest, some at random.

    `allowed` counts the last two kinds. The same random numbers give the same files.
    """
    newest = frame.newest[:allowed]
    room = min(allowed - len(newest), policy.at_random, len(frame.rest))
    return [*frame.metadata, *newest, *(rng.sample(frame.rest, room) if room > 0 else ())]
