from random import Random

import pytest
from pyroaring import BitMap

from mirrorlist.logic.host_sets import (
    Copy,
    Group,
    flags_of,
    hosts_by_directory,
    members_of,
    number_of,
    require_metadata,
)
from mirrorlist.logic.placing import DirectoryRow, make_rules, place_directories


def test_hosts_are_found_at_the_directories_they_have() -> None:
    copies = [
        Copy(0, BitMap([3])),
        Copy(2, BitMap([1, 2, 3, 99])),
        Copy(3, BitMap()),
        Copy(5, None),
    ]
    found = hosts_by_directory([1, 2, 3, 4], copies)
    assert {directory: members_of(mask) for directory, mask in found.items()} == {
        1: [2, 5],
        2: [2, 5],
        3: [0, 2, 5],
        4: [5],
    }


def test_it_agrees_with_membership() -> None:
    dice = Random(3)
    sets = [
        BitMap(d for d in range(200) if dice.random() < share)
        for share in [0.0, 0.02, 0.3, 0.5, 0.7, 0.98, 1.0] * 20
    ]
    found = hosts_by_directory(range(200), [Copy(n, up2date) for n, up2date in enumerate(sets)])
    for directory, mask in found.items():
        assert members_of(mask) == [n for n, up2date in enumerate(sets) if directory in up2date]


@pytest.mark.parametrize(("mask", "members"), [(0, []), (1, [0]), (0b1010_0000_0001, [0, 9, 11])])
def test_a_mask_is_a_set_of_positions(mask: int, members: list[int]) -> None:
    assert members_of(mask) == members


@pytest.mark.parametrize(
    ("members", "mask", "among"),
    [
        ((), 0b1111, ()),
        ((2,), 0b0100, (2,)),
        ((2,), 0b1011, ()),
        ((3, 0, 2), 0b1001, (3, 0)),
        ((3, 0, 2), 0, ()),
    ],
)
def test_a_group_knows_its_members_in_a_set_in_its_own_order(members, mask: int, among) -> None:
    assert Group(members).among(flags_of(mask, 4)) == among


def test_a_repository_needs_its_metadata() -> None:
    hosts = {1: 0b0111, 2: 0b1110, 3: 0b0001}
    assert require_metadata(hosts, {1: 2}) == {1: 0b0110, 2: 0b1110, 3: 0b0001}


def test_directories_are_placed_with_few_sets() -> None:
    rows = [
        DirectoryRow(1, "a/os", 1),
        DirectoryRow(2, "a/os/repodata", 1),
        DirectoryRow(3, "b", 2),
        DirectoryRow(4, "b/lonely", 3),
    ]
    copies = {1: [Copy(0, BitMap([1, 2])), Copy(1, BitMap([1]))], 2: [Copy(0, None)]}
    found = place_directories(rows, copies, make_rules(rows, ["a/os", "b", "gone"], {}))
    assert found.host_sets == {number_of(0b1): 0b1, number_of(0): 0}
    masks = [found.host_sets[directory.host_set_id] for directory in found.directories]
    assert masks == [0b1, 0b1, 0b1, 0]
    assert [directory.path for directory in found.directories] == [row.path for row in rows]
