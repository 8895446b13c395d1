"""File lists and stored listings as sources: where they are found, and which are not believed."""

import bz2
import gzip
import hashlib
import lzma
import os
from collections.abc import Callable
from pathlib import Path

import pytest

from crawler.logic.scope import ScanScope
from crawler.master.base import ScannedDirectory, SourceError, SourcePlace, SourcePolicy
from crawler.master.file_list import StoredList
from crawler.master.lines import PIECE_BYTES
from tests.crawler.masters import POLICY, everything, file_list, look
from tests.crawler.mirrors import Mirror, always, hang, redirect, send_without_end
from tests.crawler.trees import OS, grow

FILES = {"README": "read me", f"{OS}/repodata/repomd.xml": "<repomd/>", "a b/ü\nx": "name"}
LISTING = b"drwxr-xr-x 4096 2023/02/01 00:00:00 .\n-rw-r--r-- 5 2023/02/01 00:00:00 file\n"


def test_the_list_beside_a_tree_is_found(tmp_path: Path) -> None:
    root = grow(tmp_path / "linux")
    text = file_list(root)
    (root / "fullfiletimelist-fedora").write_text(text)
    found = look("file_list", f"{root}/")
    assert {entry[:2] for entry in found[""].entries or ()} == {("README", 7)}
    assert f"{OS}/repodata" in found


def test_the_list_above_a_tree_is_cut_to_it(tmp_path: Path) -> None:
    root = grow(tmp_path / "linux")
    text = file_list(root, above="linux/") + ""
    text = text.replace("[Files]\n", "[Files]\n1\tf\t1\tlinux-old/x\n1\tf\t1\tother/y\n")
    (tmp_path / "fullfiletimelist-fedora").write_text(text)
    found = look("file_list", str(root))
    assert {path.partition("/")[0] for path in found} == {"", "releases", "updates"}
    assert [entry[0] for entry in found[""].entries or ()] == ["README"]


def test_a_list_is_named_with_the_part_that_counts(tmp_path: Path) -> None:
    list_file = tmp_path / "list"
    list_file.write_text(file_list(grow(tmp_path / "m"), above="linux/"))
    assert "releases" in look("file_list", f"{list_file}#linux")
    assert "linux/releases" in look("file_list", str(list_file))


def test_two_lists_have_to_be_told_apart(tmp_path: Path) -> None:
    for name in ("fullfiletimelist-a", "fullfiletimelist-b", "fullfiletimelist-b.gz"):
        (tmp_path / name).write_text("")
    with pytest.raises(SourceError, match=r"\(fullfiletimelist-a, fullfiletimelist-b\); name one"):
        look("file_list", str(tmp_path))


def test_a_missing_list_is_a_reason(tmp_path: Path) -> None:
    with pytest.raises(SourceError, match=r"no fullfiletimelist-\* in .* nor above it"):
        look("file_list", str(tmp_path))
    with pytest.raises(SourceError, match=r"cannot be read .No such file"):
        look("file_list", str(tmp_path / "absent"))


def test_a_list_of_names_is_measured_in_the_tree(tmp_path: Path) -> None:
    root = grow(tmp_path / "m")
    (root / "link").symlink_to("README")
    names = "".join(f"./{path.relative_to(root)}\n" for path in sorted(root.rglob("*")))
    (root / "fullfilelist").write_text(f"{names}./gone\n../../etc/passwd\n")
    found, odd = everything("file_list", str(root))
    mtime = int((root / "README").stat().st_mtime)
    assert set(found[""].entries or ()) == {("README", 7, mtime), ("link", 7, mtime)}
    assert f"{OS}/Packages" in found
    assert ["passwd" in each.sentence for each in odd] == [True]


def test_names_alone_are_not_enough(tmp_path: Path) -> None:
    (tmp_path / "fullfilelist").write_text("./a\n./b\n")
    with pytest.raises(SourceError, match="has names only, without sizes and times"):
        look("file_list", str(tmp_path / "fullfilelist"))


@pytest.mark.parametrize("share", [0.2, 0.5, 0.9, 0.999])
def test_a_truncated_list_is_refused(tmp_path: Path, share: float) -> None:
    text = file_list(grow(tmp_path / "m"))
    (tmp_path / "list").write_text(text[: int(len(text) * share)])
    with pytest.raises(SourceError, match=r"incomplete: it has no|breaks off within a line"):
        look("file_list", str(tmp_path / "list"))


@pytest.mark.parametrize(
    ("row", "sentence"),
    [
        ("1\tf\t-5\tfile", "Time, type or size"),
        ("1\tf\t99999999999999999999\tfile", "Time, type or size"),
        ("1\tf\t5\t../../etc/passwd", "is not a path inside the tree"),
        ("nonsense", "fewer than four"),
    ],
)
def test_a_lying_line_is_left_out_and_told(tmp_path: Path, row: str, sentence: str) -> None:
    text = file_list(grow(tmp_path / "m", {"file": ""}))
    (tmp_path / "list").write_text(text.replace("[Files]\n", f"[Files]\n{row}\n"))
    found, odd = everything("file_list", str(tmp_path / "list"))
    assert list(found) == [""]
    assert [entry[0] for entry in found[""].entries or ()] == ["file"]
    assert {sentence in each.sentence for each in odd} == {True}


def test_a_moment_that_no_calendar_has_is_the_last_one(tmp_path: Path) -> None:
    (tmp_path / "list").write_text(f"[Files]\n{'9' * 30}\td\t1\t.\n[End]\n")
    assert look("file_list", str(tmp_path / "list"))[""].changed_at.year == 9999


