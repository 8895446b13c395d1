"""Files and Directories by the path of an address, and what is remembered of them.

Knows which files exist, as far as the snapshot has listings, and the header lines that all
redirects of a file share. Deliberately knows nothing of clients.
"""

from base64 import b64encode
from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple
from urllib.parse import quote

from mirrorlist.logic.file_request import (
    ENDINGS,
    HASHES,
    Form,
    Modifiers,
    read_modifiers,
    read_path,
)
from mirrorlist.logic.snapshot import Category, Directory, FileDetail, Pieces, Snapshot
from registry.logic.places import join_path, relative_to
from registry.logic.repository_kinds import is_verified

# Beyond this, what is remembered is dropped and begins anew.
FILES_REMEMBERED = 10_000
QUERIES_REMEMBERED = 1_000
LONGEST_REMEMBERED = 500
# Everything else is encoded: "+" means a blank to some servers, "&" would end an XML document.
SAFE_IN_PATH = "/@:=!$"
SIGNATURES = (".asc", ".sig", ".sign", ".gpg", ".key", ".minisig")
NOT_STORED = b"Cache-Control: private, no-cache, no-store\r\nVary: Accept\r\n"


class FilePolicy(NamedTuple):
    """What operators decide about addresses of files.

    They lie below `prefix`, which begins and ends in a slash; the empty text switches them off.
    Files below or above a size come from the master, unless that size is 0. Torrents name the
    `trackers`.
    """

    prefix: str = "/"
    metalink_from_bytes: int = 4096
    master_below_bytes: int = 0
    master_above_bytes: int = 0
    trackers: tuple[str, ...] = ()


def normalize_prefix(text: str) -> str:
    """Return a prefix with one slash at both ends; the empty text stays, it means none."""
    middle = text.strip().strip("/")
    return f"/{middle}/" if middle else text.strip()[:1]


@dataclass(slots=True)
class File:
    """A file and what all clients that ask for it share.

    `size` and `mtime` are None if the snapshot has no listings. `form` is what its address stands
    for: that of a generated file beside it, or the file itself. `below` is its path below the
    Category's top directory and `address` that on this server, both percent-encoded. `head` are
    the header lines of every redirect to it.
    """

    path: str
    directory: Directory
    category: Category
    name: str
    size: int | None
    mtime: int | None
    details: Sequence[FileDetail]
    form: Form
    below: bytes
    address: str
    head: bytes = b""
    etag: str = ""
    signatures: tuple[str, ...] = ()
    has_torrent: bool = False

    @property
    def detail(self) -> FileDetail | None:
        """The digests of the file as it is, if they are known."""
        fits = self.details and self.size in (None, self.details[0].size)
        return self.details[0] if fits else None


class Folder(NamedTuple):
    """A path below which there is something; `directory` is None if that is all."""

    path: str
    directory: Directory | None
    address: str
    with_slash: bool


class Missing(NamedTuple):
    """A path that the snapshot does not know, and where on the master it would be.

    `category` is None if it belongs to none, or if nobody may know.
    """

    category: Category | None = None
    below: bytes = b""


Found = File | Folder | Missing


