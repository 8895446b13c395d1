"""Ship batches of statistics to the server: `python -m mirrorlist.ship`. Standard library only.

Takes files from a spool directory, oldest first, and removes what the server has. Deliberately
does not look into them: the server says what it thinks of a batch.
"""

import argparse
import fcntl
import http.client
import json
import logging
import ssl
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import NamedTuple
from urllib.parse import urlsplit

logger = logging.getLogger(__name__)

SUFFIX = ".json.gz"
REFUSED = "refused"
TIMEOUT_SECONDS = 30
LONGEST_PAUSE_SECONDS = 900
ANSWER_BYTES = 64 * 1024
# What will not become better by waiting; the file is put aside.
HOPELESS = frozenset({400, 413, 415, 422})


class Destination(NamedTuple):
    """From where to where; the token is read anew each time, so that it can be changed."""

    spool: Path
    url: str
    token_file: Path


class Shipped(NamedTuple):
    """How many batches the server has now, how many it does not want, and what stopped us."""

    delivered: int
    refused: int
    problem: str = ""

    @property
    def sentence(self) -> str:
        """Say all of it."""
        told = f"{self.delivered} delivered, {self.refused} refused."
        return f"{told} {self.problem}".strip()


def ship_once(destination: Destination) -> Shipped:
    """Send every batch that waits; stop at the first that cannot be delivered now.

    Only one process ships a spool at a time; another one finds nothing to do. Batches that the
    server refuses for good are moved into the directory `refused` beside the others.
    """
    delivered = refused = 0
    try:
        with _alone(destination.spool) as alone:
            waiting = sorted(destination.spool.glob(f"*{SUFFIX}")) if alone else []
            if not waiting:
                return Shipped(0, 0)
            token = destination.token_file.read_text().strip()
            for path in waiting:
                status, sentence = post(destination.url, token, path.read_bytes())
                if status == 200:
                    path.unlink()
                    delivered += 1
                elif status in HOPELESS:
                    _put_aside(path, sentence)
                    refused += 1
                else:
                    return Shipped(delivered, refused, f"The server answers {status}: {sentence}")
    except (OSError, http.client.HTTPException, ValueError) as error:
        return Shipped(delivered, refused, f"Batches cannot be shipped: {error}.")
    return Shipped(delivered, refused)


def post(url: str, token: str, body: bytes) -> tuple[int, str]:
    """Send one batch; return the status and the server's sentence. Follows no redirect.

    Raises OSError, HTTPException, or ValueError for an address that cannot be used.
    """
    parts = urlsplit(url)
    if parts.scheme not in {"http", "https"} or not parts.hostname:
        raise ValueError(f"“{url}” is no address that begins with https://")
    connection = (
        http.client.HTTPSConnection(
            parts.hostname,
            parts.port,
            timeout=TIMEOUT_SECONDS,
            context=ssl.create_default_context(),
        )
        if parts.scheme == "https"
        else http.client.HTTPConnection(parts.hostname, parts.port, timeout=TIMEOUT_SECONDS)
    )
    headers = {
        "Authorization": f"Bearer {token}",
        "Content-Type": "application/json",
        "Content-Encoding": "gzip",
        "User-Agent": "mirrorsite-ship",
    }
    try:
        connection.request("POST", parts.path or "/", body, headers)
        answer = connection.getresponse()
        return answer.status, _sentence(answer.read(ANSWER_BYTES))
    finally:
        connection.close()


def _connect(scheme: str, host: str, port: int | None) -> http.client.HTTPConnection:
    if scheme == "http":
        return http.client.HTTPConnection(host, port, timeout=TIMEOUT_SECONDS)
    verifying = ssl.create_default_context()
    return http.client.HTTPSConnection(host, port, timeout=TIMEOUT_SECONDS, context=verifying)


def _sentence(body: bytes) -> str:
    """Return what the server says, or the beginning of whatever else answered."""
    text = body.decode(errors="replace")
    try:
        document = json.loads(text)
    except ValueError:
        document = None
    said = document.get("sentence") or document.get("detail") if isinstance(document, dict) else ""
    return str(said or text[:200])


def _put_aside(path: Path, sentence: str) -> None:
    logger.error("The server refuses %s: %s", path.name, sentence)
    aside = path.parent / REFUSED
    aside.mkdir(exist_ok=True)
    path.replace(aside / path.name)


@contextmanager
def _alone(spool: Path) -> Iterator[bool]:
    """Yield whether no other process ships this spool; the lock ends with the process."""
    if not spool.is_dir():
        yield False
        return
    with (spool / ".ship.lock").open("a") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            yield False
        else:
            yield True


def keep_shipping(destination: Destination, *, seconds: float) -> None:
    """Ship again and again, for as long as the process lives; pause longer while it fails."""
    pause = seconds
    said = ""
    while True:
        time.sleep(pause)
        shipped = ship_once(destination)
        pause = min(pause * 2, LONGEST_PAUSE_SECONDS) if shipped.problem else seconds
        if shipped.problem != said:
            logger.log(
                logging.ERROR if shipped.problem else logging.INFO,
                "%s",
                shipped.problem or f"Shipping works again: {shipped.sentence}",
            )
        said = shipped.problem


def main() -> int:
    """Read the arguments and ship, once or until stopped."""
    parser = argparse.ArgumentParser(prog="mirrorlist.ship", description=__doc__)
    parser.add_argument("--spool", type=Path, required=True, help="directory of the batches")
    parser.add_argument("--url", required=True, help="https://…/api/v1/edge-statistics/")
    parser.add_argument("--token-file", type=Path, required=True, help="file with the edge's token")
    parser.add_argument("--seconds", type=float, default=60, help="pause between two rounds")
    parser.add_argument("--once", action="store_true", help="one round; exit code 1 if it failed")
    arguments = parser.parse_args()
    logging.basicConfig(format="%(asctime)s %(levelname)s %(message)s", level="INFO")
    destination = Destination(arguments.spool, arguments.url, arguments.token_file)
    if not arguments.once:
        keep_shipping(destination, seconds=arguments.seconds)
    shipped = ship_once(destination)
    logger.info("%s", shipped.sentence)
    return 1 if shipped.problem else 0


if __name__ == "__main__":
    sys.exit(main())
