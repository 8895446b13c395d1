import socket
from collections.abc import Iterator

import pytest
from aiohttp.abc import AbstractResolver, ResolveResult

from crawler.logic.observations import Ask, Fault
from crawler.probes.http import HttpLimits, HttpProbe
from registry.vetting import AddressRefusedError, VettingResolver, VettingSockets
from tests.crawler.mirrors import Mirror, redirect

LIMITS = HttpLimits(answer_seconds=1, body_seconds=1)
PACKAGE = Ask("bash-5.3.rpm")


class Names(AbstractResolver):
    """A name server that answers from a list, the last address for ever."""

    def __init__(self, *addresses: str) -> None:
        self.addresses = list(addresses)

    async def resolve(
        self, host: str, port: int = 0, family: socket.AddressFamily = socket.AF_INET
    ) -> list[ResolveResult]:
        address = self.addresses.pop(0) if len(self.addresses) > 1 else self.addresses[0]
        return [
            ResolveResult(
                hostname=host, host=each, port=port, family=socket.AF_INET, proto=0, flags=0
            )
            for each in address.split()
        ]

    async def close(self) -> None: ...


@pytest.fixture
def mirror() -> Iterator[Mirror]:
    with Mirror({"/pub/os/bash-5.3.rpm": b"x"}) as running:
        yield running


def probing(resolver: AbstractResolver | None = None) -> HttpProbe:
    return HttpProbe(limits=LIMITS, user_agent="Tests", resolver=resolver)


def named(mirror: Mirror) -> str:
    return mirror.url.replace(mirror.address, "mirror.example.org")


async def test_an_address_given_literally_is_vetted(mirror) -> None:
    async with probing() as probe:
        found = await probe.bind(mirror.url, allow_private=False).look("os", PACKAGE)
    assert found.fault is Fault.ADDRESS_REFUSED
    assert found.detail == "127.0.0.1 may not be visited, because it is this machine itself"
    assert not mirror.requests


@pytest.mark.parametrize("host", ["127.1", "2130706433", "0x7f.1", "[::ffff:127.0.0.1]"])
async def test_other_spellings_of_an_address_lead_nowhere(mirror, host) -> None:
    url = mirror.url.replace("127.0.0.1", host)
    async with probing() as probe:
        found = await probe.bind(url, allow_private=False).look("os", PACKAGE)
    assert found.fault is not None
    assert not mirror.requests


async def test_a_name_that_leads_to_a_private_address_is_refused(mirror) -> None:
    async with probing(Names("127.0.0.1")) as probe:
        found = await probe.bind(named(mirror), allow_private=False).look("os", PACKAGE)
    assert found.fault is Fault.ADDRESS_REFUSED
    assert found.detail.startswith("mirror.example.org leads to 127.0.0.1 may not")
    assert not mirror.requests


async def test_with_permission_the_same_name_is_visited(mirror) -> None:
    async with probing(Names("127.0.0.1")) as probe:
        found = await probe.bind(named(mirror), allow_private=True).look("os", PACKAGE)
    assert (found.status, found.size) == (200, 1)


async def test_a_name_is_vetted_again_at_every_look_up() -> None:
    resolver = VettingResolver(allow_private=False, inner=Names("9.9.9.9", "127.0.0.1"))
    assert [each["host"] for each in await resolver.resolve("mirror.example.org")] == ["9.9.9.9"]
    with pytest.raises(AddressRefusedError, match=r"leads to 127\.0\.0\.1"):
        await resolver.resolve("mirror.example.org")


async def test_of_several_addresses_only_the_public_remain() -> None:
    resolver = VettingResolver(allow_private=False, inner=Names("127.0.0.1 9.9.9.9 10.0.0.1"))
    assert [each["host"] for each in await resolver.resolve("mirror.example.org")] == ["9.9.9.9"]


@pytest.mark.parametrize("address", ["127.0.0.1", "localhost", "10.0.0.1"])
def test_no_socket_is_opened_towards_what_was_not_vetted(address) -> None:
    """The last line: whatever aiohttp wants to connect to passes here."""
    info = (socket.AF_INET, socket.SOCK_STREAM, socket.IPPROTO_TCP, "", (address, 80))
    with pytest.raises(AddressRefusedError):
        VettingSockets(allow_private=False)(info)


@pytest.mark.parametrize("target", ["http://0.0.0.0:{port}/secret", "http://239.1.1.1/secret"])
async def test_a_redirect_is_vetted_like_everything_else(mirror, target) -> None:
    """Loopback is permitted here; 0.0.0.0, which leads to the same server, is not."""
    mirror.special["/pub/os/a"] = redirect(target.format(port=mirror.port))
    async with probing() as probe:
        found = await probe.bind(mirror.url, allow_private=True).look("os", Ask("a"))
    assert (found.fault, found.requests) == (Fault.ADDRESS_REFUSED, 2)
    assert mirror.asked() == ["HEAD"]


async def test_so_is_the_name_in_a_redirect(mirror) -> None:
    mirror.special["/pub/os/a"] = redirect(f"http://flips.example.org:{mirror.port}/secret")
    async with probing(Names("127.0.0.1", "0.0.0.0")) as probe:
        found = await probe.bind(named(mirror), allow_private=True).look("os", Ask("a"))
    assert found.fault is Fault.ADDRESS_REFUSED
    assert found.url == f"http://flips.example.org:{mirror.port}/secret"
    assert mirror.asked() == ["HEAD"]
