import pytest

from crawler.logic.ftp_listing import Shown, read_list, read_mlsd


@pytest.mark.parametrize(
    ("line", "shown"),
    [
        ("type=file;size=12;modify=20261119120000; a b.rpm", [Shown("a b.rpm", 12)]),
        ("Type=file;Size=12; x", [Shown("x", 12)]),
        ("type=file; x", [Shown("x", None)]),
        ("type=file;size=-1; x", [Shown("x", None)]),
        ("type=file;size=\u0661; x", [Shown("x", None)]),
        (f"type=file;size={'9' * 5000}; x", [Shown("x", None)]),
        ("type=OS.unix=symlink:/a;size=7; link", [Shown("link", None)]),
        ("type=dir;modify=20261119120000; x", []),
        ("type=cdir; .", []),
        ("type=file;size=1;", []),
        ("nonsense", []),
        ("", []),
    ],
)
def test_lines_of_mlsd(line, shown) -> None:
    assert list(read_mlsd([line])) == shown


@pytest.mark.parametrize(
    ("line", "shown"),
    [
        ("-rw-r--r--   1 ftp  ftp  1234 Nov 19 12:00 a b.rpm", [Shown("a b.rpm", 1234)]),
        ("-rw-r--r--+  1 0  0  5000000000 Nov 19  2025  blank", [Shown(" blank", 5_000_000_000)]),
        ("lrwxrwxrwx   1 0  0  7 Nov 19  2025 link -> there", [Shown("link", None)]),
        ("drwxr-xr-x   2 0  0  4096 Nov 19  2025 directory", []),
        ("11-19-26  12:00PM             1234 windows.rpm", [Shown("windows.rpm", 1234)]),
        ("11-19-2026  12:00       <DIR>          directory", []),
        (f"-rw-r--r--   1 ftp  ftp  {'9' * 5000} Nov 19 12:00 x", []),
        (f"11-19-26  12:00PM             {'9' * 5000} x", []),
        ("-rw-r--r--   1 ftp  ftp  \u0661 Nov 19 12:00 x", []),
        ("total 12", []),
        ("", []),
    ],
)
def test_lines_of_list(line, shown) -> None:
    assert list(read_list([line])) == shown
