"""Batches as they are packed, read and believed."""

import json
from datetime import date

import pytest

from mirrorlist.logic import statistics_batch as module
from mirrorlist.logic.counters import Dimension
from mirrorlist.logic.statistics_batch import (
    GREATEST_BATCH_BYTES,
    BatchError,
    BatchReason,
    DayWindow,
    day_window,
    fold_countries,
    pack_batch,
    split_days,
    unpack_batch,
)
from registry.logic.packing import gunzip, gzipped
from tests.mirrorlist.counted import DAY, a_batch


def document(**over) -> dict[str, object]:
    read = json.loads(gunzip(pack_batch(a_batch()), greatest=10**6))
    return {name: value for name, value in (read | over).items() if value is not None}


def refused(body: object, *, raw: bool = False) -> BatchError:
    with pytest.raises(BatchError) as caught:
        unpack_batch(body if raw else json.dumps(body).encode(), packed=False)  # type: ignore[arg-type]
    return caught.value


def test_a_batch_is_the_same_after_packing() -> None:
    batch = a_batch(3, file={"pub/<ü>.iso": 1, "": 2}, host={"7": 1}, countme={"a b c x86_64 4": 1})
    assert unpack_batch(pack_batch(batch)) == batch
    assert pack_batch(batch) == pack_batch(batch)


def test_no_two_batches_have_the_same_name() -> None:
    batch = a_batch(1)
    others = [batch._replace(edge="e"), batch._replace(start="1"), batch._replace(sequence=11)]
    assert len({each.name for each in [batch, *others]}) == 4


@pytest.mark.parametrize(
    ("over", "word"),
    [
        ({"format": "x"}, "format"),
        ({"version": 2}, "format"),
        ({"edge": "../../etc"}, "edge"),
        ({"edge": None}, "edge"),
        ({"start": "A_B"}, "start"),
        ({"sequence": -1}, "sequence"),
        ({"sequence": True}, "sequence"),
        ({"days": {}}, "days"),
        ({"days": []}, "days"),
        ({"days": {"20261119": {}}}, "20261119"),
        ({"days": {"yesterday": {}}}, "yesterday"),
        ({"days": {"2026-11-19": []}}, "2026-11-19"),
        ({"days": {"2026-11-19": {"browser": {}}}}, "browser"),
        ({"days": {"2026-11-19": {"file": []}}}, "file"),
        ({"more": 1}, "more"),
    ],
)
def test_a_mistake_is_named(over: dict[str, object], word: str) -> None:
    error = refused(document(**over))
    assert error.reason is BatchReason.NOT_VALID
    assert word in str(error)


@pytest.mark.parametrize("count", [-1, 1.0, "1", True, None, 10**12 + 1, 10**300])
def test_a_count_is_a_whole_number_within_reason(count: object) -> None:
    error = refused(document(days={"2026-11-19": {"arch": {"x": count}}}))
    assert "whole number" in str(error)


@pytest.mark.parametrize(
    ("dimension", "key"),
    [
        ("kind", "<b> 200"),
        ("kind", "mirrorlist"),
        ("country", "de"),
        ("country", "DEU"),
        ("host", "0"),
        ("host", "1; DROP"),
        ("host", "٣"),
        ("countme", "fedora x86_64 5"),
        ("countme", "1"),
        ("system", "Fedora Linux 42 fedora-42"),
        ("system", "<b>/generic fedora-42"),
        ("system", "Fedora Linux 42/generic"),
        ("file", "a\0"),
        ("file", "x" * 501),
        ("repository", "\ud800"),
    ],
)
def test_a_key_must_fit_its_dimension(dimension: str, key: str) -> None:
    assert "cannot be a key" in str(refused(document(days={"2026-11-19": {dimension: {key: 1}}})))


@pytest.mark.parametrize(
    ("body", "reason"),
    [
        (b"\xff", BatchReason.NOT_JSON),
        (b'{"days": NaN}', BatchReason.NOT_JSON),
        (b'{"days": -Infinity}', BatchReason.NOT_JSON),
        (b"[" * 100_000, BatchReason.NOT_JSON),
        (b"[]", BatchReason.NOT_VALID),
        (b'{"sequence": %s}' % (b"9" * 10_000), BatchReason.NOT_VALID),
        (b" " * (GREATEST_BATCH_BYTES + 1), BatchReason.TOO_LARGE),
    ],
)
def test_what_is_no_document_is_refused(body: bytes, reason: BatchReason) -> None:
    assert refused(body, raw=True).reason is reason


@pytest.mark.parametrize(
    ("body", "reason"),
    [
        (b"{}", BatchReason.NOT_GZIP),
        (pack_batch(a_batch())[:-5], BatchReason.NOT_GZIP),
        (pack_batch(a_batch()) + b"more", BatchReason.NOT_GZIP),
        (gzipped(b" " * (GREATEST_BATCH_BYTES * 3)), BatchReason.TOO_LARGE),
    ],
)
def test_what_is_packed_wrongly_is_refused(body: bytes, reason: BatchReason) -> None:
    with pytest.raises(BatchError) as caught:
        unpack_batch(body)
    assert caught.value.reason is reason


def test_a_batch_has_so_many_keys_and_not_more(monkeypatch) -> None:
    monkeypatch.setattr(module, "MOST_KEYS", 4)
    assert "at most 4 keys" in str(refused(document()))


def test_only_the_first_mistakes_are_told() -> None:
    keys = {f"<{number}>": 1 for number in range(100)}
    assert len(str(refused(document(days={"2026-11-19": {"country": keys}})))) < 500


@pytest.mark.parametrize(
    ("day", "believed"),
    [("2026-10-21", True), ("2026-10-20", False), ("2026-11-21", True), ("2026-11-22", False)],
)
def test_days_are_believed_within_a_window(day: str, believed: bool) -> None:
    window = day_window(date(2026, 11, 20), late_days=30)
    days, sentence = split_days(a_batch(day=date.fromisoformat(day)), window)
    assert bool(days) is believed
    assert (day in sentence) is not believed


def test_the_good_days_are_kept() -> None:
    batch = a_batch()._replace(days={DAY: {}, date(2020, 1, 1): {}})
    days, sentence = split_days(batch, DayWindow(DAY, DAY))
    assert list(days) == [DAY]
    assert "2020-01-01" in sentence


def test_embargoed_countries_are_folded() -> None:
    counts = {"KP": 1, "N/A": 2, "DE": 3, "IR": 4}
    assert fold_countries(counts, frozenset({"KP", "IR"})) == {"N/A": 7, "DE": 3}


def test_dimensions_of_edges_are_all_known() -> None:
    assert {each.value for each in Dimension} == {
        "kind", "country", "arch", "repository", "host", "countme", "system", "file",
    }  # fmt: skip
