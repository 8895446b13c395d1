"""Hash real files of a Category's local tree: verify what is recorded, fill in what is missing.

Reads outside any transaction and writes one row at a time, so that it may be stopped at any moment
and started again.
"""

from collections.abc import Callable, Iterator, Sequence
from fnmatch import fnmatchcase
from typing import NamedTuple

from django.db import IntegrityError, transaction

from crawler.hashing import hash_file
from crawler.logic.file_history import FileState
from crawler.logic.hash_check import HashReason, HashVerdict, judge_hashes
from crawler.services.scan_run import Clock
from registry.logic.listings import Entry, unpack_listing
from registry.logic.places import is_below, join_path, relative_to
from registry.models import Category, Directory, FileDetail, SourceKind

Progress = Callable[[int], None]


class NoLocalTreeError(Exception):
    """The files of the Category are not on this machine; the sentence says so."""


class Candidate(NamedTuple):
    """One file to hash: its path, its entry in the listing, its current FileDetail if any."""

    path: str
    directory_id: int
    entry: Entry
    detail_id: int | None
    known: FileState | None


class Checked(NamedTuple):
    """One file that was hashed, and what came of it."""

    path: str
    verdict: HashVerdict


def choose_files(
    category: Category, *, patterns: Sequence[str] = (), below: str = ""
) -> list[Candidate]:
    """Return the files to hash: those with FileDetails, and those whose names match a pattern.

    `below` keeps those at or below one path. Files that are not in the listings are gone and left
    out. Costs two queries. Raises NoLocalTreeError.
    """
    local = category.source_kind == SourceKind.LOCAL and category.source_location
    if not local:
        raise NoLocalTreeError(
            f"The master tree of {category} is not on this machine, so its files cannot be hashed."
        )
    details = _current_details(category)
    rows = Directory.objects.filter(category=category).values_list("id", "path", "listing")
    found: list[Candidate] = []
    for id, path, listing in rows.iterator(chunk_size=500):
        known = details.get(id, {})
        related = is_below(path, below) or is_below(below, path)
        if not related or not (known or patterns):
            continue
        for entry in unpack_listing(listing):
            whole = join_path(path, entry.name)
            wanted = entry.name in known or any(fnmatchcase(entry.name, p) for p in patterns)
            if wanted and is_below(whole, below):
                found.append(Candidate(whole, id, entry, *known.get(entry.name, (None, None))))
    return found


def hash_files(
    category: Category,
    candidates: Sequence[Candidate],
    *,
    clock: Clock,
    verify: bool,
    progress: Progress,
) -> Iterator[Checked]:
    """Hash files and yield what came of each; with `verify` write nothing."""
    for candidate in candidates:
        verdict = _hash(category, candidate, progress)
        if verdict.state is not None and not verify:
            _write(candidate, verdict.state, clock)
        yield Checked(candidate.path, verdict)


def found_state(category: Category, path: str, name: str, progress: Progress) -> FileState:
    """Hash one file of a local tree. Raises OSError."""
    root = category.source_location.rstrip("/") or "/"
    place = f"{root}/{relative_to(path, category.top_directory)}"
    size, mtime, digests = hash_file(place, root=root, progress=progress)
    return FileState(name, mtime, size, **digests)


def _hash(category: Category, candidate: Candidate, progress: Progress) -> HashVerdict:
    try:
        found = found_state(category, candidate.path, candidate.entry.name, progress)
    except OSError as error:
        why = error.strerror or str(error)
        return HashVerdict(HashReason.UNREADABLE, f"It cannot be hashed: {why}.")
    return judge_hashes(candidate.known, found)


def _write(candidate: Candidate, state: FileState, clock: Clock) -> None:
    digests = {name: getattr(state, name) for name in ("md5", "sha1", "sha256", "sha512")}
    try:
        with transaction.atomic():
            if candidate.detail_id is not None:
                FileDetail.objects.filter(pk=candidate.detail_id).update(**digests)
                return
            FileDetail.objects.create(
                directory_id=candidate.directory_id,
                filename=state.filename,
                timestamp=state.timestamp,
                size_bytes=state.size_bytes,
                seen_at=clock(),
                **digests,
            )
    except IntegrityError:
        # A scan has recorded the same state meanwhile, or has deleted the Directory.
        return


def _current_details(category: Category) -> dict[int, dict[str, tuple[int, FileState]]]:
    """Return the current state of every file, by Directory and name."""
    rows = (
        FileDetail.objects.filter(directory__category=category)
        .newest_first()
        .values_list(
            "directory_id",
            "id",
            "filename",
            "timestamp",
            "size_bytes",
            "md5",
            "sha1",
            "sha256",
            "sha512",
        )
    )
    found: dict[int, dict[str, tuple[int, FileState]]] = {}
    for row in rows.iterator(chunk_size=5000):
        state = FileState(*row[2:])
        found.setdefault(row[0], {}).setdefault(state.filename, (row[1], state))
    return found
