"""What an import brings in, from a PostgreSQL with MirrorManager's tables."""

import io
from datetime import UTC, datetime

import pytest
from django.contrib.auth.hashers import check_password
from django.contrib.auth.models import User
from django.core.management import call_command

from registry.logic.listings import Entry, unpack_listing
from registry.models import (
    Category,
    CountryContinentRedirect,
    Directory,
    EmbargoedCountry,
    Event,
    FileDetail,
    Host,
    HostCategory,
    HostCategoryUrl,
    NetblockCountry,
    Repository,
    RepositoryRedirect,
    Site,
    Version,
)

pytestmark = pytest.mark.django_db


@pytest.fixture
def imported(untouched) -> str:
    out = io.StringIO()
    call_command(
        "import_mirrormanager", untouched.url, verbosity=2, stdout=out, stderr=io.StringIO()
    )
    return out.getvalue()


def test_sites_come_with_switches_texts_and_origin(imported) -> None:
    site = Site.objects.get(name="Example University")
    assert site.organization_url == "http://www.example.edu"
    assert (site.all_sites_can_pull_from_me, site.downstream_comments) == (True, "Be kind.")
    assert site.created_at == datetime(2012, 5, 6, 7, 8, 9, tzinfo=UTC)
    assert site.created_by == User.objects.get(username="ben")
    names = set(Site.objects.values_list("name", "private", "user_active"))
    assert names >= {("example university (site 2)", False, True), ("Site 3", True, False)}


def test_site_admins_get_accounts_that_no_password_opens(imported) -> None:
    pairs = set(Site.objects.values_list("name", "admins__user__username"))
    assert pairs == {
        ("Example University", "ben"),
        ("example university (site 2)", "cara"),
        ("Site 3", "new admin"),
    }
    account = User.objects.get(username="new admin")
    assert (account.is_active, account.is_staff, account.is_superuser) == (True, False, False)
    assert not account.has_usable_password()


def test_an_account_that_is_here_is_the_site_admin(ada, network) -> None:
    network.run("UPDATE site_admin SET username = 'ada' WHERE username = 'ben'")
    call_command("import_mirrormanager", network.url, stdout=io.StringIO(), stderr=io.StringIO())
    assert ada.site_adminships.get().site.name == "Example University"
    assert User.objects.get(username="ada").is_staff


def test_plain_check_in_passwords_become_hashes(imported) -> None:
    hashed = Site.objects.get(name="Example University").password
    assert check_password("sesame", hashed)
    assert "sesame" not in hashed
    assert Site.objects.get(name="example university (site 2)").password == ""


def test_hosts_come_with_numbers_and_switches(imported) -> None:
    host = Host.objects.get(name="mirror.example.edu")
    assert (host.country_id, host.bandwidth_mbps, host.asn) == ("DE", 1_000_000, 64500)
    assert (host.latitude, host.longitude, host.comment) == (50.5, 8.0, "hello")
    assert host.contact == "robot@example.edu"
    renamed = Host.objects.get(name="MIRROR.example.edu (host 3)")
    assert (renamed.user_active, renamed.disable_reason) == (False, "Moving house.")
    assert (renamed.asn, renamed.bandwidth_mbps) == (None, 1)
    assert not Host.objects.get(name="off.example").admin_active
    assert not Host.objects.filter(name__in=["nowhere.example", "orphan.example"]).exists()


def test_a_private_host_keeps_its_last_check_in(imported) -> None:
    host = Host.objects.get(name="private.example.edu")
    assert host.private
    assert host.last_checked_in_at == datetime(2026, 11, 18, 10, tzinfo=UTC)
    assert (host.country_id, host.asn_clients) == ("GB", False)


def test_a_host_that_the_crawler_disabled_waits_for_the_system_not_for_its_owner(imported) -> None:
    host = Host.objects.get(name="failing.example")
    assert (host.user_active, host.system_active) == (True, False)
    assert host.system_reason.startswith("MirrorManager said: Host has been disabled")
    assert host in Host.objects.crawlable()


def test_preferences_of_hosts_come_along(imported) -> None:
    host = Host.objects.get(name="mirror.example.edu")
    assert list(host.netblocks.values_list("netblock", "name")) == [("193.0.2.0/24", "campus")]
    assert list(host.peer_asns.values_list("asn", "name")) == [(64501, "peer")]
    assert sorted(host.countries_allowed.values_list("country", flat=True)) == ["DE", "FR"]
    assert list(host.acl_ips.values_list("ip", flat=True)) == ["192.0.2.7"]
    private = Host.objects.get(name="private.example.edu")
    assert list(private.countries_allowed.values_list("country", flat=True)) == ["GB"]


