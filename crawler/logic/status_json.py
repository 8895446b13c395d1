"""The status of mirrors as Arch Linux publishes it (`/mirrors/status/json/`), from what we know.

Programs such as reflector read this form. Our visits are not Arch's, so some numbers mean slightly
different things; `docs/reference/api.md` says which.
"""

from datetime import datetime, timedelta
from typing import Any, NamedTuple

VERSION = 3
# Of what time the share of good visits is, as with our stability.
CUTOFF = timedelta(days=30)


class Mirror(NamedTuple):
    """One public URL and what is known of its Host's copy."""

    url: str
    category: str
    country: str
    country_code: str
    state: str
    ipv4_state: str
    ipv6_state: str
    crawled_at: datetime | None
    behind: timedelta | None
    stability_percent: int | None
    whole_files: bool
    details: str


def describe_mirror(mirror: Mirror) -> dict[str, Any]:
    """Return one entry. What is not known is None, as in Arch's own list."""
    synced = delay = completion = None
    if mirror.crawled_at is not None and mirror.behind is not None:
        synced = format_moment(mirror.crawled_at - mirror.behind)
        delay = int(mirror.behind.total_seconds())
        completion = completion_of(mirror)
    return {
        "url": mirror.url if mirror.url.endswith("/") else f"{mirror.url}/",
        "protocol": mirror.url.partition(":")[0],
        "last_sync": synced,
        "completion_pct": completion,
        "delay": delay,
        "duration_avg": None,
        "duration_stddev": None,
        "score": score_of(delay, completion),
        "active": True,
        "country": mirror.country,
        "country_code": mirror.country_code,
        "isos": mirror.whole_files,
        "ipv4": mirror.ipv4_state in HAS_ADDRESS,
        "ipv6": mirror.ipv6_state in HAS_ADDRESS,
        "details": mirror.details,
    }


HAS_ADDRESS = frozenset({"working", "failing"})


def completion_of(mirror: Mirror) -> float | None:
    """Return the share of good visits, 0 to 1: the stability, or at least how the last one went."""
    if mirror.stability_percent is not None:
        return mirror.stability_percent / 100
    return {"working": 1.0, "failing": 0.0}.get(mirror.state)


def score_of(delay_seconds: int | None, completion: float | None) -> float | None:
    """Return Arch's score, smaller being better: hours of delay by completion.

    Arch adds the duration of its requests, which we do not keep. None for what never worked.
    """
    if delay_seconds is None or not completion:
        return None
    return delay_seconds / 3600 / completion


def format_moment(moment: datetime) -> str:
    """Return a moment as Arch writes it, to the second."""
    return f"{moment:%Y-%m-%dT%H:%M:%SZ}"
