"""Servers that mirror: Hosts, and which clients each of them prefers or refuses."""

from contextlib import suppress

from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.validators import MaxValueValidator, MinValueValidator, URLValidator
from django.db import models
from django.db.models.functions import Lower

from registry.logic.cloud_ranges import PROVIDERS
from registry.logic.netblocks import parse_netblock
from registry.logic.places import normalize_path
from registry.logic.reach import REACHES, Reach
from registry.models.approval import Approvable
from registry.models.geography import Country
from registry.models.sites import Site, Sponsor
from registry.querysets import HostAclIpQuerySet, HostNetblockQuerySet, HostQuerySet
from registry.validators import validate_netblock, validate_path

GREATEST_ASN = 2**32 - 1


class AsnField(models.PositiveBigIntegerField):  # type: ignore[type-arg]
    """The number of an autonomous system, 1 to 2**32 - 1 (RFC 6793)."""

    default_validators = [MinValueValidator(1), MaxValueValidator(GREATEST_ASN)]


class Host(Approvable):
    """One server of a Site; the unit of crawling. Readers know it as a mirror.

    Three parties can take it out of service, each with a switch of its own: the operators
    (`admin_active`), its SiteAdmins (`user_active`) and the system itself (`system_active`).
    """

    site = models.ForeignKey(
        Site,
        on_delete=models.CASCADE,
        related_name="hosts",
        help_text="The Site that runs the Host.",
    )
    name = models.CharField(max_length=255, help_text="Name of the Host, usually its DNS name.")
    sponsor = models.ForeignKey(
        Sponsor,
        null=True,
        blank=True,
        on_delete=models.SET_NULL,
        related_name="hosts",
        help_text="Who is thanked for this Host.",
    )
    country = models.ForeignKey(
        Country,
        on_delete=models.PROTECT,
        related_name="hosts",
        help_text="Where the Host is. Clients of the same country are sent to it first.",
    )
    latitude = models.FloatField(
        null=True,
        blank=True,
        validators=[MinValueValidator(-90), MaxValueValidator(90)],
        help_text="Degrees north, for the map and for distances.",
    )
    longitude = models.FloatField(
        null=True,
        blank=True,
        validators=[MinValueValidator(-180), MaxValueValidator(180)],
        help_text="Degrees east, for the map and for distances.",
    )
    bandwidth_mbps = models.PositiveIntegerField(
        "bandwidth (Mbit/s)",
        default=100,
        validators=[MinValueValidator(1), MaxValueValidator(1_000_000)],
        help_text="Megabits per second towards the Internet; the share of clients follows it.",
    )
    max_connections = models.PositiveIntegerField(
        default=1, help_text="Parallel connections that one client may open."
    )
    asn = AsnField(
        "ASN", null=True, blank=True, help_text="Number of the autonomous system the Host is in."
    )
    asn_clients = models.BooleanField(
        "ASN clients",
        default=True,
        help_text="Clients of the same autonomous system are sent to this Host first.",
    )
    private = models.BooleanField(
        default=False,
        help_text="Only clients of its netblocks and autonomous systems are sent to it.",
    )
    reach = models.CharField(
        max_length=10,
        choices=REACHES,
        default=Reach.EVERYBODY.value,
        help_text="Whose clients are sent to it: everybody's, or those of its continent, of its "
        "country, of its autonomous systems and netblocks, or of its netblocks only.",
    )
    always_listed = models.BooleanField(
        default=False,
        help_text="It stands at the end of every answer to a client that it may serve, however "
        "many others there are, as befits a CDN or a last resort.",
    )
    max_file_mb = models.PositiveIntegerField(
        "largest file (MB)",
        null=True,
        blank=True,
        validators=[MinValueValidator(1)],
        help_text="Bigger files are not asked of it (1 MB is 1,000,000 bytes); empty: no limit.",
    )
    share_percent = models.PositiveSmallIntegerField(
        "share (%)",
        default=100,
        validators=[MaxValueValidator(1000)],
        help_text="Raises or lowers what its bandwidth earns: 200 doubles its share of clients, 50 "
        "halves it, 0 offers it after all others only.",
    )
    admin_active = models.BooleanField(default=True, help_text="The operators' switch.")
    user_active = models.BooleanField(default=True, help_text="The SiteAdmins' switch.")
    disable_reason = models.TextField(
        blank=True, help_text="Why one of the two switches is off; the owner sees this sentence."
    )
    system_active = models.BooleanField(
        default=True,
        editable=False,
        help_text="The system's own verdict. It recovers by itself when the Host does.",
    )
    system_reason = models.TextField(
        blank=True, editable=False, help_text="Why the system took the Host out of service."
    )
    system_rule = models.CharField(
        max_length=30, blank=True, editable=False, help_text="The rule that did."
    )
    system_changed_at = models.DateTimeField(
        null=True, blank=True, editable=False, help_text="When that verdict last changed (UTC)."
    )
    contact = models.EmailField(
        blank=True, help_text="Address for machine-written notices, beside those of the SiteAdmins."
    )
    comment = models.TextField(blank=True, help_text="Shown in public beside the Host.")
    last_crawled_at = models.DateTimeField(
        null=True, blank=True, editable=False, help_text="When the last crawl ended (UTC)."
    )
    last_crawl_duration = models.DurationField(
        null=True, blank=True, editable=False, help_text="How long the last full crawl took."
    )
    last_full_crawl_at = models.DateTimeField(
        null=True,
        blank=True,
        editable=False,
        help_text="When everything it carries was last looked at (UTC).",
    )
    crawl_from = models.PositiveSmallIntegerField(
        "crawl from (hour)",
        null=True,
        blank=True,
        validators=[MaxValueValidator(23)],
        help_text="The hour (UTC, 0 to 23) from which crawls may begin; empty means at any time.",
    )
    crawl_until = models.PositiveSmallIntegerField(
        "crawl until (hour)",
        null=True,
        blank=True,
        validators=[MaxValueValidator(23)],
        help_text="The hour (UTC, 0 to 23) from which they may not; 22 until 6 spans midnight.",
    )
    stability_percent = models.PositiveSmallIntegerField(
        "stability (%)",
        null=True,
        blank=True,
        editable=False,
        help_text="How much of the last 30 days it was reachable and up2date, recent days counting "
        "more; empty means that too little is known.",
    )
    place_hint = models.TextField(
        blank=True,
        editable=False,
        help_text="Why its country may be wrong, if its addresses are elsewhere.",
    )
    last_checked_in_at = models.DateTimeField(
        null=True, blank=True, editable=False, help_text="When the Host last reported itself (UTC)."
    )
    created_at = models.DateTimeField(auto_now_add=True, help_text="When the Host was added (UTC).")

    revision = models.PositiveIntegerField(
        default=0,
        editable=False,
        help_text="Counts the changes people made, to notice two at once.",
    )

    objects = HostQuerySet.as_manager()

    class Meta:
        ordering = ["name"]
        constraints = [
            models.UniqueConstraint(
                "site",
                Lower("name"),
                name="registry_host_site_name",
                violation_error_message="This Site has a Host of this name already.",
            ),
            models.CheckConstraint(
                condition=models.Q(bandwidth_mbps__gte=1), name="registry_host_bandwidth"
            ),
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def counts_as_private(self) -> bool:
        """Whether it counts as private: by itself, or because its Site is."""
        return self.private or self.site.private


class CloudProvider(models.TextChoices):
    """Who publishes address ranges, and in which form."""

    AWS = "aws", "Amazon Web Services"
    GOOGLE = "google", "Google Cloud"
    AZURE = "azure", "Microsoft Azure (service tags)"
    ORACLE = "oracle", "Oracle Cloud"
    DIGITALOCEAN = "digitalocean", "DigitalOcean"
    LIST = "list", "list with one network a line"


class SourceState(models.TextChoices):
    """How the last look at a provider's list ended."""

    WAITING = "waiting", "waiting"
    UP2DATE = "up2date", "up2date"
    REFUSED = "refused", "refused"
    FAILED = "failed", "failed"


class HostNetblockSource(models.Model):
    """A published list of address ranges whose clients are sent to the Host before any other."""

    host = models.ForeignKey(
        Host,
        on_delete=models.CASCADE,
        related_name="netblock_sources",
        help_text="The preferred Host.",
    )
    name = models.CharField(max_length=100, help_text="What this list is, for people.")
    provider = models.CharField(
        max_length=20, choices=CloudProvider.choices, help_text="Who publishes the list."
    )
    regions = models.CharField(
        max_length=500,
        blank=True,
        help_text="Regions by the provider's names, for example eu-central-1; empty means all.",
    )
    service = models.CharField(
        max_length=100,
        blank=True,
        help_text="Service by the provider's name; empty means machines of customers.",
    )
    url = models.CharField(
        "URL",
        max_length=200,
        blank=True,
        validators=[URLValidator(schemes=["http", "https"])],
        help_text="Where the list is; empty means where the provider has it. Needed for Azure, "
        "where the address changes, and for lists of others.",
    )
    state = models.CharField(
        max_length=10,
        choices=SourceState.choices,
        default=SourceState.WAITING,
        editable=False,
        help_text="How the last look at the list ended.",
    )
    reason = models.TextField(blank=True, editable=False, help_text="Why it ended so.")
    last_fetched_at = models.DateTimeField(
        null=True, blank=True, editable=False, help_text="When it was last looked at (UTC)."
    )

    class Meta:
        ordering = ["host", "name"]
        constraints = [
            models.UniqueConstraint(
                fields=["host", "name"], name="registry_hostnetblocksource_name"
            )
        ]

    def __str__(self) -> str:
        return f"{self.name} of {self.host}"

    def clean(self) -> None:
        if self.provider in PROVIDERS and not (self.url or PROVIDERS[self.provider].url):
            raise ValidationError({"url": "Give the address of the list; it has none of its own."})


class HostNetblock(Approvable):
    """Clients of this address range are sent to the Host before any other."""

    host = models.ForeignKey(
        Host, on_delete=models.CASCADE, related_name="netblocks", help_text="The preferred Host."
    )
    netblock = models.CharField(
        max_length=49,
        validators=[validate_netblock],
        help_text="Address range in CIDR notation, for example 192.0.2.0/24 or 2001:db8::/48.",
    )
    name = models.CharField(
        max_length=200, blank=True, help_text="What this network is, for people."
    )
    source = models.ForeignKey(
        HostNetblockSource,
        null=True,
        blank=True,
        editable=False,
        on_delete=models.CASCADE,
        related_name="netblocks",
        help_text="The published list it comes from; without one, people wrote it.",
    )

    objects = HostNetblockQuerySet.as_manager()

    class Meta:
        ordering = ["host", "netblock"]
        constraints = [
            models.UniqueConstraint(
                fields=["host", "netblock"],
                condition=models.Q(source=None),
                name="registry_hostnetblock_netblock",
                violation_error_message="This Host has this netblock already.",
            ),
            models.UniqueConstraint(
                fields=["source", "netblock"], name="registry_hostnetblock_source"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.netblock} prefers {self.host}"

    def clean(self) -> None:
        with suppress(ValueError):  # the field's validator says what is wrong
            self.netblock = str(parse_netblock(self.netblock))


class HostPeerAsn(models.Model):
    """Clients of this autonomous system are sent to the Host as if it were its own."""

    host = models.ForeignKey(
        Host, on_delete=models.CASCADE, related_name="peer_asns", help_text="The preferred Host."
    )
    asn = AsnField("ASN", help_text="Number of the autonomous system.")
    name = models.CharField(max_length=200, blank=True, help_text="Name of the peer, for people.")

    class Meta:
        ordering = ["host", "asn"]
        verbose_name = "peer ASN"
        constraints = [
            models.UniqueConstraint(fields=["host", "asn"], name="registry_hostpeerasn_asn")
        ]

    def __str__(self) -> str:
        return f"AS{self.asn} prefers {self.host}"


class HostCountryAllowed(models.Model):
    """If a Host has any of these, only clients of these countries are sent to it."""

    host = models.ForeignKey(
        Host, on_delete=models.CASCADE, related_name="countries_allowed", help_text="The Host."
    )
    country = models.ForeignKey(
        Country,
        on_delete=models.CASCADE,
        related_name="+",
        help_text="Clients of this country may be sent to the Host.",
    )

    class Meta:
        ordering = ["host", "country"]
        verbose_name = "allowed country"
        verbose_name_plural = "allowed countries"
        constraints = [
            models.UniqueConstraint(
                fields=["host", "country"], name="registry_hostcountryallowed_country"
            )
        ]

    def __str__(self) -> str:
        return f"{self.host} serves {self.country_id}"


class HostCountryExcluded(models.Model):
    """Clients of this country are never sent to the Host, whatever else it prefers."""

    host = models.ForeignKey(
        Host, on_delete=models.CASCADE, related_name="countries_excluded", help_text="The Host."
    )
    country = models.ForeignKey(
        Country,
        on_delete=models.CASCADE,
        related_name="+",
        help_text="Clients of this country are not sent to the Host.",
    )

    class Meta:
        ordering = ["host", "country"]
        verbose_name = "excluded country"
        verbose_name_plural = "excluded countries"
        constraints = [
            models.UniqueConstraint(
                fields=["host", "country"], name="registry_hostcountryexcluded_country"
            )
        ]

    def __str__(self) -> str:
        return f"{self.host} does not serve {self.country_id}"


class HostCountryServed(models.Model):
    """The Host counts as one of this country, too, as if it stood there."""

    host = models.ForeignKey(
        Host, on_delete=models.CASCADE, related_name="countries_served", help_text="The Host."
    )
    country = models.ForeignKey(
        Country,
        on_delete=models.CASCADE,
        related_name="+",
        help_text="Clients of this country find the Host as one of theirs.",
    )

    class Meta:
        ordering = ["host", "country"]
        verbose_name = "served country"
        verbose_name_plural = "served countries"
        constraints = [
            models.UniqueConstraint(
                fields=["host", "country"], name="registry_hostcountryserved_country"
            )
        ]

    def __str__(self) -> str:
        return f"{self.host} counts as one of {self.country_id}"


class ExclusiveDirectory(models.Model):
    """Below this Directory only the Hosts that are named for it are offered, if any is.

    A path inside another one counts instead of it. It need not exist yet.
    """

    host = models.ForeignKey(
        Host,
        on_delete=models.CASCADE,
        related_name="exclusive_directories",
        help_text="One of the Hosts that are offered.",
    )
    path = models.CharField(
        max_length=1000,
        validators=[validate_path],
        help_text="Whole path of the Directory on the master.",
    )

    class Meta:
        ordering = ["path", "host"]
        verbose_name_plural = "exclusive directories"
        constraints = [
            models.UniqueConstraint(
                fields=["host", "path"], name="registry_exclusivedirectory_path"
            )
        ]

    def __str__(self) -> str:
        return f"{self.path} of {self.host} only"

    def clean(self) -> None:
        with suppress(ValueError):  # the field's validator says what is wrong
            self.path = normalize_path(self.path)


class HostAclIp(models.Model):
    """An address from which the Host pulls, so that upstreams can let it in."""

    host = models.ForeignKey(
        Host, on_delete=models.CASCADE, related_name="acl_ips", help_text="The Host that pulls."
    )
    ip = models.GenericIPAddressField(help_text="The address it pulls from.")

    objects = HostAclIpQuerySet.as_manager()

    class Meta:
        ordering = ["host", "ip"]
        verbose_name = "ACL address"
        verbose_name_plural = "ACL addresses"
        constraints = [models.UniqueConstraint(fields=["host", "ip"], name="registry_hostaclip_ip")]

    def __str__(self) -> str:
        return f"{self.host} pulls from {self.ip}"


class HostTransfer(models.Model):
    """A Host is offered to another Site; it moves when a SiteAdmin there accepts."""

    host = models.OneToOneField(
        Host, on_delete=models.CASCADE, related_name="transfer", help_text="What is offered."
    )
    to_site = models.ForeignKey(
        Site, on_delete=models.CASCADE, related_name="offered_hosts", help_text="To whom."
    )
    created_at = models.DateTimeField(help_text="When it was offered (UTC).")
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        null=True,
        blank=True,
        on_delete=models.SET_NULL,
        related_name="+",
        help_text="Who offered it.",
    )

    class Meta:
        ordering = ["-created_at"]

    def __str__(self) -> str:
        return f"{self.host} to {self.to_site}"
