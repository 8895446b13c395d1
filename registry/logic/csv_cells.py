"""How values stand in the cells of a CSV file, and how cells become values again.

A text that a spreadsheet would take for a formula gets an apostrophe in front, and loses it when it
comes back (OWASP, “CSV injection”).
"""

import csv
import re
from collections.abc import Iterable, Iterator, Sequence
from enum import Enum

# What spreadsheets take for the beginning of a formula.
DANGEROUS = ("=", "+", "-", "@", "\t", "\r")
NUMBER = re.compile(r"[+-]?[0-9]+(\.[0-9]+)?\Z")
TRUE = frozenset({"yes", "true", "1", "y", "t", "on"})
FALSE = frozenset({"no", "false", "0", "n", "f", "off", ""})


class Kind(Enum):
    """What a column holds. Names of other rows are texts that somebody looks up."""

    TEXT = "text"
    YES_NO = "yes_no"
    INTEGER = "integer"
    NUMBER = "number"


class Printer:
    """What `csv.writer` takes for a file: each line it writes is what `writerow` returns."""

    def write(self, text: str) -> str:
        return text


def write_lines(header: Sequence[str], rows: Iterable[Sequence[object]]) -> Iterator[str]:
    """Return a file line by line, the header first (RFC 4180: CRLF, quotes where needed)."""
    writer = csv.writer(Printer())
    yield writer.writerow(header)
    for row in rows:
        yield writer.writerow([write_cell(value) for value in row])


def write_cell(value: object) -> str:
    """Return a value as a cell: yes or no, a number, a text that is no formula, or nothing."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return "yes" if value else "no"
    text = str(value)
    return f"'{text}" if is_dangerous(text) else text


def is_dangerous(text: str) -> bool:
    """Tell whether a spreadsheet could take a text for a formula; plain numbers are none."""
    return text.startswith(DANGEROUS) and not NUMBER.match(text)


def read_cell(text: str, kind: Kind) -> object:
    """Return the value of a cell; an empty one is None for numbers, no, or the empty text.

    Raises ValueError with a sentence.
    """
    said = text.strip()
    if said.startswith("'") and said[1:].startswith(DANGEROUS):
        said = said[1:]
    if "\0" in said:
        raise ValueError("It has a character that no text may have.")
    if kind is Kind.TEXT:
        return said
    if kind is Kind.YES_NO:
        return _read_yes_no(said)
    return _read_number(said, kind) if said else None


def _read_yes_no(said: str) -> bool:
    if said.lower() in TRUE | FALSE:
        return said.lower() in TRUE
    raise ValueError(f"“{said}” is neither yes nor no.")


def _read_number(said: str, kind: Kind) -> int | float:
    if len(said) > 30 or not NUMBER.match(said) or (kind is Kind.INTEGER and "." in said):
        noun = "whole number" if kind is Kind.INTEGER else "number"
        raise ValueError(f"“{said[:40]}” is no {noun}.")
    return int(said) if kind is Kind.INTEGER else float(said)


def read_rows(text: str) -> list[tuple[int, list[str]]]:
    """Return the rows of a file with the numbers of their lines; empty ones are left out.

    The separator is a comma, a semicolon or a tab, whichever the first line has most of. Raises
    ValueError with a sentence for what is no CSV.
    """
    clean = text.removeprefix("\ufeff")
    first = clean.partition("\n")[0]
    separator = max(",;\t", key=first.count)
    reader = csv.reader(clean.splitlines(keepends=True), delimiter=separator, strict=True)
    try:
        return [(reader.line_num, row) for row in reader if any(cell.strip() for cell in row)]
    except csv.Error as error:
        raise ValueError(f"Line {reader.line_num} is no CSV: {error}.") from error
