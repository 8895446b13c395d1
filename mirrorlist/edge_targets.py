"""What the target of a request means, worked out once for all that ask the same."""

from typing import NamedTuple

from mirrorlist.logic.query import Kind, kind_of


class Target(NamedTuple):
    """The target of a request, read; `kind` is None if it is no list.

    `explains` and `counts` tell that the query string may ask for that.
    """

    path: str
    query: bytes
    kind: Kind | None
    label: str
    explains: bool
    counts: bool


def read_target(sent: bytes) -> Target:
    """Read a target; one may be a whole URL (RFC 9112, 3.2.2), of which the path counts."""
    target, _, query = sent.partition(b"?")
    if not target.startswith(b"/") and b"://" in target:
        target = b"/" + target.partition(b"://")[2].partition(b"/")[2]
    path = target.decode("latin-1")
    kind = kind_of(path)
    label = kind.value if kind else ""
    return Target(path, query, kind, label, b"explain=1" in query, b"countme=" in query)
