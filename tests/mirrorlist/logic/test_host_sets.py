from random import Random

from pyroaring import BitMap

from mirrorlist.logic.contents import DirectoryRow, place_directories
from mirrorlist.logic.host_sets import Copy, hosts_by_directory, require_metadata


def test_hosts_are_found_at_the_directories_they_have() -> None:
    copies = [
        Copy(7, BitMap([1, 2, 3, 99])),
        Copy(5, BitMap([3])),
        Copy(9, None),
        Copy(6, BitMap()),
    ]
    assert hosts_by_directory([1, 2, 3, 4], copies) == {
        1: (7, 9),
        2: (7, 9),
        3: (5, 7, 9),
        4: (9,),
    }


def test_it_agrees_with_membership_and_equal_sets_are_one_object() -> None:
    dice = Random(3)
    copies = [
        Copy(member, BitMap(d for d in range(200) if dice.random() < share))
        for member, share in enumerate([0.0, 0.02, 0.3, 0.5, 0.7, 0.98, 1.0] * 3)
    ]
    found = hosts_by_directory(range(200), copies)
    for directory, members in found.items():
        assert members == tuple(copy.member for copy in copies if directory in (copy.up2date or ()))
    assert len(set(map(id, found.values()))) == len(set(found.values()))


def test_a_repository_needs_its_metadata() -> None:
    hosts = {1: (5, 6, 7), 2: (6, 7, 8), 3: (5,)}
    assert require_metadata(hosts, {1: 2}) == {1: (6, 7), 2: (6, 7, 8), 3: (5,)}


def test_directories_are_placed_with_few_sets() -> None:
    rows = [
        DirectoryRow(1, "a/os", 1),
        DirectoryRow(2, "a/os/repodata", 1),
        DirectoryRow(3, "b", 2),
        DirectoryRow(4, "b/lonely", 3),
    ]
    copies = {1: [Copy(10, BitMap([1, 2])), Copy(11, BitMap([1]))], 2: [Copy(10, None)]}
    sets, directories = place_directories(rows, copies, ["a/os", "b", "gone"])
    assert sets == [(10,), ()]
    assert [directory.host_set_id for directory in directories] == [0, 0, 0, 1]
    assert [directory.path for directory in directories] == [row.path for row in rows]
