"""Checksum files that lie beside images: `SHA256SUMS`, `*-CHECKSUM`, `*.md5sum` and their kin.

Knows which file names are checksum files and the two forms of their lines (GNU and BSD).
Deliberately reads no file and believes no digest whose length does not fit its algorithm.
"""

import re
from typing import NamedTuple

LENGTHS = {32: "md5", 40: "sha1", 64: "sha256", 128: "sha512"}
ALGORITHMS = {"MD5": "md5", "SHA1": "sha1", "SHA256": "sha256", "SHA512": "sha512"}

# File name → algorithm of its GNU lines; None where the file may hold several kinds.
NAMES: tuple[tuple[re.Pattern[str], str | None], ...] = (
    (re.compile(r".*-CHECKSUM|CHECKSUM(\.txt)?|CHECKSUMS", re.IGNORECASE), None),
    (re.compile(r".*\.md5(sum)?s?|MD5SUMS?(\.txt)?", re.IGNORECASE), "md5"),
    (re.compile(r".*\.sha1(sum)?s?|SHA1SUMS?(\.txt)?", re.IGNORECASE), "sha1"),
    (re.compile(r".*\.sha256(sum)?s?|SHA256SUMS?(\.txt)?", re.IGNORECASE), "sha256"),
    (re.compile(r".*\.sha512(sum)?s?|SHA512SUMS?(\.txt)?", re.IGNORECASE), "sha512"),
)
# What every such name ends in: half a million names a scan are asked about, nearly all in vain.
ENDINGS = (
    "checksum", "checksum.txt", "sum", "sums", "sum.txt", "sums.txt",
    ".md5", ".md5s", ".sha1", ".sha1s", ".sha256", ".sha256s", ".sha512", ".sha512s",
)  # fmt: skip
GNU = re.compile(r"\\?(?P<digest>[0-9A-Fa-f]{32,128})[ \t]+\*?(?P<name>\S.*)")
BSD = re.compile(
    r"(?P<algorithm>[A-Za-z0-9]+)[ \t]*\((?P<name>.+)\)[ \t]*=[ \t]*(?P<digest>[0-9A-Fa-f]+)"
)


class Digest(NamedTuple):
    """One digest of one file in the same directory."""

    name: str
    algorithm: str
    digest: str


def is_checksum_file(name: str) -> bool:
    """Tell whether a file name is that of a checksum file."""
    return name.lower().endswith(ENDINGS) and any(pattern.fullmatch(name) for pattern, _ in NAMES)


def parse_checksum_file(name: str, text: str) -> list[Digest]:
    """Return the digests that a checksum file holds, in its order.

    The algorithm of a GNU line follows from the length of the digest and must be that of the file
    name, where the name says one; a BSD line names it. Names with a path in them are those of other
    directories and are left out, as are comments and PGP armor.
    """
    wanted = next((kind for pattern, kind in NAMES if pattern.fullmatch(name)), None)
    digests = (_digest(line.strip(), wanted) for line in text.splitlines())
    return [digest for digest in digests if digest is not None]


def _digest(line: str, wanted: str | None) -> Digest | None:
    match = BSD.fullmatch(line) or GNU.fullmatch(line)
    if match is None:
        return None
    by_length = LENGTHS.get(len(match["digest"]))
    named = match.groupdict().get("algorithm")
    algorithm = ALGORITHMS.get(named.upper()) if named else by_length
    name = match["name"].removeprefix("./")
    if algorithm is None or algorithm != by_length or "/" in name:
        return None
    if wanted not in {None, algorithm}:
        return None
    return Digest(name, algorithm, match["digest"].lower())
