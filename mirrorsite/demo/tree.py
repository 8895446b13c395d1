"""The demo's master tree on disk: real repositories with small real packages, and their updates.

Knows paths and files only. Every generation of the tree is determined by its number, so that the
tree can be written again at any time and comes out the same.
"""

import os
import shutil
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

from mirrorsite.demo.repodata import write_repodata
from mirrorsite.demo.rpm import Spec, write_package

FEDORA, EPEL = "pub/fedora/linux", "pub/epel"
ARCHES = ("x86_64", "aarch64")
FEDORA_VERSIONS = ("42", "43")
# 2026-01-01; each generation is one day later.
FIRST_PUBLISHED_AT = 1_767_225_600
DAY = 86_400

SUMMARIES = {
    "aurora": "Northern lights for the terminal",
    "cirrus": "Name the clouds above you",
    "drizzle": "A very small rain gauge",
    "ember": "Keep a fire going overnight",
    "fjord": "Depth charts as plain text",
}


@dataclass(frozen=True)
class Place:
    """One repository of the tree: its path, and the packages in it at a generation."""

    path: str
    arch: str
    suffix: str
    names: tuple[str, ...]
    updates: bool = False

    def specs(self, generation: int) -> Iterator[Spec]:
        """Return the packages: fixed ones, or one more with each generation of updates."""
        if not self.updates:
            yield from (self._spec(name, "1.0", 0) for name in self.names)
            return
        for number in range(generation + 1):
            name = self.names[number % len(self.names)]
            yield self._spec(name, f"1.{number + 1}", number)

    def _spec(self, name: str, version: str, generation: int) -> Spec:
        text = f"{name} {version}\n\n{SUMMARIES[name]}. Part of the demo world of Mirrorsite.\n"
        return Spec(
            name=name,
            version=version,
            release=f"1.{self.suffix}",
            arch=self.arch,
            summary=SUMMARIES[name],
            description=f"{SUMMARIES[name]}.\nPart of the demo world of Mirrorsite.",
            built_at=FIRST_PUBLISHED_AT + generation * DAY,
            files={f"/usr/share/doc/{name}/README": text},
        )


def _places() -> Iterator[Place]:
    names = tuple(SUMMARIES)
    for version in FEDORA_VERSIONS:
        for arch in ARCHES:
            everything = f"{version}/Everything/{arch}"
            suffix = f"fc{version}"
            yield Place(f"{FEDORA}/releases/{everything}/os", arch, suffix, names[:3])
            yield Place(f"{FEDORA}/updates/{everything}", arch, suffix, names[:3], updates=True)
    for arch in ARCHES:
        yield Place(f"{EPEL}/9/Everything/{arch}", arch, "el9", names[3:])


PLACES = tuple(_places())
TOP_FILES = {
    f"{FEDORA}/README": "The demo world's copy of a distribution. Nothing here is Fedora.\n",
    f"{EPEL}/README": "Extra packages of the demo world.\n",
}


def publish(master: Path, *, generation: int) -> None:
    """Write a generation of the tree over whatever is there; unchanged files stay untouched.

    A reader never sees half a repository: packages come first, then metadata under new names, and
    repomd.xml last, each moved into place whole. Old metadata stays for those who still read it.
    """
    for path, text in TOP_FILES.items():
        _write(master / path, text.encode())
    for place in PLACES:
        root = master / place.path
        packages = {
            f"Packages/{spec.name[0]}/{spec.filename}": write_package(spec)
            for spec in place.specs(generation)
        }
        for location, package in packages.items():
            _write(root / location, package.data)
        age = generation if place.updates else 0
        repodata = write_repodata(packages, published_at=FIRST_PUBLISHED_AT + age * DAY)
        for name, data in repodata.files.items():
            _write(root / "repodata" / name, data)
        _write(root / "repodata" / "repomd.xml", repodata.repomd)


def copy_tree(source: Path, target: Path, *, keep: Callable[[str], bool] | None = None) -> None:
    """Make the target a copy of the source, as hard links where the disk allows it.

    `keep` gets each path below the source and says whether it is copied; what the source does not
    have, or is not kept, is removed from the target.
    """
    wanted = {path for path in _files(source) if keep is None or keep(path)}
    for path in wanted:
        _link(source / path, target / path)
    for path in set(_files(target)) - wanted:
        (target / path).unlink()
    for directory, _, _ in os.walk(target, topdown=False):
        if not os.listdir(directory):
            os.rmdir(directory)


def directories_of(root: Path, top: str) -> list[str]:
    """Return the paths of all directories below a top directory, relative to it; "" is itself."""
    base = root / top
    found = ("" if path == base else str(path.relative_to(base)) for path in _walk(base))
    return sorted(found)


def _walk(root: Path) -> Iterator[Path]:
    return (Path(directory) for directory, _, _ in os.walk(root))


def _files(root: Path) -> Iterator[str]:
    for directory, _, names in os.walk(root):
        for name in names:
            yield str((Path(directory) / name).relative_to(root))


def _link(source: Path, target: Path) -> None:
    if target.exists() and target.samefile(source):
        return
    target.parent.mkdir(parents=True, exist_ok=True)
    fresh = target.with_name(f".{target.name}.new")
    fresh.unlink(missing_ok=True)
    try:
        os.link(source, fresh)
    except OSError:
        # Another file system, or one without hard links: a copy serves as well.
        shutil.copy2(source, fresh)
    fresh.replace(target)


def _write(path: Path, data: bytes) -> None:
    if path.exists() and path.read_bytes() == data:
        return
    path.parent.mkdir(parents=True, exist_ok=True)
    fresh = path.with_name(f".{path.name}.new")
    fresh.write_bytes(data)
    fresh.replace(path)
