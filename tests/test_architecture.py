"""What the linters cannot see: logic without a clock, models with names, one kind of file each."""

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest
from django.apps import apps
from django.contrib import admin
from django.db import models

ROOT = Path(__file__).resolve().parent.parent
APPS = ("registry", "crawler", "sync", "mirrorlist")
CLOCKS = {"now", "utcnow", "today", "time", "monotonic", "getenv"}
# Models without an admin page of their own, and where operators see them.
SEEN_ELSEWHERE = {
    "crawler.CategoryCrawl": "rows on the page of its CrawlRun",
    "crawler.HeldMetadata": "summed up as “behind the master” on the page of its Host",
}
OUR_MODELS = [model for app in APPS for model in apps.get_app_config(app).get_models()]


def sources(pattern: str) -> list[Path]:
    return sorted(path for app in APPS for path in (ROOT / app).glob(pattern))


def calls(path: Path) -> Iterator[ast.Call]:
    return (node for node in ast.walk(ast.parse(path.read_text())) if isinstance(node, ast.Call))


@pytest.mark.parametrize(
    "path", sources("logic/**/*.py"), ids=lambda path: str(path.relative_to(ROOT))
)
def test_logic_reads_no_clock_and_opens_no_file(path: Path) -> None:
    for call in calls(path):
        if isinstance(call.func, ast.Attribute):
            assert call.func.attr not in CLOCKS, f"line {call.lineno}: pass `now` in"
        if isinstance(call.func, ast.Name):
            assert call.func.id not in {"open", "print", "input"}, f"line {call.lineno}"


@pytest.mark.parametrize(
    "path",
    [path for path in sources("**/*.py") if "migrations" not in path.parts],
    ids=lambda path: str(path.relative_to(ROOT)),
)
def test_nothing_of_ours_is_imported_inside_a_function(path: Path) -> None:
    for function in ast.walk(ast.parse(path.read_text())):
        if isinstance(function, ast.FunctionDef | ast.AsyncFunctionDef):
            for node in ast.walk(function):
                assert not isinstance(node, ast.Import | ast.ImportFrom), f"line {node.lineno}"


@pytest.mark.parametrize("model", OUR_MODELS, ids=lambda model: model._meta.label)
def test_every_model_has_an_admin_a_name_and_a_docstring(model: type[models.Model]) -> None:
    assert model in admin.site._registry or model._meta.label in SEEN_ELSEWHERE
    assert model.__str__ is not models.Model.__str__
    assert not (model.__doc__ or f"{model.__name__}(").startswith(f"{model.__name__}(")


@pytest.mark.parametrize("model", OUR_MODELS, ids=lambda model: model._meta.label)
def test_every_field_explains_itself_to_operators(model: type[models.Model]) -> None:
    for field in model._meta.get_fields():
        if isinstance(field, models.Field) and not field.primary_key:
            assert field.help_text, field.name


@pytest.mark.parametrize("model", OUR_MODELS, ids=lambda model: model._meta.label)
def test_constraints_and_indexes_are_named_after_their_table(model: type[models.Model]) -> None:
    start = f"{model._meta.app_label}_{model._meta.model_name}_"
    for named in [*model._meta.constraints, *model._meta.indexes]:
        assert named.name.startswith(start), named.name


@pytest.mark.parametrize("path", sources("tasks.py"), ids=lambda path: str(path.relative_to(ROOT)))
def test_tasks_are_ten_lines_at_most(path: Path) -> None:
    for function in ast.parse(path.read_text()).body:
        if isinstance(function, ast.FunctionDef):
            assert (function.end_lineno or 0) - function.lineno < 10, function.name
