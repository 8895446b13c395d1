"""Small master trees on disk, and a Category that is scanned from one."""

import hashlib
import os
from collections.abc import Mapping
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from crawler.models import MasterScan
from crawler.services.scan_run import ScanPolicy
from crawler.services.umdl import scan_category
from registry.models import Category
from tests import factories

OS = "releases/42/Everything/x86_64/os"
UPDATES = "updates/42/Everything/x86_64"


def repomd(timestamp: int = 1_700_000_000) -> str:
    return (
        '<?xml version="1.0" encoding="UTF-8"?>\n'
        '<repomd xmlns="http://linux.duke.edu/metadata/repo">'
        f'<data type="primary"><timestamp>{timestamp}</timestamp></data></repomd>\n'
    )


TREE = {
    "README": "read me",
    f"{OS}/repodata/repomd.xml": repomd(),
    f"{OS}/Packages/a.rpm": "a",
    f"{OS}/Packages/b.rpm": "bb",
    f"{UPDATES}/repodata/repomd.xml": repomd(1_700_000_099),
}


def grow(root: Path, files: Mapping[str, str] = TREE) -> Path:
    """Write files below a directory that others may read; return it."""
    root.mkdir(mode=0o755, parents=True, exist_ok=True)
    for name, content in files.items():
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(content)
    return root


def sha256(content: str) -> str:
    return hashlib.sha256(content.encode()).hexdigest()


def rest(root: Path, moment: datetime) -> None:
    """Let all files of a tree look as if nothing had touched them since a moment."""
    seconds = moment.timestamp()
    for directory, _, names in os.walk(root):
        for name in names:
            os.utime(os.path.join(directory, name), (seconds, seconds))


def linux(root: Path, **over: Any) -> Category:
    """Return a Category with the usual rules whose master tree is at `root`."""
    facts: dict[str, Any] = {
        "name": "Linux",
        "top_directory": "pub/linux",
        "source_location": str(root),
    }
    category: Category = factories.CategoryFactory.create(**(facts | over))
    for position, pattern, prefix, version_prefix in (
        (10, "^releases/[^/]+/Everything/", "fedora", ""),
        (20, "^updates/[^/]+/Everything/", "updates-released", "f"),
    ):
        factories.RepositoryMappingFactory.create(
            category=category,
            position=position,
            pattern=pattern,
            prefix=prefix,
            version_prefix=version_prefix,
        )
    return category


class Clock:
    """A clock that stands still until it is moved."""

    def __init__(self, now: datetime) -> None:
        self.now = now

    def __call__(self) -> datetime:
        return self.now

    def forward(self, **units: float) -> None:
        self.now += timedelta(**units)

    def back(self, **units: float) -> datetime:
        return self.now - timedelta(**units)


def scan(category: Category, clock: Clock, **over: Any) -> MasterScan:
    """Scan with the default policy."""
    facts: dict[str, Any] = {"clock": clock, "policy": ScanPolicy()}
    return scan_category(category, **(facts | over))
