"""Write small RPM packages (format 4) without any program installed.

Knows the file format: lead, signature header, header, gzip'ed cpio payload. A package holds text
files only and runs no scriptlets. Equal input gives equal bytes.
"""

import gzip
import hashlib
import struct
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Final

# Types of header entries, and how the data of some is aligned.
INT16, INT32, STRING, BIN, STRINGS, I18N = 3, 4, 6, 7, 8, 9
ALIGNMENT: Final = {INT16: 2, INT32: 4}
HEADER_MAGIC: Final = bytes.fromhex("8eade80100000000")
LEAD_MAGIC: Final = bytes.fromhex("edabeedb")
REGION_SIGNATURES, REGION_IMMUTABLE = 62, 63
SHA256_ALGORITHM: Final = 8
REGULAR_FILE: Final = 0o100644
EQUAL: Final = 8
RPMLIB_AT_MOST: Final = 0x0100000A
# How an architecture is spelled where packages depend on one.
ISA: Final = {"x86_64": "x86-64", "aarch64": "aarch-64"}
# What a reader of the package must understand; every package written by rpmbuild says so.
RPMLIB: Final = (
    ("rpmlib(CompressedFileNames)", "3.0.4-1"),
    ("rpmlib(FileDigests)", "4.6.0-1"),
    ("rpmlib(PayloadFilesHavePrefix)", "4.0-1"),
)

Value = str | bytes | Sequence[int] | Sequence[str]
Entry = tuple[int, int, Value]


@dataclass(frozen=True)
class Spec:
    """What a package is called and contains. `files` maps absolute paths to their text."""

    name: str
    version: str
    release: str
    arch: str
    summary: str
    description: str
    built_at: int
    files: dict[str, str] = field(default_factory=dict)
    license: str = "MIT"
    url: str = "https://example.org/"
    vendor: str = "Mirrorsite demo"
    build_host: str = "build.example.org"

    @property
    def label(self) -> str:
        return f"{self.name}-{self.version}-{self.release}"

    @property
    def filename(self) -> str:
        return f"{self.label}.{self.arch}.rpm"

    @property
    def source(self) -> str:
        return f"{self.label}.src.rpm"

    @property
    def provides(self) -> tuple[str, str]:
        return (self.name, f"{self.name}({ISA.get(self.arch, self.arch)})")

    @property
    def installed_bytes(self) -> int:
        return sum(len(text.encode()) for text in self.files.values())


@dataclass(frozen=True)
class Package:
    """A finished package: its bytes, and the facts that repository metadata states about them."""

    spec: Spec
    data: bytes
    header_start: int
    header_end: int
    archive_bytes: int


def write_package(spec: Spec) -> Package:
    """Return the package of a spec."""
    archive = _cpio(spec)
    payload = gzip.compress(archive, compresslevel=9, mtime=0)
    header = HEADER_MAGIC + _header(_entries(spec, payload, archive), REGION_IMMUTABLE)
    signature = HEADER_MAGIC + _header(_signature(header, payload, archive), REGION_SIGNATURES)
    signature += bytes(-len(signature) % 8)
    lead = _lead(spec)
    start = len(lead) + len(signature)
    return Package(
        spec,
        lead + signature + header + payload,
        header_start=start,
        header_end=start + len(header),
        archive_bytes=len(archive),
    )


def _lead(spec: Spec) -> bytes:
    """Return the historic first 96 bytes; programs look at little more than the magic."""
    name = spec.label.encode()[:65]
    return struct.pack(">4sBBHH66sHH16x", LEAD_MAGIC, 3, 0, 0, 1, name, 1, 5)


def _cpio(spec: Spec) -> bytes:
    """Return the files as a cpio archive (format “new ASCII”)."""
    members = [
        _cpio_member(f".{path}", text.encode(), number=number, mtime=spec.built_at)
        for number, (path, text) in enumerate(sorted(spec.files.items()), 1)
    ]
    return b"".join([*members, _cpio_member("TRAILER!!!", b"", number=0, mtime=0)])


def _cpio_member(name: str, data: bytes, *, number: int, mtime: int) -> bytes:
    mode = REGULAR_FILE if number else 0
    fields = (number, mode, 0, 0, 1, mtime, len(data), 0, 0, 0, 0, len(name.encode()) + 1, 0)
    head = b"070701" + b"".join(b"%08x" % value for value in fields) + name.encode() + b"\0"
    return head + bytes(-len(head) % 4) + data + bytes(-len(data) % 4)


def _signature(header: bytes, payload: bytes, archive: bytes) -> list[Entry]:
    both = header + payload
    return [
        (269, STRING, hashlib.sha1(header, usedforsecurity=False).hexdigest()),
        (273, STRING, hashlib.sha256(header).hexdigest()),
        (1000, INT32, [len(both)]),
        (1004, BIN, hashlib.md5(both, usedforsecurity=False).digest()),
        (1007, INT32, [len(archive)]),
    ]


