"""Until when the certificates of servers are valid, noted as connections are made.

Only of certificates that were verified: of others TLS tells nothing. Judges nothing.
"""

import ssl
from datetime import UTC, datetime
from typing import Any

import aiohttp
from aiohttp.client import ClientTimeout
from aiohttp.client_reqrep import ClientRequest
from aiohttp.connector import Connection
from aiohttp.tracing import Trace
from yarl import URL


class NotingConnector(aiohttp.TCPConnector):
    """A connector that remembers the end of the certificate of each server it connected to."""

    def __init__(self, **options: Any) -> None:
        super().__init__(**options)
        self._ends: dict[tuple[str | None, int | None], datetime] = {}

    def valid_until(self, url: URL) -> datetime | None:
        """Return until when the certificate of a server was valid when it was last connected to."""
        return self._ends.get((url.host, url.port))

    async def connect(
        self, req: ClientRequest, traces: list[Trace], timeout: ClientTimeout
    ) -> Connection:
        """Connect as usual, and look at the certificate of a connection by TLS."""
        connection = await super().connect(req, traces, timeout)
        if req.url.scheme == "https" and connection.transport is not None:
            certificate = connection.transport.get_extra_info("peercert") or {}
            if end := certificate.get("notAfter"):
                seconds = ssl.cert_time_to_seconds(end)
                until = datetime.fromtimestamp(seconds, UTC)
                self._ends[req.url.host, req.url.port] = until
        return connection
