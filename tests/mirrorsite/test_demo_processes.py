import os
import signal
import socket
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from mirrorsite.demo.processes import (
    Child,
    Interrupted,
    ProgramEnded,
    Terminal,
    taken_ports,
)
from tests.ports import free_port

SLEEP = (sys.executable, "-c", "import time; time.sleep(60)")
# A program that does not listen, with a child of its own that does not listen either.
STUBBORN = """
import os, signal, sys, time
signal.signal(signal.SIGTERM, signal.SIG_IGN)
os.fork()
open(os.path.join(sys.argv[1], str(os.getpid())), "w").close()
time.sleep(60)
"""


@pytest.fixture
def terminal() -> Iterator[Terminal]:
    numbers = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
    before = {number: signal.getsignal(number) for number in numbers}
    with Terminal(os.environ, patience_seconds=1.0) as terminal:
        yield terminal
    for number, handler in before.items():
        signal.signal(number, handler)


def running() -> dict[int, tuple[int, int]]:
    """Return parent and process group of every process that has not ended, by /proc."""
    found = {}
    for stat in Path("/proc").glob("[0-9]*/stat"):
        try:
            state, parent, group = stat.read_text().rpartition(")")[2].split()[:3]
        except (FileNotFoundError, ProcessLookupError):
            continue
        if state != "Z":
            found[int(stat.parent.name)] = (int(parent), int(group))
    return found


def members(group: int) -> list[int]:
    return [process for process, (_, its_group) in running().items() if its_group == group]


def are_gone(processes: set[int]) -> bool:
    """Tell whether processes are gone; the kernel may need a moment after it was told to kill."""
    deadline = time.monotonic() + 2
    while processes & set(running()):
        if time.monotonic() > deadline:
            return False
        time.sleep(0.02)
    return True


def wait_for_files(directory: Path, *, count: int) -> None:
    deadline = time.monotonic() + 10
    while len(list(directory.iterdir())) < count:
        assert time.monotonic() < deadline, "the program did not start"
        time.sleep(0.02)


def test_lines_come_with_the_name_of_the_program(
    terminal: Terminal, capsys: pytest.CaptureFixture[str]
) -> None:
    assert terminal.run("talker", (sys.executable, "-c", "print('one'); print('two')")) == 0
    assert capsys.readouterr().out == "        talker | one\n        talker | two\n"


def test_the_exit_status_is_handed_on(terminal: Terminal) -> None:
    assert terminal.run("broken", (sys.executable, "-c", "raise SystemExit(3)")) == 3


def test_what_ignores_the_end_is_killed_with_all_it_started(
    terminal: Terminal, tmp_path: Path
) -> None:
    child = terminal.start("stubborn", (sys.executable, "-c", STUBBORN, str(tmp_path)))
    wait_for_files(tmp_path, count=2)
    both = set(members(child.process.pid))
    assert len(both) == 2
    terminal.stop()
    assert are_gone(both)


def test_programs_that_listen_end_at_once(terminal: Terminal) -> None:
    child = terminal.start("sleeper", SLEEP)
    started = time.monotonic()
    terminal.stop()
    assert child.process.returncode == -signal.SIGTERM
    assert time.monotonic() - started < 1


def test_a_program_that_ends_by_itself_is_noticed(terminal: Terminal) -> None:
    terminal.start("sleeper", SLEEP)
    terminal.start("short", (sys.executable, "-c", "raise SystemExit(4)"))
    with pytest.raises(ProgramEnded, match="“short” has ended with exit status 4"):
        terminal.watch()


def test_a_program_that_ends_while_others_are_prepared_is_noticed(terminal: Terminal) -> None:
    terminal.start("short", (sys.executable, "-c", "raise SystemExit(4)"))
    with pytest.raises(ProgramEnded, match="“short” has ended with exit status 4"):
        terminal.run("long", SLEEP)


def test_ctrl_c_interrupts_whatever_is_waited_for(terminal: Terminal) -> None:
    terminal.start("sleeper", SLEEP)
    os.kill(os.getpid(), signal.SIGINT)
    with pytest.raises(Interrupted):
        terminal.watch()
    assert not terminal.hurry.is_set()


def test_a_second_ctrl_c_is_an_order_to_hurry(terminal: Terminal, tmp_path: Path) -> None:
    terminal.start("stubborn", (sys.executable, "-c", STUBBORN, str(tmp_path)))
    wait_for_files(tmp_path, count=2)
    os.kill(os.getpid(), signal.SIGINT)
    os.kill(os.getpid(), signal.SIGINT)
    started = time.monotonic()
    terminal.stop()
    assert time.monotonic() - started < 0.9


def test_a_port_is_waited_for_and_given_up(terminal: Terminal) -> None:
    port = free_port()
    assert not terminal.wait_for_port(("127.0.0.1", port), seconds=0.3)
    with socket.create_server(("127.0.0.1", port)):
        assert terminal.wait_for_port(("127.0.0.1", port), seconds=5)


def test_taken_ports_are_named() -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        taken = server.getsockname()
        assert taken_ports([taken, ("127.0.0.1", free_port())]) == [taken]


def test_killing_what_is_gone_already_is_no_error() -> None:
    child = Child("short", (sys.executable, "-c", ""), os.environ)
    child.reader.start()
    child.process.wait()
    child.reader.join()
    child.kill_group()
    child.signal_leader(signal.SIGTERM)
    assert child.process.returncode == 0
