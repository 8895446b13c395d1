"""File addresses on an edge, and requests of WSGI servers: from what was sent to what is asked.

Knows which header fields count. What to answer is decided by `mirrorlist.outline` and
`mirrorlist.logic.redirect`.
"""

import json
from collections.abc import Mapping
from typing import Any
from urllib.parse import quote, unquote_to_bytes

from mirrorlist.edge_messages import READ_HEADERS, Request
from mirrorlist.logic.answers import TEXT, Answer
from mirrorlist.logic.explain import as_facts, explain
from mirrorlist.logic.file_request import FileRequest
from mirrorlist.logic.pages import JSON
from mirrorlist.logic.query import Client, Kind
from mirrorlist.logic.world import World
from mirrorlist.outline import answer_address

NOT_TRUSTED = Answer(403, TEXT, b"Only EDGE_TRUSTED_NETWORKS may ask for this address.\n")
NO_SNAPSHOT = Answer(
    503,
    (*TEXT, ("Retry-After", "60")),
    b"There is no snapshot to answer from yet. Run manage.py build_snapshot, or copy a snapshot "
    b"file to where this edge looks for it.\n",
)
NOT_SERVED = Answer(404, (), b"We don't serve their kind here!")
# In the order of FileRequest.
_NEGOTIATING = (b"accept", b"if-none-match", b"if-modified-since", b"x-forwarded-proto")


def answer_file(
    request: Request, path: str, query: bytes, client: Client, world: World, now: float
) -> Answer:
    """Answer what is no list; `now` is in Unix seconds.

    The path counts as it was sent, not decoded: an encoded slash or percent sign is one.
    """
    sent = path.encode("latin-1")
    prefix = world.policy.files.prefix.encode()
    if not prefix or not sent.startswith(prefix):
        return NOT_SERVED
    fields = request.headers
    values = [
        value.decode("latin-1") if (value := fields.get(name)) else "" for name in _NEGOTIATING
    ]
    method = request.method.decode("latin-1")
    # Past the constructor, which is slow: this is done for every answer.
    asked = tuple.__new__(FileRequest, (sent, query, client, method, *values))
    return answer_address(asked, world, now=now)


def explain_answer(kind: Kind, query: bytes, client: Client, world: World) -> Answer:
    """Tell in JSON why every Host is in an answer or not."""
    facts = as_facts(explain(kind, query, client, world))
    return Answer(200, JSON, json.dumps(facts, indent=1).encode() + b"\n")


def explain_file(path: str, query: bytes, client: Client, world: World) -> Answer:
    """Tell the same of the Hosts that a file may come from.

    They are those of a mirrorlist that is asked to redirect.
    """
    below = unquote_to_bytes(path.removeprefix(world.policy.files.prefix).encode("latin-1"))
    asked = b"%b&redirect=1&path=%b" % (query, quote(below).encode())
    return explain_answer(Kind.MIRRORLIST, asked, client, world)


def read_environ(environ: Mapping[str, Any]) -> Request:
    """Return the request of a WSGI server as our own protocol gives it."""
    # WSGI hands bytes over as if they were Latin-1, and decodes the path.
    path = quote(environ.get("PATH_INFO", "").encode("latin-1", "replace"), safe="/+@:!$&'()*,;=~")
    query = environ.get("QUERY_STRING", "").encode("latin-1", "replace")
    headers = {
        name: environ[variable].encode("latin-1", "replace")
        for name in set(READ_HEADERS.values())
        if (variable := f"HTTP_{name.decode().upper().replace('-', '_')}") in environ
    }
    target = b"%b?%b" % (path.encode(), query) if query else path.encode()
    return Request(
        environ["REQUEST_METHOD"].encode(), target, headers, environ.get("REMOTE_ADDR", "")
    )
