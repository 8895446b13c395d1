"""The header lines that lead to Hosts: Location, and a Link for those that stand by (RFC 6249).

Knows how they are written, not who is chosen. Each URL ends in a placeholder for the path of the
file, so that the bytes serve all files of a Category.
"""

from collections.abc import Callable, Mapping, Sequence
from functools import partial
from urllib.parse import quote

from mirrorlist.logic.offers import PATH
from mirrorlist.logic.plain import SAFE_IN_LOCATION
from mirrorlist.logic.snapshot import Host

# RFC 6249 asks for a few; more would only make every answer longer.
LINKS = 5


class _Made(dict[int, bytes]):
    """Bytes by position of the Host, made when they are first needed."""

    def __init__(self, make: Callable[[int], bytes]) -> None:
        super().__init__()
        self._make = make

    def __missing__(self, member: int) -> bytes:
        made = self[member] = self._make(member)
        return made


class Signposts:
    """The lines for the Hosts of a Category, from the base URL of each by position."""

    def __init__(self, urls: Mapping[int, bytes], hosts: Sequence[Host]) -> None:
        self._urls = urls
        self._hosts = hosts
        self._locations = _Made(self._location)
        self._links = [_Made(partial(self._link, priority)) for priority in range(1, LINKS + 1)]

    def lines(self, members: Sequence[int]) -> bytes:
        """Return the lines that lead to the first of some Hosts and name the next ones."""
        location = self._locations[members[0]]
        if len(members) == 1:
            return location
        links = map(dict.__getitem__, self._links, members[1:])  # as many as there are of both
        return b"%bLink: %b\r\n" % (location, b", ".join(links))

    def _quoted(self, member: int) -> bytes:
        return quote(self._urls[member], safe=SAFE_IN_LOCATION).encode()

    def _location(self, member: int) -> bytes:
        return b"Location: %b%b\r\n" % (self._quoted(member), PATH)

    def _link(self, priority: int, member: int) -> bytes:
        country = self._hosts[member].country
        geo = b"; geo=%b" % country.lower().encode() if country else b""
        return b"<%b%b>; rel=duplicate; pri=%d%b" % (self._quoted(member), PATH, priority, geo)
