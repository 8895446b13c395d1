"""How objects look in JSON. Fields that only their own people see are left out for others."""

from collections.abc import Callable
from datetime import datetime
from functools import cached_property
from operator import attrgetter
from typing import Any

from rest_framework import serializers

from registry.logic.coverage import share_percent
from registry.models import (
    Arch,
    Category,
    Country,
    DirectoryIssue,
    Event,
    Host,
    HostAclIp,
    HostCategory,
    HostCategoryUrl,
    HostCountryAllowed,
    HostNetblock,
    HostTransfer,
    Invitation,
    Product,
    Site,
    SiteAdmin,
    Version,
)
from registry.services.standing import host_standing, site_standing
from registry.services.visible_hosts import SeenCopy, SeenUrl, Sight

NOBODY = Sight(everything=False, sites=frozenset())


class CountryDocument(serializers.ModelSerializer[Country]):
    """A country of ISO 3166-1."""

    class Meta:
        model = Country
        fields = ["code", "name", "continent"]


class ProductDocument(serializers.ModelSerializer[Product]):
    """Something that is released."""

    class Meta:
        model = Product
        fields = ["id", "name"]


class VersionDocument(serializers.ModelSerializer[Version]):
    """One version of a Product."""

    product = serializers.CharField(source="product.name")

    class Meta:
        model = Version
        fields = ["id", "product", "name", "display_name", "is_test"]


class ArchDocument(serializers.ModelSerializer[Arch]):
    """A processor architecture."""

    class Meta:
        model = Arch
        fields = ["id", "name", "primary"]


class CategoryDocument(serializers.ModelSerializer[Category]):
    """A tree of content that one may carry as a whole."""

    product = serializers.SerializerMethodField()

    class Meta:
        model = Category
        fields = ["id", "name", "product", "top_directory", "admin_only", "canonical_url"]

    def get_product(self, category: Category) -> str | None:
        return category.product.name if category.product else None


Reader = Callable[[Any], Any]
# Fields that show what the database holds as it is.
PLAIN = (
    serializers.BooleanField,
    serializers.CharField,
    serializers.ChoiceField,
    serializers.FloatField,
    serializers.IntegerField,
)


def reader_of(field: serializers.Field[Any, Any, Any, Any]) -> Reader:
    """Return what reads a field from an object that the database gave; lists have thousands."""
    if isinstance(field, serializers.SerializerMethodField):
        method: Reader = getattr(field.parent, str(field.method_name))
        return method
    value_of = attrgetter(".".join(field.source_attrs))
    if isinstance(field, PLAIN):
        return value_of
    show = (
        format_moment if isinstance(field, serializers.DateTimeField) else field.to_representation
    )
    return lambda instance: None if (value := value_of(instance)) is None else show(value)


def format_moment(moment: datetime) -> str:
    """Return a moment as REST framework writes it; all of ours are UTC."""
    return moment.isoformat().replace("+00:00", "Z")


class OwnersDocument(serializers.ModelSerializer[Any]):
    """Something with fields that only those see who may inspect its Site."""

    owner_fields: tuple[str, ...] = ()

    def to_representation(self, instance: Any) -> dict[str, Any]:
        fields = self._all if self._sight.sees(self.site_of(instance)) else self._public
        return {name: read(instance) for name, read in fields}

    @cached_property
    def _sight(self) -> Sight:
        sight: Sight = self.context.get("sight", NOBODY)
        return sight

    @cached_property
    def _all(self) -> list[tuple[str, Reader]]:
        return [(name, reader_of(field)) for name, field in self.fields.items()]

    @cached_property
    def _public(self) -> list[tuple[str, Reader]]:
        return [(name, read) for name, read in self._all if name not in self.owner_fields]

    def site_of(self, instance: Any) -> int:
        raise NotImplementedError


SITE_OWNER_FIELDS = (
    "private",
    "admin_active",
    "user_active",
    "all_sites_can_pull_from_me",
    "downstream_comments",
    "approval",
    "approval_reason",
    "created_at",
    "revision",
    "standing",
    "reasons",
)


