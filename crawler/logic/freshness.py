"""Whether a Host's copy of a Directory is current, judged from a few answers about its files.

Knows what was expected, what was found, and the table of rules between the two
(docs/how-it-works/freshness.md). Deliberately knows no protocol and never turns silence into
an accusation: what could not be seen is unknown.
"""

from collections.abc import Callable, Collection, Iterable, Sequence
from datetime import UTC, datetime
from typing import NamedTuple

from crawler.logic.observations import Ask, Fault, Observation
from crawler.logic.verdicts import UNRECOGNIZED, Expected, KnownState, Reason, State, Verdict

# Strongest first: the first that both sides know decides.
ALGORITHMS = ("sha512", "sha256", "sha1", "md5")
GREATEST_32_BIT = 2**32
HTML_SUFFIXES = (".html", ".htm", ".xhtml", ".php", "/")


class Rule(NamedTuple):
    """One line of the table: when it applies, and what it says then."""

    applies: Callable[[Expected, Observation], bool]
    state: State
    reason: Reason
    sentence: Callable[[Expected, Observation], str]


NO_ANSWER = frozenset(
    {
        Fault.TIMEOUT,
        Fault.DNS,
        Fault.CONNECTION,
        Fault.TLS,
        Fault.PROTOCOL,
        Fault.CUT_SHORT,
    }
)
# What to do about a certificate that clients refuse as well.
BAD_CERTIFICATE: dict[Fault | None, str] = {
    Fault.CERTIFICATE_EXPIRED: "Let it be renewed",
    Fault.CERTIFICATE_NAME: "Get one with the name of the URL in it, or change the URL",
}
BAD_REDIRECT = frozenset({Fault.REDIRECT_LOOP, Fault.TOO_MANY_REDIRECTS, Fault.REDIRECT_REFUSED})


def ask_for(expected: Expected, *, greatest_bytes: int) -> Ask:
    """Return what to ask of a file: its digests if they are known and it is small, else its size.

    Of a file that needs more than 32 bits to count its bytes one byte beyond them is asked for:
    servers that lose count there serve the wrong part. One algorithm per known state, the
    strongest it has, so that alternates with other digests than the current state can be
    recognized.
    """
    if expected.size is not None and expected.size > GREATEST_32_BIT:
        return Ask(expected.name, at=GREATEST_32_BIT)
    if not expected.states or expected.size is None or expected.size > greatest_bytes:
        return Ask(expected.name)
    strongest = (_strongest(dict(state.digests)) for state in expected.states)
    return Ask(expected.name, tuple(dict.fromkeys(name for name in strongest if name)))


def judge_file(expected: Expected, found: Observation) -> Verdict:
    """Judge one file by the first rule of the table that applies; the last always does."""
    if (
        found.status == 200
        and found.size == expected.size
        and not (found.html or found.digests or found.fault or found.size is None)
    ):
        # What nearly every answer is; only the last rule applies to it.
        sentence = _right_size(expected, found)
        return Verdict(State.UP2DATE, Reason.SIZES_MATCH, sentence)
    rules = RULES_OF_ANSWERS if found.fault is None else RULES_OF_FAULTS
    rule = next(rule for rule in rules if rule.applies(expected, found))
    content_at = CONTENT[rule.reason](expected, found) if rule.reason in CONTENT else None
    return Verdict(rule.state, rule.reason, rule.sentence(expected, found), content_at)


def judge_directory(verdicts: Sequence[Verdict]) -> Verdict:
    """Judge a Directory by its sampled files, of which there is at least one.

    What is certainly wrong counts before what is unknown, and the file asked first counts first:
    metadata is asked before anything else. Only if every file is good is the Directory. Whatever
    decides, the state of its first file that clients verify goes along.
    """
    content_at = next((v.content_at for v in verdicts if v.content_at is not None), None)
    return _decide(verdicts)._replace(content_at=content_at)


def _decide(verdicts: Sequence[Verdict]) -> Verdict:
    bad = [verdict for verdict in verdicts if not verdict.good]
    certain = [verdict for verdict in bad if verdict.state is not State.UNKNOWN]
    if bad:
        return (certain or bad)[0]
    if len(verdicts) == 1:
        return verdicts[0]
    reasons = {verdict.reason for verdict in verdicts}
    current = Reason.METADATA_CURRENT in reasons
    return Verdict(
        State.UP2DATE,
        Reason.METADATA_CURRENT if current else Reason.SIZES_MATCH,
        f"{verdicts[0].sentence} All {len(verdicts)} files asked for are as expected."
        if current
        else f"All {len(verdicts)} files asked for are there with the expected size.",
    )