def test_categories_versions_and_places_come_along(imported) -> None:
    assert set(Category.objects.values_list("name", "top_directory", "product__name")) == {
        ("Fedora Linux", "pub/fedora/linux", "Fedora"),
        ("Fedora Extras", "pub/fedora/linux/extras", None),
    }
    assert set(Version.objects.values_list("name", "display_name")) == {
        ("42", ""), ("development", "Rawhide"),
    }  # fmt: skip
    assert RepositoryRedirect.objects.get().to_prefix == "fedora-42"
    assert CountryContinentRedirect.objects.get().country_id == "IL"
    assert EmbargoedCountry.objects.get().country_id == "KP"
    assert NetblockCountry.objects.get().netblock == "192.0.2.0/24"


def test_directories_go_with_the_longest_top_directory(imported) -> None:
    assert set(Directory.objects.values_list("path", "category__name")) == {
        ("pub/fedora/linux", "Fedora Linux"),
        ("pub/fedora/linux/releases/42", "Fedora Linux"),
        ("pub/fedora/linux/releases/42/x86_64", "Fedora Linux"),
        ("pub/fedora/linux/secret", "Fedora Linux"),
        ("pub/fedora/linux/updates", "Fedora Linux"),
        ("pub/fedora/linux/extras", "Fedora Extras"),
        ("pub/fedora/linux/extras/9", "Fedora Extras"),
    }


def test_a_listing_comes_from_json_and_umdl_is_told_to_read_it_again(imported) -> None:
    directory = Directory.objects.get(path="pub/fedora/linux/releases/42")
    assert unpack_listing(directory.listing) == (
        Entry("a", 1, 1_700_000_001), Entry("b", 2, 1_700_000_002),
    )  # fmt: skip
    assert (directory.file_count, directory.size_bytes) == (2, 3)
    assert directory.changed_at == datetime.fromtimestamp(1_700_000_000, UTC)
    assert directory.scanned_at == directory.changed_at


@pytest.mark.parametrize("path", ["releases/42/x86_64", "secret", "updates"])
def test_files_that_are_pickled_or_broken_were_never_seen(imported, path) -> None:
    directory = Directory.objects.get(path=f"pub/fedora/linux/{path}")
    assert bytes(directory.digest) == b""
    assert unpack_listing(directory.listing) == ()
    assert directory.readable is (path != "secret")


def test_file_details_come_once_each_newest_first(imported) -> None:
    details = FileDetail.objects.filter(filename="repomd.xml").newest_first()
    assert [(each.timestamp, each.sha256[:1], each.md5) for each in details] == [
        (1_700_009_999, "b", ""), (1_700_000_000, "a", ""),
    ]  # fmt: skip
    assert FileDetail.objects.get(filename="an.iso").timestamp == 0
    assert FileDetail.objects.count() == 3


def test_repositories_keep_prefix_version_and_arch(imported) -> None:
    assert set(
        Repository.objects.values_list("prefix", "version__name", "arch__name", "disabled")
    ) == {
        ("fedora-42", "42", "x86_64", False),
        ("extras-9", None, "loong64", True),
        ("", None, None, False),
    }
    assert Repository.objects.get(prefix="extras-9").category.name == "Fedora Extras"


def test_urls_come_in_their_canonical_form_without_doubles_and_secrets(imported) -> None:
    assert set(HostCategoryUrl.objects.values_list("url", "private")) == {
        ("https://mirror.example.edu/fedora", False),
        ("rsync://mirror.example.edu/fedora", True),
        ("https://mirror.example.edu/extras", False),
    }
    assert "“rsync://…@private.example.edu/x”" in imported
    assert "user:pass" not in imported


@pytest.mark.parametrize(
    ("host", "category", "expected"),
    [
        ("mirror.example.edu", "Fedora Linux", ["", "/releases/42"]),
        ("private.example.edu", "Fedora Linux", ["/releases/42", "/secret"]),
        ("mirror.example.edu", "Fedora Extras", ["/extras/9"]),
        ("MIRROR.example.edu (host 3)", "Fedora Linux", []),
    ],
)
def test_rows_become_up2date_sets(imported, host, category, expected) -> None:
    carried = HostCategory.objects.get(host__name=host, category__name=category)
    found = Directory.objects.filter(id__in=list(carried.up2date)).order_by("path")
    assert [each.path.removeprefix("pub/fedora/linux") for each in found] == expected
    assert carried.up2date_count == len(expected)


def test_the_timeline_tells_of_the_import(imported) -> None:
    host = Host.objects.get(name="mirror.example.edu")
    assert Event.objects.filter(host=host, kind="imported").count() == 1
    last = Event.objects.filter(host=None, site=None).first()
    assert last is not None
    assert "7 Directories, 3 FileDetails, 3 Repositories and 3 up2date sets" in last.sentence
