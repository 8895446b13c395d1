"""How an edge is: the facts of `/healthz` and the gauges of `/metrics`.

Knows what is worth a warning. Deliberately measures nothing that costs more than a few
microseconds, since load balancers ask often.
"""

import os
import resource
from collections.abc import Mapping, Sequence
from typing import Any

from mirrorlist.pull import PullState
from mirrorlist.watch import Watch

Gauge = tuple[str, Mapping[str, str], float]


def health_facts(
    watch: Watch,
    *,
    now: float,
    warn_seconds: int,
    pull: PullState | None,
    problems: Mapping[str, str],
) -> dict[str, Any]:
    """Return what a person or a load balancer wants to know.

    `ok` is whether clients are answered. An old snapshot, a damaged successor and the other
    problems are warnings: answering from the last good snapshot is better than not to answer.
    """
    snapshot = watch.snapshot
    age = age_seconds(watch, now=now)
    warnings = [text for text in problems.values() if text]
    if age is not None and age > warn_seconds:
        warnings.append(f"The snapshot is {age} s old; more than {warn_seconds} s is unusual.")
    return {
        "ok": snapshot is not None,
        "problem": watch.problem,
        "warnings": warnings,
        "snapshot": snapshot.path.name if snapshot else None,
        "sha256": snapshot.sha256 if snapshot else None,
        "age_seconds": age,
        "warn_seconds": warn_seconds,
        "reloads": watch.reloads,
        "pull": pull._asdict() if pull else None,
    }


def process_gauges(
    watch: Watch,
    *,
    now: float,
    started_at: float,
    connections: int,
    pull: PullState | None,
    problems: Mapping[str, str],
) -> Sequence[Gauge]:
    """Return how one process is, as (name, labels, value)."""
    gauges: list[Gauge] = [
        ("process", {"pid": str(os.getpid())}, 1),
        ("started_at_seconds", {}, int(started_at)),
        ("connections", {}, connections),
        ("memory_peak_bytes", {}, resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024),
        *(("problem", {"what": what}, int(bool(text))) for what, text in problems.items()),
    ]
    if watch.snapshot is not None:
        gauges += [
            ("snapshot_built_at_seconds", {}, watch.snapshot.built_at),
            ("snapshot_age_seconds", {}, age_seconds(watch, now=now) or 0),
            ("snapshot_load_seconds", {}, round(watch.load_seconds, 6)),
        ]
    if pull is not None:
        gauges.append(("pull_consecutive_failures", {}, pull.failures))
    return gauges


def age_seconds(watch: Watch, *, now: float) -> int | None:
    """Return the age of the snapshot in use, None without one; a clock set back makes no age."""
    return None if watch.snapshot is None else max(int(now - watch.snapshot.built_at), 0)
