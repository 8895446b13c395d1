"""A gunicorn worker class that serves a handler by the edge's own protocol.

Knows sockets, signals and draining. gunicorn starts it as it starts any worker; the application
that it loads must have `respond(Request) -> Response` beside its WSGI call.
"""

import asyncio
import os
import signal
import ssl
from collections.abc import Callable
from typing import Any

import uvloop
from gunicorn import sock
from gunicorn.workers.base import Worker

from mirrorlist.edge.protocol import EdgeProtocol, Limits, Server

TICK_SECONDS = 1.0


class EdgeWorker(Worker):  # type: ignore[misc]  # gunicorn has no annotations
    """One process on one event loop; start as many as there are cores."""

    def init_signals(self) -> None:
        """Leave signals at their defaults until the loop can handle them."""
        for number in self.SIGNALS:
            signal.signal(number, signal.SIG_DFL)
        signal.signal(signal.SIGABRT, self.handle_abort)

    def run(self) -> None:
        with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
            runner.run(self._serve())

    async def _serve(self) -> None:
        loop = asyncio.get_running_loop()
        self.stopping = asyncio.Event()
        for number in (signal.SIGTERM, signal.SIGINT, signal.SIGQUIT):
            loop.add_signal_handler(number, self.stopping.set)
        loop.add_signal_handler(signal.SIGUSR1, self.log.reopen_files)
        loop.add_signal_handler(signal.SIGWINCH, lambda: None)
        self.server = Server(self.wsgi.respond, self._limits(), self.log.error, clock=loop.time())
        listeners = [
            await loop.create_server(
                lambda: EdgeProtocol(self.server),
                sock=s.sock,
                ssl=self._tls(),
                backlog=self.cfg.backlog,
            )
            for s in self.sockets
        ]
        ticker = asyncio.create_task(self._tick(loop.time))
        await self.stopping.wait()
        for listener in listeners:
            listener.close()
        self.server.drain()
        await self._wait_until_drained()
        ticker.cancel()

    async def _tick(self, clock: Callable[[], float]) -> None:
        """Each second: tell gunicorn that we live, cut off the slow, notice being orphaned."""
        while True:
            self.notify()
            self.server.tick(clock())
            if os.getppid() != self.ppid or self.server.counters.requests >= self.max_requests:
                self.stopping.set()
            await asyncio.sleep(TICK_SECONDS)

    async def _wait_until_drained(self) -> None:
        deadline = asyncio.get_running_loop().time() + self.cfg.graceful_timeout
        while self.server.connections and asyncio.get_running_loop().time() < deadline:
            self.notify()
            await asyncio.sleep(0.05)
        for connection in list(self.server.connections):
            connection.expire()

    def _limits(self) -> Limits:
        cfg: Any = self.cfg
        return Limits(
            target_bytes=cfg.limit_request_line or Limits.target_bytes,
            header_fields=cfg.limit_request_fields,
            connections=cfg.worker_connections,
            idle_seconds=cfg.keepalive,
        )

    def _tls(self) -> ssl.SSLContext | None:
        return sock.ssl_context(self.cfg) if self.cfg.is_ssl else None
