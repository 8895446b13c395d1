import pytest

from crawler.logic.freshness import (
    RULES,
    ask_for,
    implied,
    judge_directory,
    judge_file,
    judge_greeting,
)
from crawler.logic.observations import Ask, Fault, Observation
from crawler.logic.verdicts import (
    UNRECOGNIZED,
    Expected,
    KnownState,
    Reason,
    State,
    Verdict,
    best,
    describe,
)

URL = "https://mirror.example.org/pub/repodata/repomd.xml"
NEW = KnownState(1_795_089_600, (("sha256", "new"), ("md5", "m-new")))  # 2026-11-19 12:00
OLD = KnownState(1_795_003_200, (("sha256", "old"),))  # 2026-11-18 12:00
OLDEST = KnownState(1_794_916_800, (("sha1", "oldest"),))
REPOMD = Expected("repomd.xml", 3000, (NEW, OLD, OLDEST))
PACKAGE = Expected("bash-5.3.rpm", 1_234_567)
TOP = Expected("")


def seen(status: int = 200, size: int | None = None, **extra) -> Observation:
    return Observation(URL, status, size, **extra)


def digest(value: str, algorithm: str = "sha256", size: int = 3000) -> Observation:
    return seen(size=size, digests=((algorithm, value),))


def fault(kind: Fault) -> Observation:
    return Observation(URL, fault=kind, detail=kind.value)


# The table of docs/how-it-works/freshness.md, in its order.
TABLE = [
    (PACKAGE, fault(Fault.TIMEOUT), State.UNKNOWN, Reason.NO_ANSWER),
    (PACKAGE, fault(Fault.DNS), State.UNKNOWN, Reason.NO_ANSWER),
    (PACKAGE, fault(Fault.CONNECTION), State.UNKNOWN, Reason.NO_ANSWER),
    (PACKAGE, fault(Fault.TLS), State.UNKNOWN, Reason.NO_ANSWER),
    (PACKAGE, fault(Fault.PROTOCOL), State.UNKNOWN, Reason.NO_ANSWER),
    (REPOMD, fault(Fault.CUT_SHORT), State.UNKNOWN, Reason.NO_ANSWER),
    (PACKAGE, fault(Fault.CERTIFICATE_EXPIRED), State.UNKNOWN, Reason.BAD_CERTIFICATE),
    (PACKAGE, fault(Fault.CERTIFICATE_NAME), State.UNKNOWN, Reason.BAD_CERTIFICATE),
    (PACKAGE, fault(Fault.ADDRESS_REFUSED), State.UNKNOWN, Reason.ADDRESS_REFUSED),
    (PACKAGE, fault(Fault.REDIRECT_LOOP), State.UNREADABLE, Reason.BAD_REDIRECT),
    (PACKAGE, fault(Fault.TOO_MANY_REDIRECTS), State.UNREADABLE, Reason.BAD_REDIRECT),
    (TOP, fault(Fault.REDIRECT_REFUSED), State.UNREADABLE, Reason.BAD_REDIRECT),
    (PACKAGE, fault(Fault.WRONG_RANGE), State.UNREADABLE, Reason.WRONG_RANGE),
    (PACKAGE, fault(Fault.LONG_LISTING), State.UNKNOWN, Reason.TOO_LARGE),
    (TOP, fault(Fault.LONG_LISTING), State.UNKNOWN, Reason.TOO_LARGE),
    (TOP, fault(Fault.TOO_LARGE), State.UNKNOWN, Reason.TOO_LARGE),
    (REPOMD, fault(Fault.TOO_LARGE), State.STALE, Reason.TOO_LARGE),
    (PACKAGE, seen(404), State.MISSING, Reason.NOT_FOUND),
    (TOP, seen(410), State.MISSING, Reason.NOT_FOUND),
    (PACKAGE, seen(403), State.UNREADABLE, Reason.FORBIDDEN),
    (PACKAGE, seen(401), State.UNREADABLE, Reason.FORBIDDEN),
    (PACKAGE, seen(429), State.UNKNOWN, Reason.SERVER_ERROR),
    (PACKAGE, seen(503), State.UNKNOWN, Reason.SERVER_ERROR),
    (PACKAGE, seen(418), State.UNKNOWN, Reason.ODD_ANSWER),
    (PACKAGE, seen(304), State.UNKNOWN, Reason.ODD_ANSWER),
    (PACKAGE, seen(size=99, html=True), State.UNREADABLE, Reason.ANSWERS_EVERYTHING),
    (REPOMD, seen(html=True), State.UNREADABLE, Reason.ANSWERS_EVERYTHING),
    (PACKAGE, seen(size=1_234_567), State.UP2DATE, Reason.SIZES_MATCH),
    (PACKAGE, seen(size=1_234_567, html=True), State.UP2DATE, Reason.SIZES_MATCH),
    (Expected("index.html", 5), seen(size=5, html=True), State.UP2DATE, Reason.SIZES_MATCH),
    (Expected("index.html", 5), seen(size=6, html=True), State.STALE, Reason.SIZE_DIFFERS),
    (TOP, seen(size=600, html=True), State.UP2DATE, Reason.ANSWERS),
    (REPOMD, digest("new"), State.UP2DATE, Reason.METADATA_CURRENT),
    (REPOMD, digest("m-new", "md5"), State.UP2DATE, Reason.METADATA_CURRENT),
    (REPOMD, digest("new", size=2999), State.UP2DATE, Reason.METADATA_CURRENT),
    (REPOMD, digest("old"), State.STALE, Reason.METADATA_OLDER),
    (REPOMD, digest("oldest", "sha1"), State.STALE, Reason.METADATA_OLDER),
    (REPOMD, digest("other"), State.STALE, Reason.METADATA_OTHER),
    (REPOMD, digest("new", "sha512"), State.STALE, Reason.METADATA_OTHER),
    (REPOMD, seen(206, size=2999), State.STALE, Reason.SIZE_DIFFERS),
    (PACKAGE, seen(size=1_234_000), State.STALE, Reason.SIZE_DIFFERS),
    (PACKAGE, seen(size=None), State.UP2DATE, Reason.SIZES_MATCH),
    (PACKAGE, seen(206, size=1_234_567), State.UP2DATE, Reason.SIZES_MATCH),
]


