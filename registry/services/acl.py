"""Keep the list of addresses from which a Host pulls, with an Event for each change.

Deliberately does not know who may change it; edges do.
"""

from datetime import datetime

from django.contrib.auth.models import User
from django.db import transaction

from registry.logic.acl import parse_address
from registry.models import EventKind, Host, HostAclIp
from registry.services.events import record_event

# A Host pulls from a handful of addresses; a range pasted one by one is a mistake.
ADDRESSES_PER_HOST = 50


class AclError(ValueError):
    """An address cannot be added; the sentence says why and what to do."""


@transaction.atomic
def add_acl_address(host: Host, text: str, *, actor: User, now: datetime) -> HostAclIp:
    """Add an address that somebody typed; raise AclError if it is none, known, or one too many."""
    try:
        ip = parse_address(text)
    except ValueError as error:
        raise AclError(str(error)) from error
    # Two requests at once must not both be the fiftieth: the Host's row is what they queue for.
    Host.objects.select_for_update(of=("self",)).get(pk=host.pk)
    if host.acl_ips.filter(ip=ip).exists():
        raise AclError(f"{ip} is in the list already.")
    if host.acl_ips.count() >= ADDRESSES_PER_HOST:
        raise AclError(f"A Host has at most {ADDRESSES_PER_HOST} addresses; remove one first.")
    row = HostAclIp.objects.create(host=host, ip=ip)
    record_event(
        row, EventKind.CREATED, f"{actor} added the ACL address {ip}.", now=now, actor=actor
    )
    return row


@transaction.atomic
def remove_acl_address(row: HostAclIp, *, actor: User, now: datetime) -> None:
    """Take an address off the list; upstreams stop letting it in when they next read it."""
    sentence = f"{actor} removed the ACL address {row.ip}."
    record_event(row, EventKind.DELETED, sentence, now=now, actor=actor)
    row.delete()
