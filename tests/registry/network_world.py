"""A small network in which every kind of a network file occurs, with awkward values."""

from django.contrib.auth.models import User
from pyroaring import BitMap

from registry.logic.listings import Entry
from registry.models import (
    Approval,
    Category,
    Country,
    CountryContinentRedirect,
    Directory,
    EmbargoedCountry,
    ExclusiveDirectory,
    Host,
    HostAclIp,
    HostCountryAllowed,
    HostCountryExcluded,
    HostCountryServed,
    HostPeerAsn,
    NetblockCountry,
    RepositoryAlias,
    RepositoryRedirect,
    Sponsor,
)
from tests import factories as f

SHA256 = "ab" * 32


def make_network() -> None:
    """Fill the database."""
    category = make_catalog()
    make_geography()
    site = f.SiteFactory.create(
        name="Université d'Exemple", organization_url="https://example.org/", password="hash"
    )
    f.SiteAdminFactory.create(site=site, user=User.objects.create_user("ben"))
    f.SiteFactory.create(name="no", private=True, downstream_comments="one\r\ntwo: #3\n")
    sponsor = Sponsor.objects.create(name="Null", contact="a@example.org", site=site)
    host = f.HostFactory.create(
        site=site, name="mirror.example.org", sponsor=sponsor, latitude=50.5, longitude=-3.0,
        asn=64500, country=Country.objects.get(code="NO"), comment="  padded \x7f\u2028 “text”",
    )  # fmt: skip
    make_preferences(host)
    carried = f.carry(host, category, "https://mirror.example.org:8443/pub", always_up2date=True)
    f.HostCategoryUrlFactory.create(
        host_category=carried, url="rsync://mirror.example.org/pub", private=True
    )
    f.HostFactory.create(site=site, name="waiting.example.org", approval=Approval.PENDING)


def make_catalog() -> Category:
    """Make a Product with a Version, a Category and the rules of Repositories."""
    product = f.ProductFactory.create(name="Fedora")
    f.VersionFactory.create(product=product, name="42", display_name="Forty-two")
    category: Category = f.CategoryFactory.create(
        name="Fedora Linux", product=product, top_directory="pub/fedora/linux",
        excludes="^tmp/\n~$", source_location="/srv/pub/fedora/linux",
    )  # fmt: skip
    f.CategoryFactory.create(name="Other", product=None, top_directory="pub/other")
    f.RepositoryMappingFactory.create(pattern="^z/(?P<v>[0-9]+)/", position=5)
    f.RepositoryMappingFactory.create(pattern="^a/", position=5, category=category)
    RepositoryAlias.objects.create(from_text="testing-epel-", to_text="epel-testing")
    RepositoryRedirect.objects.create(from_prefix="rawhide", to_prefix="fedora-rawhide")
    return category


def make_geography() -> None:
    """Correct some places, and add one that no list has."""
    Country.objects.create(code="QZ", name="Made up", continent="EU")
    EmbargoedCountry.objects.create(country_id="KP", reason="Because: “law”.")
    CountryContinentRedirect.objects.create(country_id="IL", continent="EU")
    NetblockCountry.objects.create(netblock="2001:db8::/32", country_id="QZ")


def make_preferences(host: Host) -> None:
    """Let a Host prefer and refuse clients."""
    f.HostNetblockFactory.create(host=host, netblock="192.0.2.0/24", name="campus")
    HostPeerAsn.objects.create(host=host, asn=64501, name="peer")
    HostCountryAllowed.objects.create(host=host, country_id="SE")
    HostCountryExcluded.objects.create(host=host, country_id="DK")
    HostCountryServed.objects.create(host=host, country_id="FI")
    ExclusiveDirectory.objects.create(host=host, path="pub/fedora/linux/odd")
    HostAclIp.objects.create(host=host, ip="2001:db8::1")


def make_state() -> None:
    """Give the network Directories, Repositories and up2date sets."""
    category = Category.objects.get(name="Fedora Linux")
    top = category.top_directory
    paths = [f"{top}/releases/42/{name}" for name in ("a", "b", "c/x86_64/os", "C")]
    directories = [
        f.DirectoryFactory.create(
            category=category, path=path, entries=(Entry("NO", 3, 5), Entry('odd "\n', 0, -1))
        )
        for path in paths
    ]
    f.DirectoryFactory.create(category=category, path=f"{top}/secret", readable=False)
    repository = directories[2]
    version = category.product.versions.get() if category.product else None
    f.RepositoryFactory.create(directory=repository, prefix="fedora-42", version=version)
    f.FileDetailFactory.create(directory=repository, sha256=SHA256, md5="0" * 32)
    f.FileDetailFactory.create(directory=repository, timestamp=1_600_000_000)
    host = Host.objects.get(name="mirror.example.org")
    host.host_categories.update(up2date=BitMap(each.pk for each in directories[1:]))
    other = Category.objects.get(name="Other")
    f.carry(host, other, "https://mirror.example.org/other")


def ids(*paths: str) -> BitMap:
    """Return the ids of Directories by the end of their paths."""
    return BitMap(
        pk
        for path in paths
        for pk in Directory.objects.filter(path__endswith=path).values_list("pk", flat=True)
    )
