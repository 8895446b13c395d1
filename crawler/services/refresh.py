"""Refresh one file of the master: look at it and its Directory, and record what changed.

For the operator who just mended one file and does not want to wait for a scan. Looks before the
transaction and never inside.
"""

from dataclasses import dataclass
from datetime import datetime
from typing import ClassVar

from crawler.logic.file_history import FileState, Recorded, place_state
from crawler.logic.metadata_files import read_metadata_file
from crawler.logic.refresh import OnePath, Part, RefreshStep, plan_refresh
from crawler.logic.scope import compile_excludes, foreign_tops
from crawler.master.base import Oddity, ScannedDirectory, SourceError
from crawler.master.tree import LocalTree
from crawler.models import MasterScan, RunState
from crawler.services.file_details import Histories, Reading, histories_of, store_states
from crawler.services.hashing import found_state
from registry.logic.listings import Entry, digest_listing, pack_listing, unpack_listing
from registry.logic.operations.steps import Plan
from registry.logic.places import normalize_path, owning_top, printable, relative_to
from registry.logic.repository_kinds import Metadata, find_metadata
from registry.models import Category, Directory, EventKind, FileDetail, SourceKind
from registry.services.operations.base import ChangedError, Notes, Operation, OperationError

# What somebody waits for in front of a page: a file of this size takes about ten seconds.
GREATEST_IN_PAGE = 1024**3
GREATEST_METADATA = 16 * 1024 * 1024


@dataclass(frozen=True)
class RefreshFile(Operation[RefreshStep]):
    """Record one file and its Directory as `look_at_file` saw them."""

    directory: Directory
    filename: str
    found: ScannedDirectory
    state: FileState | None

    then: ClassVar[tuple[str, ...]] = ("mirrorlist.tasks.build_snapshot",)

    def plan(self, *, now: datetime) -> Plan[RefreshStep]:
        records = self._records()
        return plan_refresh(
            self.directory.path,
            self.filename,
            before=unpack_listing(self.directory.listing),
            after=self._entries(),
            placed=None if self.state is None else place_state(self.state, records, now=now),
            state=self.state,
        )

    def write(self, plan: Plan[RefreshStep], note: Notes) -> None:
        for step in plan.writes:
            self._write_listing(note.now) if step.part is Part.LISTING else self._write_file(note)
            note(
                self.directory,
                EventKind.CHANGED,
                f"An operator refreshed {step.subject}: {step.sentence}",
            )

    def _write_listing(self, now: datetime) -> None:
        entries = self._entries()
        unchanged = Directory.objects.filter(pk=self.directory.pk, digest=self.directory.digest)
        written = unchanged.update(
            listing=pack_listing(entries),
            digest=digest_listing(entries),
            file_count=len(entries),
            size_bytes=sum(entry.size for entry in entries),
            changed_at=self.found.changed_at,
            readable=self.found.readable,
            scanned_at=now,
        )
        if not written:
            raise ChangedError

    def _write_file(self, note: Notes) -> None:
        path, id = self.directory.path, self.directory.pk
        reading = Reading(path, self.state)
        store_states([reading], ids={path: id}, histories=self._histories(), now=note.now)

    def _histories(self) -> Histories:
        details = FileDetail.objects.filter(directory=self.directory, filename=self.filename)
        return histories_of(details)

    def _records(self) -> list[Recorded]:
        return self._histories().get((self.directory.pk, self.filename), [])

    def _entries(self) -> list[Entry]:
        return list(self.found.entries or ())


def look_at_file(path: str, *, greatest_bytes: int | None = None) -> RefreshFile:
    """Look at one file of a local master tree, by its whole path, and at its Directory.

    Raises OperationError if no Category has it on this machine, if its Directory is not known, if
    its metadata is broken, and if it is larger than `greatest_bytes`.
    """
    directory, filename = _find(path)
    category = directory.category
    _not_while_scanned(category)
    found = _list(category, directory.path)
    entry = next((entry for entry in found.entries or () if entry.name == filename), None)
    if entry is None:
        return RefreshFile(directory, filename, found, None)
    if greatest_bytes is not None and entry.size > greatest_bytes:
        raise OperationError(
            f"“{filename}” has {entry.size:,} bytes, too many to hash while somebody waits. Run "
            "“manage.py refresh_file” instead."
        )
    try:
        names = [each.name for each in found.entries or ()]
        state = _read(category, directory.path, entry, names=names)
    except OSError as error:
        raise OperationError(f"“{filename}” cannot be read: {error.strerror or error}.") from error
    except ValueError as error:
        raise OperationError(f"“{filename}” {error}; nothing was changed.") from error
    return RefreshFile(directory, filename, found, state)


def _find(path: str) -> tuple[Directory, str]:
    try:
        parent, _, filename = normalize_path(path).rpartition("/")
    except ValueError as error:
        raise OperationError(str(error)) from error
    directory = Directory.objects.select_related("category").filter(path=parent).first()
    if directory is None or not filename:
        raise OperationError(
            f"“{printable(parent)}” is not a known Directory. Give the whole path of a file, as it "
            "stands in the list of Directories; scan the Category if it is new."
        )
    return directory, filename


def _not_while_scanned(category: Category) -> None:
    if MasterScan.objects.filter(category=category, state=RunState.RUNNING).exists():
        raise OperationError(
            f"{category} is being scanned now. Wait for the scan; it sees the file."
        )


def _list(category: Category, path: str) -> ScannedDirectory:
    """Return one Directory as the source sees it now."""
    if category.source_kind != SourceKind.LOCAL or not category.source_location:
        raise OperationError(
            f"The master tree of {category} is not on this machine. Scan the Category instead."
        )
    top = category.top_directory
    tops = Category.objects.values_list("top_directory", flat=True)
    if owning_top(path, tops) != top:
        raise OperationError(f"“{printable(path)}” belongs to another Category now. Scan that.")
    wanted = relative_to(path, top)
    try:
        excludes = compile_excludes(category.excludes)
        scope = OnePath(top, excludes, foreign_tops(top, tops), wanted)
        tree = LocalTree(category.source_location, scope)
        for found in tree.directories(unchanged={}):
            if not isinstance(found, Oddity) and found.path == wanted and found.listed:
                return found
    except (ValueError, SourceError) as error:
        raise OperationError(str(error)) from error
    raise OperationError(f"“{printable(path)}” is not on the master, or cannot be listed.")


def _read(category: Category, path: str, entry: Entry, *, names: list[str]) -> FileState:
    """Read one file: metadata by its content, everything else by its digests."""
    whole = f"{path}/{entry.name}"
    metadata = _metadata(path, names)
    if metadata is None or entry.name not in metadata.files:
        return found_state(category, whole, entry.name, lambda count: None)
    tree = LocalTree(category.source_location, OnePath(category.top_directory))
    limit = GREATEST_METADATA
    data = tree.read_file(relative_to(whole, category.top_directory), limit=limit + 1)
    if len(data) > limit:
        raise ValueError(f"has more than the {limit:,} bytes that we read")
    return read_metadata_file(metadata.format, entry.name, data, mtime=entry.mtime)


def _metadata(path: str, names: list[str]) -> Metadata | None:
    """Return the metadata of a Directory with these files, as a scan would find it."""
    found = find_metadata(path, names)
    if (
        found
        and found.below
        and not Directory.objects.filter(path=f"{path}/{found.below}").exists()
    ):
        return found.otherwise
    return found
