"""Who is told of something about a Site or a Host, and how each of them wants to be told.

Loads people with their preferences; what those mean is decided by logic.
"""

from collections.abc import Collection, Iterable, Mapping
from typing import NamedTuple

from django.contrib.auth.models import User

from registry.logic.notifications.topics import Pace, Role, Topic, choose_pace
from registry.models import Host, NotificationPreference, Site, SiteAdmin
from registry.models.notifications import DEFAULT_DIGEST_HOUR

# The most eager first: what decides if several people share one address.
EAGERNESS = (Pace.IMMEDIATE, Pace.DIGEST, Pace.NEVER)


class Person(NamedTuple):
    """Somebody with an address; `user` is None for a bare contact address."""

    address: str
    user: int | None
    role: Role
    chosen: Mapping[str, str]
    digest_hour: int = DEFAULT_DIGEST_HOUR

    def pace(self, topic: Topic) -> Pace:
        """Return when this person is told of a topic."""
        return choose_pace(topic, role=self.role, chosen=self.chosen)


def people_of(*, site: Site | None, host: Host | None = None) -> list[Person]:
    """Return the SiteAdmins of a Site and the contact of a Host; two queries at most.

    People without an address, and accounts that are switched off, are left out. A contact address
    that is a SiteAdmin's is that SiteAdmin.
    """
    admins = admins_of([site.pk] if site is not None else [])
    return people_among(
        admins, contacts([host.contact] if host is not None else []), site=site, host=host
    )


def people_among(
    admins: Mapping[int, list[Person]],
    known: Mapping[str, Person],
    *,
    site: Site | None,
    host: Host | None,
) -> list[Person]:
    """Return the same from people that were loaded before, with SiteAdmins by the id of Sites."""
    found = admins[site.pk] if site is not None else []
    taken = {person.address.lower() for person in found}
    if host is not None and host.contact and host.contact.lower() not in taken:
        return [*found, known[host.contact]]
    return found


def admins_of(sites: Collection[int]) -> dict[int, list[Person]]:
    """Return the SiteAdmins of each Site, by its id; one query, and none for no Sites."""
    if not sites:
        return {}
    rows = (
        SiteAdmin.objects.filter(site__in=sites, user__is_active=True)
        .exclude(user__email="")
        .select_related("user__notification_preference")
        .order_by("user__email")
    )
    people: dict[int, list[Person]] = {site: [] for site in sites}
    for row in rows:
        people[row.site_id].append(_person(row.user, Role.OWNER))
    return people


def contacts(addresses: Iterable[str]) -> dict[str, Person]:
    """Return bare addresses with their preferences; one query, and none for no addresses."""
    wanted = set(addresses) - {""}
    if not wanted:
        return {}
    rows = NotificationPreference.objects.filter(address__in={each.lower() for each in wanted})
    known = {row.address: row for row in rows}
    return {
        address: _preferring(address, None, Role.CONTACT, known.get(address.lower()))
        for address in sorted(wanted)
    }


def operators() -> list[Person]:
    """Return the operators; one query."""
    rows = User.objects.filter(is_active=True, is_staff=True).exclude(email="")
    rows = rows.select_related("notification_preference").order_by("email")
    return [_person(user, Role.OPERATOR) for user in rows]


def roles_of(user: User) -> list[Role]:
    """Return as what a user is told of things: as operator, as SiteAdmin, or both."""
    roles = [Role.OPERATOR] if user.is_staff else []
    if user.is_staff and not SiteAdmin.objects.filter(user=user).exists():
        return roles
    return [Role.OWNER, *roles]


def _person(user: User, role: Role) -> Person:
    return _preferring(user.email, user.pk, role, getattr(user, "notification_preference", None))


def _preferring(
    address: str, user: int | None, role: Role, row: NotificationPreference | None
) -> Person:
    if row is None:
        return Person(address, user, role, {})
    return Person(address, user, role, row.paces, row.digest_hour)


def once_each(people: Iterable[Person], topic: Topic) -> list[tuple[Person, Pace]]:
    """Return who is told of a topic and when: each address once, at its most eager pace.

    Those who are never told are left out.
    """
    best: dict[str, tuple[Person, Pace]] = {}
    for person in people:
        pace, key = person.pace(topic), person.address.lower()
        known = best.get(key)
        if known is None or EAGERNESS.index(pace) < EAGERNESS.index(known[1]):
            best[key] = person, pace
    return [(person, pace) for person, pace in best.values() if pace is not Pace.NEVER]
