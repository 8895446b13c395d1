"""Which fields of their objects SiteAdmins may change; the others are the operators'.

Knows names only. What no list names cannot be changed through pages and the API at all.
"""

from collections.abc import Iterable, Mapping

SITE = "site"
HOST = "host"
URL = "hostcategoryurl"

OWNER: Mapping[str, frozenset[str]] = {
    SITE: frozenset(
        {
            "name",
            "organization_url",
            "private",
            "user_active",
            "all_sites_can_pull_from_me",
            "downstream_comments",
        }
    ),
    HOST: frozenset(
        {
            "name",
            "country",
            "latitude",
            "longitude",
            "bandwidth_mbps",
            "max_connections",
            "asn",
            "asn_clients",
            "private",
            "user_active",
            "contact",
            "comment",
            "crawl_from",
            "crawl_until",
            "reach",
            "max_file_mb",
        }
    ),
    URL: frozenset({"url"}),
}
OPERATOR: Mapping[str, frozenset[str]] = {
    SITE: frozenset({"admin_active"}),
    HOST: frozenset(
        {"admin_active", "disable_reason", "sponsor", "always_listed", "share_percent"}
    ),
    URL: frozenset({"private"}),
}


def changeable(kind: str, *, by_operator: bool) -> frozenset[str]:
    """Return the fields of a kind of object that somebody may change."""
    return OWNER[kind] | (OPERATOR[kind] if by_operator else frozenset())


def why_refused(kind: str, fields: Iterable[str], *, by_operator: bool) -> str | None:
    """Return the sentence about fields that somebody may not change, or None if all are theirs."""
    beyond = sorted(set(fields) - changeable(kind, by_operator=by_operator))
    if not beyond:
        return None
    theirs = sorted(set(beyond) & OPERATOR[kind])
    if theirs:
        return f"Only operators may change {', '.join(theirs)}."
    return f"{', '.join(beyond)} cannot be changed here."
