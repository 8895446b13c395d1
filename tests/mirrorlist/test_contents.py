"""What goes from the database into a snapshot, and what is left out and why."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from pyroaring import BitMap

from mirrorlist.logic.contents import Contents
from mirrorlist.logic.host_sets import members_of
from mirrorlist.logic.snapshot import Carrier, Families, Reachable
from mirrorlist.services.contents import load_contents
from registry.logic.listings import Entry, pack_listing
from registry.logic.reach import Reach
from registry.models import (
    Country,
    CountryContinentRedirect,
    Directory,
    EmbargoedCountry,
    Host,
    HostCategory,
    HostCategoryUrl,
    HostCountryAllowed,
    HostPeerAsn,
    NetblockCountry,
    RepositoryRedirect,
    Site,
)
from tests import factories

pytestmark = pytest.mark.django_db


def names_of(contents: Contents, path: str) -> set[str]:
    """Return the Hosts of a Directory."""
    number = next(d.host_set_id for d in contents.directories if d.path == path)
    return {contents.hosts[member].name for member in members_of(contents.host_sets[number])}


def test_hosts_stand_at_the_directories_that_they_have(network, now) -> None:
    network.host("all")
    network.host("metadata", has=[network.repodata])
    network.host("packages", has=[network.os])
    contents = load_contents(now=now)
    assert names_of(contents, "pub/fedora/42/os/repodata") == {"all", "metadata"}
    assert names_of(contents, "pub/fedora/42/os") == {"all"}


def test_who_is_always_up2date_has_everything(network, now) -> None:
    cdn = factories.HostFactory.create(name="cdn")
    factories.carry(cdn, network.category, "https://cdn", always_up2date=True)
    assert names_of(load_contents(now=now), "pub/fedora/42/os") == {"cdn"}


@pytest.mark.parametrize(
    ("off", "reason"),
    [
        ({"site__approval": "pending"}, "site_not_approved"),
        ({"site__admin_active": False}, "site_admin_off"),
        ({"site__user_active": False}, "site_user_off"),
        ({"approval": "pending"}, "not_approved"),
        ({"admin_active": False}, "admin_off"),
        ({"user_active": False}, "user_off"),
        ({"system_active": False}, "system_off"),
    ],
)
def test_every_switch_that_takes_a_host_out_has_its_reason(network, now, off, reason) -> None:
    network.host("off.example.org", **off)
    contents = load_contents(now=now)
    assert not contents.hosts
    assert not Host.objects.servable().exists()
    [(category_id, exclusion)] = contents.exclusions
    assert (category_id, exclusion.reason) == (network.category.pk, reason)
    assert exclusion.name == "off.example.org"


def test_hosts_under_embargo_are_left_out(network, now) -> None:
    host = network.host("x")
    EmbargoedCountry.objects.create(country=host.country, reason="The law says so.")
    [(_, exclusion)] = load_contents(now=now).exclusions
    assert exclusion.reason == "embargo"
    assert exclusion.sentence == "Its country is under embargo. The law says so."


@pytest.mark.parametrize("private", [{"private": True}, {"site__private": True}])
def test_private_hosts_and_those_of_private_sites_are_marked(network, now, private) -> None:
    network.host("x", **private)
    assert [host.private for host in load_contents(now=now).hosts] == [True]


def test_private_urls_never_leave_the_database(network, now) -> None:
    host = network.host("x")
    row = HostCategory.objects.get(host=host)
    factories.HostCategoryUrlFactory.create(host_category=row, url="rsync://x/secret", private=True)
    [(_, _, carrier)] = load_contents(now=now).carriers
    assert carrier == Carrier(("https://x/fedora",), "", (Families(),))
    row.urls.update(private=True)
    contents = load_contents(now=now)
    assert not contents.carriers
    assert [exclusion.reason for _, exclusion in contents.exclusions] == ["no_url"]


def test_a_failing_url_is_left_out_while_another_works(network, now) -> None:
    host = network.host("x")
    row = HostCategory.objects.get(host=host)
    row.urls.update(state="failing", reason="It hangs.")
    factories.HostCategoryUrlFactory.create(
        host_category=row, url="http://x/fedora", state="working"
    )
    [(_, _, carrier)] = load_contents(now=now).carriers
    assert carrier.urls == ("http://x/fedora",)
    assert carrier.note == "https://x/fedora is left out because it fails. It hangs."


def test_who_prefers_whom_is_taken_along(network, now) -> None:
    host = network.host("x", asn=64496)
    shy = network.host("shy", asn=64497, asn_clients=False)
    off = network.host("off", asn=64498, user_active=False)
    for each in (host, off):
        factories.HostNetblockFactory.create(host=each, netblock="192.0.2.0/24")
    factories.HostNetblockFactory.create(host=host, netblock="10.0.0.0/8", approval="pending")
    HostPeerAsn.objects.create(host=shy, asn=64500)
    HostPeerAsn.objects.create(host=off, asn=64501)
    HostCountryAllowed.objects.create(host=host, country=host.country)
    contents = load_contents(now=now)
    assert contents.netblocks == [("192.0.2.0/24", host.pk)]
    assert contents.asns == [(64496, host.pk), (64500, shy.pk)]
    assert {h.name: h.countries_allowed for h in contents.hosts} == {"x": {"DE"}, "shy": set()}


def test_repositories_redirects_and_corrections_are_taken_along(network, now) -> None:
    network.repository.disabled = True
    network.repository.save()
    factories.RepositoryFactory.create(prefix="")
    RepositoryRedirect.objects.create(from_prefix="old", to_prefix="fedora-42")
    country = network.host("x").country
    CountryContinentRedirect.objects.create(country=country, continent="AS")
    NetblockCountry.objects.create(netblock="192.0.2.0/24", country=country)
    contents = load_contents(now=now)
    assert contents.repositories == [("fedora-42", "x86_64", "pub/fedora/42/os")]
    assert contents.disabled == ["fedora-42"]
    assert contents.redirects == [("old", "fedora-42")]
    countries = {row.code: row for row in contents.countries}
    assert (countries["DE"].continent, countries["FR"].continent) == ("AS", "EU")
    assert (countries["FR"].latitude, countries["FR"].longitude) == (48.9, 2.4)
    assert contents.netblock_countries == [("192.0.2.0/24", "DE")]


def test_the_newest_state_of_a_file_comes_first(network, now) -> None:
    factories.FileDetailFactory.create(directory=network.repodata, sha256="a" * 64, seen_at=now)
    details = [detail for _, _, detail in load_contents(now=now).file_details]
    assert [detail.sha256[0] for detail in details] == ["a", "f"]


def test_listings_of_directories_that_others_may_read_are_taken_along(network, now) -> None:
    listing = pack_listing([Entry("repomd.xml", 3, 4)])
    factories.DirectoryFactory.create(category=network.category, readable=False)
    factories.DirectoryFactory.create(category=network.category, vanished_at=now)
    Directory.objects.filter(pk=network.repodata.pk).update(listing=listing, changed_at=now)
    listings = {row.directory_id: row for row in load_contents(now=now).listings or ()}
    assert listings.keys() == {network.os.pk, network.repodata.pk}
    assert listings[network.repodata.pk] == (network.repodata.pk, int(now.timestamp()), listing)
    assert load_contents(now=now, listings=False).listings is None


def test_the_address_of_the_master_is_taken_along(network, now) -> None:
    network.category.canonical_url = "https://dl.example.org/fedora"
    network.category.save()
    [category] = load_contents(now=now).categories
    assert category == (
        network.category.pk,
        "Fedora Linux",
        "pub/fedora",
        "https://dl.example.org/fedora",
    )


def test_the_number_of_queries_does_not_grow(network, now) -> None:
    network.host("one")
    with CaptureQueriesContext(
        connection,
    ) as few:
        load_contents(now=now)
    for number in range(5):
        network.host(f"more{number}", site=Site.objects.first())
    HostCategory.objects.update(up2date=BitMap([network.os.pk]))
    with CaptureQueriesContext(connection) as many:
        load_contents(now=now)
    assert len(many) == len(few) <= 22


def test_what_a_host_limits_is_taken_along(network, now) -> None:
    host = network.host(
        "x", reach="continent", always_listed=True, max_file_mb=4000, share_percent=50,
        bandwidth_mbps=100, asn=64496, latitude=50.1, longitude=8.7,
    )  # fmt: skip
    factories.HostCountryExcludedFactory.create(host=host)
    factories.HostCountryServedFactory.create(host=host)
    HostCategoryUrl.objects.update(ipv4_state="working", ipv6_state="absent")
    contents = load_contents(now=now)
    (found,) = contents.hosts
    assert (found.reach, found.always_listed, found.max_file_mb) == (Reach.CONTINENT, True, 4000)
    assert found.countries_excluded == frozenset({"AT"})
    assert found.countries_served == frozenset({"LI"})
    assert (found.weight, found.asn, found.point) == (50, 64496, (50.1, 8.7))
    assert found.site == host.site.name
    assert contents.carriers[0][2].families == (Families(Reachable.YES, Reachable.NO),)


def test_half_a_point_is_none(network, now) -> None:
    network.host("x", latitude=50.1)
    Country.objects.filter(code="FR").update(longitude=None)
    contents = load_contents(now=now)
    assert contents.hosts[0].point is None
    france = next(row for row in contents.countries if row.code == "FR")
    assert france[2:] == (None, None)
