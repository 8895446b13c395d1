"""The process that does long work: its name, so that others can tell whether it is still there."""

import gc
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path


def this_process() -> str:
    """Return a name of this process that no other process has, on any machine."""
    return f"{_machine()}:{os.getpid()}:{_started(os.getpid())}"


def is_gone(worker: str) -> bool:
    """Tell whether a process that `this_process` named is known to have ended.

    Of another machine's processes, and of names we did not write, nothing is known.
    """
    machine, _, rest = worker.rpartition(":")[0].rpartition(":")
    started = worker.rpartition(":")[2]
    if machine != _machine() or not rest.isdigit():
        return False
    try:
        os.kill(int(rest), 0)
    except ProcessLookupError:
        return True
    except PermissionError:
        pass  # it is somebody else's, so it exists
    return _started(int(rest)) != started


def _machine() -> str:
    """Return what tells this machine's process ids from those of others.

    Containers may share a name, but each has process ids of its own: pid_namespaces(7).
    """
    name = os.uname().nodename[:60]
    try:
        namespace = os.readlink("/proc/self/ns/pid")
    except OSError:
        return name
    return f"{name}/{namespace.strip('pid:[]')}"


def _started(pid: int) -> str:
    """Return when a process started, in ticks since boot; empty where /proc does not say."""
    try:
        text = Path(f"/proc/{pid}/stat").read_text(encoding="utf-8", errors="replace")
    except OSError:
        return ""
    # The second field is the program's name in parentheses, which may contain anything.
    return text.rpartition(")")[2].split()[19]


@contextmanager
def pause_collection() -> Iterator[None]:
    """Let no garbage be looked for meanwhile.

    For work that makes millions of small objects and no cycles: Python would go through all of
    them again and again, which costs a sixth of a scan.
    """
    enabled = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if enabled:
            gc.enable()
