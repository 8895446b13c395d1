"""Judge what somebody has typed and not sent in yet: address ranges, before they are added."""

from registry.logic.findings import Finding, Tone
from registry.logic.netblocks import judge_netblock, parse_netblock
from registry.services.netblocks import netblock_policy

LINES = 20


def judge_typed_netblocks(text: str) -> list[Finding]:
    """Return a row for each of the first lines that is not fine; one good row if all are."""
    lines = [line.strip() for line in text.splitlines() if line.strip()]
    found = [row for line in lines[:LINES] if (row := _judge(line)) is not None]
    if lines and not found:
        return [Finding("Networks", Tone.GOOD, "They can be added at once.")]
    return found


def _judge(line: str) -> Finding | None:
    try:
        network = parse_netblock(line)
    except ValueError as error:
        return Finding("Networks", Tone.BAD, str(error))
    verdict = judge_netblock(network, policy=netblock_policy())
    if not verdict.needs_approval:
        return None
    advice = "Add it all the same if it is yours; it counts once it is approved."
    return Finding("Networks", Tone.HINT, verdict.sentence, advice)
