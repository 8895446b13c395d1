"""Real FTP servers on loopback addresses, and one that breaks the rules."""

import os
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from importlib.util import find_spec
from pathlib import Path

import pytest

from tests.ports import free_port

needs_pyftpdlib = pytest.mark.skipif(
    find_spec("pyftpdlib") is None and not os.environ.get("CI"), reason="pyftpdlib is not installed"
)
SERVER = """
import sys, warnings
warnings.simplefilter("ignore")
from pyftpdlib.authorizers import DummyAuthorizer
from pyftpdlib.handlers import FTPHandler
from pyftpdlib.servers import FTPServer
root, port, mlsd = sys.argv[1:]
class Handler(FTPHandler):
    authorizer = DummyAuthorizer()
    proto_cmds = {k: v for k, v in FTPHandler.proto_cmds.items() if mlsd == "yes" or k != "MLSD"}
Handler.authorizer.add_anonymous(root)
FTPServer(("127.0.0.1", int(port)), Handler).serve_forever()
"""


@contextmanager
def ftp_server(root: Path, *, mlsd: bool = True) -> Iterator[str]:
    """Serve a tree to everybody; yield the URL."""
    port = free_port()
    command = [sys.executable, "-c", SERVER, str(root), str(port), "yes" if mlsd else "no"]
    server = subprocess.Popen(command, stderr=subprocess.DEVNULL)
    try:
        for _ in range(300):
            with socket.socket() as probe:
                if probe.connect_ex(("127.0.0.1", port)) == 0:
                    break
            time.sleep(0.02)
        yield f"ftp://127.0.0.1:{port}"
    finally:
        server.kill()
        server.wait()


@contextmanager
def talker(*lines: bytes, forever: bool = False) -> Iterator[str]:
    """Say these lines to whoever connects, whatever they say; yield the URL."""
    with socket.create_server(("127.0.0.1", 0)) as listener:

        def serve() -> None:
            try:
                client, _ = listener.accept()
                with client:
                    while True:
                        for line in lines:
                            client.sendall(line)
                        if not forever:
                            client.recv(1000)
                            return
            except OSError:
                return

        thread = threading.Thread(target=serve)
        thread.start()
        yield f"ftp://127.0.0.1:{listener.getsockname()[1]}"
        listener.shutdown(socket.SHUT_RDWR)
    thread.join()


@contextmanager
def liar(
    answers: dict[str, bytes], *, data: bytes = b"", pause_seconds: float = 0
) -> Iterator[str]:
    """Answer each command as told, or else well; yield the URL.

    `data` is what comes by the data connection, without end if there is a pause between its bytes.
    """
    with socket.create_server(("127.0.0.1", 0)) as listener:
        lie = _Lie(answers, data, pause_seconds)
        thread = threading.Thread(target=lie.serve, args=(listener,))
        thread.start()
        try:
            yield f"ftp://127.0.0.1:{listener.getsockname()[1]}"
        finally:
            lie.over.set()
            listener.shutdown(socket.SHUT_RDWR)
    thread.join()


class _Lie:
    def __init__(self, answers: dict[str, bytes], data: bytes, pause_seconds: float) -> None:
        good = {"USER": b"331 x\r\n", "PASS": b"230 x\r\n", "CWD": b"250 x\r\n"}
        self._answers = {"": b"220 x\r\n", "TYPE": b"200 x\r\n", **good, **answers}
        self._data, self._pause = data, pause_seconds
        self.over = threading.Event()

    def serve(self, listener: socket.socket) -> None:
        while not self.over.is_set():
            with suppress(OSError), listener.accept()[0] as client:
                self._converse(client)

    def _converse(self, client: socket.socket) -> None:
        with client.makefile("rb") as said, socket.create_server(("127.0.0.1", 0)) as passive:
            port = passive.getsockname()[1]
            at = b"227 (127,0,0,1,%d,%d)\r\n" % divmod(port, 256)
            answers = {"PASV": at, **self._answers}
            self._say(client, answers[""])
            for line in said:
                command = line.split()[0].decode()
                if command in {"MLSD", "RETR"} and command not in answers:
                    self._transfer(client, passive)
                else:
                    self._say(client, answers.get(command, b"502 x\r\n"))

    def _transfer(self, client: socket.socket, passive: socket.socket) -> None:
        client.sendall(b"150 x\r\n")
        with passive.accept()[0] as data:
            self._say(data, self._data)
        client.sendall(b"226 x\r\n")

    def _say(self, client: socket.socket, words: bytes) -> None:
        """Say something; with a pause byte by byte, again and again, unless it is an answer."""
        if not self._pause or words.endswith(b"\r\n"):
            client.sendall(words)
            return
        while not self.over.wait(self._pause):
            client.sendall(words)
