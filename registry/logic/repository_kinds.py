"""The kinds of Repositories: by which files each is known, and which of them clients verify.

One table (docs/how-it-works/recognition.md) for whoever scans, crawls, recognizes or answers. Knows
names only; what is in the files, and where a time comes from, `crawler.logic.metadata_files` knows.
"""

import re
from collections.abc import Callable, Collection, Iterable
from dataclasses import dataclass
from enum import StrEnum
from typing import NamedTuple

REPODATA = "repodata"
REPOMD = "repomd.xml"
SUMMARY = "summary"
OBJECTS = "objects"
DISTS = "dists"
RELEASES = ("InRelease", "Release")
SIGNATURE = "Release.gpg"
DATABASE = ".db"  # what the name of every database of pacman has in it
APKINDEX = "APKINDEX.tar.gz"
ALGORITHMS = ("md5", "sha1", "sha256", "sha512")
SUMS = frozenset(
    name
    for algorithm in ALGORITHMS
    for name in (
        f"{algorithm.upper()}SUMS",
        f"{algorithm.upper()}SUM",
        f"{algorithm}sums.txt",
        f"{algorithm}sum.txt",
    )
)
_DATABASE = re.compile(r"(?P<name>[^/]+)\.db(?:\.tar(?:\.\w+)?)?")
_PER_FILE_SUMS = ("-CHECKSUM", *(f".{algorithm}sum" for algorithm in ALGORITHMS))
# Files that say what a copy is, beside those that clients verify first.
_MORE_METADATA = frozenset({"Packages.gz", "Packages.xz", "Sources.xz", ".treeinfo", "treeinfo"})


class RepositoryFormat(StrEnum):
    """The format of a Repository, as it is stored."""

    RPM = "rpm"
    OSTREE = "ostree"
    DEBIAN = "debian"
    ARCH = "arch"
    ALPINE = "alpine"
    PLAIN = "plain"


@dataclass(frozen=True)
class Metadata:
    """The metadata in one Directory: the files that clients verify, and whose they are.

    It counts only if the Directory has a child called `below`; if not, `otherwise` does.
    """

    format: RepositoryFormat
    repository: str
    files: tuple[str, ...]
    below: str = ""
    otherwise: "Metadata | None" = None


class Naming(NamedTuple):
    """How clients name a Repository of some format.

    `arch` is that of paths that name none. Where clients ask `by_path`, it needs no prefix.
    """

    arch: str | None
    by_path: bool


NAMING = {
    RepositoryFormat.RPM: Naming(None, by_path=False),
    RepositoryFormat.OSTREE: Naming("x86_64", by_path=False),
    RepositoryFormat.DEBIAN: Naming("noarch", by_path=True),
    RepositoryFormat.ARCH: Naming(None, by_path=True),
    RepositoryFormat.ALPINE: Naming(None, by_path=True),
    RepositoryFormat.PLAIN: Naming("noarch", by_path=True),
}


def find_metadata(path: str, names: Collection[str]) -> Metadata | None:
    """Return the metadata of the Directory at a path with these files, or None.

    The first format of the table whose files are there decides. `names` may hold more than files
    of metadata.
    """
    for format_, find in FINDERS:
        files = find(path, names)
        if files:
            if format_ is RepositoryFormat.OSTREE:
                rest = [name for name in names if name != SUMMARY]
                return Metadata(format_, path, files, OBJECTS, find_metadata(path, rest))
            above = path.rpartition("/")[0] if format_ is RepositoryFormat.RPM else path
            return Metadata(format_, above, files)
    return None


def format_of_path(path: str) -> tuple[RepositoryFormat, str]:
    """Return the format that a path names by its end, and the path of the Repository itself.

    One that names none is that of an RPM Repository.
    """
    parent, _, last = path.rpartition("/")
    if last == REPODATA:
        return RepositoryFormat.RPM, parent
    if last == REPOMD:
        above, _, directory = parent.rpartition("/")
        return RepositoryFormat.RPM, above if directory == REPODATA else parent
    if last == SUMMARY:
        return RepositoryFormat.OSTREE, parent
    if last == APKINDEX:
        return RepositoryFormat.ALPINE, parent
    if DISTS in path.split("/"):
        return RepositoryFormat.DEBIAN, parent if last in (*RELEASES, SIGNATURE) else path
    if _DATABASE.fullmatch(last):
        return RepositoryFormat.ARCH, parent
    return (RepositoryFormat.PLAIN, parent) if last in SUMS else (RepositoryFormat.RPM, path)