@pytest.mark.parametrize(("expected", "found", "state", "reason"), TABLE)
def test_each_rule_of_the_table(expected, found, state, reason) -> None:
    verdict = judge_file(expected, found)
    assert (verdict.state, verdict.reason) == (state, reason)
    assert verdict.sentence.endswith(".")


@pytest.mark.parametrize("kind", Fault)
@pytest.mark.parametrize("expected", [PACKAGE, REPOMD, TOP, Expected("no-size")])
def test_every_fault_can_be_judged_of_everything(expected, kind) -> None:
    assert judge_file(expected, fault(kind)).sentence.endswith(".")


def test_every_rule_has_a_row() -> None:
    assert {rule.reason for rule in RULES} == {reason for *_, reason in TABLE}


@pytest.mark.parametrize(
    ("expected", "found", "sentence"),
    [
        (
            REPOMD,
            digest("old"),
            "repomd.xml still has the state of 2026-11-18 12:00 UTC; the master has that of "
            f"2026-11-19 12:00 UTC. Asked: {URL}.",
        ),
        (
            PACKAGE,
            seen(size=99),
            f"bash-5.3.rpm should have 1,234,567 bytes, but {URL} has 99.",
        ),
        (TOP, seen(404), f"The directory is not there: {URL} answers 404."),
        (TOP, seen(), f"The directory has no files, and {URL} answers."),
        (
            PACKAGE,
            fault(Fault.LONG_LISTING),
            f"bash-5.3.rpm could not be seen: a longer listing than is read. Asked: {URL}.",
        ),
        (
            REPOMD,
            fault(Fault.TOO_LARGE),
            f"repomd.xml should have 3,000 bytes, but more bytes than are read. Asked: {URL}.",
        ),
        (PACKAGE, seen(), "bash-5.3.rpm is there; the server does not tell its size."),
    ],
)
def test_the_sentence_says_what_was_expected_and_what_was_found(expected, found, sentence):
    assert judge_file(expected, found).sentence == sentence


@pytest.mark.parametrize(
    ("expected", "ask"),
    [
        (PACKAGE, Ask("bash-5.3.rpm")),
        (REPOMD, Ask("repomd.xml", ("sha256", "sha1"))),
        (REPOMD._replace(size=3001), Ask("repomd.xml")),
        (REPOMD._replace(states=(KnownState(0, ()),)), Ask("repomd.xml")),
        (TOP, Ask("")),
    ],
)
def test_digests_are_asked_of_small_files_that_have_them(expected, ask) -> None:
    assert ask_for(expected, greatest_bytes=3000) == ask


def verdict(state: State, reason: Reason = Reason.NOT_FOUND, sentence: str = "") -> Verdict:
    return Verdict(state, reason, sentence)


