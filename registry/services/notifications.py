"""Put messages into the outbox. Sends nothing: a task does, after the transaction."""

from registry.models import Event, Host, Notification, Site


def queue_emails(event: Event, *, site: Site | None, host: Host | None = None) -> int:
    """Let the SiteAdmins of a Site, and the contact of a Host, be told of an Event by e-mail.

    Returns how many addresses will be told; each at most once for one Event. Users without an
    address are not told.
    """
    addresses: set[str] = set()
    if site is not None:
        addresses.update(site.admins.values_list("user__email", flat=True))
    if host is not None:
        addresses.add(host.contact)
    rows = [
        Notification(event=event, channel=Notification.Channel.EMAIL, recipient=address)
        for address in sorted(addresses - {""})
    ]
    return len(Notification.objects.bulk_create(rows, ignore_conflicts=True))
