"""What every probe offers, whatever its protocol.

A probe asks; it never compares what it learns with what was expected.
"""

from typing import Protocol

from crawler.logic.observations import Ask, Observation


class UrlProbe(Protocol):
    """One base URL during one visit of its Host."""

    async def greet(self, impossible: str) -> Observation:
        """Ask for a file that exists on no mirror; whoever answers well cannot be believed."""
        ...

    async def look(self, path: str, ask: Ask) -> Observation:
        """Ask for one file of the directory at a path below the base URL."""
        ...


class Probe(Protocol):
    """One protocol, for as many Hosts at once as there are."""

    schemes: frozenset[str]

    def bind(self, base_url: str, *, allow_private: bool) -> UrlProbe:
        """Return the probe of one base URL; only with permission it goes to private addresses."""
        ...

    async def close(self) -> None:
        """Close all connections."""
        ...
