"""Let operators write to the owners of Hosts: who would get it, and the message into the outbox."""

import uuid
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import NamedTuple

from django.contrib.auth.models import User
from django.db import transaction

from registry.logic.notifications.topics import Topic
from registry.models import Event, EventKind, Host, Notification, Site
from registry.services.events import record_event
from registry.services.notification_people import Person, admins_of, contacts, once_each
from registry.services.notifications import letters_for, store_letters

GREATEST_TEXT = 20_000
GREATEST_SUBJECT = 120


class MessageError(ValueError):
    """The message cannot be sent as it is; the text says why."""


class Reader(NamedTuple):
    """Somebody who would get a message, and about which Hosts."""

    address: str
    user: int | None
    hosts: tuple[str, ...]


@dataclass
class Audience:
    """Who would get a message, and which Hosts have nobody who would."""

    readers: list[Reader] = field(default_factory=list)
    unreachable: list[Host] = field(default_factory=list)


def find_audience(hosts: Iterable[Host]) -> Audience:
    """Return whom a message to the owners of Hosts would reach; writes nothing."""
    audience = Audience()
    named: dict[str, tuple[Person, list[str]]] = {}
    for _, _, mine, people in _by_site(hosts):
        for host in mine:
            reached = once_each(people[host.pk], Topic.MESSAGE)
            for person, _ in reached:
                key = person.address.lower()
                named.setdefault(key, (person, []))[1].append(host.name)
            if not reached:
                audience.unreachable.append(host)
    audience.readers = [
        Reader(person.address, person.user, tuple(sorted(found)))
        for _, (person, found) in sorted(named.items())
    ]
    return audience


@transaction.atomic
def write_to_owners(
    hosts: Iterable[Host], subject: str, text: str, *, actor: User, now: datetime
) -> int:
    """Send a message to the SiteAdmins and contacts of Hosts; return how many people get it.

    Each gets one letter, however many Hosts it is about; each Site has it on its timeline. Raises
    MessageError without subject or text, or if nobody would get it.
    """
    subject, text = _checked(subject, text)
    bundle = f"message:{uuid.uuid4()}"
    rows: list[Notification] = []
    for site, names, _, people in _by_site(hosts):
        event = _note(site, names, subject, text, actor=actor, now=now)
        everybody = [person for found in people.values() for person in found]
        rows += letters_for(event, everybody, bundle=bundle)
    if not rows:
        raise MessageError("Nobody would get it: none of these Hosts has an owner with an address.")
    store_letters(rows)
    return len({row.recipient.lower() for row in rows})


def _note(
    site: Site, names: Sequence[str], subject: str, text: str, *, actor: User, now: datetime
) -> Event:
    sentence = f"Operators wrote to the owners: {subject}"
    facts = {"subject": subject, "text": text, "hosts": list(names)}
    return record_event(site, EventKind.MESSAGE, sentence, now=now, actor=actor, facts=facts)


def _checked(subject: str, text: str) -> tuple[str, str]:
    subject, text = " ".join(subject.split()), text.strip()
    if not subject or not text:
        raise MessageError("A message needs a subject and a text.")
    if len(subject) > GREATEST_SUBJECT or len(text) > GREATEST_TEXT:
        raise MessageError(
            f"A subject has at most {GREATEST_SUBJECT} characters, a text {GREATEST_TEXT:,}."
        )
    return subject, text


def _by_site(
    hosts: Iterable[Host],
) -> list[tuple[Site, list[str], list[Host], dict[int, list[Person]]]]:
    """Return each Site, the names of its Hosts, these Hosts, and the people of each by its id."""
    mine: dict[Site, list[Host]] = defaultdict(list)
    for host in hosts:
        mine[host.site].append(host)
    admins = admins_of([site.pk for site in mine])
    bare = contacts(host.contact for found in mine.values() for host in found)
    grouped = []
    for site, found in sorted(mine.items(), key=lambda each: each[0].name.lower()):
        people = {host.pk: _people(host, admins[site.pk], bare) for host in found}
        grouped.append((site, sorted(host.name for host in found), found, people))
    return grouped


def _people(host: Host, admins: list[Person], bare: dict[str, Person]) -> list[Person]:
    known = {person.address.lower() for person in admins}
    extra = [bare[host.contact]] if host.contact and host.contact.lower() not in known else []
    return [*admins, *extra]
