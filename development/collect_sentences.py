"""Collect the sentences that translated pages get from below their edges, for translators.

    make messages

Writes registry/reference/sentences.py. Sentences are made in English where they are decided, as
f-strings mostly, which xgettext does not read; so they are read here from the syntax tree, and
what stands between braces becomes a parameter named after it. Pages find a sentence again by its
template (registry.services.sentences). What only operators see is not collected: it stays English.
"""

import ast
import re
from collections.abc import Iterable, Iterator
from itertools import product
from pathlib import Path

from development.sentence_sources import NOT_SHOWN, SHOWN

ROOT = Path(__file__).resolve().parent.parent
WRITTEN = ROOT / "registry/reference/sentences.py"
# Where sentences are decided. The pages of sync are those of operators.
DECIDING = [
    f"{app}/{kind}"
    for app in ("registry", "crawler", "mirrorlist")
    for kind in ("logic", "services", "probes", "master")
]
PLACE = re.compile(r"%\(\w+\)s")
HEAD = '''"""The sentences that translated pages get from below their edges, as templates.

Written by development/collect_sentences.py; not to be edited.
"""

from django.utils.translation import gettext_noop as _


def ngettext(one: str, many: str) -> tuple[str, str]:
    """Mark a text that counts, for xgettext; return both forms."""
    return one, many


'''
# Lengths of time (registry.logic.wording.span).
_PLURALS = [(f"%(count)s {noun}", f"%(count)s {noun}s") for noun in ("day", "hour", "minute")]
BRACES = re.compile(r"\{(?:0\.)?(\w*)(?::[^}]*)?\}")
# Two words, one of them in small letters; or one word and a full stop.
WORDS = re.compile(r"[a-z]{2,}[^A-Za-z]* |[A-Za-z]{2,} .*[a-z]{2,}|[A-Za-z]{4,}[.!?]$")
# Calls whose texts are for machines, logs or programmers, or collected elsewhere.
QUIET = {"compile", "warning", "info", "exception", "debug", "error", "gettext", "_", "counted"}
# Texts with fewer letters besides their places fit too much.
LEAST_LETTERS = 5
# What looks like words and is none: options, user agents, patterns, markup.
NOT_SAID = re.compile(
    r"[\\\n<>]|/\*|^--|=$|^rsync[: ]h|rsync: $|^#|charset|webhook/|%[sd]|\||manage\.py"
)


def collect() -> tuple[tuple[str, ...], tuple[tuple[str, str], ...]]:
    """Return templates and counted nouns, each once, in the order of the sources."""
    texts: dict[str, str] = {}
    plurals: dict[tuple[str, str], None] = dict.fromkeys(_PLURALS)
    for path in _files(SHOWN):
        for text in texts_of(path):
            # Two that differ in the names of their places only fit the same sentences.
            texts.setdefault(PLACE.sub("%s", text), text)
        plurals |= dict.fromkeys(_counted(ast.parse(path.read_text())))
    return tuple(texts.values()), tuple(plurals)


def source() -> str:
    """Return the source of the table."""
    texts, plurals = collect()
    lines = [f"    _({_quoted(text)}),\n" for text in texts]
    counts = [f"    ngettext({_quoted(one)}, {_quoted(many)}),\n" for one, many in plurals]
    return f"{HEAD}TEMPLATES = (\n{''.join(lines)})\n\nPLURALS = (\n{''.join(counts)})\n"


def _counted(tree: ast.Module) -> Iterator[tuple[str, str]]:
    """Return singular and plural of what `registry.logic.wording.counted` counts."""
    for node in ast.walk(tree):
        match node:
            case ast.Call(
                func=ast.Name(id="counted"), args=[_, ast.Constant(value=str(noun)), *more]
            ):
                many = str(ast.literal_eval(more[0])) if more else f"{noun}s"
                yield f"%(count)s {noun}", f"%(count)s {many}"


def unsorted() -> list[str]:
    """Return the files that say something and of which nobody has said yet who reads it."""
    known = {*_files(SHOWN), *_files(NOT_SHOWN)}
    return [
        str(path.relative_to(ROOT))
        for path in _files(DECIDING)
        if path not in known and any(texts_of(path))
    ]


def _files(names: Iterable[str]) -> Iterator[Path]:
    for name in names:
        path = ROOT / name
        yield from [path] if path.suffix else sorted(path.rglob("*.py"))


def texts_of(path: Path) -> Iterator[str]:
    """Return the templates of what a file says to people."""
    return _texts(ast.parse(path.read_text()))


