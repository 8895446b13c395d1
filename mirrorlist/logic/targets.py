"""What a request is about: the Directory and file it means, or why there is none.

Follows mirrorlist-server's order of checks, statuses and texts. Knows nothing about who asks.
"""

from typing import NamedTuple

from mirrorlist.logic.plain import render_repositories
from mirrorlist.logic.query import Kind, Refusal, Request, clean
from mirrorlist.logic.snapshot import Directory, Snapshot
from registry.logic.places import join_path

DISABLED = Refusal(200, "repo disabled")
INVALID_PATH = Refusal(404, "error: invalid path")
OUT_OF_RANGE = Refusal(500, "mirrorlist cache index out of range, you broke it!", bare=True)

METADATA_DIRECTORY = "repodata"
METADATA_FILE = "repomd.xml"


class Target(NamedTuple):
    """A Directory, and a file in it or the empty text; `header` tells the client what was meant."""

    header: str
    directory: Directory
    filename: str


def find_target(kind: Kind, request: Request, snapshot: Snapshot) -> Target | Refusal:
    """Return what a request means; whether the file exists is not asked here."""
    if request.path is not None:
        return _by_path(request.path, snapshot)
    return _by_repository(kind, request, snapshot)


def _by_path(path: str, snapshot: Snapshot) -> Target | Refusal:
    header = f"# path = {clean(path)} "
    if directory := snapshot.directory(path):
        return Target(header, directory, "")
    parent, _, filename = path.rpartition("/")
    if directory := snapshot.directory(parent):
        return Target(header, directory, filename)
    return INVALID_PATH


def _by_repository(kind: Kind, request: Request, snapshot: Snapshot) -> Target | Refusal:
    prefix = snapshot.redirect(request.repo) or request.repo
    header = f"# repo = {clean(prefix)} arch = {clean(request.arch)} "
    if snapshot.is_disabled(prefix):
        return DISABLED
    path = snapshot.repository_path(prefix, request.arch)
    if path is None:
        return Refusal(
            404,
            f"{header}error: invalid repo or arch\n# following repositories are available:\n"
            f"{render_repositories(snapshot.repositories())}",
        )
    if kind is Kind.MIRRORLIST:
        directory, filename = snapshot.directory(path), ""
    else:
        directory, filename = snapshot.directory(_metadata_path(path)), METADATA_FILE
    return Target(header, directory, filename) if directory else OUT_OF_RANGE


def _metadata_path(path: str) -> str:
    if path.endswith(f"/{METADATA_DIRECTORY}"):
        return path
    return join_path(path, METADATA_DIRECTORY)
