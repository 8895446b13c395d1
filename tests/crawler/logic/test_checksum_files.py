import pytest

from crawler.logic.checksum_files import Digest, is_checksum_file, parse_checksum_file

MD5, SHA1, SHA256, SHA512 = "0" * 32, "1" * 40, "2" * 64, "3" * 128


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("Fedora-Workstation-42-1.1-x86_64-CHECKSUM", True),
        ("SHA256SUMS", True),
        ("sha256sum.txt", True),
        ("image.iso.md5sum", True),
        ("image.iso.sha1", True),
        ("MD5SUM", True),
        ("SHA512SUMS.txt", True),
        ("CHECKSUM", True),
        ("SHA256SUMS.gpg", False),
        ("checksums.html", False),
        ("image.iso", False),
    ],
)
def test_checksum_files_are_known_by_name(name: str, expected: bool) -> None:
    assert is_checksum_file(name) is expected


@pytest.mark.parametrize(
    ("name", "line", "digest"),
    [
        ("SHA256SUMS", f"{SHA256}  image.iso", Digest("image.iso", "sha256", SHA256)),
        ("SHA256SUMS", f"{SHA256} *image.iso", Digest("image.iso", "sha256", SHA256)),
        ("SHA256SUMS", f"{SHA256}  ./image.iso", Digest("image.iso", "sha256", SHA256)),
        ("a.sha1sum", f"{SHA1}  two words.iso", Digest("two words.iso", "sha1", SHA1)),
        ("x-CHECKSUM", f"SHA256 (image.iso) = {SHA256}", Digest("image.iso", "sha256", SHA256)),
        ("x-CHECKSUM", f"SHA512 (a (b).iso) = {SHA512}", Digest("a (b).iso", "sha512", SHA512)),
        ("x-CHECKSUM", f"{'AB' * 16}  upper.iso", Digest("upper.iso", "md5", "ab" * 16)),
    ],
)
def test_both_forms_of_lines_are_read(name: str, line: str, digest: Digest) -> None:
    assert parse_checksum_file(name, f"# comment\n{line}\n") == [digest]


@pytest.mark.parametrize(
    ("name", "line"),
    [
        ("SHA256SUMS", f"{SHA1}  wrong-length.iso"),
        ("x-CHECKSUM", f"SHA256 (image.iso) = {SHA1}"),
        ("x-CHECKSUM", f"CRC32 (image.iso) = {SHA1}"),
        ("SHA256SUMS", f"{SHA256}  other/directory/image.iso"),
        ("SHA256SUMS", "0" * 50 + "  no-algorithm.iso"),
        ("SHA256SUMS", "-----BEGIN PGP SIGNED MESSAGE-----"),
        ("SHA256SUMS", "Hash: SHA256"),
    ],
)
def test_what_does_not_fit_is_left_out(name: str, line: str) -> None:
    assert parse_checksum_file(name, line) == []
