"""Whether a server can be reached, by each family of addresses apart."""

import socket

import pytest
from aiohttp.abc import AbstractResolver, ResolveResult

from crawler.logic.canary import Family
from crawler.logic.observations import Fault
from crawler.probes.http import HttpLimits, HttpProbe
from crawler.probes.reach import reach
from tests.crawler.mirrors import Mirror

ADDRESSES = {socket.AF_INET: "127.0.0.1", socket.AF_INET6: "::1"}


class BothFamilies(AbstractResolver):
    """A name server for which every name leads to this machine by both families."""

    async def resolve(
        self, host: str, port: int = 0, family: socket.AddressFamily = socket.AF_UNSPEC
    ) -> list[ResolveResult]:
        return [
            ResolveResult(hostname=host, host=address, port=port, family=each, proto=0, flags=0)
            for each, address in ADDRESSES.items()
            if family in {each, socket.AF_UNSPEC}
        ]

    async def close(self) -> None: ...


@pytest.mark.parametrize(
    ("address", "works", "fails"),
    [("127.0.0.1", Family.IPV4, Family.IPV6), ("::1", Family.IPV6, Family.IPV4)],
)
async def test_a_server_of_two_families_may_answer_by_one_only(address, works, fails) -> None:
    limits = HttpLimits(answer_seconds=1, body_seconds=1)
    with Mirror({"/pub/a": b"x"}, address=address) as mirror:
        url = f"http://mirror.example.org:{mirror.port}/pub"
        async with HttpProbe(limits=limits, user_agent="Tests", resolver=BothFamilies()) as http:
            found = await reach(
                url, list(ADDRESSES.values()), http=http, allow_private=True, seconds=1
            )
    assert (found[works].status, found[works].fault) == (200, None)
    assert found[fails].fault is Fault.CONNECTION
