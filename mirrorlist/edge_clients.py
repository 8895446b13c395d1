"""Who asks an edge, as far as the headers of a request tell."""

from mirrorlist.edge_messages import Request
from mirrorlist.logic.answers import Answer
from mirrorlist.logic.query import Client
from mirrorlist.logic.systems import read_system


def client_of(request: Request) -> Client:
    """Return the peer, and whom proxies say it asks for."""
    forwarded = request.headers.get(b"x-forwarded-for")
    # Past the constructor, which is slow: this is done for every request.
    return tuple.__new__(Client, (request.peer, forwarded.decode("latin-1") if forwarded else ""))


def with_system(got: Answer, request: Request) -> Answer:
    """Return an answer whose facts tell which system wants to be counted."""
    if got.facts is None:
        return got
    system = read_system(request.headers.get(b"user-agent", b""))
    return got._replace(facts=got.facts._replace(system=system))
