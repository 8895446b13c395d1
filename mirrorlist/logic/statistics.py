"""What statistics tell: shares, periods of time, systems a week. Knows no tables and no pages."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import date, timedelta
from typing import NamedTuple

from mirrorlist.logic.counters import OTHER

AGES = {"1": "first week", "2": "first month", "3": "first half year", "4": "older"}


class Period(NamedTuple):
    """Some time up to a day; `months` says that it is counted in whole months."""

    name: str
    first: date
    last: date
    months: bool = False


# Name → number of days, or of months where it is said so.
PERIODS = {"day": 1, "week": 7, "month": 30, "year": 12}
LABELS = {"day": "1 day", "week": "7 days", "month": "30 days", "year": "12 months"}
DEFAULT_PERIOD = "month"


def read_period(name: str, until: str, *, today: date) -> Period:
    """Return the period that was asked for; what cannot be one is the last 30 days.

    It ends with the day `until`, at the latest today.
    """
    try:
        last = min(date.fromisoformat(until), today)
    except ValueError:
        last = today
    if name not in PERIODS:
        name = DEFAULT_PERIOD
    length = PERIODS[name]
    # The calendar begins in the year 1, and nothing was counted then.
    last = max(last, date(1970, 1, 1))
    if name == "year":
        number = last.year * 12 + last.month - length
        return Period(
            name, date(number // 12, number % 12 + 1, 1), last.replace(day=1), months=True
        )
    return Period(name, last - timedelta(days=length - 1), last)


def steps_of(period: Period) -> tuple[date, ...]:
    """Return the days of a period, or the first days of its months."""
    steps = [period.first]
    while steps[-1] < period.last:
        following = steps[-1] + timedelta(days=32 if period.months else 1)
        steps.append(following.replace(day=1) if period.months else following)
    return tuple(steps)


class Share(NamedTuple):
    """One row of a table: what it is called, how often, and how much of all that is."""

    key: str
    label: str
    number: int
    percent: float


class Ranking(NamedTuple):
    """The greatest shares, all others together, and the sum of everything."""

    rows: tuple[Share, ...]
    other: Share | None
    total: int


def rank(
    counts: Mapping[str, int],
    *,
    label: Callable[[str], str | None] = str,
    most: int = 20,
    least: int = 0,
) -> Ranking:
    """Return the greatest counts, of equal ones the first by name.

    What has no label may not be shown, and what has fewer than `least` could tell of single
    people: both are part of “other”, as is everything beyond the first `most`.
    """
    total = sum(counts.values())
    labels = {key: label(key) for key in counts if key != OTHER}
    ordered = sorted(counts.items(), key=lambda each: (-each[1], each[0]))
    rows = [
        Share(key, name, count, percent_of(count, total))
        for key, count in ordered
        if count >= max(least, 1) and (name := labels.get(key))
    ][:most]
    rest = total - sum(row.number for row in rows)
    other = Share(OTHER, "other", rest, percent_of(rest, total)) if rest else None
    return Ranking(tuple(rows), other, total)


def percent_of(count: int, total: int) -> float:
    """Return a share in percent with one decimal; nothing of nothing is 0."""
    return round(100 * count / total, 1) if total else 0.0


class Week(NamedTuple):
    """How many systems said in one week that they exist, by how old they are."""

    monday: date
    ages: tuple[int, ...]
    complete: bool

    @property
    def total(self) -> int:
        """Return the number of all systems."""
        return sum(self.ages)


def monday_of(day: date) -> date:
    """Return the Monday of a day's week; clients count their weeks from Mondays, too."""
    return day - timedelta(days=day.weekday())


def fold_weeks(rows: Iterable[tuple[date, str, int]], *, today: date) -> tuple[Week, ...]:
    """Add up counts of days and ages by week, the newest first.

    Each system says once a week how old it is, so that a week's sum is a number of systems. The
    week that still runs is not complete.
    """
    weeks: dict[date, dict[str, int]] = {}
    for day, age, count in rows:
        ages = weeks.setdefault(monday_of(day), dict.fromkeys(AGES, 0))
        if age in ages:
            ages[age] += count
    return tuple(
        Week(monday, tuple(ages.values()), monday < monday_of(today))
        for monday, ages in sorted(weeks.items(), reverse=True)
    )


def fold_systems(counts: Mapping[str, int]) -> dict[str, int]:
    """Add up countme keys (`repository arch age`) to systems by Repository and Arch."""
    systems: dict[str, int] = {}
    for key, count in counts.items():
        name = key.rpartition(" ")[0]
        systems[name] = systems.get(name, 0) + count
    return systems


def fold_names(counts: Mapping[str, int]) -> dict[str, int]:
    """Return systems by name and variant, from keys `name/variant repository`.

    A system asks for several Repositories and says to each what it is, so that the Repository with
    the most of them tells how many there are.
    """
    systems: dict[str, int] = {}
    for key, count in counts.items():
        name, _, rest = key.partition("/")
        variant = rest.partition(" ")[0]
        if variant:
            system = f"{name}/{variant}"
            systems[system] = max(count, systems.get(system, 0))
    return systems


def repository_of(system: str) -> str:
    """Return the Repository of what `fold_systems` names."""
    return system.rpartition(" ")[0]


def csv_cell(text: str) -> str:
    """Return a text as a cell that no spreadsheet takes for a formula."""
    return f"'{text}" if text[:1] in {"=", "+", "-", "@", "\t"} else text


def csv_rows(rankings: Mapping[str, Ranking]) -> Sequence[tuple[str, ...]]:
    """Return all rankings as one table, with its head."""
    rows = [("dimension", "key", "label", "requests", "percent")]
    for name, ranking in rankings.items():
        for share in (*ranking.rows, *filter(None, [ranking.other])):
            cells = (csv_cell(share.key), csv_cell(share.label))
            rows.append((name, *cells, str(share.number), str(share.percent)))
    return rows
