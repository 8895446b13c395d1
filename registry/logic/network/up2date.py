"""Up2date sets in words: which Directories “all”, “all except” and a list of paths stand for."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from pyroaring import BitMap

from registry.logic.network.records import Key, Record
from registry.logic.network.values import Scope, Up2date


@dataclass(frozen=True)
class Catalog:
    """Numbers of the Directories: their ids, or provisional ones above all ids for new ones.

    `readable` holds per Category those that one can be expected to carry; `known` are the ids.
    """

    numbers: Mapping[str, int] = field(default_factory=dict)
    readable: Mapping[Key, BitMap] = field(default_factory=dict)
    known: BitMap = field(default_factory=BitMap)
    provisional: Mapping[int, Key] = field(default_factory=dict)


def make_catalog(directories: Iterable[Record]) -> Catalog:
    """Number Directories; those without a row get the numbers above the greatest id, in order."""
    records = list(directories)
    numbers: dict[str, int] = {}
    readable: dict[Key, BitMap] = {}
    known = BitMap(record.row for record in records if record.row is not None)
    following = (known.max() if known else 0) + 1
    provisional: dict[int, Key] = {}
    for record in records:
        number = record.row
        if number is None:
            number, following = following, following + 1
            provisional[number] = record.key
        numbers[record.key[0]] = number
        if record.values.get("readable", True):
            readable.setdefault(record.values.get("category", ()), BitMap()).add(number)
    return Catalog(numbers, readable, known, provisional)


def resolve(wanted: Up2date, category: Key, *, catalog: Catalog) -> tuple[BitMap, list[str]]:
    """Return the set that the words stand for, and the paths that no Directory has."""
    named = BitMap(catalog.numbers[path] for path in wanted.paths if path in catalog.numbers)
    unknown = [path for path in wanted.paths if path not in catalog.numbers]
    if wanted.scope is Scope.ONLY:
        return named, unknown
    return catalog.readable.get(category, BitMap()) - named, unknown


def describe(
    up2date: BitMap, category: Key, *, catalog: Catalog, paths: Mapping[int, str]
) -> Up2date:
    """Return the shortest words for a set; ids that are no Directory any more are left out."""
    found = up2date & catalog.known
    readable = catalog.readable.get(category, BitMap())
    missing = readable - found
    if found and found == readable:
        return Up2date(Scope.ALL)
    if found <= readable and len(missing) < len(found):
        return Up2date(Scope.ALL_EXCEPT, tuple(sorted(paths[number] for number in missing)))
    return Up2date(Scope.ONLY, tuple(sorted(paths[number] for number in found)))
