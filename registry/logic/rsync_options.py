"""Which options an operator may give to rsync, and none that reads, writes or runs anything else.

A table of what is known. Deliberately knows no program: whoever starts rsync passes the options
on as arguments, never through a shell.
"""

import re
import shlex

# What is left out, what is asked for and how long it may take: nothing that touches files.
KNOWN: tuple[tuple[str, re.Pattern[str] | None], ...] = (
    ("--exclude", re.compile(r"[^\0\n]+")),
    ("--include", re.compile(r"[^\0\n]+")),
    ("--timeout", re.compile(r"[1-9][0-9]{0,5}")),
    ("--contimeout", re.compile(r"[1-9][0-9]{0,5}")),
    ("--bwlimit", re.compile(r"[0-9.]{1,10}[KMGkmg]?")),
    ("--protocol", re.compile(r"[0-9]{2}")),
    ("--compress", None),
    ("--ipv4", None),
    ("--ipv6", None),
    ("--no-inc-recursive", None),
)


def parse_rsync_options(text: str) -> tuple[str, ...]:
    """Return the options of a line as arguments, with quotes resolved as a shell would.

    A value follows after `=`. Raises ValueError with a sentence for what is not in the table.
    """
    try:
        words = shlex.split(text)
    except ValueError as error:
        raise ValueError(f"The options cannot be read: {error}.") from error
    known = dict(KNOWN)
    for word in words:
        name, equals, value = word.partition("=")
        if name not in known:
            raise ValueError(
                f"The option “{name}” is not one that may be given to rsync. "
                f"There are: {', '.join(known)}."
            )
        wanted = known[name]
        if wanted is None and equals:
            raise ValueError(f"The option “{name}” has no value.")
        if wanted is not None and not wanted.fullmatch(value):
            raise ValueError(f"The option “{name}” needs a value after “=”, and not “{value}”.")
    return tuple(words)
