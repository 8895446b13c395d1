"""Hash real files of a Category's local tree: verify what is recorded, fill in what is missing.

Reads outside any transaction and writes one row at a time, so that it may be stopped at any moment
and started again.
"""

from collections.abc import Callable, Iterator, Sequence
from fnmatch import fnmatchcase
from typing import NamedTuple

from django.db import IntegrityError, transaction

from crawler.hashing import Hashed, hash_file
from crawler.logic.file_history import ALGORITHMS, FileState
from crawler.logic.hash_check import HashReason, HashVerdict, judge_hashes
from crawler.services.pieces import forget_pieces, known_pieces, write_pieces
from crawler.services.scan_run import Clock
from registry.logic.listings import Entry, unpack_listing
from registry.logic.pieces import DIGEST_BYTES
from registry.logic.places import is_below, join_path, relative_to
from registry.models import Category, Directory, FileDetail, SourceKind

Progress = Callable[[int], None]


class NoLocalTreeError(Exception):
    """The files of the Category are not on this machine; the sentence says so."""


class Candidate(NamedTuple):
    """One file to hash: its path, its entry in the listing, its current FileDetail if any.

    `in_pieces` says that the digests of its pieces are known, too.
    """

    path: str
    directory_id: int
    entry: Entry
    detail_id: int | None
    known: FileState | None
    in_pieces: bool = False

    def lacks(self, *, pieces_from_bytes: int) -> bool:
        """Tell whether anything would be recorded that is not known of the file as it is."""
        known = self.known
        if known is None or known.size_bytes != self.entry.size:
            return True
        if not all(getattr(known, name) for name in ALGORITHMS):
            return True
        return 0 < pieces_from_bytes <= self.entry.size and not self.in_pieces


class Checked(NamedTuple):
    """One file that was hashed, what came of it, and how many pieces of it were hashed."""

    path: str
    verdict: HashVerdict
    pieces: int = 0


def choose_files(
    category: Category, *, patterns: Sequence[str] = (), below: str = ""
) -> list[Candidate]:
    """Return the files to hash: those with FileDetails, and those whose names match a pattern.

    `below` keeps those at or below one path. Files that are not in the listings are gone and left
    out. Costs three queries. Raises NoLocalTreeError.
    """
    local = category.source_kind == SourceKind.LOCAL and category.source_location
    if not local:
        raise NoLocalTreeError(
            f"The master tree of {category} is not on this machine, so its files cannot be hashed."
        )
    details = _current_details(category)
    pieces = known_pieces(category)
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
                detail_id, state = known.get(entry.name, (None, None))
                in_pieces = (id, entry.name, entry.size, entry.mtime) in pieces
                found.append(Candidate(whole, id, entry, detail_id, state, in_pieces))
    return found


def hash_files(
    category: Category,
    candidates: Sequence[Candidate],
    *,
    clock: Clock,
    verify: bool,
    progress: Progress,
    pieces_from_bytes: int = 0,
) -> Iterator[Checked]:
    """Hash files and yield what came of each; with `verify` write nothing.

    Pieces are hashed of files of `pieces_from_bytes` or more; with 0 of none. Those of files that
    are no longer there are forgotten.
    """
    for candidate in candidates:
        try:
            found = _read(
                category,
                candidate.path,
                progress,
                pieces_from_bytes=0 if verify else pieces_from_bytes,
            )
        except OSError as error:
            why = error.strerror or str(error)
            sentence = f"It cannot be hashed: {why}."
            yield Checked(candidate.path, HashVerdict(HashReason.UNREADABLE, sentence))
            continue
        verdict = judge_hashes(candidate.known, _state(candidate.entry.name, found))
        if not verify and verdict.good:
            _write(candidate, verdict.state, found, clock)
        yield Checked(candidate.path, verdict, len(found.pieces) // DIGEST_BYTES)
    if not verify:
        forget_pieces(category)


def found_state(category: Category, path: str, name: str, progress: Progress) -> FileState:
    """Hash one file of a local tree. Raises OSError."""
    return _state(name, _read(category, path, progress))


def _read(
    category: Category, path: str, progress: Progress, *, pieces_from_bytes: int = 0
) -> Hashed:
    root = category.source_location.rstrip("/") or "/"
    place = f"{root}/{relative_to(path, category.top_directory)}"
    return hash_file(place, root=root, progress=progress, pieces_from_bytes=pieces_from_bytes)


def _state(name: str, found: Hashed) -> FileState:
    return FileState(name, found.mtime, found.size, **found.digests)


def _write(candidate: Candidate, state: FileState | None, found: Hashed, clock: Clock) -> None:
    """Write what is new; a scan may have recorded it meanwhile, or have deleted the Directory."""
    try:
        with transaction.atomic():
            if state is not None:
                _write_state(candidate, state, clock)
            if found.pieces:
                write_pieces(candidate.directory_id, candidate.entry.name, found, hashed_at=clock())
    except IntegrityError:
        return


def _write_state(candidate: Candidate, state: FileState, clock: Clock) -> None:
    digests = {name: getattr(state, name) for name in ("md5", "sha1", "sha256", "sha512")}
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