class SiteDocument(OwnersDocument):
    """An organization that runs mirrors; its own people see more of it than others."""

    owner_fields = SITE_OWNER_FIELDS
    standing = serializers.SerializerMethodField()
    reasons = serializers.SerializerMethodField()

    class Meta:
        model = Site
        fields = ["id", "name", "organization_url", *SITE_OWNER_FIELDS]

    def site_of(self, instance: Site) -> int:
        return instance.pk

    def get_standing(self, site: Site) -> str:
        return site_standing(site).standing.value

    def get_reasons(self, site: Site) -> list[str]:
        return list(site_standing(site).reasons)


URL_OWNER_FIELDS = (
    "private",
    "approval",
    "approval_reason",
    "reason",
    "last_probed_at",
    "certificate_until_at",
)


class UrlDocument(OwnersDocument):
    """One URL of a copy, and what the last visits found there."""

    owner_fields = URL_OWNER_FIELDS
    protocol = serializers.CharField(read_only=True)

    class Meta:
        model = HostCategoryUrl
        fields = [
            "id",
            "url",
            "protocol",
            "state",
            "ipv4_state",
            "ipv6_state",
            "last_success_at",
            *URL_OWNER_FIELDS,
        ]

    def site_of(self, instance: HostCategoryUrl | SeenUrl) -> int:
        if isinstance(instance, SeenUrl):
            return instance.site_id
        return instance.host_category.host.site_id


COPY_OWNER_FIELDS = ("always_up2date", "issue_count", "last_checked_in_at", "reason")


class CopyDocument(OwnersDocument):
    """What a Host has of one Category."""

    owner_fields = COPY_OWNER_FIELDS
    category = serializers.CharField(source="category.name")
    category_id = serializers.IntegerField()
    percent = serializers.SerializerMethodField()
    behind_seconds = serializers.SerializerMethodField()
    urls = serializers.SerializerMethodField()

    class Meta:
        model = HostCategory
        fields = [
            "id",
            "category",
            "category_id",
            "up2date_count",
            "percent",
            "behind_seconds",
            "last_crawled_at",
            "urls",
            *COPY_OWNER_FIELDS,
        ]

    def site_of(self, instance: HostCategory | SeenCopy) -> int:
        return instance.site_id if isinstance(instance, SeenCopy) else instance.host.site_id

    def get_percent(self, copy: HostCategory | SeenCopy) -> int | None:
        total = self.context.get("totals", {}).get(copy.category_id, 0)
        return 100 if copy.always_up2date else share_percent(copy.up2date_count, total)

    def get_behind_seconds(self, copy: HostCategory | SeenCopy) -> int | None:
        return None if copy.behind is None else int(copy.behind.total_seconds())

    def get_urls(self, copy: HostCategory | SeenCopy) -> list[dict[str, Any]]:
        return [self._url.to_representation(url) for url in getattr(copy, "seen_urls", ())]

    @cached_property
    def _url(self) -> UrlDocument:
        """One for all, since making one takes longer than using it."""
        return UrlDocument(context=self.context)


HOST_OWNER_FIELDS = (
    "private",
    "admin_active",
    "user_active",
    "system_active",
    "system_reason",
    "disable_reason",
    "always_listed",
    "share_percent",
    "max_connections",
    "asn",
    "asn_clients",
    "contact",
    "crawl_from",
    "crawl_until",
    "last_checked_in_at",
    "last_full_crawl_at",
    "place_hint",
    "approval",
    "approval_reason",
    "created_at",
    "revision",
    "standing",
    "reasons",
)


