"""Load what counts about Sites and Hosts and ask logic whether they are listed."""

from collections.abc import Sequence
from typing import NamedTuple

from registry.logic.standing import HostFacts, Judgment, SiteFacts, judge_host, judge_site
from registry.models import Country, Host, Site

# What must be joined for many Hosts to be judged without a query each.
NEEDED = ("site", "country__embargo")


def site_standing(site: Site) -> Judgment:
    """Return what speaks for and against listing the Hosts of a Site; no query."""
    return judge_site(_site_facts(site))


def host_standing(host: Host) -> Judgment:
    """Return what speaks for and against sending any client to a Host.

    Agrees with `Host.objects.listable()`. No query if the Host was loaded with `NEEDED`.
    """
    return judge_host(
        HostFacts(
            site=_site_facts(host.site),
            approval=host.approval,
            approval_reason=host.approval_reason,
            admin_active=host.admin_active,
            user_active=host.user_active,
            disable_reason=host.disable_reason,
            system_active=host.system_active,
            system_reason=host.system_reason,
            private=host.private,
            country=host.country.name,
            embargo=country_embargo(host.country),
        )
    )


class HostLine(NamedTuple):
    """A Host, and whether it is listed."""

    host: Host
    judgment: Judgment


class SiteLine(NamedTuple):
    """A Site, whether it is in good standing, and its Hosts."""

    site: Site
    judgment: Judgment
    hosts: list[HostLine]


def stand_in_line(sites: Sequence[Site]) -> list[SiteLine]:
    """Return Sites with all their Hosts, each judged; one query."""
    hosts: dict[int, list[HostLine]] = {site.pk: [] for site in sites}
    for host in Host.objects.filter(site__in=sites).select_related(*NEEDED).order_by("name"):
        hosts[host.site_id].append(HostLine(host, host_standing(host)))
    return [SiteLine(site, site_standing(site), hosts[site.pk]) for site in sites]


def country_embargo(country: Country) -> str | None:
    """Return the reason of a country's embargo, which may be empty; None without an embargo."""
    embargo = getattr(country, "embargo", None)
    return None if embargo is None else embargo.reason


def _site_facts(site: Site) -> SiteFacts:
    return SiteFacts(
        name=site.name,
        approval=site.approval,
        approval_reason=site.approval_reason,
        admin_active=site.admin_active,
        user_active=site.user_active,
        private=site.private,
    )
