"""Real FTP servers on loopback addresses, and one that breaks the rules."""

import os
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
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
