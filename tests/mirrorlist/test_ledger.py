"""Answers are passed on in batches; nothing is lost, and nobody who fails stops the others."""

import threading

from mirrorlist.ledger import BATCH, Ledger
from mirrorlist.logic.answers import Facts, Told


def told(kind: str = "mirrorlist", *, source: str = "geo") -> Told:
    facts = Facts(kind, "192.0.2.1", "DE", "fedora-42", "x86_64", "pub", 1)
    return facts._replace(stage="client's country", source=source), 200, 5000


def test_observers_are_told_of_whole_batches() -> None:
    seen: list[int] = []
    ledger = Ledger([lambda batch: seen.append(len(batch))])
    for _ in range(BATCH + 3):
        ledger.note(told())
    assert seen == [BATCH]
    ledger.pass_on()
    ledger.pass_on()
    assert seen == [BATCH, 3]


def test_sums_hold_what_was_not_passed_on_yet() -> None:
    ledger = Ledger()
    ledger.note(told())
    ledger.note(told("metalink", source=""))
    ledger.note_other("healthz", 200)
    assert ledger.counts() == {
        'requests_total{kind="mirrorlist",status="200"}': 1,
        'requests_total{kind="metalink",status="200"}': 1,
        'requests_total{kind="healthz",status="200"}': 1,
        'answers_total{stage="client\'s country"}': 2,
        'countries_total{source="geo"}': 1,
    }


def test_an_observer_that_fails_is_reported_and_hides_nothing_from_the_others(caplog) -> None:
    seen: list[Told] = []

    def fail(_batch: object) -> None:
        raise RuntimeError("full")

    ledger = Ledger([fail, seen.extend])
    ledger.note(told())
    ledger.pass_on()
    assert seen == [told()]
    assert "full" in caplog.text


def test_threads_may_note_and_pass_on_at_once() -> None:
    seen: list[Told] = []
    ledger = Ledger([seen.extend])

    def answer() -> None:
        for n in range(2_000):
            ledger.note(told())
            if n % 50 == 0:
                ledger.pass_on()

    threads = [threading.Thread(target=answer) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    ledger.pass_on()
    assert len(seen) == 8_000
    assert ledger.counts()['answers_total{stage="client\'s country"}'] == 8_000
