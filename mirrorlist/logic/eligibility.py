"""Whether a Host's copy of a Category goes into the snapshot, under which URLs, and why not.

Knows switches, approvals, embargo and URLs; what is up2date is a matter of sets
(`mirrorlist.logic.host_sets`). The rules name what `HostQuerySet.servable` requires.
"""

from collections.abc import Callable, Iterable
from enum import Enum
from typing import NamedTuple

from mirrorlist.logic.snapshot import Families, Reachable
from registry.logic.urls import SCHEMES, normalize_url

# Shares of clients follow the bandwidth up to here, as they do with MirrorManager.
GREATEST_WEIGHT = 10_000


class Left(Enum):
    """Why a Host is left out of a Category altogether."""

    SITE_NOT_APPROVED = "site_not_approved"
    SITE_ADMIN_OFF = "site_admin_off"
    SITE_USER_OFF = "site_user_off"
    NOT_APPROVED = "not_approved"
    ADMIN_OFF = "admin_off"
    USER_OFF = "user_off"
    SYSTEM_OFF = "system_off"
    EMBARGO = "embargo"
    NO_URL = "no_url"
    NOT_SERVABLE = "not_servable"


class Standing(NamedTuple):
    """What people and the system say about a Host and its Site. `embargo` is None without one."""

    site_approval: str
    site_admin_active: bool
    site_user_active: bool
    approval: str
    admin_active: bool
    user_active: bool
    system_active: bool
    embargo: str | None
    disable_reason: str
    system_reason: str


# The first rule that holds gives the reason: what concerns the whole Site before the Host, people
# before the system.
_RULES: tuple[tuple[Left, Callable[[Standing], bool], str], ...] = (
    (
        Left.SITE_NOT_APPROVED,
        lambda s: s.site_approval != "approved",
        "Its Site is {0.site_approval}, not approved.",
    ),
    (
        Left.SITE_ADMIN_OFF,
        lambda s: not s.site_admin_active,
        "The operators switched its Site off.",
    ),
    (
        Left.SITE_USER_OFF,
        lambda s: not s.site_user_active,
        "The SiteAdmins switched their Site off.",
    ),
    (Left.NOT_APPROVED, lambda s: s.approval != "approved", "It is {0.approval}, not approved."),
    (
        Left.ADMIN_OFF,
        lambda s: not s.admin_active,
        "The operators switched it off. {0.disable_reason}",
    ),
    (
        Left.USER_OFF,
        lambda s: not s.user_active,
        "Its SiteAdmins switched it off. {0.disable_reason}",
    ),
    (
        Left.SYSTEM_OFF,
        lambda s: not s.system_active,
        "The system took it out of service. {0.system_reason}",
    ),
    (Left.EMBARGO, lambda s: s.embargo is not None, "Its country is under embargo. {0.embargo}"),
)


_REACHABLE = {
    "working": Reachable.YES,
    "unknown": Reachable.UNKNOWN,
    "failing": Reachable.NO,
    "absent": Reachable.NO,
}


class Url(NamedTuple):
    """One public URL of a Host and what the last visits found."""

    url: str
    state: str
    reason: str
    ipv4: str = "unknown"
    ipv6: str = "unknown"


class Offer(NamedTuple):
    """The URLs to give, best protocol first, and a sentence on those left out.

    `families` tell of each URL by which family of addresses it can be reached.
    """

    urls: tuple[str, ...]
    note: str
    families: tuple[Families, ...] = ()


def why_left_out(standing: Standing) -> tuple[Left, str] | None:
    """Return why a Host is out of service, with the sentence; None if it is in service."""
    for reason, holds, sentence in _RULES:
        if holds(standing):
            return reason, sentence.format(standing).strip()
    return None


def choose_urls(urls: Iterable[Url]) -> Offer:
    """Choose from a Host's public URLs of a Category.

    One that fails is left out if another one works. https comes first, then http, rsync and ftp,
    since a mirrorlist gives the first that fits; equals keep their order. Without any URL the
    Host cannot be listed.
    """
    usable = [url for url in map(_normalized, urls) if url]
    works = any(url.state == "working" for url in usable)
    left_out = [url for url in usable if works and url.state == "failing"]
    kept = sorted(
        (url for url in usable if url not in left_out),
        key=lambda url: SCHEMES.index(url.url.partition(":")[0]),
    )
    notes = (f"{url.url} is left out because it fails. {url.reason}".strip() for url in left_out)
    return Offer(
        tuple(url.url for url in kept), " ".join(notes), tuple(families_of(url) for url in kept)
    )


def families_of(url: Url) -> Families:
    """Judge by which families a URL can be reached.

    What nobody has tried is taken for reachable by IPv4, as URLs mostly are, but not by IPv6.
    """
    return Families(
        ipv4=Reachable.YES if url.ipv4 == "unknown" else _REACHABLE[url.ipv4],
        ipv6=_REACHABLE[url.ipv6],
    )


def weight_of(bandwidth_mbps: int, share_percent: int = 100) -> int:
    """Return the weight of a Host in the draw: its share of its bandwidth, within bounds.

    It is 0 for a Host that is to have no share.
    """
    earned = min(max(bandwidth_mbps, 1), GREATEST_WEIGHT)
    return max(earned * share_percent // 100, 1) if share_percent else 0


def _normalized(url: Url) -> Url | None:
    """Return a URL in its canonical form; imports may have brought what no form accepts."""
    try:
        return url._replace(url=normalize_url(url.url))
    except ValueError:
        return None
