"""One factory per model that tests need. Sequences only, so that no two runs differ."""

from datetime import UTC, datetime
from typing import Any

import factory
from django.contrib.auth.models import User
from factory.django import DjangoModelFactory

from crawler.models import CrawlRun, PropagationStat, RunState
from registry.logic.listings import Entry, digest_listing, pack_listing
from registry.models import (
    Arch,
    Category,
    Country,
    CountryContinentRedirect,
    Directory,
    DirectoryIssue,
    EmbargoedCountry,
    EnrolRequest,
    Event,
    EventKind,
    ExclusiveDirectory,
    FileDetail,
    FilePieces,
    Host,
    HostAclIp,
    HostCategory,
    HostCategoryUrl,
    HostCountryAllowed,
    HostCountryExcluded,
    HostCountryServed,
    HostNetblock,
    HostNetblockSource,
    HostPeerAsn,
    HostToken,
    HostTransfer,
    Invitation,
    NetblockCountry,
    NodeKey,
    Notification,
    NotificationPreference,
    OidcIdentity,
    PairingCode,
    PersonalToken,
    Product,
    Question,
    Registration,
    Repository,
    RepositoryAlias,
    RepositoryMapping,
    RepositoryRedirect,
    SavedFilter,
    Site,
    SiteAdmin,
    SiteToSite,
    Sponsor,
    Version,
    Webhook,
    WrongPassword,
)

THEN = datetime(2026, 11, 19, 12, 0, tzinfo=UTC)
LATER = datetime(2099, 1, 1, tzinfo=UTC)


class UserFactory(DjangoModelFactory):
    username = factory.Sequence(lambda n: f"user{n}")
    email = factory.LazyAttribute(lambda o: f"{o.username}@example.org")

    class Meta:
        model = User


class SiteFactory(DjangoModelFactory):
    name = factory.Sequence(lambda n: f"Site {n}")

    class Meta:
        model = Site


class SiteAdminFactory(DjangoModelFactory):
    site = factory.SubFactory(SiteFactory)
    user = factory.SubFactory(UserFactory)

    class Meta:
        model = SiteAdmin


class HostFactory(DjangoModelFactory):
    site = factory.SubFactory(SiteFactory)
    name = factory.Sequence(lambda n: f"mirror{n}.example.org")
    country = factory.LazyFunction(lambda: Country.objects.get(code="DE"))

    class Meta:
        model = Host


class HostNetblockFactory(DjangoModelFactory):
    host = factory.SubFactory(HostFactory)
    netblock = factory.Sequence(lambda n: f"198.51.{n % 256}.0/24")

    class Meta:
        model = HostNetblock


class HostNetblockSourceFactory(DjangoModelFactory):
    host = factory.SubFactory(HostFactory)
    name = factory.Sequence(lambda n: f"Cloud {n}")
    provider = "list"
    url = "http://127.0.0.1:9/list"

    class Meta:
        model = HostNetblockSource


class ProductFactory(DjangoModelFactory):
    name = factory.Sequence(lambda n: f"Product {n}")

    class Meta:
        model = Product


class VersionFactory(DjangoModelFactory):
    product = factory.SubFactory(ProductFactory)
    name = factory.Sequence(lambda n: str(40 + n))

    class Meta:
        model = Version


class CategoryFactory(DjangoModelFactory):
    name = factory.Sequence(lambda n: f"Category {n}")
    product = factory.SubFactory(ProductFactory)
    top_directory = factory.Sequence(lambda n: f"pub/category{n}")

    class Meta:
        model = Category


class DirectoryFactory(DjangoModelFactory):
    """A Directory; `entries` are its files."""

    class Meta:
        model = Directory

    class Params:
        entries: tuple[Entry, ...] = ()

    category = factory.SubFactory(CategoryFactory)
    path = factory.LazyAttributeSequence(lambda o, n: f"{o.category.top_directory}/directory{n}")
    changed_at = THEN
    scanned_at = THEN
    file_count = factory.LazyAttribute(lambda o: len(o.entries))
    size_bytes = factory.LazyAttribute(lambda o: sum(entry.size for entry in o.entries))
    digest = factory.LazyAttribute(lambda o: digest_listing(o.entries))
    listing = factory.LazyAttribute(lambda o: pack_listing(o.entries))


class FileDetailFactory(DjangoModelFactory):
    directory = factory.SubFactory(DirectoryFactory)
    filename = "repomd.xml"
    timestamp = 1_700_000_000
    size_bytes = 3000
    seen_at = THEN

    class Meta:
        model = FileDetail


class FilePiecesFactory(DjangoModelFactory):
    directory = factory.SubFactory(DirectoryFactory)
    filename = "boot.iso"
    size_bytes = 300_000
    mtime = 1_700_000_000
    piece_bytes = 262_144
    digests = bytes(range(40))
    hashed_at = THEN

    class Meta:
        model = FilePieces


