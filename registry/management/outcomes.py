"""How commands show what became of a network file: problems, or what changes and whether."""

from typing import Any

from rich.console import Console
from rich.text import Text

from registry.logic.network.planning import Action
from registry.logic.network.wording import diff_lines, summary
from registry.services.network_file import Outcome

STYLES = {Action.ADD: "green", Action.CHANGE: "yellow", Action.REMOVE: "red"}


def print_outcome(outcome: Outcome, stdout: Any) -> None:
    """Print the problems of a file; if there are none, its changes and the conclusion."""
    console = Console(file=stdout, highlight=False, soft_wrap=True)
    for problem in outcome.problems:
        console.print(Text(f"! {problem}", style="bold red"))
    if outcome.problems:
        return
    for action, line in diff_lines(outcome.plan):
        console.print(Text(line, style=STYLES[action]))
    for note in outcome.plan.notes:
        console.print(Text(f"? {note}", style="cyan"))
    console.print(Text(f"{summary(outcome.plan)}. {conclusion(outcome)}"))


def conclusion(outcome: Outcome) -> str:
    """Return in one sentence whether anything was written."""
    if outcome.written:
        return "Written."
    changed = any(change.action is not Action.KEEP for change in outcome.plan.changes)
    return "Nothing was written." if changed else "Nothing changes: the database says the same."
