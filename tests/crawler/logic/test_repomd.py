import hashlib

import pytest

from crawler.logic.repomd import read_repomd, repository_above

NAMESPACE = 'xmlns="http://linux.duke.edu/metadata/repo"'
BILLION_LAUGHS = b"""<?xml version="1.0"?>
<!DOCTYPE repomd [<!ENTITY a "ha"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;&a;&a;">]>
<repomd><data type="&b;"><timestamp>1</timestamp></data></repomd>"""


def repomd(*timestamps: str, namespace: str = NAMESPACE) -> bytes:
    data = "".join(
        f"<data><size>8</size><timestamp>{text}</timestamp></data>" for text in timestamps
    )
    return f"<repomd {namespace}><revision>9</revision>{data}</repomd>".encode()


def test_all_four_digests_and_the_size_are_of_the_bytes() -> None:
    data = repomd("17")
    state = read_repomd(data, mtime=5)
    assert (state.filename, state.size_bytes) == ("repomd.xml", len(data))
    for name in ("md5", "sha1", "sha256", "sha512"):
        assert getattr(state, name) == hashlib.new(name, data).hexdigest()


@pytest.mark.parametrize(
    ("timestamps", "expected"),
    [
        (("17", "99", "42"), 99),
        (("1700000000.987",), 1_700_000_000),
        ((" 17\n",), 17),
        (("nonsense", "17"), 17),
        (("nonsense", "", "-4", "²", "1" * 30, str(2**53 + 1)), 5),
        ((), 5),
    ],
)
def test_the_time_is_the_newest_of_its_parts(timestamps: tuple[str, ...], expected: int) -> None:
    assert read_repomd(repomd(*timestamps), mtime=5).timestamp == expected
    assert read_repomd(repomd(*timestamps, namespace=""), mtime=5).timestamp == expected


def test_timestamps_elsewhere_do_not_count() -> None:
    data = b"<repomd><timestamp>99</timestamp><tags><timestamp>98</timestamp></tags></repomd>"
    assert read_repomd(data, mtime=5).timestamp == 5


@pytest.mark.parametrize(
    ("data", "sentence"),
    [
        (repomd("17")[:-4], "is not well-formed XML"),
        (b"", "is not well-formed XML"),
        (b"\x1f\x8b\x08 gzip", "is not well-formed XML"),
        (BILLION_LAUGHS, "is not XML that we accept"),
        (b'<?xml version="1.0" encoding="hebrew-9"?><repomd/>', "is not "),
        (b'<?xml version="1.0" encoding="shift_jis"?><repomd/>', "is not "),
        (b"<html><body>404</body></html>", "is not repository metadata but <html>"),
    ],
)
def test_what_is_not_repository_metadata_is_refused(data: bytes, sentence: str) -> None:
    with pytest.raises(ValueError, match=sentence):
        read_repomd(data, mtime=5)


@pytest.mark.parametrize(
    ("path", "expected"),
    [
        ("pub/42/os/repodata", "pub/42/os"),
        ("repodata", None),
        ("pub/42/os/repodata/repodata", None),
    ],
)
def test_a_repository_is_what_is_above_its_repodata(path: str, expected: str | None) -> None:
    assert repository_above(path) == expected