GOOD = verdict(State.UP2DATE, Reason.SIZES_MATCH)
CURRENT = verdict(State.UP2DATE, Reason.METADATA_CURRENT, "It is current.")
STALE = verdict(State.STALE, Reason.SIZE_DIFFERS)
MISSING = verdict(State.MISSING)
UNKNOWN = verdict(State.UNKNOWN, Reason.NO_ANSWER)


@pytest.mark.parametrize(
    ("files", "decided"),
    [
        ([GOOD], GOOD),
        ([CURRENT, STALE, MISSING], STALE),
        ([UNKNOWN, MISSING], MISSING),
        ([GOOD, UNKNOWN], UNKNOWN),
    ],
)
def test_a_directory_is_as_good_as_the_worst_that_is_certain(files, decided) -> None:
    assert judge_directory(files) == decided


def test_a_good_directory_says_what_was_asked() -> None:
    assert judge_directory([CURRENT, GOOD]) == verdict(
        State.UP2DATE,
        Reason.METADATA_CURRENT,
        "It is current. All 2 files asked for are as expected.",
    )
    assert judge_directory([GOOD, GOOD, GOOD]) == verdict(
        State.UP2DATE,
        Reason.SIZES_MATCH,
        "All 3 files asked for are there with the expected size.",
    )


@pytest.mark.parametrize(
    ("found", "reason"),
    [
        (seen(404), None),
        (seen(403), None),
        (seen(500), None),
        (fault(Fault.REDIRECT_LOOP), None),
        (fault(Fault.LONG_LISTING), None),
        (seen(200, html=True), Reason.ANSWERS_EVERYTHING),
        (seen(206), Reason.ANSWERS_EVERYTHING),
        (fault(Fault.TIMEOUT), Reason.NO_ANSWER),
        (fault(Fault.TLS), Reason.NO_ANSWER),
        (fault(Fault.CERTIFICATE_EXPIRED), Reason.BAD_CERTIFICATE),
        (fault(Fault.ADDRESS_REFUSED), Reason.ADDRESS_REFUSED),
    ],
)
def test_how_a_url_greets(found, reason) -> None:
    greeting = judge_greeting(found, base="https://mirror.example.org/pub")
    assert (greeting and greeting.reason) == reason


def test_of_several_urls_the_best_answer_counts() -> None:
    assert best([UNKNOWN, MISSING, STALE]) == MISSING
    assert best([MISSING, GOOD]) == GOOD
    assert best([]) is None


def test_a_directory_above_something_up2date_is_there() -> None:
    judged = implied(["", "42", "43", "4"], up2date=["42/os/repodata", "42/os", "44"])
    assert set(judged) == {"", "42"}
    assert judged["42"] == verdict(
        State.UP2DATE,
        Reason.PART_OF_PATH,
        "It has no files of its own, and 42/os/repodata below it is up2date.",
    )


def test_states_are_described_in_one_sentence() -> None:
    assert describe({State.UP2DATE: 3}) == "3 of 3 Directories are up2date."
    assert describe({State.MISSING: 2, State.STALE: 1}) == (
        "0 of 3 Directories are up2date; 1 stale, 2 missing."
    )
    assert describe({State.UNKNOWN: 2}) == (
        "None of the 2 Directories could be seen; they stay as they were."
    )
    assert describe({}) == "The Category has no Directories yet; run UMDL first."


def test_of_a_file_beyond_four_gigabytes_one_byte_beyond_them_is_asked_for() -> None:
    assert ask_for(Expected("dvd.iso", 2**32 + 1), greatest_bytes=10) == Ask("dvd.iso", at=2**32)
    assert ask_for(Expected("dvd.iso", 2**32), greatest_bytes=10) == Ask("dvd.iso")


@pytest.mark.parametrize(
    ("found", "content_at"),
    [
        (digest("new"), NEW.timestamp),
        (digest("old"), OLD.timestamp),
        (digest("oldest", "sha1"), OLDEST.timestamp),
        (digest("other"), UNRECOGNIZED),
        (seen(404), None),
        (seen(size=3000), None),
        (fault(Fault.TIMEOUT), None),
    ],
)
def test_a_verdict_says_which_state_was_found(found, content_at) -> None:
    assert judge_file(REPOMD, found).content_at == content_at


def test_the_state_of_the_metadata_is_known_even_if_a_package_is_missing() -> None:
    verdicts = [judge_file(REPOMD, digest("old")), judge_file(PACKAGE, seen(404))]
    decided = judge_directory(verdicts[::-1])
    assert (decided.state, decided.content_at) == (State.MISSING, OLD.timestamp)
    assert judge_directory(verdicts[1:]).content_at is None
