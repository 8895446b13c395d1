"""How counts are said to people. English only; pages that are translated count by gettext."""

from datetime import timedelta

UNITS = (("day", timedelta(days=1)), ("hour", timedelta(hours=1)), ("minute", timedelta(minutes=1)))


def counted(count: int, noun: str, plural: str = "") -> str:
    """Return a number with its noun, for example “1 Host” and “2 Categories”."""
    return f"{count:,} {noun if count == 1 else plural or f'{noun}s'}"


def span(length: timedelta) -> str:
    """Return a length of time in its greatest unit and the next, for example “1 day, 4 hours”.

    Less than a minute is “nothing”; what is beyond the second unit is cut off.
    """
    parts: list[str] = []
    for noun, unit in UNITS:
        count, length = divmod(length, unit)
        if count:
            parts.append(counted(count, noun))
        elif parts:
            break
    return ", ".join(parts[:2]) or "nothing"
