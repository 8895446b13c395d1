import pytest

from registry.logic.repository_kinds import (
    NAMING,
    RepositoryFormat,
    find_metadata,
    format_of_path,
    is_metadata,
    is_verified,
    metadata_place,
    verifies,
)
from registry.models.content import RepositoryKind


@pytest.mark.parametrize(
    ("path", "names", "found"),
    [
        ("a/os/repodata", "repomd.xml primary.xml.gz", ("rpm", "a/os", "repomd.xml")),
        ("a/os/repodata", "primary.xml.gz", None),
        ("a/os", "repomd.xml", None),
        ("a/repo", "config summary", ("ostree", "a/repo", "summary")),
        ("d/dists/stable", "InRelease Release Release.gpg", ("debian", "", "InRelease Release")),
        ("d/dists/stable", "Release", ("debian", "", "Release")),
        ("d/dists/a/updates", "Release Release.gpg", ("debian", "", "Release")),
        ("d/dists/a/updates", "InRelease", ("debian", "", "InRelease")),
        ("d/dists/a/main/binary-amd64", "Release Packages.xz", None),
        ("d/dists/stable", "ChangeLog", None),
        ("d/dists/a/main/images", "SHA256SUMS", None),
        ("d/stable", "Release InRelease", None),
        ("core/os/x86_64", "core.db core.files a.pkg", ("arch", "", "core.db")),
        ("core/os/x86_64", "core.db.tar.gz", ("arch", "", "core.db.tar.gz")),
        ("m/x", "core.db core.db.tar.gz core.db.sig", ("arch", "", "core.db")),
        ("m/x", "a.db.tar.zst b.db b.files", ("arch", "", "a.db.tar.zst b.db")),
        ("m/x", "Thumbs.db pictures.db", None),
        ("v3/main/x86_64", "APKINDEX.tar.gz a.apk", ("alpine", "", "APKINDEX.tar.gz")),
        ("iso", "SHA256SUMS SHA256SUMS.gpg a.iso", ("plain", "", "SHA256SUMS")),
        ("iso", "md5sum.txt sha256sum.txt", ("plain", "", "md5sum.txt sha256sum.txt")),
        ("iso", "a.iso", None),
    ],
)
def test_a_directory_is_known_by_its_files(
    path: str, names: str, found: tuple[str, str, str] | None
) -> None:
    seen = find_metadata(path, names.split())
    if found is None:
        assert seen is None
    else:
        format_, repository, files = found
        assert seen is not None
        assert (seen.format, seen.repository) == (format_, repository or path)
        assert seen.files == tuple(files.split())


def test_a_summary_counts_only_beside_objects_else_the_rest_does() -> None:
    seen = find_metadata("repo", ["SHA256SUMS", "summary"])
    assert seen is not None
    assert (seen.format, seen.below) == (RepositoryFormat.OSTREE, "objects")
    assert seen.otherwise is not None
    assert seen.otherwise.format is RepositoryFormat.PLAIN


@pytest.mark.parametrize(
    ("path", "format_", "repository"),
    [
        ("releases/42/os", "rpm", "releases/42/os"),
        ("releases/42/os/repodata", "rpm", "releases/42/os"),
        ("releases/42/os/repodata/repomd.xml", "rpm", "releases/42/os"),
        ("os/repomd.xml", "rpm", "os"),
        ("atomic/42/summary", "ostree", "atomic/42"),
        ("debian/dists/bookworm", "debian", "debian/dists/bookworm"),
        ("debian/dists/bookworm/InRelease", "debian", "debian/dists/bookworm"),
        ("core/os/x86_64/core.db", "arch", "core/os/x86_64"),
        ("core/os/x86_64/core.db.tar.gz", "arch", "core/os/x86_64"),
        ("v3.22/main/x86_64/APKINDEX.tar.gz", "alpine", "v3.22/main/x86_64"),
        ("24.04/SHA256SUMS", "plain", "24.04"),
        ("", "rpm", ""),
    ],
)
def test_a_path_names_its_format_by_its_end(path: str, format_: str, repository: str) -> None:
    assert format_of_path(path) == (format_, repository)


@pytest.mark.parametrize(
    ("name", "verified", "metadata"),
    [
        ("repomd.xml", True, True),
        ("InRelease", True, True),
        ("summary", True, True),
        ("core.db", True, True),
        ("SHA512SUMS", True, True),
        ("Packages.xz", False, True),
        (".treeinfo", False, True),
        ("Fedora-43-x86_64-CHECKSUM", False, True),
        ("a.iso.sha256sum", False, True),
        ("bash-5.3.rpm", False, False),
    ],
)
def test_metadata_is_told_from_content(name: str, verified: bool, metadata: bool) -> None:
    assert (is_verified(name), is_metadata(name)) == (verified, metadata)


@pytest.mark.parametrize(
    ("format_", "place", "name", "other"),
    [
        (RepositoryFormat.RPM, "pub/x/repodata", "repomd.xml", "summary"),
        (RepositoryFormat.OSTREE, "pub/x", "summary", "repomd.xml"),
        (RepositoryFormat.DEBIAN, "pub/x", "InRelease", "Release.gpg"),
        (RepositoryFormat.ARCH, "pub/x", "core.db.tar.zst", "core.files"),
        (RepositoryFormat.ALPINE, "pub/x", "APKINDEX.tar.gz", "a.tar.gz"),
        (RepositoryFormat.PLAIN, "pub/x", "sha256sum.txt", "Release"),
    ],
)
def test_each_format_has_its_metadata_in_its_place(
    format_: RepositoryFormat, place: str, name: str, other: str
) -> None:
    assert metadata_place("pub/x", format_) == place
    assert (verifies(format_, name), verifies(format_, other)) == (True, False)


def test_the_table_and_the_database_know_the_same_formats() -> None:
    assert [kind.value for kind in RepositoryKind] == [each.value for each in RepositoryFormat]
    assert set(NAMING) == set(RepositoryFormat)
