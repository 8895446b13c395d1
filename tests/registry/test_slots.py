"""Slots are shared by all processes of a machine, and nobody has to give them back."""

import subprocess
import sys
from contextlib import ExitStack
from pathlib import Path

from registry.logic.slots import SlotPolicy, SlotReason
from registry.slots import take_slot

TWO = SlotPolicy(at_once=2)
HOLD = """
import sys
from pathlib import Path
from registry.logic.slots import SlotPolicy
from registry.slots import take_slot

with take_slot(Path(sys.argv[1]), person=7, policy=SlotPolicy(at_once=2)) as slot:
    print(slot.granted, flush=True)
    sys.stdin.read()
"""


def reason(directory: Path, person: int) -> SlotReason:
    with take_slot(directory, person=person, policy=TWO) as slot:
        return slot.reason


def test_a_slot_is_free_again_when_its_block_ends(tmp_path: Path) -> None:
    for _ in range(3):
        assert reason(tmp_path / "slots", 1) is SlotReason.FREE


def test_each_person_has_one_and_all_together_two(tmp_path: Path) -> None:
    with ExitStack() as stack:
        stack.enter_context(take_slot(tmp_path, person=1, policy=TWO))
        assert reason(tmp_path, 1) is SlotReason.YOURS
        assert reason(tmp_path, 22) is SlotReason.FREE
        stack.enter_context(take_slot(tmp_path, person=22, policy=TWO))
        assert reason(tmp_path, 22) is SlotReason.YOURS
        assert reason(tmp_path, 3) is SlotReason.BUSY
    assert reason(tmp_path, 3) is SlotReason.FREE


def test_with_none_at_all_everybody_is_told_to_wait(tmp_path: Path) -> None:
    with take_slot(tmp_path, person=1, policy=SlotPolicy(at_once=0)) as slot:
        assert slot.reason is SlotReason.BUSY


def test_other_processes_count_until_they_end_however_that_happens(tmp_path: Path) -> None:
    with subprocess.Popen(
        [sys.executable, "-c", HOLD, str(tmp_path)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        cwd=Path(__file__).resolve().parents[2],
    ) as other:
        assert other.stdout
        assert other.stdout.readline() == b"True\n"
        assert reason(tmp_path, 7) is SlotReason.YOURS
        other.kill()
        other.wait()
    assert reason(tmp_path, 7) is SlotReason.FREE