def judge_greeting(found: Observation, *, base: str) -> Verdict | None:
    """Judge a URL by its answer for a file that cannot exist; None means that it can be asked.

    No answer at all closes the URL. So does success: who has everything has nothing. Any other
    answer, an error of the server included, leaves the judgment to the files.
    """
    if found.status in {200, 206} and found.fault is None:
        return Verdict(
            State.UNREADABLE,
            Reason.ANSWERS_EVERYTHING,
            f"{found.url} does not exist on any mirror, and yet the answer was {found.status}: "
            "what this URL answers proves nothing. Let it answer 404 for what it does not have.",
        )
    silent = found.fault in NO_ANSWER or found.fault in BAD_CERTIFICATE
    if silent or found.fault is Fault.ADDRESS_REFUSED:
        return judge_file(Expected(""), found._replace(url=base))
    return None


def implied(paths: Iterable[str], *, up2date: Collection[str]) -> dict[str, Verdict]:
    """Return verdicts for those of the paths that lead to Directories known to be up2date.

    A Directory without files has nothing to compare. If something below it is up2date, it is
    there too, and nobody needs to be asked; mirrors on object stores would even answer 404.
    """
    leading: dict[str, str] = {}
    for path in up2date:
        above = path
        while above:
            above = above.rpartition("/")[0]
            if above in leading:
                break
            leading[above] = path
    return {
        path: Verdict(
            State.UP2DATE,
            Reason.PART_OF_PATH,
            f"It has no files of its own, and {leading[path]} below it is up2date.",
        )
        for path in paths
        if path in leading
    }


def _strongest(digests: dict[str, str]) -> str | None:
    return next((name for name in ALGORITHMS if digests.get(name)), None)


def _is_state(state: KnownState, found: Observation) -> bool:
    known, seen = dict(state.digests), dict(found.digests)
    name = _strongest({name: known[name] for name in known if name in seen})
    return name is not None and known[name] == seen[name]


def _same_as_current(expected: Expected, found: Observation) -> bool:
    return bool(found.digests and expected.states) and _is_state(expected.states[0], found)


def _alternate(expected: Expected, found: Observation) -> KnownState | None:
    if not found.digests:
        return None
    return next((state for state in expected.states[1:] if _is_state(state, found)), None)


def _is_soft_404(expected: Expected, found: Observation) -> bool:
    """Tell whether a page for people came where a file was expected."""
    name = expected.name
    if not found.html or not name or name.lower().endswith(HTML_SUFFIXES):
        return False
    return found.size != expected.size


def _what(expected: Expected) -> str:
    return expected.name or "The directory"


def _older(expected: Expected, found: Observation) -> str:
    state = _alternate(expected, found) or expected.states[0]
    return (
        f"{expected.name} still has the state of {_time(state)}; "
        f"the master has that of {_time(expected.states[0])}. Asked: {found.url}."
    )


def _time(state: KnownState) -> str:
    return f"{datetime.fromtimestamp(state.timestamp, UTC):%Y-%m-%d %H:%M} UTC"


def _right_size(expected: Expected, found: Observation) -> str:
    if not expected.name:
        return f"The directory has no files, and {found.url} answers."
    if found.size is None:
        return f"{expected.name} is there; the server does not tell its size."
    return f"{expected.name} is there with the expected {found.size:,} bytes."


