"""The Directories of a Category as all visits of one crawl share them.

Loads rows once and keeps listings packed; only the frames of what is being looked at are unpacked.
"""

from collections import OrderedDict, defaultdict
from collections.abc import Iterable, Mapping, Sequence

from crawler.logic.sampling import Frame, SamplingPolicy, allow_per_directory, frame_listing
from crawler.logic.tree_comparison import Row
from crawler.logic.verdicts import Expected, KnownState
from registry.logic.listings import Entry, unpack_listing
from registry.logic.places import relative_to
from registry.models import Category, Directory, FileDetail

# Unpacked, an entry takes some 250 bytes: this is about 25 MB. Hosts of one crawl walk through a
# Category at about the same pace, so that a window of it is enough.
UNPACKED_ENTRIES = 100_000
DIGESTS = ("sha512", "sha256", "sha1", "md5")

History = Mapping[str, tuple[KnownState, ...]]


class Tree:
    """What mirrors of one Category should have."""

    def __init__(
        self, rows: Sequence[Row], histories: Mapping[int, History], *, policy: SamplingPolicy
    ) -> None:
        self.rows = rows
        self.allowed = allow_per_directory(len(rows), policy=policy)
        self.policy = policy
        self._histories = histories
        self._frames: OrderedDict[int, Frame] = OrderedDict()
        self._unpacked = 0

    @property
    def histories(self) -> Mapping[int, History]:
        """The known states of files that clients verify, by Directory id and name."""
        return self._histories

    def frame(self, row: Row) -> Frame:
        """Return the files of a Directory, sorted by how much they say."""
        if frame := self._frames.get(row.id):
            return frame
        frame = frame_listing(unpack_listing(row.listing), policy=self.policy)
        self._frames[row.id] = frame
        self._unpacked += _size(frame)
        while self._unpacked > UNPACKED_ENTRIES and len(self._frames) > 1:
            self._unpacked -= _size(self._frames.popitem(last=False)[1])
        return frame

    def expect(self, row: Row, entry: Entry) -> Expected:
        """Return what is known of one file."""
        history = self._histories.get(row.id)
        return Expected(entry.name, entry.size, history.get(entry.name, ()) if history else ())


def load_trees(category_ids: Iterable[int], *, policy: SamplingPolicy) -> dict[int, Tree]:
    """Return the tree of each Category; two queries for each."""
    return {
        category.id: _load_tree(category, policy=policy)
        for category in Category.objects.filter(id__in=set(category_ids))
    }


def _load_tree(category: Category, *, policy: SamplingPolicy) -> Tree:
    directories = Directory.objects.filter(category=category).crawlable().order_by("path")
    rows = [
        Row(
            directory_id,
            relative_to(path, category.top_directory),
            bytes(listing),
            bytes(digest),
            scanned_at.timestamp(),
        )
        for directory_id, path, listing, digest, scanned_at in directories.values_list(
            "id", "path", "listing", "digest", "scanned_at"
        ).iterator()
    ]
    return Tree(rows, _load_histories(category), policy=policy)


def _load_histories(category: Category) -> dict[int, History]:
    """Return the known states of the files of each Directory, the current one first."""
    found: dict[int, dict[str, tuple[KnownState, ...]]] = defaultdict(dict)
    details = FileDetail.objects.filter(directory__category=category).newest_first()
    fields = details.values_list("directory_id", "filename", "timestamp", "size_bytes", *DIGESTS)
    for directory_id, name, timestamp, size, *digests in fields.iterator():
        known = tuple(
            (algorithm, digest)
            for algorithm, digest in zip(DIGESTS, digests, strict=True)
            if digest
        )
        if known:
            states = found[directory_id].get(name, ())
            found[directory_id][name] = (*states, KnownState(timestamp, known, size))
    return dict(found)


def _size(frame: Frame) -> int:
    return len(frame.metadata) + len(frame.newest) + len(frame.rest)
