"""/snapshots/current: the file that edges on other machines fetch."""

from collections.abc import Iterator
from typing import BinaryIO

from django.http import HttpRequest, HttpResponse, HttpResponseBase, StreamingHttpResponse
from django.views.decorators.http import require_safe

from mirrorlist.logic.byte_ranges import read_range
from mirrorlist.pull import ROLLED_BACK_AT
from mirrorlist.services.snapshots import admits_edge, rolled_back_at, snapshot_policy
from mirrorlist.snapshot_file import read_seal

BLOCK_BYTES = 1 << 18
NOT_ADMITTED = (
    "Snapshots name private Hosts, so they are given to edges only that know the token: set "
    "MIRRORLIST_SNAPSHOT_TOKEN on both sides.\n"
)


@require_safe
def current(request: HttpRequest) -> HttpResponseBase:
    """Give the live snapshot to an edge; Range and If-None-Match are understood."""
    token = request.headers.get("Authorization", "").removeprefix("Bearer ")
    if not admits_edge(token):
        return HttpResponse(NOT_ADMITTED, "text/plain", status=403)
    policy = snapshot_policy()
    try:
        file = policy.current.open("rb")
    except OSError:
        return HttpResponse("There is no snapshot yet.\n", "text/plain", status=404)
    response = _answer(request, file, f'"{read_seal(file)}"')
    if since := rolled_back_at(policy):
        response.headers[ROLLED_BACK_AT] = str(int(since.timestamp()))
    return response


def _answer(request: HttpRequest, file: BinaryIO, etag: str) -> HttpResponseBase:
    size = file.seek(0, 2)
    wanted = read_range(request.headers.get("Range", ""), size_bytes=size)
    if request.headers.get("If-Range", etag) != etag:
        wanted = None
    if etag in request.headers.get("If-None-Match", ""):
        file.close()
        return HttpResponse(status=304, headers={"ETag": etag})
    if wanted is not None and not wanted:
        file.close()
        return HttpResponse(status=416, headers={"Content-Range": f"bytes */{size}"})
    part = range(size) if wanted is None else wanted
    response = StreamingHttpResponse(
        _blocks(file, part),
        content_type="application/vnd.sqlite3",
        status=200 if wanted is None else 206,
        headers={"ETag": etag, "Accept-Ranges": "bytes", "Content-Length": str(len(part))},
    )
    if wanted is not None:
        response.headers["Content-Range"] = f"bytes {part.start}-{part.stop - 1}/{size}"
    return response


def _blocks(file: BinaryIO, part: range) -> Iterator[bytes]:
    with file:
        file.seek(part.start)
        left = len(part)
        while left and (block := file.read(min(BLOCK_BYTES, left))):
            left -= len(block)
            yield block
