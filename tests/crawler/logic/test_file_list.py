from collections.abc import Iterable

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from crawler.logic.file_list import Checksum, FileListError, parse_file_list, parse_name_list
from crawler.logic.rsync_listing import Group, Kind, Listed, Odd

LIST = """[Version]
2

[Files]
1700000100\tf\t3000\tlinux/repodata/repomd.xml
1700000200\td\t4096\tlinux/repodata
1700000300\td*\t4096\t./linux/hidden/below
1700000300\td-\t4096\tlinux/hidden
1700000300\tl\t7\tlinux/link
1700000300\tp\t0\tlinux/pipe
1700000300\tf\t1\tlinux/a name\twith a tab
1700000400\td\t4096\t.

[Checksums SHA1]
DA39A3EE5E6B4B0D3255BFEF95601890AFD80709\tlinux/repodata/repomd.xml

[End]
"""


def one_by_one(found: Iterable[Group | Listed | Checksum | Odd]) -> list[object]:
    """Return the lines of a list as if its files did not come together."""
    lines: list[object] = []
    for each in found:
        if isinstance(each, Group):
            above = f"{each.path}/" if each.path else ""
            lines.extend(
                Listed(Kind.FILE, True, size, at, above + name) for name, size, at in each.files
            )
        else:
            lines.append(each)
    return lines


WANTED = [
    Listed(Kind.FILE, True, 3000, 1_700_000_100, "linux/repodata/repomd.xml"),
    Listed(Kind.DIRECTORY, True, 4096, 1_700_000_200, "linux/repodata"),
    Listed(Kind.DIRECTORY, False, 4096, 1_700_000_300, "linux/hidden/below"),
    Listed(Kind.DIRECTORY, False, 4096, 1_700_000_300, "linux/hidden"),
    Listed(Kind.LINK, True, 7, 1_700_000_300, "linux/link"),
    Listed(Kind.OTHER, True, 0, 1_700_000_300, "linux/pipe"),
    Listed(Kind.FILE, True, 1, 1_700_000_300, "linux/a name\twith a tab"),
    Listed(Kind.DIRECTORY, True, 4096, 1_700_000_400, ""),
    Checksum("sha1", "da39a3ee5e6b4b0d3255bfef95601890afd80709", "linux/repodata/repomd.xml"),
]


@pytest.mark.parametrize("end", ["\n", "\r\n"])
@pytest.mark.parametrize("keepends", [True, False])
def test_a_complete_list_is_read(end: str, *, keepends: bool) -> None:
    text = LIST.replace("\n", end).encode()
    found = one_by_one(parse_file_list(text.splitlines(keepends)))
    assert found == WANTED
    assert set(one_by_one(parse_file_list([text]))) == set(WANTED)


def test_files_of_one_directory_come_together_and_return_to_it() -> None:
    files = "".join(
        f"{n}\tf\t{n}\t{path}\n" for n, path in enumerate(["a/x", "a/y", "a/b/z", "a/w"])
    )
    assert list(parse_file_list([f"[Files]\n{files}0\tf\t1\ttop\n[End]\n".encode()])) == [
        Group("a", [("x", 0, 0), ("y", 1, 1)]),
        Group("a/b", [("z", 2, 2)]),
        Group("a", [("w", 3, 3)]),
        Group("", [("top", 1, 0)]),
    ]


def test_a_block_may_end_within_a_section() -> None:
    blocks = [b"[Files]\n1\tf\t1\ta/x", b"2\tf\t2\ta/y\n[Checksums SHA1]", b"00\ta/x\n[End]"]
    assert list(parse_file_list(blocks)) == [
        Group("a", [("x", 1, 1)]),
        Group("a", [("y", 2, 2)]),
        Checksum("sha1", "00", "a/x"),
    ]


def test_files_outside_the_section_of_files_are_none() -> None:
    found = list(parse_file_list([b"[Files]\n[Checksums SHA1]\n1\tf\t1\tx\n[End]"]))
    assert [type(each) for each in found] == [Odd]


