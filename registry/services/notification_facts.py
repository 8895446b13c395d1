"""What programs are told of Sites and Hosts: loads the facts that `payloads` puts into bodies."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from django.conf import settings
from django.db import models
from django.urls import reverse

from registry.logic.notifications.payloads import (
    HOST,
    SITE,
    Happening,
    HostFacts,
    SiteFacts,
    deleted_facts,
    facts_of_deleted,
)
from registry.models import Event, EventKind, Host, Site, SiteAdmin


def page_of(name: str, key: int) -> str:
    """Return the whole address of an owner's page, for example of `my:host`."""
    return f"{settings.BASE_URL}{reverse(name, args=[key])}"


def admin_names(sites: Iterable[int]) -> dict[int, tuple[str, ...]]:
    """Return the user names of SiteAdmins by the id of their Site; one query."""
    rows = SiteAdmin.objects.filter(site__in=set(sites)).order_by("user__username")
    names: dict[int, list[str]] = {}
    for site, name in rows.values_list("site", "user__username"):
        names.setdefault(site, []).append(name)
    return {site: tuple(found) for site, found in names.items()}


def site_facts(site: Site, admins: Mapping[int, tuple[str, ...]]) -> SiteFacts:
    """Return what programs may know of a Site."""
    return SiteFacts(site.pk, site.name, site.organization_url, admins.get(site.pk, ()))


def host_facts(host: Host) -> HostFacts:
    """Return what programs may know of a Host."""
    return HostFacts(
        host.pk,
        host.name,
        host.country_id,
        host.bandwidth_mbps,
        host.asn,
        page_of("my:host", host.pk),
    )


def facts_before_deletion(thing: models.Model) -> dict[str, Any]:
    """Return what an Event must keep of a Site or Host that is about to be gone; else nothing."""
    host = thing if isinstance(thing, Host) else None
    site = host.site if host else thing if isinstance(thing, Site) else None
    if site is None:
        return {}
    facts = facts_of_deleted(
        site_facts(site, admin_names([site.pk])), host_facts(host) if host else None
    )
    return {**facts, "private": site.private or bool(host and host.private)}


def happenings(events: Sequence[Event]) -> list[Happening]:
    """Return Events as programs are told of them, in the same order; one query.

    The Events must have been loaded with their actor, Site, Host and the Host's Site.
    """
    admins = admin_names(site.pk for event in events if (site := _site(event)))
    return [_happening(event, admins) for event in events]


def _site(event: Event) -> Site | None:
    return event.site or (event.host.site if event.host else None)


def _happening(event: Event, admins: Mapping[int, tuple[str, ...]]) -> Happening:
    host, site = event.host, _site(event)
    told = Happening(
        kind=event.kind,
        thing=event.thing,
        at=event.at,
        sentence=event.sentence,
        agent=event.actor.get_username() if event.actor else "",
        site=site_facts(site, admins) if site else None,
        host=host_facts(host) if host else None,
        reason=event.sentence if event.kind == EventKind.SYSTEM_DISABLED else "",
        crawled_at=host.last_crawled_at if host else None,
        logs_url=page_of("my:host", host.pk) if host else "",
        private=bool((site and site.private) or (host and host.private)),
    )
    if event.kind == EventKind.DELETED and event.thing in {SITE, HOST}:
        gone_site, gone_host = deleted_facts(event.facts)
        private = bool(event.facts.get("private"))
        told = told._replace(site=gone_site, host=gone_host, private=private)
    return told