class RepositoryFactory(DjangoModelFactory):
    directory = factory.SubFactory(DirectoryFactory)
    category = factory.SelfAttribute("directory.category")
    # Beyond the releases that tests name themselves.
    prefix = factory.Sequence(lambda n: f"fedora-{1000 + n}")
    arch = factory.LazyFunction(lambda: Arch.objects.get(name="x86_64"))

    class Meta:
        model = Repository


class RepositoryMappingFactory(DjangoModelFactory):
    pattern = factory.Sequence(lambda n: f"^releases/{n}/")
    prefix = "fedora"

    class Meta:
        model = RepositoryMapping


class HostCategoryFactory(DjangoModelFactory):
    host = factory.SubFactory(HostFactory)
    category = factory.SubFactory(CategoryFactory)

    class Meta:
        model = HostCategory


class HostCategoryUrlFactory(DjangoModelFactory):
    host_category = factory.SubFactory(HostCategoryFactory)
    url = factory.Sequence(lambda n: f"https://mirror{n}.example.org/pub")

    class Meta:
        model = HostCategoryUrl


class SponsorFactory(DjangoModelFactory):
    name = factory.Sequence(lambda n: f"Sponsor {n}")
    site = factory.SubFactory(SiteFactory)

    class Meta:
        model = Sponsor


class HostPeerAsnFactory(DjangoModelFactory):
    host = factory.SubFactory(HostFactory)
    asn = factory.Sequence(lambda n: 64496 + n)

    class Meta:
        model = HostPeerAsn


class HostCountryAllowedFactory(DjangoModelFactory):
    host = factory.SubFactory(HostFactory)
    country = factory.LazyFunction(lambda: Country.objects.get(code="CH"))

    class Meta:
        model = HostCountryAllowed


class HostCountryExcludedFactory(DjangoModelFactory):
    host = factory.SubFactory(HostFactory)
    country = factory.LazyFunction(lambda: Country.objects.get(code="AT"))

    class Meta:
        model = HostCountryExcluded


class HostCountryServedFactory(DjangoModelFactory):
    host = factory.SubFactory(HostFactory)
    country = factory.LazyFunction(lambda: Country.objects.get(code="LI"))

    class Meta:
        model = HostCountryServed


class ExclusiveDirectoryFactory(DjangoModelFactory):
    host = factory.SubFactory(HostFactory)
    path = factory.Sequence(lambda n: f"pub/exclusive{n}")

    class Meta:
        model = ExclusiveDirectory


class HostAclIpFactory(DjangoModelFactory):
    host = factory.SubFactory(HostFactory)
    ip = factory.Sequence(lambda n: f"203.0.113.{n % 256}")

    class Meta:
        model = HostAclIp


class ArchFactory(DjangoModelFactory):
    name = factory.Sequence(lambda n: f"arch{n}")

    class Meta:
        model = Arch


class RepositoryRedirectFactory(DjangoModelFactory):
    from_prefix = factory.Sequence(lambda n: f"rawhide-{n}")
    to_prefix = "rawhide"

    class Meta:
        model = RepositoryRedirect


class RepositoryAliasFactory(DjangoModelFactory):
    from_text = factory.Sequence(lambda n: f"testing-debug-{n}-")
    to_text = "testing-debug-"

    class Meta:
        model = RepositoryAlias


class DirectoryIssueFactory(DjangoModelFactory):
    host_category = factory.SubFactory(HostCategoryFactory)
    directory = factory.SubFactory(
        DirectoryFactory, category=factory.SelfAttribute("..host_category.category")
    )
    state = "stale"
    reason = "older"
    sentence = "repomd.xml is older than the master's."
    since_at = THEN
    seen_at = THEN

    class Meta:
        model = DirectoryIssue


class CountryContinentRedirectFactory(DjangoModelFactory):
    country = factory.Iterator(Country.objects.order_by("code"))
    continent = "EU"

    class Meta:
        model = CountryContinentRedirect


class EmbargoedCountryFactory(DjangoModelFactory):
    country = factory.Iterator(Country.objects.order_by("code"))
    reason = "A law forbids it."

    class Meta:
        model = EmbargoedCountry


class NetblockCountryFactory(DjangoModelFactory):
    netblock = factory.Sequence(lambda n: f"203.0.{n % 256}.0/24")
    country = factory.LazyFunction(lambda: Country.objects.get(code="CH"))

    class Meta:
        model = NetblockCountry


class PairingCodeFactory(DjangoModelFactory):
    host = factory.SubFactory(HostFactory)
    code_hash = factory.Sequence(lambda n: f"{n:064x}")
    created_by = factory.SubFactory(UserFactory)
    expires_at = LATER

    class Meta:
        model = PairingCode


class NodeKeyFactory(DjangoModelFactory):
    host = factory.SubFactory(HostFactory)
    prefix = factory.Sequence(lambda n: f"key{n}")
    key_hash = factory.Sequence(lambda n: f"{n:064x}")

    class Meta:
        model = NodeKey


