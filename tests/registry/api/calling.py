"""How tests call the API, and the objects that they name in its addresses."""

import json
from dataclasses import dataclass
from typing import Any

from django.test import Client

from registry.models import (
    Arch,
    Host,
    HostAclIp,
    HostCategory,
    HostCategoryUrl,
    HostCountryAllowed,
    HostNetblock,
    HostTransfer,
    Invitation,
    Product,
    Repository,
    Site,
    SiteAdmin,
    Version,
)
from tests import factories


@dataclass(frozen=True)
class Caller:
    """Somebody with a token, or without."""

    token: str = ""

    def __call__(self, method: str, path: str, body: Any = None, **headers: str) -> Any:
        """Call the API; what is not text is sent as JSON."""
        if self.token:
            headers["Authorization"] = f"Bearer {self.token}"
        data = body if isinstance(body, str | bytes) else json.dumps({} if body is None else body)
        if method in {"GET", "HEAD", "OPTIONS"}:
            return Client().generic(method, f"/api/v1{path}", headers=headers)
        return Client().generic(
            method, f"/api/v1{path}", data, content_type="application/json", headers=headers
        )


@dataclass(frozen=True)
class World:
    """One of everything that addresses name, of our Site; `theirs` is a Host of another."""

    site: Site
    host: Host
    theirs: Host
    to_site: Site
    copy: HostCategory
    url: HostCategoryUrl
    netblock: HostNetblock
    country: HostCountryAllowed
    address: HostAclIp
    admin: SiteAdmin
    invitation: Invitation
    offer: HostTransfer
    waiting: HostNetblock
    repository: Repository
    version: Version

    @classmethod
    def around(cls, host: Host, copy: HostCategory, theirs: Host, *, to_site: Site) -> "World":
        """Make what is missing."""
        offered = factories.HostFactory.create(site=host.site, name="offered.example.org")
        directory = factories.DirectoryFactory.create(category=copy.category)
        version = factories.VersionFactory.create()
        return cls(
            site=host.site,
            host=host,
            theirs=theirs,
            to_site=to_site,
            copy=copy,
            url=copy.urls.get(),
            netblock=factories.HostNetblockFactory.create(host=host),
            country=factories.HostCountryAllowedFactory.create(host=host),
            address=factories.HostAclIpFactory.create(host=host),
            admin=factories.SiteAdminFactory.create(site=host.site),
            invitation=factories.InvitationFactory.create(site=host.site),
            offer=factories.HostTransferFactory.create(host=offered, to_site=to_site),
            waiting=factories.HostNetblockFactory.create(host=host, approval="pending"),
            repository=factories.RepositoryFactory.create(directory=directory, version=version),
            version=version,
        )

    def address_of(self, path: str) -> str:
        """Return a path with the ids of this world for the names in braces."""
        ids = {
            "site": self.site.pk,
            "host": self.host.pk,
            "theirs": self.theirs.pk,
            "to_site": self.to_site.pk,
            "copy": self.copy.pk,
            "url": self.url.pk,
            "netblock": self.netblock.pk,
            "country": self.country.pk,
            "address": self.address.pk,
            "admin": self.admin.pk,
            "invitation": self.invitation.pk,
            "offer": self.offer.pk,
            "waiting": self.waiting.pk,
            "repository": self.repository.pk,
            "version": self.version.pk,
            "product": Product.objects.get(versions=self.version).pk,
            "arch": Arch.objects.get(name="x86_64").pk,
            "category": self.copy.category_id,
        }
        return path.format_map(ids)
