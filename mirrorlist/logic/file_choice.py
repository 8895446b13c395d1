"""Which Hosts one client is offered for one file, and the URLs of the file there.

What all answers about files share. Renders nothing.
"""

from collections.abc import Mapping, Sequence
from urllib.parse import quote

from mirrorlist.logic.answers import Decision, choose
from mirrorlist.logic.choices import Purpose
from mirrorlist.logic.file_request import FileRequest, Modifiers
from mirrorlist.logic.files import File
from mirrorlist.logic.offers import PATH, REDIRECTABLE
from mirrorlist.logic.plain import SAFE_IN_LOCATION
from mirrorlist.logic.snapshot import Category
from mirrorlist.logic.world import Place, World

_SEED_BEGINNINGS = tuple(f"{protocol}:" for protocol in REDIRECTABLE)


def asks_for_tls(request: FileRequest, modifiers: Modifiers, world: World) -> bool | None:
    """Return whether only https, or only http, will do.

    A page that was asked for by https must not lead to http; the proxy that ended TLS says so,
    if there is one to be trusted.
    """
    if modifiers.secure is not None:
        return modifiers.secure
    by_tls = world.policy.trusted_proxy_count > 0 and request.forwarded_proto == "https"
    return True if by_tls and modifiers.request.protocols is None else None


def choose_hosts(
    purpose: Purpose, request: FileRequest, file: File, modifiers: Modifiers, place: Place,
    world: World,
) -> Decision:  # fmt: skip
    """Choose Hosts; those without https serve a client of TLS only if nobody else can."""
    secure = asks_for_tls(request, modifiers, world)
    select = world.select_few if purpose is Purpose.REDIRECT else world.select
    wanted = modifiers.request if request.query else None
    choices = world.choices.find(purpose, file, wanted, secure=secure)
    decision = choose(choices, place, b"", select)
    if secure and modifiers.secure is None and not decision.selection.members:
        choices = world.choices.find(purpose, file, wanted, secure=None)
        decision = choose(choices, place, b"", select)
    return decision


def file_urls(base_urls: bytes, below: str) -> list[str]:
    """Return the URLs of a file, percent-encoded, from the text of a Host's offers."""
    return [quote(base, safe=SAFE_IN_LOCATION) + below for base in base_urls.split(PATH)]


def master_url(category: Category, below: bytes) -> str:
    """Return the URL of a file on the master, percent-encoded."""
    base = quote(category.canonical_url.rstrip("/"), safe=SAFE_IN_LOCATION)
    return base + below.decode()


def seeds_of(offered: Mapping[int, bytes], members: Sequence[int], file: File) -> list[str]:
    """Return one URL a Host that torrents can be fetched from, and the master's, if it has one."""
    below = file.below.decode()
    urls = [
        next((u for u in file_urls(offered[m], below) if u.startswith(_SEED_BEGINNINGS)), None)
        for m in members
    ]
    if file.category.canonical_url:
        urls.append(master_url(file.category, file.below))
    return [url for url in urls if url and url.startswith(_SEED_BEGINNINGS)]
