"""How well the network does, judged by a few numbers: fine, to be watched, or to be acted on."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import Enum


class Tone(Enum):
    """How much a number wants attention."""

    OK = "ok"
    WARN = "warn"
    BAD = "bad"


@dataclass(frozen=True)
class VitalsPolicy:
    """When a number wants attention. Ages are those of the last success."""

    scan_stale: timedelta = timedelta(hours=24)
    snapshot_old: timedelta = timedelta(hours=2)
    snapshot_too_old: timedelta = timedelta(hours=24)
    queue_long: int = 50
    queue_too_long: int = 500
    schedule_late: timedelta = timedelta(minutes=15)
    edge_silent: timedelta = timedelta(days=1)
    geo_old: timedelta = timedelta(days=45)
    geo_too_old: timedelta = timedelta(days=180)


def judge_count(count: int, *, warn: int = 1, bad: int | None = None) -> Tone:
    """Judge a number of things that should be few: from `warn` and from `bad` on it matters."""
    if bad is not None and count >= bad:
        return Tone.BAD
    return Tone.WARN if count >= warn else Tone.OK


def judge_age(last: datetime | None, *, now: datetime, warn: timedelta, bad: timedelta) -> Tone:
    """Judge when something last went well; never is as bad as too long ago."""
    if last is None or now - last >= bad:
        return Tone.BAD
    return Tone.WARN if now - last >= warn else Tone.OK


def judge_failures(failed: int, *, of: int) -> Tone:
    """Judge failures among attempts: some want watching, half of them or more want acting."""
    if not failed:
        return Tone.OK
    return Tone.BAD if failed * 2 >= of else Tone.WARN
