"""The text that Prometheus reads: sums over all processes, and how each of them is.

Knows the format and the names. Deliberately keeps no numbers.
"""

from collections.abc import Iterable, Iterator, Sequence

from mirrorlist.counters import Counts, Tally

PREFIX = "mirrorsite_edge_"
TEXT_FORMAT = "text/plain; version=0.0.4; charset=utf-8"

# Name, type, help. Counters are summed; gauges are given for each process.
COUNTERS = {
    "requests_total": "Requests answered, by kind of answer and status.",
    "answers_total": "Answers that chose Hosts, by the stage in which the first was found.",
    "countries_total": "Answers that chose Hosts, by where the client's country was known from.",
    "connections_total": "Connections accepted.",
    "connections_refused_total": "Connections turned away because there were too many.",
    "refusals_total": "Requests that were not HTTP as it should be, or too large.",
    "timeouts_total": "Connections cut off because the client was too slow or idle.",
    "errors_total": "Requests that met a bug and were answered with status 500.",
    "snapshot_reloads_total": "Times that a process switched to another snapshot.",
    "snapshot_failures_total": "Times that a process could not read a new snapshot.",
    "pulls_total": "Attempts to fetch a snapshot, by outcome.",
    "log_lines_dropped_total": "Lines of the access log that could not be written.",
}
GAUGES = {
    "process": "1 for each process that answers.",
    "started_at_seconds": "When the process began (Unix time).",
    "connections": "Connections open now.",
    "memory_peak_bytes": "Most memory the process ever used, pages shared with others included.",
    "problem": "1 if something is wrong; the text is in /healthz and in the log.",
    "snapshot_built_at_seconds": "When the snapshot in use was built (Unix time).",
    "snapshot_age_seconds": "Age of the snapshot in use.",
    "snapshot_load_seconds": "How long switching to the snapshot in use took.",
    "pull_consecutive_failures": "Failed attempts to fetch a snapshot in a row.",
}


def sample(name: str, **labels: object) -> str:
    """Return a counter's name with its labels, as it stands in the text."""
    inside = ",".join(f'{key}="{_escaped(str(value))}"' for key, value in labels.items())
    return f"{name}{{{inside}}}" if inside else name


def summed(tallies: Iterable[Tally]) -> Counts:
    """Return the sums over all processes, dead ones included."""
    totals: Counts = {}
    for tally in tallies:
        for name, count in tally.counts.items():
            totals[name] = totals.get(name, 0) + count
    return totals


def render_metrics(tallies: Sequence[Tally]) -> bytes:
    """Return the text; a worker is named by its slot."""
    totals = summed(tallies)
    lines: list[str] = []
    for name, meaning in COUNTERS.items():
        lines += _heading(name, "counter", meaning)
        lines += _counter_lines(name, totals)
    for name, meaning in GAUGES.items():
        lines += _heading(name, "gauge", meaning)
        for tally in tallies:
            for gauge, labels, value in tally.state.get("gauges", ()):
                if gauge == name:
                    named = sample(name, worker=tally.slot, **labels)
                    lines.append(f"{PREFIX}{named} {value}")
    return "\n".join([*lines, ""]).encode()


def _heading(name: str, kind: str, meaning: str) -> list[str]:
    return [f"# HELP {PREFIX}{name} {meaning}", f"# TYPE {PREFIX}{name} {kind}"]


def _counter_lines(name: str, totals: Counts) -> Iterator[str]:
    found = sorted(key for key in totals if key.partition("{")[0] == name)
    for key in found:
        yield f"{PREFIX}{key} {totals[key]}"


def _escaped(text: str) -> str:
    return text.replace("\\", r"\\").replace('"', r"\"").replace("\n", r"\n")