class FileBook:
    """What the addresses of a snapshot's files mean, worked out once."""

    def __init__(self, snapshot: Snapshot, prefix: str) -> None:
        self._snapshot = snapshot
        self._prefix = prefix
        self._found: dict[bytes, File | Folder] = {}
        self._modifiers: dict[bytes, Modifiers] = {}

    def modifiers(self, query: bytes) -> Modifiers:
        """Return what a query string asks for."""
        known = self._modifiers.get(query)
        if known is None:
            known = read_modifiers(query)
            if len(query) <= LONGEST_REMEMBERED:
                if len(self._modifiers) >= QUERIES_REMEMBERED:
                    self._modifiers = {}
                self._modifiers[query] = known
        return known

    def find(self, text: bytes) -> Found:
        """Return what a percent-encoded path means; what is missing is not remembered."""
        known = self._found.get(text)
        if known is not None:
            return known
        found = self._look_up(text)
        if not isinstance(found, Missing) and len(text) <= LONGEST_REMEMBERED:
            if len(self._found) >= FILES_REMEMBERED:
                self._found = {}
            self._found[text] = found
        return found

    def _look_up(self, text: bytes) -> Found:
        components = read_path(text[len(self._prefix) :])
        if components is None:
            return Missing()
        path, with_slash = "/".join(components), text.endswith(b"/")
        directory = self._snapshot.directory(path)
        if directory is None and path:
            found = self._file(components, path, with_slash=with_slash)
            if not isinstance(found, Missing) or not self._snapshot.subdirectories(path):
                return found
        if directory and self.is_hidden(directory):
            return Missing()
        address = self._address(path)
        return Folder(path, directory, f"{address}/" if path else address, with_slash)

    def is_hidden(self, directory: Directory) -> bool:
        """Tell whether a Directory is not for everybody; without listings nobody knows."""
        return self._snapshot.knows_files and self._snapshot.changed_at(directory.id) is None

    def _file(self, components: tuple[str, ...], path: str, *, with_slash: bool) -> File | Missing:
        directory = self._snapshot.directory("/".join(components[:-1]))
        if directory is None:
            return self._missing(components, path)
        if self.is_hidden(directory):
            return Missing()
        if not with_slash:
            found = self._real(directory, components[-1]) or self._generated(
                directory, components[-1]
            )
            if found:
                return found
        return self._missing(components, path)

    def _real(self, directory: Directory, name: str) -> File | None:
        """Return a file that is there; without listings every name may be one's."""
        if self._snapshot.knows_files:
            entry = self._snapshot.entry(directory.id, name)
            return self._make(directory, name, entry.size, entry.mtime) if entry else None
        return None if name.endswith(tuple(ENDINGS)) else self._make(directory, name, None, None)

    def _generated(self, directory: Directory, name: str) -> File | None:
        """Return the file that a generated one beside it is about.

        Without listings an unknown digest or a torrent may well be in a file of the master's.
        """
        form = next((form for ending, form in ENDINGS.items() if name.endswith(ending)), None)
        if form is None:
            return None
        base = name.rpartition(".")[0]
        found = self._real(directory, base) if base else None
        if found is None or (found.size is None and _may_be_real(form, found)):
            return None if self._snapshot.knows_files else self._make(directory, name, None, None)
        found.form = form
        return found

    def _make(self, directory: Directory, name: str, size: int | None, mtime: int | None) -> File:
        category = self._snapshot.category(directory.category_id)
        path = join_path(directory.path, name)
        file = File(
            path=path,
            directory=directory,
            category=category,
            name=name,
            size=size,
            mtime=mtime,
            details=self._snapshot.file_details(directory.id, name),
            form=Form.REDIRECT,
            below=_below(path, category),
            address=self._address(path),
        )
        if size is not None and mtime is not None:
            # As nginx writes it, so that what a client has from most mirrors is recognized.
            file.etag = f'"{mtime:x}-{size:x}"' if mtime >= 0 else ""
            file.signatures = tuple(
                ending
                for ending in (".asc", ".sig", ".sign")
                if self._snapshot.entry(directory.id, f"{name}{ending}")
            )
            file.has_torrent = known_pieces(file, self._snapshot) is not None
        file.head = header_lines(file)
        return file

    def _missing(self, components: tuple[str, ...], path: str) -> Missing:
        """Find the Category of what a newer scan may know, by the closest Directory above."""
        for length in range(len(components) - 1, -1, -1):
            directory = self._snapshot.directory("/".join(components[:length]))
            if directory and self.is_hidden(directory):
                return Missing()
            if directory:
                category = self._snapshot.category(directory.category_id)
                return Missing(category, _below(path, category))
        return Missing()

    def _address(self, path: str) -> str:
        return self._prefix + quote(path, safe=SAFE_IN_PATH)


def _below(path: str, category: Category) -> bytes:
    return quote(f"/{relative_to(path, category.top_directory)}", safe=SAFE_IN_PATH).encode()


def _may_be_real(form: Form, file: File) -> bool:
    """Tell whether what we cannot generate may be a file of the master's."""
    return form is Form.TORRENT or (form in HASHES and not file.details)


def known_pieces(file: File, snapshot: Snapshot) -> Pieces | None:
    """Return the digests of a file's pieces, unless they are not known of the file as it is.

    They may be large, so nobody remembers them.
    """
    found = snapshot.pieces(file.directory.id, file.name)
    fits = found is not None and (found.size, found.mtime) == (file.size, file.mtime)
    return found if fits else None


def is_negotiable(file: File, *, from_bytes: int) -> bool:
    """Tell whether clients that accept metalinks get one for the file itself.

    Not for tiny files, signatures, and what clients verify first: they ask for that again and
    need the file (zypper does for repomd.xml).
    """
    if is_verified(file.name) or file.name.endswith(SIGNATURES):
        return False
    return file.size is None or file.size >= from_bytes


def header_lines(file: File) -> bytes:
    """Return what every redirect to a file says of it: validators, digests, and descriptions.

    Digests stand in both headers, for clients of RFC 3230 and RFC 9530. A file of which mirrors
    may still have the state before has none: a client would refuse what is good.
    """
    lines = [NOT_STORED]
    if file.etag:
        lines.append(b"ETag: %b\r\n" % file.etag.encode())
    if file.detail and len(file.details) == 1:
        lines += _digest_lines(file.detail)
    address = file.address.encode()
    lines += [
        b'Link: <%b.%b>; rel=describedby; type="%b"\r\n' % (address, ending, media_type)
        for ending, media_type in (
            (b"meta4", b"application/metalink4+xml"),
            (b"metalink", b"application/metalink+xml"),
        )
    ]
    if file.has_torrent:
        lines.append(
            b'Link: <%b.torrent>; rel=describedby; type="application/x-bittorrent"\r\n' % address
        )
    lines += [
        b'Link: <%b%b>; rel=describedby; type="application/pgp-signature"\r\n'
        % (address, ending.encode())
        for ending in file.signatures
    ]
    return b"".join(lines)


def _digest_lines(detail: FileDetail) -> list[bytes]:
    digests = [
        (name, encoded)
        for name, value in ((b"SHA-256", detail.sha256), (b"SHA-512", detail.sha512))
        if (encoded := _base64(value))
    ]
    if not digests:
        return []
    return [
        b"Digest: %b\r\n" % b",".join(b"%b=%b" % digest for digest in digests),
        b"Repr-Digest: %b\r\n"
        % b", ".join(b"%b=:%b:" % (name.lower(), value) for name, value in digests),
    ]


def _base64(digest: str) -> bytes:
    """Return a hexadecimal digest as headers have it; nothing for what is none."""
    try:
        return b64encode(bytes.fromhex(digest))
    except ValueError:
        return b""