def _entries(spec: Spec, payload: bytes, archive: bytes) -> list[Entry]:
    """Return the tags of the header, in the order of their numbers."""
    return sorted(
        [
            *_identity(spec),
            *_files(spec),
            *_dependencies(spec),
            (1124, STRING, "cpio"),
            (1125, STRING, "gzip"),
            (1126, STRING, "9"),
            (5092, STRINGS, [hashlib.sha256(payload).hexdigest()]),
            (5093, INT32, [SHA256_ALGORITHM]),
            (5097, STRINGS, [hashlib.sha256(archive).hexdigest()]),
        ],
        key=lambda entry: entry[0],
    )


def _identity(spec: Spec) -> list[Entry]:
    return [
        (100, STRINGS, ["C"]),
        (1000, STRING, spec.name),
        (1001, STRING, spec.version),
        (1002, STRING, spec.release),
        (1004, I18N, [spec.summary]),
        (1005, I18N, [spec.description]),
        (1006, INT32, [spec.built_at]),
        (1007, STRING, spec.build_host),
        (1009, INT32, [spec.installed_bytes]),
        (1011, STRING, spec.vendor),
        (1014, STRING, spec.license),
        (1016, I18N, ["Unspecified"]),
        (1020, STRING, spec.url),
        (1021, STRING, "linux"),
        (1022, STRING, spec.arch),
        (1044, STRING, spec.source),
        (1064, STRING, "4.18.0"),
    ]


def _files(spec: Spec) -> list[Entry]:
    """Return the tags that describe the files, one value a file in the order of their paths."""
    paths = sorted(spec.files)
    data = [spec.files[path].encode() for path in paths]
    directories = sorted({path.rpartition("/")[0] + "/" for path in paths})
    count = len(paths)
    if not count:
        return []
    return [
        (1028, INT32, [len(content) for content in data]),
        (1030, INT16, [REGULAR_FILE] * count),
        (1033, INT16, [0] * count),
        (1034, INT32, [spec.built_at] * count),
        (1035, STRINGS, [hashlib.sha256(content).hexdigest() for content in data]),
        (1036, STRINGS, [""] * count),
        (1037, INT32, [2] * count),
        (1039, STRINGS, ["root"] * count),
        (1040, STRINGS, ["root"] * count),
        (1045, INT32, [0xFFFFFFFF] * count),
        (1095, INT32, [1] * count),
        (1096, INT32, list(range(1, count + 1))),
        (1097, STRINGS, [""] * count),
        (1116, INT32, [directories.index(path.rpartition("/")[0] + "/") for path in paths]),
        (1117, STRINGS, [path.rpartition("/")[2] for path in paths]),
        (1118, STRINGS, directories),
        (5011, INT32, [SHA256_ALGORITHM]),
    ]


def _dependencies(spec: Spec) -> list[Entry]:
    provides = spec.provides
    return [
        (1047, STRINGS, list(provides)),
        (1048, INT32, [RPMLIB_AT_MOST] * len(RPMLIB)),
        (1049, STRINGS, [name for name, _ in RPMLIB]),
        (1050, STRINGS, [version for _, version in RPMLIB]),
        (1112, INT32, [EQUAL] * len(provides)),
        (1113, STRINGS, [f"{spec.version}-{spec.release}"] * len(provides)),
    ]


def _header(entries: list[Entry], region: int) -> bytes:
    """Return counts, index and data of a header whose entries all lie in one region.

    The region is an entry of its own: it comes first in the index, and its data, which comes last,
    points back over the whole index. That is how programs see what the digests cover.
    """
    index, data = [], b""
    for tag, kind, value in entries:
        count, encoded = _encode(kind, value)
        data += bytes(-len(data) % ALIGNMENT.get(kind, 1))
        index.append(struct.pack(">IIII", tag, kind, len(data), count))
        data += encoded
    first = struct.pack(">IIII", region, BIN, len(data), 16)
    data += struct.pack(">IIiI", region, BIN, -16 * (len(index) + 1), 16)
    return struct.pack(">II", len(index) + 1, len(data)) + first + b"".join(index) + data


def _encode(kind: int, value: Value) -> tuple[int, bytes]:
    """Return how many items a value has, and their bytes."""
    if isinstance(value, bytes):
        return len(value), value
    if isinstance(value, str):
        return 1, value.encode() + b"\0"
    if kind in {STRINGS, I18N}:
        return len(value), b"".join(str(item).encode() + b"\0" for item in value)
    letter = "H" if kind == INT16 else "I"
    return len(value), struct.pack(f">{len(value)}{letter}", *value)
