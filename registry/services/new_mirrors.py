"""Add a mirror in one step: Site if need be, Host, Category, URLs and netblocks, all or nothing."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.contrib.auth.models import User
from django.db import transaction

from registry.models import Category, Host, Site
from registry.services.edits import EditRefusedError
from registry.services.hosts import add_host, add_url, carry
from registry.services.netblocks import add_netblock
from registry.services.sites import register_site


@dataclass(frozen=True)
class Draft:
    """What somebody wants to add. Without `site` one is registered under the name `new_site`."""

    site: Site | None
    new_site: str
    host: Mapping[str, Any]
    category: Category
    urls: tuple[str, ...]
    netblocks: tuple[str, ...] = ()


def add_mirror(draft: Draft, *, actor: User, now: datetime) -> Host:
    """Add everything in a draft, or nothing of it; return the Host.

    What has to wait for an operator waits as if it had been added piece by piece. Raises
    EditRefusedError, Django's ValidationError and ValueError as the services for the pieces do.
    """
    if not draft.urls:
        raise EditRefusedError("A mirror needs at least one URL.")
    with transaction.atomic():
        site = draft.site or register_site({"name": draft.new_site}, actor=actor, now=now)
        host = add_host(site, draft.host, actor=actor, now=now)
        copy = carry(host, draft.category, actor=actor, now=now)
        for url in draft.urls:
            add_url(copy, url, actor=actor, now=now)
        for netblock in draft.netblocks:
            add_netblock(host, netblock, actor=actor, now=now)
    return host