def _texts(tree: ast.Module) -> Iterator[str]:
    passed = set(_passed_over(tree))
    for node in ast.walk(tree):
        if id(node) in passed:
            continue
        if isinstance(node, ast.JoinedStr):
            yield from (text for text in _of_f_string(node) if _is_said(text))
        elif isinstance(node, ast.Constant) and isinstance(node.value, str):
            text = _of_constant(node.value)
            if _is_said(text):
                yield text


def _passed_over(tree: ast.Module) -> Iterator[int]:
    """Name docstrings, what stands inside f-strings, and calls that say nothing to people."""
    for node in ast.walk(tree):
        body = getattr(node, "body", None)
        if isinstance(body, list) and body and isinstance(body[0], ast.Expr):
            yield id(body[0].value)
        if isinstance(node, ast.JoinedStr):
            yield from (id(part) for part in ast.walk(node) if part is not node)
        if isinstance(node, ast.Call) and _name(node.func) in QUIET:
            yield from (id(part) for part in ast.walk(node) if part is not node)


def _is_said(text: str) -> bool:
    literal = re.sub(r"%\(\w+\)s", "", text)
    if text != literal and len(re.sub(r"[^A-Za-z]", "", literal)) < LEAST_LETTERS:
        return False
    return bool(WORDS.search(literal)) and not NOT_SAID.search(literal)


def _of_constant(text: str) -> str:
    if "%(" in text or not BRACES.search(text):
        return text
    return _alone(BRACES.sub(lambda found: f"%({found[1] or 'value'})s", text.replace("%", "%%")))


def _of_f_string(node: ast.JoinedStr) -> Iterator[str]:
    """Return the template, or several: one for each branch of a choice between words."""
    names: dict[str, str] = {}
    parts = [list(_of_part(part, names)) for part in node.values]
    for choice in product(*parts):
        yield _alone("".join(choice))


def _alone(text: str) -> str:
    """Leave out sentences before and behind, since a text is read sentence by sentence."""
    text = re.sub(
        r"^%\((?:sentence|reason|count)\)s (?=(?:[A-Z][a-z]*|%\(\w+\)s) [a-z])",
        "",
        text.strip(",; "),
    )
    return re.sub(r"(?<=[.!?]) %\(\w+\)s$", "", text)


def _of_part(part: ast.expr, names: dict[str, str]) -> Iterator[str]:
    if isinstance(part, ast.Constant):
        yield str(part.value).replace("%", "%%")
    elif isinstance(part, ast.FormattedValue):
        yield from _of_value(part.value, names)


def _of_value(value: ast.expr, names: dict[str, str]) -> Iterator[str]:
    if isinstance(value, ast.IfExp):
        yield from _of_value(value.body, names)
        yield from _of_value(value.orelse, names)
    elif isinstance(value, ast.Constant):
        yield str(value.value).replace("%", "%%")
    elif isinstance(value, ast.JoinedStr):
        yield from (
            "".join(choice)
            for choice in product(*(list(_of_part(part, names)) for part in value.values))
        )
    else:
        source, name = ast.unparse(value), _name(value)
        while names.get(name, source) != source:
            name += "2"
        names[name] = source
        yield f"%({name.strip('_')})s"


def _name(value: ast.expr) -> str:
    """Name a parameter after what it is in the source."""
    match value:
        case ast.Name(id=name):
            return name.lower()
        case ast.Attribute(attr=name):
            return name.lower()
        case ast.Subscript(value=inner) | ast.Await(value=inner) | ast.UnaryOp(operand=inner):
            return _name(inner)
        case ast.Call(func=ast.Attribute(value=ast.Constant(), attr="join"), args=[inner, *_]):
            return _name(inner)
        case ast.Call(func=ast.Name(id="len" | "str" | "quote" | "sorted"), args=[inner, *_]):
            return _name(inner)
        case ast.Call(func=ast.Attribute(value=inner)):
            return _name(inner)
        case ast.Call(func=ast.Name(id=name)):
            return name.lower()
        case ast.BinOp(left=inner) | ast.BoolOp(values=[inner, *_]):
            return _name(inner)
        case ast.GeneratorExp(elt=inner) | ast.ListComp(elt=inner):
            return _name(inner)
        case _:
            return "value"


def _quoted(text: str) -> str:
    escaped = text.replace("\\", "\\\\").replace('"', '\\"')
    return f'"{escaped}"'


if __name__ == "__main__":
    WRITTEN.write_text(source())
