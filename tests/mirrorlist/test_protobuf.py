"""The exported cache as a mirrorlist-server reads it, from the database to the file."""

import io
from datetime import datetime

import pytest
from django.core.management import CommandError, call_command
from pyroaring import BitMap

from mirrorlist.services.protobuf import write_protobuf_cache
from registry.models import (
    Approval,
    Country,
    CountryContinentRedirect,
    EmbargoedCountry,
    Host,
    HostCategory,
    HostCountryAllowed,
    HostPeerAsn,
)
from tests import factories as f
from tests.mirrorlist.protobuf_schema import pairs, parse

pytestmark = pytest.mark.django_db


@pytest.fixture
def carried() -> HostCategory:
    """A Host that carries a Category with one Repository, up2date."""
    category = f.CategoryFactory.create(top_directory="pub/fedora")
    directory = f.DirectoryFactory.create(category=category, path="pub/fedora/42")
    f.RepositoryFactory.create(directory=directory, prefix="fedora-42")
    f.FileDetailFactory.create(directory=directory, sha256="ab" * 32)
    host = f.HostFactory.create(name="a.example.org", bandwidth_mbps=50_000, max_connections=3)
    f.HostNetblockFactory.create(host=host, netblock="193.0.2.0/24")
    return f.carry(host, category, "https://a.example.org/pub", up2date=BitMap([directory.pk]))


def export(tmp_path, now: datetime):
    path = tmp_path / "mirrorlist_cache.proto"
    write_protobuf_cache(path, now=now)
    return parse(path.read_bytes())


def test_a_repository_leads_to_the_hosts_that_have_it(carried, tmp_path, now) -> None:
    cache = export(tmp_path, now)
    assert cache.Time == int(now.timestamp())
    assert pairs(cache.RepoArchToDirectoryName) == [("fedora-42+x86_64", "pub/fedora/42")]
    (directory,) = cache.MirrorListCache
    assert (directory.directory, directory.Subpath) == ("pub/fedora/42", "42")
    assert list(directory.Global) == [carried.host_id]
    (entry,) = directory.ByHostId
    urls = dict(pairs(cache.HCUrlCache))
    assert [urls[number] for number in entry.value] == ["https://a.example.org/pub"]
    assert cache.FileDetailsCache[0].FileDetailsCacheFiles[0].FileDetails[0].SHA256 == "ab" * 32


def test_hosts_come_with_bounded_bandwidth_and_preferences(carried, tmp_path, now) -> None:
    HostCountryAllowed.objects.create(host=carried.host, country_id="FR")
    HostPeerAsn.objects.create(host=carried.host, asn=64501)
    Host.objects.filter(pk=carried.host_id).update(asn=64500)
    cache, id = export(tmp_path, now), carried.host_id
    assert pairs(cache.HostBandwidthCache) == [(id, 10_000)]
    assert pairs(cache.HostMaxConnectionCache) == [(id, 3)]
    assert pairs(cache.HostNetblockCache) == [("193.0.2.0/24", [id])]
    assert pairs(cache.HostAsnCache) == [(64500, [id]), (64501, [id])]
    assert pairs(cache.HostCountryAllowedCache) == [(id, ["FR"])]


@pytest.mark.parametrize(
    ("owner", "change"),
    [
        ("site", {"admin_active": False}), ("site", {"user_active": False}),
        ("site", {"approval": Approval.PENDING}), ("host", {"admin_active": False}),
        ("host", {"user_active": False}), ("host", {"system_active": False}),
    ],
)  # fmt: skip
def test_a_host_out_of_service_is_nowhere(carried, tmp_path, now, owner, change) -> None:
    rows = {"site": type(carried.host.site).objects, "host": Host.objects}[owner]
    rows.update(**change)
    cache = export(tmp_path, now)
    assert len(cache.MirrorListCache[0].ByHostId) == 0
    assert (len(cache.HostNetblockCache), len(cache.HCUrlCache)) == (0, 0)


def test_a_host_under_embargo_is_nowhere(carried, tmp_path, now) -> None:
    EmbargoedCountry.objects.create(country=Country.objects.get(code="DE"))
    assert len(export(tmp_path, now).MirrorListCache[0].ByHostId) == 0


def test_a_private_host_is_found_by_its_netblock_only(carried, tmp_path, now) -> None:
    Host.objects.update(private=True)
    cache = export(tmp_path, now)
    (directory,) = cache.MirrorListCache
    assert (list(directory.Global), len(directory.ByCountry)) == ([], 0)
    assert [each.key for each in directory.ByHostId] == [carried.host_id]
    assert len(cache.HostNetblockCache) == 1


def test_only_redirects_of_countries_are_written(carried, tmp_path, now) -> None:
    CountryContinentRedirect.objects.create(country_id="IL", continent="EU")
    assert pairs(export(tmp_path, now).CountryContinentRedirectCache) == [("IL", "EU")]


def test_the_same_network_gives_the_same_bytes(carried, tmp_path, now) -> None:
    for name in ("a", "b"):
        write_protobuf_cache(tmp_path / name, now=now)
    assert (tmp_path / "a").read_bytes() == (tmp_path / "b").read_bytes()


def test_the_number_of_queries_is_that_of_the_tables(
    carried, tmp_path, now, django_assert_max_num_queries
) -> None:
    for number in range(5):
        f.carry(f.HostFactory.create(), carried.category, f"https://{number}.example.org/pub")
    with django_assert_max_num_queries(22):
        write_protobuf_cache(tmp_path / "cache", now=now)


def test_the_file_is_replaced_when_it_is_whole_and_others_may_read_it(
    carried, tmp_path, now, monkeypatch
) -> None:
    path = tmp_path / "cache"
    path.write_bytes(b"old")
    with monkeypatch.context() as patched:
        patched.setattr("os.fsync", lambda _: (_ for _ in ()).throw(OSError("disk full")))
        with pytest.raises(OSError, match="disk full"):
            write_protobuf_cache(path, now=now)
    assert (path.read_bytes(), len(list(tmp_path.iterdir()))) == (b"old", 1)
    write_protobuf_cache(path, now=now)
    assert path.read_bytes() != b"old"
    assert path.stat().st_mode & 0o777 == 0o644


def test_the_command_says_what_it_wrote(carried, tmp_path) -> None:
    out, path = io.StringIO(), tmp_path / "cache"
    call_command("export_protobuf", str(path), stdout=out)
    assert out.getvalue() == (
        f"Wrote {path} ({path.stat().st_size:,} bytes): 1 Hosts, 1 Repositories and "
        "1 Directories.\n"
    )
    with pytest.raises(CommandError, match=r"cannot be written: .*No such file"):
        call_command("export_protobuf", str(tmp_path / "missing" / "cache"))
