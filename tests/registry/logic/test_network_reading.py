import pytest

from registry.logic.network import reading
from registry.logic.network.reading import UnreadableError, ends_properly, read_document


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("a: NO", "NO"),
        ("a: yes", "yes"),
        ("a: true", True),
        ("a: ~", None),
        ("a:", None),
        ("a: 010", 10),
        ("a: -5", -5),
        ("a: 4.10", 4.1),
        ("a: 1e3", 1000.0),
        ('a: "42"', "42"),
        ("a: 12345678901234567890", "12345678901234567890"),
        ("a: 2026-11-19T12:00:00Z", "2026-11-19T12:00:00Z"),
        ("a: [1, {b: x}]", [1, {"b": "x"}]),
        ("a: |\n  one\n  two", "one\ntwo"),
        ('{"a": [1, -2.5, "x"]}', [1, -2.5, "x"]),
        ("\ufeffa: 1", 1),
        ("# comment\n---\na: 1\n...\n", 1),
    ],
)
def test_words_mean_what_yaml_1_2_and_json_say(text, value) -> None:
    assert read_document(text.encode()) == {"a": value}


@pytest.mark.parametrize(
    ("data", "sentence"),
    [
        (b"", "The file is empty."),
        (b" \n", "The file is empty."),
        (b"a: \xff", "The file is not UTF-8 text (byte 3)."),
        (b"a: &x [1]", "Line 1, column 4: anchors (&) are not read; write the value out."),
        (b"a: *x", "Line 1, column 4: aliases (*) are not read; write the value out."),
        (b"a: !!python/object:os.system x", "tag tag:yaml.org,2002:python/object:os.system is not"),
        (b"a: !!set {x, y}", "Line 1, column 4: the tag tag:yaml.org,2002:set is not read."),
        (b"a: 1\nb: 2\na: 3", "Line 3, column 1: the key “a” stands twice in one mapping."),
        (b"1: x", "Line 1, column 1: a key must be a word."),
        (b"? [a]\n: x", "Line 1, column 3: a key must be a word."),
        (b"a: 1\n---\nb: 2", "a second document begins; a network file is one."),
        (b"---\na: 1\n", "but does not end with “...”: it is cut short."),
        (b"# heading\n---\na: 1\n", "but does not end with “...”: it is cut short."),
        (b"a: [1, 2", "This is not YAML:"),
        (b"a: \x01", "This is not YAML:"),
        (b"a: " + b"[" * 30 + b"]" * 30, "the file is nested too deeply."),
        (b'{"a": [1, ', "Line 1, column 11: this is not JSON (Expecting value). The file may be"),
        (b'{"a": 1, "a": 2}', "The key “a” stands twice in one object."),
        (b'{"a": NaN}', "NaN is not a number that a network file can hold."),
        (b'{"a": ' + b"1" * 20 + b"}", "A number of 20 digits is too long."),
        (b'{"a": ' + b"[" * 100_000, "The file is nested too deeply."),
    ],
)
def test_what_cannot_be_read_is_refused_with_a_sentence(data, sentence) -> None:
    with pytest.raises(UnreadableError) as error:
        read_document(data)
    assert sentence in str(error.value)
    assert str(error.value).endswith(".")


def test_a_billion_laughs_are_refused_at_the_first() -> None:
    bomb = "a: &a [x]\n" + "".join(f"b{n}: [*a, *a, *a]\n" for n in range(30))
    with pytest.raises(UnreadableError, match="anchors"):
        read_document(bomb.encode())


@pytest.mark.parametrize(
    ("limit", "text"),
    [
        ("GREATEST_YAML_BYTES", "a: 12345"),
        ("GREATEST_JSON_BYTES", '{"a": 12345}'),
    ],
)
def test_what_is_too_large_is_not_parsed(monkeypatch, limit, text) -> None:
    assert read_document(text.encode()) == {"a": 12345}
    monkeypatch.setattr(reading, limit, 5)
    with pytest.raises(UnreadableError, match=f"The file has {len(text)} bytes; at most 5"):
        read_document(text.encode())


@pytest.mark.parametrize(
    ("text", "whole"),
    [("{}", True), ("a: 1\n...\n", True), ("a: 1\n", False), ("...\na: 1\n", False)],
)
def test_a_file_shows_that_it_is_whole(text, whole) -> None:
    assert ends_properly(text.encode()) is whole
