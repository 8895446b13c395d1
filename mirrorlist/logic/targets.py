"""What a request is about: the Directory and file it means, or why there is none.

Follows mirrorlist-server's order of checks, statuses and texts. Knows nothing about who asks.
"""

from typing import NamedTuple

from mirrorlist.logic.plain import render_repositories
from mirrorlist.logic.query import Kind, Refusal, Request, clean
from mirrorlist.logic.snapshot import Directory, Snapshot
from registry.logic.places import join_path
from registry.logic.repository_kinds import REPODATA, REPOMD, SUMMARY

DISABLED = Refusal(200, "repo disabled")
INVALID_PATH = Refusal(404, "error: invalid path")
OUT_OF_RANGE = Refusal(500, "mirrorlist cache index out of range, you broke it!", bare=True)

METADATA_DIRECTORY = REPODATA
METADATA_FILE = REPOMD


class Target(NamedTuple):
    """A Directory, and a file in it or the empty text; `header` tells the client what was meant."""

    header: str
    directory: Directory
    filename: str

    @property
    def path(self) -> str:
        """The whole path, without a trailing slash."""
        if not self.filename:
            return self.directory.path
        return join_path(self.directory.path, self.filename)


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
    if path is None and request.version:
        # As CentOS asks; mirrorlist-server ignores the version, and would refuse.
        return _by_repository(kind, _with_version(request), snapshot)
    if path is None:
        return Refusal(
            404,
            f"{header}error: invalid repo or arch\n# following repositories are available:\n"
            f"{render_repositories(snapshot.repositories())}",
        )
    if kind is Kind.MIRRORLIST:
        directory, filename = snapshot.directory(path), ""
    else:
        directory, filename = _metadata_of(path, snapshot)
    return Target(header, directory, filename) if directory else OUT_OF_RANGE


def _with_version(request: Request) -> Request:
    return request._replace(repo=f"{request.repo}-{request.version}", version="")


def _metadata_of(path: str, snapshot: Snapshot) -> tuple[Directory | None, str]:
    """Return where the file is that clients of a Repository verify.

    An OSTree Repository has a summary, and no repodata; other formats are asked for by path.
    """
    if directory := snapshot.directory(_metadata_path(path)):
        return directory, METADATA_FILE
    directory = snapshot.directory(path)
    if directory and snapshot.file_details(directory.id, SUMMARY):
        return directory, SUMMARY
    return None, ""


def _metadata_path(path: str) -> str:
    if path.endswith(f"/{METADATA_DIRECTORY}"):
        return path
    return join_path(path, METADATA_DIRECTORY)
