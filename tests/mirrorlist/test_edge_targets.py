"""What a target means."""

import pytest

from mirrorlist.edge_targets import read_target


@pytest.mark.parametrize(
    ("sent", "path", "query", "label"),
    [
        (b"/mirrorlist?repo=f&arch=a", "/mirrorlist", b"repo=f&arch=a", "mirrorlist"),
        (b"/metalink", "/metalink", b"", "metalink"),
        (b"http://mirrors.example.org/metalink?repo=f", "/metalink", b"repo=f", "metalink"),
        (b"http://mirrors.example.org", "/", b"", ""),
        (b"/pub/http://x", "/pub/http://x", b"", ""),
        (b"/pub/\xe9?x?y", "/pub/\xe9", b"x?y", ""),
        (b"*", "*", b"", ""),
    ],
)
def test_targets_are_read(sent: bytes, path: str, query: bytes, label: str) -> None:
    target = read_target(sent)
    assert (target.path, target.query, target.label) == (path, query, label)
    assert (target.kind.value if target.kind else "") == label


@pytest.mark.parametrize(
    ("query", "explains", "counts"),
    [
        (b"", False, False),
        (b"countme=1", False, True),
        (b"repo=f&explain=1", True, False),
        (b"explain=0", False, False),
    ],
)
def test_a_target_tells_what_its_query_may_ask_for(query, explains: bool, counts: bool) -> None:
    target = read_target(b"/mirrorlist?" + query)
    assert (target.explains, target.counts) == (explains, counts)
