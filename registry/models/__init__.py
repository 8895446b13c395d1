"""All tables of the registry, under one roof for the rest of the program."""

from registry.models.approval import Approvable, Approval
from registry.models.carriage import (
    DirectoryIssue,
    DirectoryState,
    FamilyState,
    HostCategory,
    HostCategoryUrl,
    UrlState,
)
from registry.models.content import (
    Arch,
    Category,
    Directory,
    FileDetail,
    Product,
    Repository,
    RepositoryAlias,
    RepositoryKind,
    RepositoryMapping,
    RepositoryRedirect,
    SourceKind,
    Version,
)
from registry.models.credentials import HostToken, WrongPassword
from registry.models.events import Event, EventKind
from registry.models.filters import SavedFilter
from registry.models.geography import (
    Continent,
    Country,
    CountryContinentRedirect,
    EmbargoedCountry,
    NetblockCountry,
)
from registry.models.hosts import (
    CloudProvider,
    ExclusiveDirectory,
    Host,
    HostAclIp,
    HostCountryAllowed,
    HostCountryExcluded,
    HostCountryServed,
    HostNetblock,
    HostNetblockSource,
    HostPeerAsn,
    HostTransfer,
    SourceState,
)
from registry.models.notifications import Notification, NotificationPreference, Webhook
from registry.models.pairing import EnrolRequest, NodeKey, PairingCode, Registration
from registry.models.people import Invitation, OidcIdentity, PersonalToken
from registry.models.pieces import FilePieces
from registry.models.questions import Question
from registry.models.sites import Site, SiteAdmin, SiteToSite, Sponsor

__all__ = [
    "Approvable",
    "Approval",
    "Arch",
    "Category",
    "CloudProvider",
    "Continent",
    "Country",
    "CountryContinentRedirect",
    "Directory",
    "DirectoryIssue",
    "DirectoryState",
    "EmbargoedCountry",
    "EnrolRequest",
    "Event",
    "EventKind",
    "ExclusiveDirectory",
    "FamilyState",
    "FileDetail",
    "FilePieces",
    "Host",
    "HostAclIp",
    "HostCategory",
    "HostCategoryUrl",
    "HostCountryAllowed",
    "HostCountryExcluded",
    "HostCountryServed",
    "HostNetblock",
    "HostNetblockSource",
    "HostPeerAsn",
    "HostToken",
    "HostTransfer",
    "Invitation",
    "NetblockCountry",
    "NodeKey",
    "Notification",
    "NotificationPreference",
    "OidcIdentity",
    "PairingCode",
    "PersonalToken",
    "Product",
    "Question",
    "Registration",
    "Repository",
    "RepositoryAlias",
    "RepositoryKind",
    "RepositoryMapping",
    "RepositoryRedirect",
    "SavedFilter",
    "Site",
    "SiteAdmin",
    "SiteToSite",
    "SourceKind",
    "SourceState",
    "Sponsor",
    "UrlState",
    "Version",
    "Webhook",
    "WrongPassword",
]