class EnrolRequestFactory(DjangoModelFactory):
    device_code_hash = factory.Sequence(lambda n: f"{n:064x}")
    user_code = factory.Sequence(lambda n: f"WDJB-{n:04}")
    claimed_name = factory.Sequence(lambda n: f"node{n}.example.org")
    source_ip = "198.51.100.7"
    description = {"storage": "4 TB"}
    approval = "pending"
    expires_at = LATER

    class Meta:
        model = EnrolRequest


class RegistrationFactory(DjangoModelFactory):
    host = factory.SubFactory(HostFactory)
    category = factory.SubFactory(CategoryFactory)

    class Meta:
        model = Registration


class EventFactory(DjangoModelFactory):
    at = THEN
    kind = EventKind.CHANGED
    host = factory.SubFactory(HostFactory)
    site = factory.SelfAttribute("host.site")
    actor = factory.SubFactory(UserFactory)
    sentence = factory.Sequence(lambda n: f"Thing {n} happened.")
    subject = factory.LazyAttribute(lambda o: f"host: {o.host}")
    facts = {"bandwidth_mbps": [100, 1000]}

    class Meta:
        model = Event


class HostTransferFactory(DjangoModelFactory):
    host = factory.SubFactory(HostFactory)
    to_site = factory.SubFactory(SiteFactory)
    created_at = THEN

    class Meta:
        model = HostTransfer


class HostTokenFactory(DjangoModelFactory):
    host = factory.SubFactory(HostFactory)
    prefix = factory.Sequence(lambda n: f"{n:012x}")
    created_at = THEN

    class Meta:
        model = HostToken


class OidcIdentityFactory(DjangoModelFactory):
    user = factory.SubFactory(UserFactory)
    issuer = "https://id.example.org"
    subject = factory.Sequence(lambda n: f"subject-{n}")
    created_at = THEN
    last_seen_at = THEN

    class Meta:
        model = OidcIdentity


class PersonalTokenFactory(DjangoModelFactory):
    user = factory.SubFactory(UserFactory)
    name = "a script"
    prefix = factory.Sequence(lambda n: f"{n:012x}")
    created_at = THEN

    class Meta:
        model = PersonalToken


class InvitationFactory(DjangoModelFactory):
    site = factory.SubFactory(SiteFactory)
    email = "dora@example.org"
    created_at = THEN
    expires_at = THEN

    class Meta:
        model = Invitation


class SiteToSiteFactory(DjangoModelFactory):
    upstream = factory.SubFactory(SiteFactory)
    downstream = factory.SubFactory(SiteFactory)

    class Meta:
        model = SiteToSite


class WrongPasswordFactory(DjangoModelFactory):
    network = factory.Sequence(lambda n: f"198.51.100.{n % 256}")
    site = factory.SubFactory(SiteFactory)
    fingerprint = factory.Sequence(lambda n: f"{n:064x}")
    first_at = THEN
    last_at = THEN

    class Meta:
        model = WrongPassword


class NotificationFactory(DjangoModelFactory):
    event = factory.SubFactory(EventFactory)
    channel = "email"
    recipient = "ben@example.org"
    topic = "changed"
    role = "owner"
    due_at = THEN

    class Meta:
        model = Notification


class NotificationPreferenceFactory(DjangoModelFactory):
    user = factory.SubFactory(UserFactory)

    class Meta:
        model = NotificationPreference


class WebhookFactory(DjangoModelFactory):
    site = factory.SubFactory(SiteFactory)
    url = factory.Sequence(lambda n: f"https://hooks.example.org/{n}")
    kinds = ["changed", "system_disabled"]
    secret_salt = factory.Sequence(lambda n: f"{n:032x}")
    created_at = THEN

    class Meta:
        model = Webhook


def carry(host: Host, category: Category, url: str, **extra: Any) -> HostCategory:
    """Let a Host carry a Category under one URL."""
    host_category: HostCategory = HostCategoryFactory.create(host=host, category=category, **extra)
    HostCategoryUrlFactory.create(host_category=host_category, url=url)
    return host_category


class PropagationStatFactory(DjangoModelFactory):
    repository = factory.SubFactory(RepositoryFactory)
    at = THEN

    class Meta:
        model = PropagationStat


class QuestionFactory(DjangoModelFactory):
    thing = "site"
    thing_id = factory.SelfAttribute("site.pk")
    subject = factory.LazyAttribute(lambda o: f"site “{o.site}”")
    site = factory.SubFactory(SiteFactory, approval="pending")
    text = "Who runs it?"
    asked_at = THEN

    class Meta:
        model = Question


class SavedFilterFactory(DjangoModelFactory):
    user = factory.SubFactory(UserFactory)
    name = factory.Sequence(lambda n: f"Filter {n}")
    shared = True
    table = "registry_host"
    query = "standing=failing"

    class Meta:
        model = SavedFilter


class CrawlRunFactory(DjangoModelFactory):
    host = factory.SubFactory(HostFactory)
    state = RunState.FINISHED
    started_at = THEN
    finished_at = THEN
    lease_until_at = THEN

    class Meta:
        model = CrawlRun