@pytest.mark.parametrize("pack", [gzip.compress, bz2.compress, lzma.compress, bytes])
def test_a_stored_listing_is_read_compressed_or_not(
    tmp_path: Path, pack: Callable[[bytes], bytes]
) -> None:
    (tmp_path / "listing").write_bytes(pack(LISTING))
    found = look("listing", str(tmp_path / "listing"))
    assert found[""].entries == (("file", 5, 1_675_209_600),)


@pytest.mark.parametrize("pack", [gzip.compress, bz2.compress, lzma.compress])
def test_a_cut_archive_is_refused(tmp_path: Path, pack: Callable[[bytes], bytes]) -> None:
    (tmp_path / "listing").write_bytes(pack(LISTING * 1000)[:-12])
    with pytest.raises(SourceError, match="cannot be read"):
        look("listing", str(tmp_path / "listing"))


def test_an_archive_that_unpacks_to_too_much_is_refused(tmp_path: Path) -> None:
    (tmp_path / "bomb").write_bytes(gzip.compress(b"\n" * 3_000_000))
    with pytest.raises(SourceError, match="more than 1,000,000 bytes"):
        look("listing", str(tmp_path / "bomb"), policy=SourcePolicy(list_bytes=1_000_000))


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        (b"x" * 2_000_000, "a line without end"),
        (b"\0" * 100 + b"\n", "not text"),
        (LISTING[:-5], "breaks off within a line"),
        (b"", "The listing is empty"),
    ],
)
def test_what_is_no_listing_is_refused(tmp_path: Path, content: bytes, sentence: str) -> None:
    (tmp_path / "listing").write_bytes(content)
    with pytest.raises(SourceError, match=sentence):
        look("listing", str(tmp_path / "listing"))


def test_a_list_that_is_rewritten_meanwhile_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "list"
    path.write_text("[Files]\n" + "".join(f"1\tf\t1\tf{n}\n" for n in range(200_000)) + "[End]\n")
    source = StoredList(SourcePlace("file_list", str(path)), ScanScope("pub"), POLICY)
    with pytest.raises(SourceError, match="was rewritten while it was read"):
        list(source.directories(unchanged={}, beat=lambda: os.utime(path, (1, 1))))


def test_a_long_list_shows_signs_of_life(tmp_path: Path) -> None:
    path = tmp_path / "list"
    path.write_text("[Files]\n" + "".join(f"1\tf\t1\tf{n}\n" for n in range(50_000)) + "[End]\n")
    source = StoredList(SourcePlace("file_list", str(path)), ScanScope("pub"), POLICY)
    beats: list[None] = []
    (top,) = source.directories(unchanged={}, beat=lambda: beats.append(None))
    assert isinstance(top, ScannedDirectory)
    assert top.files is not None
    assert top.files.file_count == 50_000  # although they came in several blocks
    assert len(beats) == path.stat().st_size // PIECE_BYTES + 1 > 3


@pytest.mark.parametrize("end", ["\n", "\r\n"])
def test_blank_lines_before_a_list_do_no_harm(tmp_path: Path, end: str) -> None:
    text = file_list(grow(tmp_path / "m", {"file": ""}))
    (tmp_path / "list").write_text(end * PIECE_BYTES + text.replace("\n", end), newline="")
    found = look("file_list", str(tmp_path / "list"))
    assert [entry[0] for entry in found[""].entries or ()] == ["file"]


def test_a_list_comes_from_the_web(tmp_path: Path) -> None:
    text = file_list(grow(tmp_path / "m", FILES)).replace("ü\nx", "x")
    with Mirror({"/pub/list": text.encode(), f"/pub/{OS}/repodata/repomd.xml": b"12345"}) as web:
        web.special["/pub/moved"] = redirect("/pub/list")
        assert f"{OS}/repodata" in look("file_list", f"{web.url}/moved")
        place = SourcePlace("file_list", f"{web.url}/list", checksum_base=web.url)
        source = StoredList(place, ScanScope("pub"), POLICY)
        list(source.directories(unchanged={}))
        name = f"{OS}/repodata/repomd.xml"
        assert source.read_file(name, limit=3) == b"123"
        digest = hashlib.sha1(b"<repomd/>", usedforsecurity=False).hexdigest()
        assert source.hint(name) == ("sha1", digest)
        with pytest.raises(OSError, match="answers 404"):
            source.read_file("absent", limit=3)


@pytest.mark.parametrize(
    ("behavior", "sentence"),
    [
        (hang, "did not answer in time"),
        (always(b"HTTP/1.1 200 OK\r\nContent-Length: 900\r\n\r\n[Files]\n"), "cannot be read"),
        (always(b"HTTP/1.1 500 No\r\nContent-Length: 0\r\n\r\n"), "answers 500"),
        (redirect("/pub/list"), "redirects more than"),
        (redirect("file:///etc/passwd"), "the master redirects to file:"),
        (send_without_end, "more than 200,000 bytes"),
    ],
)
def test_a_web_server_that_misbehaves_is_a_reason(behavior: object, sentence: str) -> None:
    policy = SourcePolicy(allow_private=True, answer_seconds=0.5, list_bytes=200_000)
    with (
        Mirror(special={"/pub/list": behavior}) as web,  # type: ignore[dict-item]
        pytest.raises(SourceError, match=sentence),
    ):
        look("file_list", f"{web.url}/list", policy=policy)


def test_a_web_address_inside_is_refused() -> None:
    with Mirror({}) as web, pytest.raises(SourceError, match="this machine itself"):
        look("file_list", f"{web.url}/list", policy=SourcePolicy())