def metadata_place(path: str, format_: RepositoryFormat) -> str:
    """Return the path of the Directory that has the metadata of the Repository at a path."""
    return f"{path}/{REPODATA}" if format_ is RepositoryFormat.RPM else path


def verifies(format_: RepositoryFormat, name: str) -> bool:
    """Tell whether clients of a format verify a file of this name, in its place, first."""
    if format_ is RepositoryFormat.ARCH:
        return _DATABASE.fullmatch(name) is not None
    return name in VERIFIED[format_]


def is_metadata(name: str) -> bool:
    """Tell whether a file says what a copy is, so that it is asked for before any other."""
    return is_verified(name) or name in _MORE_METADATA or name.endswith(_PER_FILE_SUMS)


def is_verified(name: str) -> bool:
    """Tell whether clients verify a file of this name before they read anything else."""
    return name in FIXED or _DATABASE.fullmatch(name) is not None


def _rpm(path: str, names: Collection[str]) -> tuple[str, ...]:
    return (REPOMD,) if path.rpartition("/")[2] == REPODATA and REPOMD in names else ()


def _ostree(path: str, names: Collection[str]) -> tuple[str, ...]:
    return (SUMMARY,) if SUMMARY in names else ()


def _debian(path: str, names: Collection[str]) -> tuple[str, ...]:
    """Find a suite below dists; the Release files of its parts are not signed, nor verified."""
    above = path.split("/")[:-1]
    if DISTS not in above:
        return ()
    suite = RELEASES[0] in names or SIGNATURE in names or above[-1] == DISTS
    return _present(RELEASES, names) if suite else ()


def _arch(path: str, names: Collection[str]) -> tuple[str, ...]:
    """Find the databases of pacman: its name is in the path, or its siblings stand beside it.

    Other programs end the names of their files in .db, too.
    """
    parts = path.split("/")
    stems: dict[str, str] = {}
    for name in sorted(names):
        match = _DATABASE.fullmatch(name)
        if match and (
            ".tar" in name
            or match["name"] in parts
            or not {f"{match['name']}.files", f"{name}.tar.gz"}.isdisjoint(names)
        ):
            stems.setdefault(match["name"], name)
    return tuple(stems.values())


def _alpine(path: str, names: Collection[str]) -> tuple[str, ...]:
    return _present((APKINDEX,), names)


def _plain(path: str, names: Collection[str]) -> tuple[str, ...]:
    return () if DISTS in path.split("/") else _present(sorted(SUMS), names)


def _present(wanted: Iterable[str], names: Collection[str]) -> tuple[str, ...]:
    return tuple(name for name in wanted if name in names)


# The first that finds something decides.
FINDERS: tuple[tuple[RepositoryFormat, Callable[[str, Collection[str]], tuple[str, ...]]], ...] = (
    (RepositoryFormat.RPM, _rpm),
    (RepositoryFormat.OSTREE, _ostree),
    (RepositoryFormat.DEBIAN, _debian),
    (RepositoryFormat.ARCH, _arch),
    (RepositoryFormat.ALPINE, _alpine),
    (RepositoryFormat.PLAIN, _plain),
)
# Those whose names are always the same; the databases of pacman are not.
VERIFIED: dict[RepositoryFormat, frozenset[str]] = {
    RepositoryFormat.RPM: frozenset({REPOMD}),
    RepositoryFormat.OSTREE: frozenset({SUMMARY}),
    RepositoryFormat.DEBIAN: frozenset(RELEASES),
    RepositoryFormat.ALPINE: frozenset({APKINDEX}),
    RepositoryFormat.PLAIN: SUMS,
}
FIXED = frozenset[str]().union(*VERIFIED.values())
