import pytest

from crawler.logic.file_list import Checksum, FileListError, parse_file_list, parse_name_list
from crawler.logic.rsync_listing import Kind, Listed, Odd

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


def lines(text: str) -> list[bytes]:
    return text.encode().splitlines(keepends=True)


def test_a_complete_list_is_read() -> None:
    assert list(parse_file_list(lines(LIST))) == [
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
        list(parse_file_list(lines(text)))


@pytest.mark.parametrize(
    ("section", "line", "sentence"),
    [
        ("Files", b"1700000000\tf\t3000", "fewer than four"),
        ("Files", b"yesterday\tf\t3000\tx", "Time, type or size"),
        ("Files", b"1700000000\t\t3000\tx", "Time, type or size"),
        ("Files", b"1700000000\tf\t-1\tx", "Time, type or size"),
        ("Files", b"1700000000\tf\t9007199254740993\tx", "Time, type or size"),
        ("Files", b"1700000000\tf\t3000\t\xff", "not UTF-8"),
        ("Checksums SHA1", b"da39", "known kind"),
        ("Checksums CRC32", b"da39\tx", "known kind"),
        ("Checksums SHA1", b"nothex\tx", "not hexadecimal"),
    ],
)
def test_an_odd_line_is_reported_and_the_rest_is_kept(
    section: str, line: bytes, sentence: str
) -> None:
    text = [b"[Files]", f"[{section}]".encode(), line, b"[End]"]
    (odd,) = parse_file_list(text)
    assert isinstance(odd, Odd)
    assert sentence in odd.sentence


def test_a_list_of_names_is_read() -> None:
    found = list(parse_name_list([b"./linux\n", b"linux/x\r\n", b"\n", b"\xff\n"]))
    assert found[:2] == ["linux", "linux/x"]
    assert isinstance(found[2], Odd)
