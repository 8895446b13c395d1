"""What a Host's own report means: which Directories of the master it says it has.

Knows the names a report uses and the Directories of the master. Deliberately knows nothing about
the wire and passwords. A Directory that is there counts as up2date, unless the Host tells the
digest of its files and the master's is another one.
"""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from enum import Enum

# So many unknown Directories are named to the owner; the rest is a number.
UNKNOWN_NAMED = 5


class CheckInReason(Enum):
    """Why a report was applied or not, as a whole or for one Category."""

    APPLIED = "applied"
    NOT_PRIVATE = "not_private"
    NOT_CARRIED = "not_carried"
    REPEATED = "repeated"
    EMPTY = "empty"
    NOT_SCANNED = "not_scanned"
    NOTHING_KNOWN = "nothing_known"


@dataclass(frozen=True)
class Carried:
    """One Category that the Host carries, with the ids of its Directories by whole path.

    `digests` are those of the master's listings by id, where the report has any to compare with.
    """

    host_category_id: int
    name: str
    top_directory: str
    directories: Mapping[str, int]
    digests: Mapping[int, bytes] = field(default_factory=dict)


@dataclass(frozen=True)
class CategoryMatch:
    """What a report says about one Category, and whether it is applied.

    `carried` is None if the Host does not carry it. `matched` are ids of Directories; it is the
    whole set that the Host has. `stale` are ids of Directories whose files are not the master's.
    `unknown` are paths as reported.
    """

    name: str
    reason: CheckInReason
    sentence: str
    carried: Carried | None = None
    matched: frozenset[int] = frozenset()
    stale: frozenset[int] = frozenset()
    unknown: tuple[str, ...] = ()

    @property
    def applied(self) -> bool:
        return self.reason is CheckInReason.APPLIED


def match_report(
    reported: Mapping[str, Collection[str]], carried: Collection[Carried]
) -> tuple[CategoryMatch, ...]:
    """Match a report with what the Host carries: Category names in any case, paths below the top.

    The empty path is the top directory itself, and slashes at either end of a path do not count.
    Categories that are not reported are not in the result: their state stays. An empty report, or
    one that names no Directory of the master, is not applied, because a typo in the Host's
    configuration would wipe it. Of two names that differ in case only, the first counts. Where the
    paths are a mapping, its values are the digests of the Host's files, or None.
    """
    by_name = {one.name.casefold(): one for one in carried}
    seen: set[str] = set()
    matches = []
    for name, paths in reported.items():
        folded = name.casefold()
        one = by_name.get(folded)
        if one is None:
            matches.append(_refuse(name, CheckInReason.NOT_CARRIED, None))
        elif folded in seen:
            matches.append(_refuse(name, CheckInReason.REPEATED, one))
        else:
            matches.append(_match_category(one, paths))
        seen.add(folded)
    return tuple(matches)


REFUSALS = {
    CheckInReason.NOT_CARRIED: "The Host does not carry “{name}”: this part of the report is "
    "ignored. Add the Category to the Host first.",
    CheckInReason.REPEATED: "“{name}” is reported twice: only the first is used.",
    CheckInReason.EMPTY: "The report names no directory of “{name}”: it is ignored, and what was "
    "known stays. Check the path of this Category on the Host.",
    CheckInReason.NOT_SCANNED: "The master tree of “{name}” has not been scanned yet: this part of "
    "the report is ignored. Report again later.",
    CheckInReason.NOTHING_KNOWN: "The master has none of the directories reported for “{name}”: "
    "they are ignored, and what was known stays. Paths must be relative to {top}.",
}


def _refuse(
    name: str, reason: CheckInReason, carried: Carried | None, unknown: tuple[str, ...] = ()
) -> CategoryMatch:
    top = (carried.top_directory if carried else "") or "the top of the master tree"
    sentence = REFUSALS[reason].format(name=name, top=top)
    return CategoryMatch(name, reason, sentence, carried, unknown=unknown)


def _match_category(carried: Carried, paths: Collection[str]) -> CategoryMatch:
    if not paths:
        return _refuse(carried.name, CheckInReason.EMPTY, carried)
    if not carried.directories:
        return _refuse(carried.name, CheckInReason.NOT_SCANNED, carried)
    found, unknown = _look_up(carried, paths)
    if not found:
        return _refuse(carried.name, CheckInReason.NOTHING_KNOWN, carried, tuple(unknown))
    stale = _other_files(carried, found, paths) if isinstance(paths, Mapping) else frozenset()
    return CategoryMatch(
        carried.name,
        CheckInReason.APPLIED,
        _describe(len(found), len(carried.directories), len(stale), unknown),
        carried,
        frozenset(found) - stale,
        stale,
        tuple(unknown),
    )


def _look_up(carried: Carried, paths: Collection[str]) -> tuple[dict[int, str], list[str]]:
    """Return the paths that are Directories, by id, and those that are not."""
    above = f"{carried.top_directory}/" if carried.top_directory else ""
    directories = carried.directories
    found, unknown = {}, []
    for path in paths:
        stripped = path.strip("/")
        directory = directories.get(above + stripped if stripped else carried.top_directory)
        if directory is None:
            unknown.append(path)
        else:
            found[directory] = path
    return found, unknown


def _other_files(
    carried: Carried, found: Mapping[int, str], told: Mapping[str, bytes | None]
) -> frozenset[int]:
    """Return the Directories whose digest was told and is not the master's."""
    return frozenset(
        directory
        for directory, path in found.items()
        if told[path] is not None and told[path] != carried.digests.get(directory)
    )


def _describe(found: int, expected: int, stale: int, unknown: list[str]) -> str:
    sentence = f"The Host reported {found} of {expected} directories."
    if stale:
        sentence += f" In {stale} of them its files are not those of the master."
    if not unknown:
        return sentence
    named = ", ".join(f"“{path}”" for path in unknown[:UNKNOWN_NAMED])
    if (more := len(unknown) - UNKNOWN_NAMED) > 0:
        return f"{sentence} The master does not have {named} and {more} more."
    return f"{sentence} The master does not have {named}."
