"""Put messages into the outbox. Sends nothing: a task does, after the transaction."""

from collections import defaultdict
from collections.abc import Sequence
from typing import NamedTuple

from registry.models import Event, Host, Notification, Site, SiteAdmin


class Mailing(NamedTuple):
    """An Event, and whose SiteAdmins and which Host's contact are to be told of it."""

    event: Event
    site: Site | None
    host: Host | None = None


def queue_emails(event: Event, *, site: Site | None, host: Host | None = None) -> int:
    """Let the SiteAdmins of a Site, and the contact of a Host, be told of an Event by e-mail.

    Returns how many addresses will be told; each at most once for one Event. Users without an
    address are not told.
    """
    return queue_mailings([Mailing(event, site, host)])


def queue_mailings(mailings: Sequence[Mailing]) -> int:
    """Let people be told of many Events by e-mail; two queries, and none for no Events.

    Returns how many messages there will be.
    """
    if not mailings:
        return 0
    sites = {mailing.site.pk for mailing in mailings if mailing.site is not None}
    admins: dict[int, set[str]] = defaultdict(set)
    for site, address in SiteAdmin.objects.filter(site__in=sites).values_list(
        "site_id", "user__email"
    ):
        admins[site].add(address)
    rows = [
        Notification(event=mailing.event, channel=Notification.Channel.EMAIL, recipient=address)
        for mailing in mailings
        for address in sorted(_addresses(mailing, admins) - {""})
    ]
    return len(Notification.objects.bulk_create(rows, ignore_conflicts=True))


def _addresses(mailing: Mailing, admins: dict[int, set[str]]) -> set[str]:
    own = {mailing.host.contact} if mailing.host is not None else set()
    return own | admins[mailing.site.pk] if mailing.site is not None else own
