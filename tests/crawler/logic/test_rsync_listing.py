from collections.abc import Iterable

import pytest

from crawler.logic.rsync_listing import Group, Kind, Listed, Odd, parse_blocks, parse_listing

FEB_1 = 1_675_209_600  # 2023-02-01 00:00:00 UTC
FILE, DIRECTORY = Kind.FILE, Kind.DIRECTORY


@pytest.mark.parametrize(
    ("line", "listed"),
    [
        (
            b"drwxr-xr-x          4,096 2023/02/01 00:00:00 .",
            Listed(DIRECTORY, True, 4096, FEB_1, ""),
        ),
        (
            b"drwxr-xr-x        4096 2023/02/01 00:00:01 a b",
            Listed(DIRECTORY, True, 4096, FEB_1 + 1, "a b"),
        ),
        (
            b"drwxrwxrwt        4096 2023/02/01 00:01:00 ./tmp",
            Listed(DIRECTORY, True, 4096, FEB_1 + 60, "tmp"),
        ),
        (
            b"drwxr-xr--        4096 2023/02/01 00:00:00 no entry",
            Listed(DIRECTORY, False, 4096, FEB_1, "no entry"),
        ),
        (
            b"-rw-r-----           0 2023/02/01 00:00:00 secret",
            Listed(FILE, False, 0, FEB_1, "secret"),
        ),
        (
            b"-rwsr-xr-x 123,456,789,012 2023/02/01 00:00:00 c/x y",
            Listed(FILE, True, 123_456_789_012, FEB_1, "c/x y"),
        ),
        (
            b"-rw-r--r-- 123456789012 2023/02/01 00:00:00 big",
            Listed(FILE, True, 123_456_789_012, FEB_1, "big"),
        ),
        (
            b"lrwxrwxrwx           7 2023/02/01 00:00:00 link",
            Listed(Kind.LINK, True, 7, FEB_1, "link"),
        ),
        (
            b"srw-r--r--           0 2023/02/01 00:00:00 socket",
            Listed(Kind.OTHER, True, 0, FEB_1, "socket"),
        ),
        (
            b"-rw-r--r--           0 1969/12/31 00:00:00 old",
            Listed(FILE, True, 0, -86400, "old"),
        ),
        (
            b"-rw-r--r--           0 2023-02-01 00:00:00 dashes",
            Listed(FILE, True, 0, FEB_1, "dashes"),
        ),
        (
            b"-rw-r--r--           0 2023/02/01-00:00:00 joined",
            Listed(FILE, True, 0, FEB_1, "joined"),
        ),
        (
            b"-rw-r--r--           0 2023/02/01-00:00:00 joined with blanks",
            Listed(FILE, True, 0, FEB_1, "joined with blanks"),
        ),
        (
            rb"-rw-r--r--           0 2023/02/01 00:00:00 new\#012line",
            Listed(FILE, True, 0, FEB_1, "new\nline"),
        ),
        (
            rb"-rw-r--r--           0 2023/02/01 00:00:00 back\#134#012slash",
            Listed(FILE, True, 0, FEB_1, r"back\#012slash"),
        ),
        (
            "-rw-r--r--           0 2023/02/01 00:00:00 ünï".encode(),
            Listed(FILE, True, 0, FEB_1, "ünï"),
        ),
        (
            b"-rw-r--r--           0 2023/02/01 00:00:00   blanks first",
            Listed(FILE, True, 0, FEB_1, "  blanks first"),
        ),
        (
            b"-rw-r--r--           0 2023/02/01 00:00:00 tab\tinside\r\n",
            Listed(FILE, True, 0, FEB_1, "tab\tinside"),
        ),
    ],
)
def test_lines_are_read_exactly(line: bytes, listed: Listed) -> None:
    # Twice, because the second reading takes the fast path.
    assert list(parse_listing([line, line])) == [listed, listed]


LINES = [
    b"drwxr-xr-x        4096 2023/02/01 00:00:00 .",
    b"drwxr-xr-x        4096 2023/02/01 00:00:01 a",
    b"drwxr-xr-x        4096 2023/02/01 00:00:01 a/b",
    b"-rw-r--r--           1 2023/02/01 00:00:00 a/first",
    b"-rw-r--r--           2 2023/02/01 00:00:00 a/second x",
    b"",
    b"-rw-r--r--           3 2023/02/01 00:00:01 a/b/y",
    b"-rw-r--r--           3 2023/02/01 00:00:01 top",
    rb"-rw-r--r--           4 2023/02/01 00:00:00 a/b/\#303\#251",
    b"-rw-r--r--           5 2023/02/01 00:00:00 ./a/dotted",
    b"-rw-r-----           6 2023/02/01 00:00:00 a/secret",
    b"lrwxrwxrwx           7 2023/02/01 00:00:00 a/link -> first",
    b"lrwxrwxrwx           7 2023/02/01 00:00:00 a/link -> second x",
    b"-rw-r--r--123456789012 2023/02/01 00:00:00 no blank",
    b"-rw-r--r-- 123456789012 2023/02/01 00:00:00 a/large",
    b"Welcome!",
    b"-rw-r--r--           8 2023/02/01 00:00:00 a/b/z",
]


