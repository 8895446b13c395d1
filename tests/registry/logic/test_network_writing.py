import pytest
import yaml

from registry.logic.network.reading import read_document
from registry.logic.network.writing import Format, write_document

AWKWARD = [
    "", "plain", "two words", "NO", "off", "null", "Null", "~", "42", "4.10", "1e5", "0x1f", "-",
    "- a", "a: b", "a #b", "#", "a:", ":a", "https://x.example/y?z=1", "https://x.example:8080/",
    " padded ", "line\nend", "tab\t", "cr\r\n", "\x00"[:0], "\x07bell", "\x7f\x85\x9f", "\u2028",
    "\ufeff", "“quotes”", 'a "b"', "back\\slash", "Århus", "日本", "🐧", "%a", "@a", "`a", "&a",
    "*a", "!a", "|", ">", "{a}", "[a]", "a, b", "?", "2026-11-19", "12:30:45", "...", "---", "<<",
    "=",
]  # fmt: skip
THINGS: dict[str, list[dict[str, object]]] = {
    "things": [
        {"text": text, "list": [text], "map": {"all_except": [text]}, "rows": [[text, 1, -2]]}
        for text in AWKWARD
    ],
    "empty": [],
    "values": [{"a": None, "b": True, "c": -1, "d": 2.5, "e": []}],
}


@pytest.mark.parametrize("form", list(Format))
def test_what_is_written_is_read_again(form) -> None:
    text = "".join(write_document(THINGS.items(), form=form))
    assert read_document(text.encode()) == {"mirrorsite_network": 1, **THINGS}


def test_other_readers_of_yaml_understand_the_same() -> None:
    text = "".join(write_document(THINGS.items(), form=Format.YAML))
    assert yaml.safe_load(text) == {"mirrorsite_network": 1, **THINGS}


def test_json_has_one_object_a_line() -> None:
    sections = [("a", [{"n": 1}, {"n": 2}]), ("b", [])]
    assert "".join(write_document(sections, form=Format.JSON)) == (
        '{"mirrorsite_network": 1,\n"a": [\n{"n": 1},\n{"n": 2}\n],\n"b": []}\n'
    )


def test_yaml_begins_and_ends_so_that_a_cut_shows() -> None:
    text = "".join(
        write_document([("a", [{"n": 1, "l": [{"m": "x"}]}]), ("b", [])], form=Format.YAML)
    )
    assert text.split("---\n")[1] == (
        "mirrorsite_network: 1\na:\n  - n: 1\n    l:\n      - m: x\nb: []\n...\n"
    )
