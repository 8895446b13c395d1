"""From a MirrorManager database to what its mirrorlist-servers answer from, through both doors."""

import io

import pytest
from django.core.management import call_command

from registry.models import Host
from tests.mirrorlist.protobuf_schema import pairs, parse
from tests.mirrorsite.mirrormanager_database import Database, copy_of, server

__all__ = ["server"]

pytestmark = pytest.mark.django_db


BROUGHT_UP2DATE = """
    INSERT INTO directory (id, name) VALUES (100, 'pub/fedora/linux/releases/42/x86_64/repodata');
    INSERT INTO host_category_dir (host_category_id, path, directory_id)
    VALUES (1, '/releases/42/x86_64', 3), (1, '/releases/42/x86_64/repodata', 100);
"""


@pytest.fixture
def database(server: str) -> Database:
    return copy_of(server, "network")


def test_what_mirrormanager_served_is_served_from_the_import(database, tmp_path) -> None:
    path = tmp_path / "mirrorlist_cache.proto"
    # Its Repository is behind on every Host, until the public one gets it.
    database.run(BROUGHT_UP2DATE)
    call_command("import_mirrormanager", database.url, stdout=io.StringIO(), stderr=io.StringIO())
    call_command("export_protobuf", str(path), stdout=io.StringIO())
    cache = parse(path.read_bytes())

    public = Host.objects.get(name="mirror.example.edu").pk
    private = Host.objects.get(name="private.example.edu").pk
    repositories = dict(pairs(cache.RepoArchToDirectoryName))
    directories = {each.directory: each for each in cache.MirrorListCache}
    offered = directories[repositories["fedora-42+x86_64"]]
    assert list(offered.Global) == [public]
    urls = dict(pairs(cache.HCUrlCache))
    assert [urls[id] for id in dict(pairs(offered.ByHostId))[public]] == [
        "https://mirror.example.edu/fedora"
    ]
    assert pairs(cache.HostCountryAllowedCache)[0] == (public, ["DE", "FR"])
    assert (64501, [public]) in pairs(cache.HostAsnCache)
    assert pairs(cache.DisabledRepositoryCache) == [("extras-9", True)]
    # Its only URL held a password and was left out, so nobody is sent to the private Host.
    assert private not in dict(pairs(offered.ByHostId))
