import hashlib

import pytest

from crawler.logic.metadata_files import read_metadata_file
from registry.logic.repository_kinds import RepositoryFormat

MTIME = 5
REPOMD = b"<repomd><data><timestamp>17</timestamp></data></repomd>"
RELEASE = b"Origin: Debian\nSuite: stable\nDate: Sat, 15 Nov 2025 10:13:04 UTC\nSHA256:\n a 1 b\n"
SIGNED = b"-----BEGIN PGP SIGNED MESSAGE-----\nHash: SHA512\n\n" + RELEASE
AT = 1_763_201_584


@pytest.mark.parametrize(
    ("format_", "name", "data", "timestamp"),
    [
        ("rpm", "repomd.xml", REPOMD, 17),
        ("ostree", "summary", b"\0\1", MTIME),
        ("debian", "Release", RELEASE, AT),
        ("debian", "InRelease", SIGNED, AT),
        ("debian", "Release", RELEASE.replace(b"\n", b"\r\n"), AT),
        ("debian", "Release", RELEASE + b"Date: Sun, 16 Nov 2025 10:13:04 UTC\n", AT),
        ("debian", "Release", b"SHA256:\n a 1 b\n", MTIME),
        ("debian", "Release", b"Date: yesterday\n", MTIME),
        ("debian", "Release", b"Date: Sat, 15 Nov 1925 10:13:04 UTC\n", MTIME),
        ("debian", "Release", b"Date: Sat, 99 Nov 2025 10:13:04 UTC\n", MTIME),
        ("debian", "Release", "Date: \N{SNOWMAN}\n".encode(), MTIME),
        ("arch", "core.db", b"\x1f\x8b", MTIME),
        ("alpine", "APKINDEX.tar.gz", b"\x1f\x8b", MTIME),
        ("plain", "SHA256SUMS", b"abc  a.iso\n", MTIME),
    ],
)
def test_the_time_is_that_of_the_content_where_it_has_one(
    format_: str, name: str, data: bytes, timestamp: int
) -> None:
    state = read_metadata_file(RepositoryFormat(format_), name, data, mtime=MTIME)
    assert (state.filename, state.timestamp, state.size_bytes) == (name, timestamp, len(data))
    for algorithm in ("md5", "sha1", "sha256", "sha512"):
        assert getattr(state, algorithm) == hashlib.new(algorithm, data).hexdigest()


@pytest.mark.parametrize(
    ("format_", "data", "sentence"),
    [
        ("rpm", b"", "is not well-formed XML"),
        ("ostree", b"", "is empty"),
        ("debian", b"<html>404</html>", "has neither a Date nor digests"),
        ("debian", b"\xff" * 100_000, "has neither a Date nor digests"),
        ("debian", b" " * 70_000 + RELEASE, "has neither a Date nor digests"),
        ("alpine", b"<html>404</html>", "is not compressed with gzip"),
        ("plain", b"", "is empty"),
    ],
)
def test_what_is_not_metadata_is_refused(format_: str, data: bytes, sentence: str) -> None:
    with pytest.raises(ValueError, match=sentence):
        read_metadata_file(RepositoryFormat(format_), "name", data, mtime=MTIME)
