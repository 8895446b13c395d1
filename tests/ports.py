"""Free ports for servers that tests start, below the range from which connections get theirs.

Asking the system for port 0 and closing it again is a race: under load somebody else, often our own
next connection, gets the same number before the server starts.
"""

import os
import socket
from itertools import count

FIRST, LAST = 10_000, 32_000
_next = count(FIRST + os.getpid() * 97 % (LAST - FIRST))


def _is_free(port: int) -> bool:
    with socket.socket() as probe:
        try:
            probe.bind(("127.0.0.1", port))
        except OSError:
            return False
    return True


def free_port(successive: int = 1) -> int:
    """Return the first of as many successive ports as asked for; none is given out twice."""
    while True:
        ports = [FIRST + (next(_next) - FIRST) % (LAST - FIRST) for _ in range(successive)]
        if ports[-1] == ports[0] + successive - 1 and all(map(_is_free, ports)):
            return ports[0]
