"""Find the template that an English sentence was made from, and what stands in its places.

Sentences are decided, stored and given to programs in English; pages in other languages need the
template back to say the same. Knows texts only. Deliberately knows no language but the order of
sentences, and never fails: what no template fits stays as it is.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

PLACE = re.compile(r"%\((\w+)\)s")
# Where a sentence ends, its reason begins or a list goes on.
END = re.compile(r"[.!?:;,] |^ ")
FULL_STOP = re.compile(r"[.!?] ")
# What stands between two parts and belongs to neither.
GAP = re.compile(r"[:;,]? $")
# A text of more parts is read as a whole: every part may be read in as many ways as there are ends.
MOST_PARTS = 16
LONGEST_TEXT = 3000
# Places in which people's own words stand, beside those between quotation marks.
OTHERS_WORDS = frozenset({"said", "text", "subject", "actor", "host", "site"})
KEY = 3


class Template(NamedTuple):
    """A template: the texts around its places, one more than there are places.

    What stands in `quoted` places was written by people; it is no phrase of ours.
    """

    text: str
    literals: tuple[str, ...]
    places: tuple[str, ...]
    quoted: frozenset[str]

    @property
    def weight(self) -> int:
        """Return how much of a text the template says itself."""
        return sum(len(literal) for literal in self.literals)


class Said(NamedTuple):
    """A part of a text: the template it was made from and its values; plain text without one."""

    template: str
    values: Mapping[str, Sequence[Said]] = {}
    plain: str = ""


class Way(NamedTuple):
    """One way to read the end of a text, and how much of it templates say."""

    weight: int
    parts: tuple[Said, ...]


def read_template(text: str) -> Template:
    """Return a template from its text; places are written %(name)s, a percent sign twice."""
    parts = PLACE.split(text)
    places = tuple(parts[1::2])
    literals = tuple(part.replace("%%", "%") if places else part for part in parts[::2])
    around = zip(places, literals, literals[1:], strict=False)
    quoted = {name for name, before, after in around if before[-1:] + after[:1] == "“”"}
    return Template(text, literals, places, frozenset(quoted | (OTHERS_WORDS & set(places))))


class Phrasebook:
    """All templates, and which of them a text was made from."""

    def __init__(self, texts: Iterable[str]) -> None:
        self._plain: set[str] = set()
        self._by_begin: dict[str, list[Template]] = {}
        self._by_end: dict[str, list[Template]] = {}
        self._others: list[Template] = []
        for text in texts:
            self._add(read_template(text))

    def read(self, text: str) -> tuple[Said, ...]:
        """Return the parts of a text, in order; together they say all of it."""
        if len(text) > LONGEST_TEXT:
            return _plain(text).parts
        return self._read(text, {}, inside=False).parts

    def _read(self, text: str, known: dict[str, Way], *, inside: bool) -> Way:
        """Find the best way to read a text.

        Of several ways to read it, that counts by which templates say the most of it. A single
        word is one of ours only where it is all there is, or `inside` a sentence of ours. What is
        `known` of texts inside is not looked for again, since they are inside of each other.
        """
        starts = _starts(text)
        best: dict[int, Way] = {len(text): Way(0, ())}
        for start in reversed(starts):
            ends = [end for end in (*starts, len(text)) if end > start]
            ways = [self._from(text[start:end], best[end], known, inside=inside) for end in ends]
            best[start] = max(ways, key=lambda way: way.weight, default=best[len(text)])
        return best[0]

    def _from(self, part: str, rest: Way, known: dict[str, Way], *, inside: bool) -> Way:
        """Read one part as one template, or as plain text; the rest is as it is best read."""
        gap = ""
        if rest.parts and (found := GAP.search(part)):
            part, gap = part[: found.start()], found[0]
        weight, said = self._one(part, known, words=inside or not rest.parts)
        return Way(weight + rest.weight, _joined(said, gap, rest.parts))

    def _one(self, part: str, known: dict[str, Way], *, words: bool) -> tuple[int, Said]:
        if part in self._plain and (words or " " in part):
            # More than any template with places that would fit, too.
            return 2 * len(part), Said(part)
        found = max(self._fitting(part), key=lambda each: each[0].weight, default=None)
        if found is None:
            return 0, Said("", plain=part)
        template, values = found
        inner = {
            name: _plain(value) if name in template.quoted else self._inside(value, known)
            for name, value in values.items()
        }
        weight = template.weight + sum(way.weight for way in inner.values())
        return weight, Said(template.text, {name: way.parts for name, way in inner.items()})

    def _inside(self, text: str, known: dict[str, Way]) -> Way:
        if text not in known:
            known[text] = self._read(text, known, inside=True)
        return known[text]

    def _fitting(self, part: str) -> Iterator[tuple[Template, dict[str, str]]]:
        near = self._by_begin.get(part[:KEY], []), self._by_end.get(part[-KEY:], [])
        for template in (*near[0], *near[1], *self._others):
            values = fit(template, part)
            if values is not None:
                yield template, values

    def _add(self, template: Template) -> None:
        if not template.places:
            self._plain.add(template.text)
        elif len(template.literals[0]) >= KEY:
            self._by_begin.setdefault(template.literals[0][:KEY], []).append(template)
        elif len(template.literals[-1]) >= KEY:
            self._by_end.setdefault(template.literals[-1][-KEY:], []).append(template)
        else:
            self._others.append(template)


def fit(template: Template, text: str) -> dict[str, str] | None:
    """Return what stands in the places of a template if a text was made from it, else None.

    Each place holds as little as possible, the last one what is left; so one pass is enough.
    """
    first, *between, last = template.literals
    at, end = len(first), len(text) - len(last)
    if at > end or not text.startswith(first) or not text.endswith(last):
        return None
    values: dict[str, str] = {}
    for place, literal in zip(template.places, [*between, ""], strict=True):
        to = text.find(literal, at, end) if literal else end
        if to < 0 or values.setdefault(place, text[at:to]) != text[at:to]:
            return None
        at = to + len(literal)
    return values


def _plain(text: str) -> Way:
    return Way(0, (Said("", plain=text),))


def _starts(text: str) -> list[int]:
    """Return where sentences and items of lists begin; of too many only sentences."""
    for end in (END, FULL_STOP):
        starts = [0, *(found.end() for found in end.finditer(text) if found.end() < len(text))]
        if len(starts) <= MOST_PARTS:
            return starts
    return [0]


def _joined(first: Said, gap: str, rest: tuple[Said, ...]) -> tuple[Said, ...]:
    """Put a part before the others; plain texts beside each other are one."""
    parts = [first, Said("", plain=gap), *rest] if gap else [first, *rest]
    joined: list[Said] = []
    for part in parts:
        if not part.template and joined and not joined[-1].template:
            joined[-1] = Said("", plain=joined[-1].plain + part.plain)
        else:
            joined.append(part)
    return tuple(joined)