class HostDocument(OwnersDocument):
    """One server of a Site: a mirror. Its own people see more of it than others."""

    owner_fields = HOST_OWNER_FIELDS
    site = serializers.SerializerMethodField()
    country = serializers.CharField(source="country_id")
    sponsor = serializers.SerializerMethodField()
    categories = serializers.SerializerMethodField()
    standing = serializers.SerializerMethodField()
    reasons = serializers.SerializerMethodField()

    class Meta:
        model = Host
        fields = [
            "id",
            "name",
            "site",
            "country",
            "latitude",
            "longitude",
            "bandwidth_mbps",
            "reach",
            "max_file_mb",
            "comment",
            "sponsor",
            "stability_percent",
            "last_crawled_at",
            "categories",
            *HOST_OWNER_FIELDS,
        ]

    def site_of(self, instance: Host) -> int:
        return instance.site_id

    def get_site(self, host: Host) -> dict[str, Any]:
        site = host.site
        return {"id": site.pk, "name": site.name, "organization_url": site.organization_url}

    def get_sponsor(self, host: Host) -> dict[str, str] | None:
        return (
            None if host.sponsor is None else {"name": host.sponsor.name, "url": host.sponsor.url}
        )

    def get_categories(self, host: Host) -> list[dict[str, Any]]:
        copies = self.context.get("copies", {}).get(host.pk, ())
        return [self._copy.to_representation(copy) for copy in copies]

    @cached_property
    def _copy(self) -> CopyDocument:
        return CopyDocument(context=self.context)

    def get_standing(self, host: Host) -> str:
        return host_standing(host).standing.value

    def get_reasons(self, host: Host) -> list[str]:
        return list(host_standing(host).reasons)


class NetblockDocument(serializers.ModelSerializer[HostNetblock]):
    """An address range whose clients prefer the Host."""

    published_list = serializers.SerializerMethodField()

    class Meta:
        model = HostNetblock
        fields = ["id", "netblock", "name", "published_list", "approval", "approval_reason"]

    def get_published_list(self, netblock: HostNetblock) -> str | None:
        return None if netblock.source is None else netblock.source.name


class AllowedCountryDocument(serializers.ModelSerializer[HostCountryAllowed]):
    """A country whose clients may be sent to the Host."""

    country = serializers.CharField(source="country_id")

    class Meta:
        model = HostCountryAllowed
        fields = ["id", "country"]


class AclAddressDocument(serializers.ModelSerializer[HostAclIp]):
    """An address from which the Host pulls."""

    class Meta:
        model = HostAclIp
        fields = ["id", "ip"]


class EventDocument(serializers.ModelSerializer[Event]):
    """One thing that happened."""

    actor = serializers.SerializerMethodField()

    class Meta:
        model = Event
        fields = ["id", "at", "kind", "subject", "sentence", "actor", "facts"]

    def get_actor(self, event: Event) -> str | None:
        return None if event.actor is None else event.actor.get_username()


class IssueDocument(serializers.ModelSerializer[DirectoryIssue]):
    """What is wrong with the Host's copy of one Directory."""

    category = serializers.CharField(source="host_category.category.name")
    directory = serializers.CharField(source="directory.path")

    class Meta:
        model = DirectoryIssue
        fields = ["id", "category", "directory", "state", "reason", "sentence", "since_at"]


class SiteAdminDocument(serializers.ModelSerializer[SiteAdmin]):
    """Somebody who may edit the Site."""

    username = serializers.CharField(source="user.username")

    class Meta:
        model = SiteAdmin
        fields = ["id", "username", "created_at"]


class InvitationDocument(serializers.ModelSerializer[Invitation]):
    """Somebody who was asked to become SiteAdmin."""

    class Meta:
        model = Invitation
        fields = ["id", "email", "created_at", "expires_at", "accepted_at"]


class TransferDocument(serializers.ModelSerializer[HostTransfer]):
    """An offer of a Host to another Site."""

    host = serializers.CharField(source="host.name")
    host_id = serializers.IntegerField()
    to_site = serializers.CharField(source="to_site.name")
    to_site_id = serializers.IntegerField()

    class Meta:
        model = HostTransfer
        fields = ["id", "host", "host_id", "to_site", "to_site_id", "created_at"]
