"""What FTP servers print of a directory: facts of MLSD, and the two old forms of LIST.

Knows names and sizes only; times of LIST have no zone and no year, so nothing is made of them.
"""

import re
from collections.abc import Iterable, Iterator
from typing import NamedTuple

# -rw-r--r--   1 ftp      ftp          1234 Nov 19 12:00 name of the file
UNIX = re.compile(
    r"(?P<kind>[-dlbcps])[-rwxsStT]{9}\S*\s+\d+\s+\S+\s+\S+\s+(?P<size>[0-9]{1,18})\s+"
    r"\w{3}\s+\d{1,2}\s+[\d:]{4,5} (?P<name>.+)"
)
# 11-19-26  12:00PM       <DIR>          name, or a size in place of <DIR>
DOS = re.compile(
    r"\d\d-\d\d-\d{2,4}\s+\d\d:\d\d(?:[AP]M)?\s+(?:(?P<dir><DIR>)|(?P<size>[0-9]{1,18}))"
    r"\s+(?P<name>.+)"
)
# What fits 64 bits; more is a lie, and not worth an integer.
SIZE = re.compile(r"[0-9]{1,18}")
FILES = frozenset({"file", "os.unix=symlink", "os.unix=slink"})


class Shown(NamedTuple):
    """One file or link; a server does not tell the size of what a link leads to."""

    name: str
    size: int | None


def read_mlsd(lines: Iterable[str]) -> Iterator[Shown]:
    """Yield the files among the lines of MLSD (RFC 3659, 7.2); everything else is passed over."""
    for line in lines:
        facts_text, blank, name = line.partition(" ")
        facts = dict(_fact(part) for part in facts_text.split(";") if "=" in part)
        kind = facts.get("type", "").lower().partition(":")[0]
        if not blank or not name or kind not in FILES:
            continue
        size = facts.get("size", "")
        known = kind == "file" and SIZE.fullmatch(size)
        yield Shown(name, int(size) if known else None)


def read_list(lines: Iterable[str]) -> Iterator[Shown]:
    """Yield the files among the lines of LIST, as Unix and Windows servers print them."""
    for line in lines:
        if unix := UNIX.fullmatch(line):
            if unix["kind"] == "-":
                yield Shown(unix["name"], int(unix["size"]))
            elif unix["kind"] == "l":
                yield Shown(unix["name"].partition(" -> ")[0], None)
        elif (dos := DOS.fullmatch(line)) and not dos["dir"]:
            yield Shown(dos["name"], int(dos["size"]))


def _fact(text: str) -> tuple[str, str]:
    name, _, value = text.partition("=")
    return name.lower(), value
