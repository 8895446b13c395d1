"""How counts are said to people. English only; pages that are translated count by gettext."""


def counted(count: int, noun: str, plural: str = "") -> str:
    """Return a number with its noun, for example “1 Host” and “2 Categories”."""
    return f"{count:,} {noun if count == 1 else plural or f'{noun}s'}"
