"""Call other machines: one POST each, at vetted addresses only (`registry.vetting`)."""

import asyncio
import os
from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

import aiohttp

from registry.vetting import VettingResolver, VettingSockets

AT_ONCE = 20
# Of an answer's body nothing is used; so much is read for the connection to end in order.
BODY_BYTES = 64 * 1024


class Call(NamedTuple):
    """One POST: its URL, headers and body."""

    url: str
    headers: Mapping[str, str]
    body: bytes


class Answer(NamedTuple):
    """The status of an answer, or why there was none."""

    status: int | None
    fault: str = ""


def post_all(
    calls: Sequence[Call], *, allow_private: bool, user_agent: str, seconds: float
) -> list[Answer]:
    """Make calls at the same time, each within so many seconds; answers come in the same order.

    Redirects are not followed, proxies and cookies not used, bodies of answers not decompressed.
    """
    return asyncio.run(
        _post_all(calls, allow_private=allow_private, user_agent=user_agent, seconds=seconds)
    )


async def _post_all(
    calls: Sequence[Call], *, allow_private: bool, user_agent: str, seconds: float
) -> list[Answer]:
    connector = aiohttp.TCPConnector(
        limit=AT_ONCE,
        resolver=VettingResolver(allow_private=allow_private),
        socket_factory=VettingSockets(allow_private=allow_private),
        force_close=True,
    )
    async with aiohttp.ClientSession(
        connector=connector,
        cookie_jar=aiohttp.DummyCookieJar(),
        headers={"User-Agent": user_agent},
        auto_decompress=False,
    ) as session:
        turn = asyncio.Semaphore(AT_ONCE)
        return await asyncio.gather(*(_post(session, turn, call, seconds) for call in calls))


async def _post(
    session: aiohttp.ClientSession, turn: asyncio.Semaphore, call: Call, seconds: float
) -> Answer:
    """Make one call in its turn; the time is counted from the moment at which it begins."""
    async with turn:
        try:
            async with asyncio.timeout(seconds):
                return await _exchange(session, call)
        except TimeoutError:
            return Answer(None, f"It did not answer within {seconds:g} seconds.")
        except (aiohttp.ClientError, OSError, ValueError) as error:
            return Answer(None, f"It could not be reached: {_said(error)}")


async def _exchange(session: aiohttp.ClientSession, call: Call) -> Answer:
    request: dict[str, Any] = {"data": call.body, "headers": dict(call.headers)}
    async with session.post(call.url, allow_redirects=False, **request) as response:
        await response.content.read(BODY_BYTES)
        return Answer(response.status)


def _said(error: BaseException) -> str:
    """Return what went wrong; of a connection that failed, what the system or the vetting said."""
    inner = error.os_error if isinstance(error, aiohttp.ClientConnectorError) else error
    if isinstance(inner, OSError) and inner.errno:
        return os.strerror(inner.errno)
    return str(inner) or type(error).__name__
