"""A real SMTP server and a real receiver of webhooks, on loopback, for the tests of the outbox."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from email.message import EmailMessage
from email.parser import BytesParser
from email.policy import default
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from random import Random
from threading import Event as Flag
from threading import Thread
from typing import Any

from aiosmtpd.controller import Controller
from django.test import override_settings

from registry.models import Notification
from registry.services.notification_delivery import Outcome, send_notifications
from tests.conftest import NOW
from tests.ports import free_port

SMTP = "django.core.mail.backends.smtp.EmailBackend"
SOON = timedelta(minutes=2)


@dataclass
class Mailbox:
    """What the SMTP server got; `answers` are what it says to RCPT, by address."""

    letters: list[EmailMessage] = field(default_factory=list)
    answers: dict[str, str] = field(default_factory=dict)

    async def handle_RCPT(self, server, session, envelope, address, options) -> str:
        answer = self.answers.get(address, "250 OK")
        if answer.startswith("250"):
            envelope.rcpt_tos.append(address)
        return answer

    async def handle_DATA(self, server, session, envelope) -> str:
        message = BytesParser(policy=default).parsebytes(envelope.content)
        self.letters.append(message)
        return "250 OK"

    def to(self, address: str) -> list[EmailMessage]:
        return [letter for letter in self.letters if letter["To"] == address]


@contextmanager
def post_office() -> Iterator[Mailbox]:
    """Run an SMTP server, to which the settings lead, as long as the context lasts."""
    box, port = Mailbox(), free_port()
    controller = Controller(box, hostname="127.0.0.1", port=port)
    controller.start()
    try:
        with override_settings(EMAIL_BACKEND=SMTP, EMAIL_HOST="127.0.0.1", EMAIL_PORT=port):
            yield box
    finally:
        controller.stop()


def said(letter: EmailMessage, kind: str = "plain") -> str:
    """Return what a letter says, as text or as HTML."""
    part = letter.get_body((kind,))
    assert part is not None
    text: str = part.get_content()
    return text


@dataclass
class Received:
    """One call that the receiver of webhooks got."""

    path: str
    headers: dict[str, str]
    body: bytes

    @property
    def json(self) -> Any:
        return json.loads(self.body)


@dataclass
class Receiver:
    """A receiver of webhooks that answers as it is told, or hangs until it is released."""

    status: int = 200
    location: str = ""
    hang: bool = False
    calls: list[Received] = field(default_factory=list)
    released: Flag = field(default_factory=Flag)
    url: str = ""


@contextmanager
def receiver(**how: Any) -> Iterator[Receiver]:
    """Run a receiver of webhooks as long as the context lasts."""
    state = Receiver(**how)

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            state.calls.append(Received(self.path, dict(self.headers), body))
            if state.hang:
                state.released.wait(10)
                return
            self.send_response(state.status)
            if state.location:
                self.send_header("Location", state.location)
            self.send_header("Content-Length", "0")
            self.end_headers()

        def log_message(self, format: str, *args: Any) -> None:
            return

    server = ThreadingHTTPServer(("127.0.0.1", free_port()), Handler)
    state.url = f"http://127.0.0.1:{server.server_port}/hook"
    thread = Thread(target=server.serve_forever)
    thread.start()
    try:
        yield state
    finally:
        state.released.set()
        server.shutdown()
        thread.join()
        server.server_close()


def run(after: timedelta = SOON, *, now: datetime = NOW) -> Outcome:
    """Run once over the outbox, so long after the moment of the suite."""
    return send_notifications(clock=lambda: now + after, rng=Random(0))


def states() -> dict[str, str]:
    """Return the state of every message by its recipient."""
    return dict(Notification.objects.order_by("id").values_list("recipient", "state"))
