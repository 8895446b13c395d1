"""Add netblocks to Hosts; those too wide to believe wait for an operator."""

from datetime import datetime

from django.conf import settings
from django.contrib.auth.models import User
from django.db import transaction

from registry.logic.approval import Kind, judge_new
from registry.logic.netblocks import NetblockPolicy, judge_netblock, parse_netblock
from registry.models import Approval, EventKind, Host, HostNetblock
from registry.querysets import is_operator
from registry.services.approvals import approval_policy
from registry.services.events import record_event


def netblock_policy() -> NetblockPolicy:
    """Return what the settings say about widths."""
    return NetblockPolicy(
        widest_ipv4=settings.NETBLOCK_WIDEST_IPV4, widest_ipv6=settings.NETBLOCK_WIDEST_IPV6
    )


@transaction.atomic
def add_netblock(
    host: Host, text: str, *, actor: User, now: datetime, name: str = ""
) -> HostNetblock:
    """Let clients of an address range prefer a Host, at once or after an operator's approval.

    The reason is stored with the netblock. A range that the Host has already is returned as it
    is. Raises ValueError with a sentence if the text is no address range.
    """
    network = parse_netblock(text)
    admission = judge_new(
        Kind.NETBLOCK,
        by_operator=is_operator(actor),
        policy=approval_policy(),
        claim=judge_netblock(network, policy=netblock_policy()),
    )
    netblock, new = HostNetblock.objects.written_by_people().get_or_create(
        host=host,
        netblock=str(network),
        defaults={
            "name": name,
            "approval": Approval.PENDING if admission.waits else Approval.APPROVED,
            "approval_reason": admission.sentence,
        },
    )
    if new:
        sentence = f"{network} was added to {host}. {admission.sentence}"
        record_event(
            netblock,
            EventKind.CREATED,
            sentence,
            now=now,
            actor=actor,
            facts={"netblock": str(network), "approval": netblock.approval},
        )
    return netblock
