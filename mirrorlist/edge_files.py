"""File addresses on an edge: from a request of its protocol to the answer.

Knows which header fields count. What to answer is decided by `mirrorlist.logic.redirect`.
"""

from mirrorlist.edge.protocol import Request
from mirrorlist.logic.answers import Answer
from mirrorlist.logic.file_request import FileRequest
from mirrorlist.logic.query import Client
from mirrorlist.logic.redirect import redirect_answer
from mirrorlist.logic.world import World

NOT_SERVED = Answer(404, (), b"We don't serve their kind here!")
_NONE = b""


def answer_file(
    request: Request, path: str, query: bytes, client: Client, world: World, now: float
) -> Answer:
    """Answer what is no list; `now` is in Unix seconds.

    The path counts as it was sent, not decoded: an encoded slash or percent sign is one.
    """
    sent = request.target.partition(b"?")[0]
    prefix = world.policy.files.prefix.encode()
    if not prefix or not sent.startswith(prefix):
        return NOT_SERVED
    fields = request.headers
    return redirect_answer(
        # By position: this is done for every answer.
        FileRequest(
            sent,
            query,
            client,
            request.method.decode("latin-1"),
            fields.get(b"accept", _NONE).decode("latin-1"),
            fields.get(b"if-none-match", _NONE).decode("latin-1"),
            fields.get(b"if-modified-since", _NONE).decode("latin-1"),
            fields.get(b"x-forwarded-proto", _NONE).decode("latin-1"),
        ),
        world,
        now=now,
    )
