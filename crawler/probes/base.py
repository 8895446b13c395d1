"""What every probe offers, whatever its protocol.

A probe asks; it never compares what it learns with what was expected.
"""

from collections.abc import Callable, Iterator, Sequence
from datetime import datetime
from typing import NamedTuple, Protocol

from crawler.logic.observations import Ask, Observation
from crawler.logic.rsync_endings import Ending


class UrlProbe(Protocol):
    """One base URL during one visit of its Host, asked file by file."""

    async def addresses(self) -> list[str]:
        """Return the addresses that the name leads to; none if it leads nowhere we go."""
        ...

    def certificate_until(self) -> datetime | None:
        """Return until when the server's certificate is valid; None if there is none to trust."""
        ...

    async def greet(self, impossible: str) -> Observation:
        """Ask for a file that exists on no mirror; whoever answers well cannot be believed."""
        ...

    async def look(self, path: str, ask: Ask) -> Observation:
        """Ask for one file of the directory at a path below the base URL."""
        ...


class TreeUrl(Protocol):
    """One base URL during one visit of its Host, which lists its whole tree."""

    async def addresses(self) -> list[str]:
        """Return the addresses that the name leads to; none if it leads nowhere we go."""
        ...

    async def list_tree(self, read: Callable[[Iterator[bytes]], None]) -> Ending:
        """List the whole tree; `read` gets the lines in a thread as they arrive."""
        ...

    async def fetch(
        self, files: Sequence[tuple[str, Ask]], *, greatest_bytes: int
    ) -> list[Observation]:
        """Fetch small files by path below the base URL; return what is known of each."""
        ...


class Probe(Protocol):
    """One protocol that asks file by file, for as many Hosts at once as there are."""

    schemes: frozenset[str]

    def bind(self, base_url: str, *, allow_private: bool) -> UrlProbe:
        """Return the probe of one base URL; only with permission it goes to private addresses."""
        ...

    async def close(self) -> None:
        """Close all connections."""
        ...


class TreeProbe(Protocol):
    """One protocol that lists whole trees, for as many Hosts at once as there are."""

    schemes: frozenset[str]

    def bind(self, base_url: str, *, allow_private: bool) -> TreeUrl:
        """Return the probe of one base URL; only with permission it goes to private addresses."""
        ...

    async def close(self) -> None:
        """End everything that runs."""
        ...


class Probes(NamedTuple):
    """All protocols we have, by URL scheme."""

    files: dict[str, Probe]
    trees: dict[str, TreeProbe]

    async def close(self) -> None:
        """Close all connections and end everything that runs."""
        for probe in set(self.files.values()):
            await probe.close()
        for tree in set(self.trees.values()):
            await tree.close()
