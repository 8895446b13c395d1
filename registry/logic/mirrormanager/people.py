"""Sites and their admins of a MirrorManager database."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime

from registry.logic.mirrormanager.choices import ChoiceReason
from registry.logic.mirrormanager.drafting import (
    Draft,
    Tables,
    admit,
    clean,
    count,
    miss_parent,
    name_row,
)
from registry.logic.mirrormanager.rows import SiteAdminRow, SiteRow
from registry.logic.network.records import Key

LONGEST_USER_NAME = 150


@dataclass(frozen=True)
class SiteFacts:
    """What is known of a Site that no network file holds: its origin, and its secret."""

    created_at: datetime | None
    created_by: str | None
    password: str | None


def draft_sites(draft: Draft, tables: Tables) -> Mapping[Key, SiteFacts]:
    """Draft Sites; of two with one name (whatever its case) the later gets its id behind it.

    They are not merged, because the admins of one would then run the Hosts of the other.
    """
    facts: dict[Key, SiteFacts] = {}
    names = {row.name.strip().casefold() for row in tables.of(SiteRow)}
    used: set[str] = set()
    for row in count(draft, SiteRow, tables):
        values = {
            "name": _site_name(draft, row, names=names, used=used),
            "organization_url": _web_url(row.org_url),
            "private": row.private,
            "admin_active": row.admin_active,
            "user_active": row.user_active,
            "all_sites_can_pull_from_me": row.all_sites_can_pull_from_me,
            "downstream_comments": clean(row.downstream_comments),
        }
        key = admit(draft, "site", row, values)
        draft.remember("site", row.id, key)
        if key is not None:
            facts[key] = SiteFacts(moment(row.created_at), clean(row.created_by), row.password)
    return facts


def _site_name(draft: Draft, row: SiteRow, *, names: set[str], used: set[str]) -> str:
    name = row.name.strip() or f"Site {row.id}"
    chosen, attempt = name, 0
    while chosen.casefold() in used or (attempt and chosen.casefold() in names):
        attempt += 1
        chosen = f"{name} (site {row.id})" if attempt == 1 else f"{name} (site {row.id}.{attempt})"
    used.add(chosen.casefold())
    if chosen != name:
        sentence = f"There are two Sites “{name}”; this one becomes “{chosen}”."
        draft.choose(ChoiceReason.SAME_NAME, name_row(row), sentence)
    return chosen


def _web_url(text: str | None) -> str | None:
    """Return the address of a page; people leave out the scheme, browsers take it for http."""
    url = clean(text)
    return url if url is None or "://" in url else f"http://{url}"


def moment(naive: datetime | None) -> datetime | None:
    """Return a time of MirrorManager, which writes UTC without saying so."""
    return None if naive is None else naive.replace(tzinfo=UTC)


def draft_site_admins(draft: Draft, tables: Tables) -> None:
    """Draft SiteAdmins by their user names, each once per Site."""
    for row in count(draft, SiteAdminRow, tables):
        site = draft.refer("site", row.site_id)
        name = clean(row.username)
        if site is None:
            miss_parent(draft, row, "Site")
        elif name is None:
            sentence = "The SiteAdmin has no user name, so it is left out."
            draft.choose(ChoiceReason.NO_NAME, name_row(row), sentence)
        elif len(name) > LONGEST_USER_NAME:
            sentence = f"A user name has at most {LONGEST_USER_NAME} characters. It is left out."
            draft.choose(ChoiceReason.INVALID, name_row(row), sentence)
        else:
            admit(draft, "site_admin", row, {"user": (name,)}, parent=site)
