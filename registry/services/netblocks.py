"""Add netblocks to Hosts, one or thousands, and remove them; those too wide to believe wait."""

from collections.abc import Iterable, Sequence
from datetime import datetime
from enum import StrEnum
from typing import NamedTuple

from django.conf import settings
from django.contrib.auth.models import User
from django.db import transaction

from registry.logic.approval import Admission, Kind, judge_new
from registry.logic.netblocks import NetblockPolicy, Network, judge_netblock, parse_netblock
from registry.logic.typed_text import clean_line
from registry.logic.wording import counted
from registry.models import Approval, EventKind, Host, HostNetblock
from registry.querysets import is_operator
from registry.services.approvals import approval_policy
from registry.services.events import record_event

NETBLOCKS_PER_HOST = 10_000
NAMED_IN_EVENT = 100


class NetblockError(ValueError):
    """Netblocks cannot be added at all; the sentence says why and what to do."""


class LineState(StrEnum):
    """What became of one line."""

    ADDED = "added"
    PENDING = "pending"
    KNOWN = "known"
    REFUSED = "refused"


class Line(NamedTuple):
    """One line that somebody pasted, and what became of it."""

    number: int
    text: str
    state: LineState
    sentence: str


def netblock_policy() -> NetblockPolicy:
    """Return what the settings say about widths."""
    return NetblockPolicy(
        widest_ipv4=settings.NETBLOCK_WIDEST_IPV4, widest_ipv6=settings.NETBLOCK_WIDEST_IPV6
    )


def add_netblock(
    host: Host, text: str, *, actor: User, now: datetime, name: str = ""
) -> HostNetblock:
    """Let clients of an address range prefer a Host, at once or after an operator's approval.

    The reason is stored with the netblock. A range that the Host has already is returned as it
    is. Raises ValueError with a sentence if the text is no address range, or one too many.
    """
    network = str(parse_netblock(text))
    (line,) = add_netblocks(host, [network], actor=actor, now=now, name=name)
    if line.state is LineState.REFUSED:
        raise NetblockError(line.sentence)
    return host.netblocks.written_by_people().get(netblock=network)


def add_netblocks(
    host: Host, lines: Iterable[str], *, actor: User, now: datetime, name: str = ""
) -> Sequence[Line]:
    """Add each line that is an address range; return what became of every line, in their order.

    Empty lines are left out. A line may end in a comment after `#`. One Event, and a query for
    some hundred lines. Raises NetblockError if the name is not taken.
    """
    try:
        named = clean_line(name)[:200]
    except ValueError as error:
        raise NetblockError(str(error)) from error
    with transaction.atomic():
        # Two requests at once must not both find room for the last netblock.
        Host.objects.select_for_update(of=("self",)).get(pk=host.pk)
        book = _Book(host, named, by_operator=is_operator(actor))
        told = [book.enter(number, text) for number, text in _texts(lines)]
        HostNetblock.objects.bulk_create(book.new, batch_size=500)
        if book.new:
            _note_new(host, book.new, actor=actor, now=now)
    return told


def remove_netblock(netblock: HostNetblock, *, actor: User, now: datetime) -> None:
    """Take a netblock away; its clients are sent elsewhere from the next snapshot on."""
    with transaction.atomic():
        sentence = f"{actor} removed the netblock {netblock.netblock} of {netblock.host}."
        record_event(netblock, EventKind.DELETED, sentence, now=now, actor=actor)
        netblock.delete()


class _Book:
    """The netblocks of a Host while lines are entered."""

    def __init__(self, host: Host, name: str, *, by_operator: bool) -> None:
        self.new: list[HostNetblock] = []
        self._host, self._name, self._by_operator = host, name, by_operator
        known = host.netblocks.written_by_people().values_list("netblock", flat=True)
        self._known = set(known)
        self._policy, self._widths = approval_policy(), netblock_policy()

    def enter(self, number: int, text: str) -> Line:
        try:
            network = parse_netblock(text)
        except ValueError as error:
            return Line(number, text, LineState.REFUSED, str(error))
        if str(network) in self._known:
            return Line(number, text, LineState.KNOWN, f"{network} is in the list already.")
        if len(self._known) >= NETBLOCKS_PER_HOST and not self._by_operator:
            sentence = f"A Host has at most {NETBLOCKS_PER_HOST:,} netblocks. Ask an operator."
            return Line(number, text, LineState.REFUSED, sentence)
        admission = self._judge(network)
        self._known.add(str(network))
        self.new.append(
            HostNetblock(
                host=self._host,
                netblock=str(network),
                name=self._name,
                approval=Approval.PENDING if admission.waits else Approval.APPROVED,
                approval_reason=admission.sentence,
            )
        )
        state = LineState.PENDING if admission.waits else LineState.ADDED
        return Line(number, text, state, admission.sentence)

    def _judge(self, network: Network) -> Admission:
        return judge_new(
            Kind.NETBLOCK,
            by_operator=self._by_operator,
            policy=self._policy,
            claim=judge_netblock(network, policy=self._widths),
        )


def _texts(lines: Iterable[str]) -> Iterable[tuple[int, str]]:
    """Yield number and text of the lines that say something, cut to what can be shown."""
    for number, line in enumerate(lines, start=1):
        if text := line.partition("#")[0].strip():
            yield number, text[:100]


def _note_new(host: Host, new: Sequence[HostNetblock], *, actor: User, now: datetime) -> None:
    """Note what was added: one Event, with the netblock itself if it is a single one."""
    facts = {
        "netblocks": [netblock.netblock for netblock in new[:NAMED_IN_EVENT]],
        "added": len(new),
        "pending": sum(netblock.approval == Approval.PENDING for netblock in new),
    }
    if len(new) == 1:
        (netblock,) = new
        sentence = f"{netblock.netblock} was added to {host}. {netblock.approval_reason}"
        facts |= {"netblock": netblock.netblock, "approval": netblock.approval}
        record_event(netblock, EventKind.CREATED, sentence, now=now, actor=actor, facts=facts)
        return
    sentence = f"{actor} added {counted(len(new), 'netblock')} to {host}."
    if pending := facts["pending"]:
        sentence = (
            f"{actor} added {counted(len(new), 'netblock')} to {host}; "
            f"{pending:,} of them wait for an operator."
        )
    record_event(host, EventKind.CHANGED, sentence, now=now, actor=actor, facts=facts)