# The first that applies decides. One test row each: tests/crawler/logic/test_freshness.py.
RULES_OF_FAULTS: tuple[Rule, ...] = (
    Rule(
        lambda _, found: found.fault in NO_ANSWER,
        State.UNKNOWN,
        Reason.NO_ANSWER,
        lambda _, found: f"Nothing was learned from {found.url}: {found.detail}.",
    ),
    Rule(
        lambda _, found: found.fault in BAD_CERTIFICATE,
        State.UNKNOWN,
        Reason.BAD_CERTIFICATE,
        lambda _, found: (
            f"Nothing was learned from {found.url}: {found.detail}. Clients refuse it, too. "
            f"{BAD_CERTIFICATE[found.fault]}."
        ),
    ),
    Rule(
        lambda _, found: found.fault is Fault.ADDRESS_REFUSED,
        State.UNKNOWN,
        Reason.ADDRESS_REFUSED,
        lambda _, found: f"{found.url} was not asked: {found.detail}.",
    ),
    Rule(
        lambda _, found: found.fault in BAD_REDIRECT,
        State.UNREADABLE,
        Reason.BAD_REDIRECT,
        lambda wanted, found: f"{_what(wanted)} cannot be fetched: {found.detail}.",
    ),
    Rule(
        lambda _, found: found.fault is Fault.WRONG_RANGE,
        State.UNREADABLE,
        Reason.WRONG_RANGE,
        lambda wanted, found: (
            f"Downloads of {wanted.name} cannot be resumed: {found.detail}. Asked: {found.url}."
        ),
    ),
    Rule(
        lambda wanted, found: (
            found.fault is Fault.LONG_LISTING
            or (found.fault is Fault.TOO_LARGE and wanted.size is None)
        ),
        State.UNKNOWN,
        Reason.TOO_LARGE,
        lambda wanted, found: (
            f"{_what(wanted)} could not be seen: {found.detail}. Asked: {found.url}."
        ),
    ),
    Rule(
        lambda _, found: found.fault is Fault.TOO_LARGE,
        State.STALE,
        Reason.TOO_LARGE,
        lambda wanted, found: (
            f"{wanted.name} should have {wanted.size:,} bytes, but {found.detail}. "
            f"Asked: {found.url}."
        ),
    ),
)
RULES_OF_ANSWERS: tuple[Rule, ...] = (
    Rule(
        lambda _, found: found.status in {404, 410},
        State.MISSING,
        Reason.NOT_FOUND,
        lambda wanted, found: f"{_what(wanted)} is not there: {found.url} answers {found.status}.",
    ),
    Rule(
        lambda _, found: found.status in {401, 403},
        State.UNREADABLE,
        Reason.FORBIDDEN,
        lambda wanted, found: (
            f"{_what(wanted)} may not be read: {found.url} answers {found.status}."
        ),
    ),
    Rule(
        lambda _, found: found.status == 429 or found.status >= 500,
        State.UNKNOWN,
        Reason.SERVER_ERROR,
        lambda _, found: f"Nothing was learned: {found.url} answers {found.status}.",
    ),
    Rule(
        lambda _, found: found.status not in {200, 206},
        State.UNKNOWN,
        Reason.ODD_ANSWER,
        lambda _, found: (
            f"Nothing was learned: {found.url} answers {found.status}, which says neither "
            "that the file is there nor that it is not."
        ),
    ),
    Rule(
        _is_soft_404,
        State.UNREADABLE,
        Reason.ANSWERS_EVERYTHING,
        lambda wanted, found: (
            f"{wanted.name} was expected, and a page for people (text/html) came: "
            f"what {found.url} answers proves nothing."
        ),
    ),
    Rule(
        _same_as_current,
        State.UP2DATE,
        Reason.METADATA_CURRENT,
        lambda wanted, _: (
            f"{wanted.name} has the digest of the state of {_time(wanted.states[0])}."
        ),
    ),
    Rule(
        lambda wanted, found: _alternate(wanted, found) is not None,
        State.STALE,
        Reason.METADATA_OLDER,
        _older,
    ),
    Rule(
        lambda wanted, found: bool(found.digests and wanted.states),
        State.STALE,
        Reason.METADATA_OTHER,
        lambda wanted, found: (
            f"{wanted.name} should have the state of {_time(wanted.states[0])}, but has none "
            f"of the {len(wanted.states)} known states: {found.url} is older than we remember, "
            "newer than the last UMDL, or damaged."
        ),
    ),
    Rule(
        lambda wanted, found: None not in {wanted.size, found.size} and wanted.size != found.size,
        State.STALE,
        Reason.SIZE_DIFFERS,
        lambda wanted, found: (
            f"{wanted.name} should have {wanted.size:,} bytes, but {found.url} has {found.size:,}."
        ),
    ),
    Rule(
        lambda wanted, _: not wanted.name,
        State.UP2DATE,
        Reason.ANSWERS,
        _right_size,
    ),
    Rule(lambda _wanted, _found: True, State.UP2DATE, Reason.SIZES_MATCH, _right_size),
)
RULES = RULES_OF_FAULTS + RULES_OF_ANSWERS

# Which state a file was found in, by the rules that compare digests.
CONTENT: dict[Reason, Callable[[Expected, Observation], int]] = {
    Reason.METADATA_CURRENT: lambda wanted, _: wanted.states[0].timestamp,
    Reason.METADATA_OLDER: lambda wanted, found: (
        (_alternate(wanted, found) or wanted.states[0]).timestamp
    ),
    Reason.METADATA_OTHER: lambda _wanted, _found: UNRECOGNIZED,
}
