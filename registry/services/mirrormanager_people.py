"""What an import writes beside the records: accounts, check-in passwords, origins and verdicts."""

import os
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime

from django.contrib.auth import get_user_model
from django.contrib.auth.hashers import make_password
from django.db.models import Q

from registry.logic.batches import in_batches
from registry.logic.mirrormanager.hosts import HostFacts
from registry.logic.mirrormanager.people import SiteFacts
from registry.logic.network.planning import Action, Plan
from registry.logic.network.records import Key
from registry.models import Host, Site

PASSWORDS_AT_ONCE = 20


def missing_users(names: Collection[str]) -> list[str]:
    """Return the user names without an account, sorted."""
    users = get_user_model()._default_manager
    known = set(users.filter(username__in=names).values_list("username", flat=True))
    return sorted(set(names) - known)


def create_users(names: Iterable[str]) -> None:
    """Create accounts that nobody can sign in to with a password.

    They are active, so that single sign-on lets in whoever it knows by the same user name.
    """
    model = get_user_model()
    model._default_manager.bulk_create(
        [model(username=name, password=make_password(None)) for name in names], batch_size=500
    )


def store_origins(
    plan: Plan,
    sites: Mapping[Key, SiteFacts],
    hosts: Mapping[Key, HostFacts],
    *,
    now: datetime,
) -> None:
    """Write since when new Sites exist, by whom, and why the system took new Hosts out of service.

    A check-in is taken over if it is later than any that Hosts had here.
    """
    new = {(each.record.kind.name, each.record.key) for each in plan.of(Action.ADD)}
    _store_site_origins({key: each for key, each in sites.items() if ("site", key) in new})
    _store_host_verdicts({key: each for key, each in hosts.items() if ("host", key) in new}, now)
    rows = _hosts_by_key()
    for key, facts in hosts.items():
        if facts.checked_in_at is not None:
            earlier = Q(last_checked_in_at=None) | Q(last_checked_in_at__lt=facts.checked_in_at)
            found = Host.objects.filter(earlier, pk=rows[key])
            found.update(last_checked_in_at=facts.checked_in_at)


def _store_site_origins(sites: Mapping[Key, SiteFacts]) -> None:
    creators = {facts.created_by for facts in sites.values() if facts.created_by}
    accounts = dict(
        get_user_model()
        ._default_manager.filter(username__in=creators)
        .values_list("username", "pk")
    )
    rows = []
    for site in Site.objects.order_by():
        facts = sites.get((site.name.lower(),))
        if facts is not None:
            site.created_at = facts.created_at or site.created_at
            site.created_by_id = accounts.get(facts.created_by or "")
            rows.append(site)
    Site.objects.bulk_update(rows, ["created_at", "created_by"], batch_size=500)


def _store_host_verdicts(hosts: Mapping[Key, HostFacts], now: datetime) -> None:
    rows = _hosts_by_key()
    for key, facts in hosts.items():
        if facts.crawler_reason is not None:
            Host.objects.filter(pk=rows[key]).update(
                system_active=False,
                system_reason=f"MirrorManager said: {facts.crawler_reason}",
                system_changed_at=now,
            )


def _hosts_by_key() -> dict[Key, int]:
    rows = Host.objects.order_by().values_list("pk", "site__name", "name")
    return {((site.lower(),), name.lower()): pk for pk, site, name in rows}


def sites_without_password(sites: Mapping[Key, SiteFacts]) -> list[tuple[int, str]]:
    """Return id and plain password of the Sites here that have none yet, in a stable order.

    One that a Site has here stays: it is newer, and to compare it would cost as much as a new one.
    """
    rows = Site.objects.filter(password="").order_by("pk").values_list("pk", "name")
    found = []
    for pk, name in rows:
        facts = sites.get((name.lower(),))
        if facts is not None and facts.password:
            found.append((pk, facts.password))
    return found


def store_passwords(passwords: Sequence[tuple[int, str]]) -> Iterator[int]:
    """Hash and store check-in passwords in batches; yield how many each batch stored.

    Hashing is slow on purpose (a fifth of a second or more), so all cores take part, and what is
    stored is not hashed again by an import that starts over.
    """
    with ThreadPoolExecutor(os.cpu_count()) as workers:
        for batch in in_batches(passwords, PASSWORDS_AT_ONCE):
            hashes = workers.map(make_password, [plain for _, plain in batch])
            rows = [
                Site(pk=pk, password=hashed) for (pk, _), hashed in zip(batch, hashes, strict=True)
            ]
            Site.objects.bulk_update(rows, ["password"])
            yield len(rows)
