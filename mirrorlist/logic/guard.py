"""Whether a new snapshot may replace the last one.

Knows what each contains by name only. Deliberately does not know how the snapshot was made.
"""

from enum import Enum
from typing import NamedTuple

# In a small network two Hosts are a large share, and two Hosts do fail on the same day.
SMALL_LOSS = 2


class Publication(Enum):
    """What may become of a snapshot."""

    ALLOWED = "allowed"
    FORCED = "forced"
    EMPTY = "empty"
    LOST_HOSTS = "lost_hosts"
    LOST_REPOSITORIES = "lost_repositories"


class Holdings(NamedTuple):
    """What a snapshot offers: Hosts that have something up2date, Repositories, Directories."""

    hosts: frozenset[int]
    repositories: frozenset[tuple[str, str]]
    directories: int


class Verdict(NamedTuple):
    """Whether to publish, and the sentence for the operator."""

    reason: Publication
    sentence: str

    @property
    def allows(self) -> bool:
        """Tell whether the snapshot may be published."""
        return self.reason in {Publication.ALLOWED, Publication.FORCED}


def judge_publication(
    new: Holdings, last: Holdings | None, *, greatest_loss_percent: int, force: bool
) -> Verdict:
    """Say whether a snapshot may be published after the last one.

    It may not when it is empty, nor when a larger share of Hosts or Repositories than allowed
    vanished since the last one; new ones do not make up for them. Losing up to two of many is
    always allowed, losing all never. `force` allows everything and keeps the sentence.
    """
    found = _objection(new, last, greatest_loss_percent)
    if found is None:
        return Verdict(Publication.ALLOWED, "All guard rails held.")
    if force:
        return Verdict(Publication.FORCED, f"Published although: {found.sentence}")
    return found


def _objection(new: Holdings, last: Holdings | None, greatest_loss_percent: int) -> Verdict | None:
    if not new.directories:
        return Verdict(
            Publication.EMPTY, "There is no Repository and no Directory yet: run umdl first."
        )
    if last is None:
        return None
    lost = (
        (Publication.LOST_HOSTS, "Hosts", last.hosts - new.hosts, last.hosts),
        (
            Publication.LOST_REPOSITORIES,
            "Repositories",
            last.repositories - new.repositories,
            last.repositories,
        ),
    )
    for reason, name, gone, before in lost:
        share = 100 * len(gone) / max(len(before), 1)
        if len(gone) and (
            len(gone) == len(before) or (len(gone) > SMALL_LOSS and share > greatest_loss_percent)
        ):
            return Verdict(
                reason,
                f"{len(gone)} of {len(before)} {name} vanished since the last snapshot, which is "
                f"more than {greatest_loss_percent} percent. If that is right, build it again "
                "and force it.",
            )
    return None
