"""A gunicorn worker class that serves a handler by the edge's own protocol.

Knows sockets, signals and draining. gunicorn starts it as it starts any worker; the application
that it loads must be an `EdgeApplication`.
"""

import asyncio
import gc
import os
import resource
import signal
import ssl
import sys
from collections.abc import Callable
from typing import ClassVar

import uvloop
from gunicorn import sock
from gunicorn.workers.base import Worker

from mirrorlist.counters import SharedCounters
from mirrorlist.edge.protocol import EdgeProtocol, Server

TICK_SECONDS = 0.5
# How long a connection without a request is kept while draining. Shorter would cut off clients
# whose next request is on its way.
IDLE_WHILE_DRAINING_SECONDS = 1.0
# Threads that do upkeep give way to clients after so long (the default is 5 ms).
SWITCH_SECONDS = 0.0005
# Answers leave no cycles behind; the collector would mostly visit what is remembered. Of what is
# new it looks at little at a time, so that nobody waits, and seldom at the rest.
COLLECT_AFTER = (2_000, 500, 100)


class EdgeWorker(Worker):  # type: ignore[misc]  # gunicorn has no annotations
    """One process on one event loop; start as many as there are cores."""

    shared: ClassVar[SharedCounters | None] = None

    @classmethod
    def setup(cls) -> None:
        """Make what workers share; gunicorn calls this in the master."""
        cls.shared = cls.shared or SharedCounters()

    def init_process(self) -> None:
        """Raise what the system allows us before anything is opened."""
        _, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
        resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
        sys.setswitchinterval(SWITCH_SECONDS)
        gc.set_threshold(*COLLECT_AFTER)
        super().init_process()

    def init_signals(self) -> None:
        """Leave signals at their defaults until the loop can handle them."""
        for number in self.SIGNALS:
            signal.signal(number, signal.SIG_DFL)
        signal.signal(signal.SIGABRT, self.handle_abort)
        # These come while the application is loaded, too, and mean nothing yet.
        for number in (signal.SIGUSR1, signal.SIGWINCH):
            signal.signal(number, signal.SIG_IGN)

    def run(self) -> None:
        self.wsgi.start(self.shared)
        self.wsgi.count()
        gc.freeze()
        with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
            runner.run(self._serve())
        self.wsgi.stop_counting()
        self.wsgi.upkeep()

    async def _serve(self) -> None:
        loop = asyncio.get_running_loop()
        self.stopping = asyncio.Event()
        for number in (signal.SIGTERM, signal.SIGINT, signal.SIGQUIT):
            loop.add_signal_handler(number, self.stopping.set)
        loop.add_signal_handler(signal.SIGUSR1, self._reopen_logs)
        loop.add_signal_handler(signal.SIGWINCH, lambda: None)
        application = self.wsgi
        self.server = Server(
            application.respond,
            application.config.limits,
            self.log.error,
            clock=loop.time(),
            counters=application.counters,
            later=loop.call_soon,
        )
        application.open_connections = lambda: len(self.server.connections)
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
        self.server.drain(idle_seconds=IDLE_WHILE_DRAINING_SECONDS)
        await self._wait_until_drained()
        ticker.cancel()

    async def _tick(self, clock: Callable[[], float]) -> None:
        """Tell gunicorn that we live, cut off the slow, notice being orphaned."""
        while True:
            self.notify()
            self.server.tick(clock())
            self.wsgi.tick()
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

    def _reopen_logs(self) -> None:
        self.log.reopen_files()
        self.wsgi.reopen_logs()

    def _tls(self) -> ssl.SSLContext | None:
        return sock.ssl_context(self.cfg) if self.cfg.is_ssl else None