def one_by_one(found: Iterable[Group | Listed | Odd]) -> list[Listed | Odd]:
    """Return the lines of a listing as if its files did not come together."""
    lines: list[Listed | Odd] = []
    for each in found:
        if isinstance(each, Group):
            above = f"{each.path}/" if each.path else ""
            lines.extend(
                Listed(FILE, True, size, at, above + name) for name, size, at in each.files
            )
        else:
            lines.append(each)
    return lines


@pytest.mark.parametrize("end", [b"", b"\r"])
def test_blocks_are_read_as_lines_are(end: bytes) -> None:
    lines = [line + end for line in LINES]
    blocks = [b"\n".join(lines), b"\n".join(lines), b"\n".join([*lines, b"\xff"])]
    wanted = list(parse_listing([*lines, *lines, *lines, b"\xff"]))
    found = one_by_one(parse_blocks(blocks))
    assert sorted(map(repr, found)) == sorted(map(repr, wanted))


def test_files_of_one_directory_come_together() -> None:
    line = b"-rw-r--r--           1 2023/02/01 00:00:00 a/"
    blocks = [line + b"0", b"\n".join([line + b"1", line + b"2", line + b"b/3"])]
    _, *found = parse_blocks(blocks)
    assert found == [
        Group("a", [("1", 1, FEB_1), ("2", 1, FEB_1)]),
        Group("a/b", [("3", 1, FEB_1)]),
    ]


@pytest.mark.parametrize(
    ("line", "sentence"),
    [
        (b"Welcome to the mirror of example.org!", "not a line of a listing"),
        (b"Hi", "not a line of a listing"),
        (b"-rw-r--r--        1.20K 2023/02/01 00:00:00 rounded", "--no-human-readable"),
        (b"-rw-r--r--           0 2023/02/30 00:00:00 never", "date does not exist"),
        (b"-rw-r--r--           0 2023/02/01 00:00:00", "cut short"),
        (b"-rw-r--r--           0 2023/02/0", "cut short"),
        (b"-rw-r--r--           x 2023/02/01 00:00:00 x", "cut short"),
        (b"-rw-r--r--           0 yesterday noon x", "cut short"),
        (rb"-rw-r--r--           0 2023/02/01 00:00:00 \#377\#376", "not UTF-8"),
        (rb"-rw-r--r--           0 2023/02/01 00:00:00 a\#777", "escape"),
        (rb"-rw-r--r--           0 2023/02/01 00:00:00 a\#000", "escape"),
        (b"-rw-r--r--           , 2023/02/01 00:00:00 x", "cut short"),
        (b"-rw-r--r--          -5 2023/02/01 00:00:00 x", "cut short"),
        (b"-rw-r--r--         1_0 2023/02/01 00:00:00 x", "cut short"),
        ("-rw-r--r--           \u0661 2023/02/01 00:00:00 x".encode(), "cut short"),
        (b"-rw-r--r-- %b 2023/02/01 00:00:00 x" % (b"9" * 5000), "cut short"),
        (b"-rw-r--r-- %b 2023/02/01 00:00:00 x" % (b"9" * 20), "more than any file"),
    ],
)
def test_what_is_no_line_is_reported_with_the_reason(line: bytes, sentence: str) -> None:
    """Of blocks and single lines alike, also once the columns of the line have been seen."""
    seen = b"-rw-r--r--           0 2023/02/01 00:00:00 seen"
    for found in (parse_listing([line]), parse_listing([seen, line])):
        odd = list(found)[-1]
        assert isinstance(odd, Odd)
        assert odd.line == line
        assert sentence in odd.sentence
    assert odd in list(parse_blocks([seen, b"\n".join([seen, line])]))


def test_blank_lines_are_passed_over() -> None:
    assert list(parse_listing([b"\n", b"", b"\r\n"])) == []


def test_a_known_day_with_an_impossible_clock_is_odd() -> None:
    good = b"-rw-r--r--           0 2023/02/01 00:00:00 x"
    bad = b"-rw-r--r--           0 2023/02/01 0x:00:00 x"
    first, second = parse_listing([good, bad])
    assert isinstance(first, Listed)
    assert isinstance(second, Odd)
