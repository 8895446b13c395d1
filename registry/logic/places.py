"""Paths in the master tree: how they are written everywhere, and which Category one belongs to."""

from collections.abc import Iterable


def normalize_path(text: str) -> str:
    """Return a path without leading, trailing or doubled slashes; the empty string is the top.

    Raises ValueError for `.` and `..` components and for NUL, which no Directory has.
    """
    components = [component for component in text.split("/") if component]
    if any(component in {".", ".."} or "\0" in component for component in components):
        raise ValueError(f"“{text}” is not a path inside the master tree.")
    return "/".join(components)


def join_path(*parts: str) -> str:
    """Join paths that may be empty with single slashes."""
    return "/".join(part for part in parts if part)


def is_below(path: str, top: str) -> bool:
    """Tell whether a path is the top directory or lies below it."""
    return not top or path == top or path.startswith(f"{top}/")


def relative_to(path: str, top: str) -> str:
    """Return the part of a path below its top directory; the top itself is the empty string."""
    return path[len(top) :].lstrip("/") if top else path


def owning_top(path: str, tops: Iterable[str]) -> str | None:
    """Return the longest top directory that contains the path, or None.

    A Directory belongs to exactly one Category: the one with the longest matching top directory.
    """
    matching = [top for top in tops if is_below(path, top)]
    return max(matching, key=len, default=None)


def printable(text: str) -> str:
    """Return a path as it can stand in a sentence: one line, whatever its name contains.

    Bytes that are not UTF-8 (surrogates, as Python's file functions give them) and control
    characters are shown as escapes.
    """
    if text.isprintable():
        return text
    shown = text.encode("utf-8", "surrogateescape").decode("utf-8", "backslashreplace")
    return "".join(c if c.isprintable() else ascii(c)[1:-1] for c in shown)