PATHS = [
    *("a/x", "a/y", "a/b/z", "top", "ü/ä", "a/b\tc", ".hidden/s", "[End]"),
    *("", "./", "./a/w", "./dotted", "/a/v", "/root", "a/", "a//u", "a/../t", "..", "a/."),
]
# Machines that run other tests meanwhile are no reason to fail.
FUZZ = settings(
    deadline=None, derandomize=True, database=None, suppress_health_check=[HealthCheck.too_slow]
)
ROWS = st.builds(
    lambda time, kind, size, path: f"{time}\t{kind}\t{size}\t{path}".encode(),
    st.sampled_from(["1700000000", "-1", "0", "then", "", "9" * 30, "+1", "1_0", "\u0661"]),
    st.sampled_from(["f", "f", "f", "d", "l", "f-", "d*", ""]),
    st.sampled_from(["0", "7", "-1", "+1", "1_0", "\u0661", str(2**53), str(2**53 + 1), "x"]),
    st.sampled_from(
        [
            "a/x",
            "a/y",
            "a/b/z",
            "top",
            "",
            "./a/w",
            "./dotted",
            "/a/v",
            "/root",
            "a/",
            "a//u",
            "a/../t",
            "ü/ä",
            "a/b\tc",
            "[End]",
            ".h/s",
            "./",
            "..",
            "a/.",
        ]
    ),
)
LINES = st.lists(
    ROWS | st.sampled_from([b"", b"1\tf\t1\ta/\xff", b"1\tf\t1", b"nonsense", b"[Files]"])
)


@FUZZ
@given(LINES, st.data())
def test_however_a_list_comes_it_says_the_same(lines: list[bytes], data: st.DataObject) -> None:
    lines = [b"[Files]", *lines, b"[End]"]
    blocks = [lines[:1]]
    for line in lines[1:]:
        if data.draw(st.booleans()):
            blocks.append([])
        blocks[-1].append(line)
    found = one_by_one(parse_file_list(b"\n".join(block) for block in blocks))
    # Lines with CR are read by the rules, one by one.
    wanted = one_by_one(parse_file_list(line + b"\r" for line in lines))
    assert sorted(map(repr, found)) == sorted(map(repr, wanted))


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("", "no sections"),
        ("plain text\n", "before the first section"),
        (LIST.replace("[End]\n", ""), "no \\[End\\]"),
        (LIST[: LIST.index("linux/hidden")], "no \\[End\\]"),
        ("[Version]\n2\n[End]\n", "no \\[Files\\]"),
        (LIST.replace("\n2\n", "\n3\n"), "version 3"),
        ("[Strange]\nx\n", "before the first section"),
    ],
)
def test_a_list_that_cannot_be_trusted_is_refused(text: str, sentence: str) -> None:
    with pytest.raises(FileListError, match=sentence):
        list(parse_file_list([text.encode()]))


@pytest.mark.parametrize(
    ("section", "line", "sentence"),
    [
        ("Files", b"1700000000\tf\t3000", "fewer than four"),
        ("Files", b"yesterday\tf\t3000\tx", "Time, type or size"),
        ("Files", b"1700000000\t\t3000\tx", "Time, type or size"),
        ("Files", b"1700000000\tf\t-1\tx", "Time, type or size"),
        ("Files", b"1700000000\tf\t9007199254740993\tx", "Time, type or size"),
        ("Files", b"1700000000\tf\t,\tx", "Time, type or size"),
        ("Files", b"1700000000\tf\t1_0\tx", "Time, type or size"),
        ("Files", b"1700000000\tf\t%b\tx" % (b"9" * 5000), "Time, type or size"),
        ("Files", b"%b\tf\t1\tx" % (b"9" * 5000), "Time, type or size"),
        ("Files", "1700000000\tf\t\u0661\u0662\tx".encode(), "Time, type or size"),
        ("Files", "\u0661\tf\t3000\tx".encode(), "Time, type or size"),
        ("Files", b"1700000000\tf\t3000\t\xff", "not UTF-8"),
        ("Checksums SHA1", b"da39", "known kind"),
        ("Checksums CRC32", b"da39\tx", "known kind"),
        ("Checksums SHA1", b"nothex\tx", "not hexadecimal"),
    ],
)
def test_an_odd_line_is_reported_and_the_rest_is_kept(
    section: str, line: bytes, sentence: str
) -> None:
    good = b"1700000000\tf\t1\tgood"
    text = b"\n".join(
        [b"[Files]", good, b"[%b]" % section.encode(), line, b"[Files]", good, b"[End]"]
    )
    first, odd, last = one_by_one(parse_file_list([text]))
    assert first == last == Listed(Kind.FILE, True, 1, 1_700_000_000, "good")
    assert isinstance(odd, Odd)
    assert odd.line == line
    assert sentence in odd.sentence


def test_a_list_of_names_is_read() -> None:
    found = list(parse_name_list([b"./linux\n", b"linux/x\r\n", b"\n", b"\xff\n"]))
    assert found[:2] == ["linux", "linux/x"]
    assert isinstance(found[2], Odd)
