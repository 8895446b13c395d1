"""Addresses of files, and beside them the outline of all land below the maps on pages.

The outline is a file that comes with the program, the same that the server's pages have as a static
file. It is read once.
"""

from pathlib import Path

from mirrorlist.logic.answers import Answer
from mirrorlist.logic.file_request import FileRequest
from mirrorlist.logic.page_style import OUTLINE_ADDRESS
from mirrorlist.logic.redirect import redirect_answer
from mirrorlist.logic.world import World

_END = OUTLINE_ADDRESS.encode()
_HEADERS = (
    ("Content-Type", "image/svg+xml"),
    ("Cache-Control", "public, max-age=86400"),
    ("X-Content-Type-Options", "nosniff"),
)
_OUTLINE = Answer(
    200, _HEADERS, (Path(__file__).parent / "static/mirrorlist/world.svg").read_bytes()
)


def answer_address(request: FileRequest, world: World, *, now: float) -> Answer:
    """Answer the address of a file, or give the outline; `now` is in Unix seconds."""
    # Its end first, since this is asked of every address.
    if request.path.endswith(_END) and request.path == world.policy.files.prefix.encode() + _END:
        return _OUTLINE
    return redirect_answer(request, world, now=now)
