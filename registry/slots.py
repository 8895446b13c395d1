"""Slots for web workers that wait for the network, shared by all processes of a machine.

A slot is a locked file: the kernel frees it when its process ends, however that happens. Who gets
one is decided by `registry.logic.slots`.
"""

import fcntl
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import IO

from registry.logic.slots import SlotPolicy, SlotVerdict, judge_slot


@contextmanager
def take_slot(directory: Path, *, person: int, policy: SlotPolicy) -> Iterator[SlotVerdict]:
    """Hold a slot as long as the block runs, if there is one for this person; never wait for it."""
    directory.mkdir(parents=True, exist_ok=True)
    with ExitStack() as held:
        yield _take(directory, held, person=person, policy=policy)


def _take(directory: Path, held: ExitStack, *, person: int, policy: SlotPolicy) -> SlotVerdict:
    """Take a free slot and keep it open in `held`; one caller at a time, so that all count."""
    with (directory / "door").open("wb") as door:
        fcntl.flock(door, fcntl.LOCK_EX)
        holders, free = list[int](), list[IO[bytes]]()
        for number in range(policy.at_once):
            slot: IO[bytes] = held.enter_context((directory / f"slot-{number}").open("a+b"))
            try:
                fcntl.flock(slot, fcntl.LOCK_EX | fcntl.LOCK_NB)
                free.append(slot)
            except BlockingIOError:
                slot.seek(0)
                holders.append(int(slot.read() or 0))
        verdict = judge_slot(holders, person=person, policy=policy)
        if verdict.granted:
            mine = free.pop()
            mine.truncate(0)
            mine.write(b"%d" % person)
            mine.flush()
        for slot in free:
            fcntl.flock(slot, fcntl.LOCK_UN)
    return verdict
