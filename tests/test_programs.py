"""What tests drive is what `make test` installs, so that a new machine skips nothing."""

import re
from pathlib import Path

TESTS = Path(__file__).resolve().parent
INSTALLED = (TESTS / "install_programs").read_text()


def test_every_program_that_a_test_needs_is_installed_for_it() -> None:
    marks = (
        mark
        for path in TESTS.rglob("*.py")
        for mark in re.findall(r"mark\.needs\(([^)]*)\)", path.read_text())
    )
    needed = {name for mark in marks for name in re.findall(r'"([^"]+)"', mark)}
    assert needed
    for name in sorted(needed):
        assert re.search(rf"^need {re.escape(name)} |^{re.escape(name)} ", INSTALLED, re.MULTILINE)
