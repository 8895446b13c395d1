"""A Category with what operations work on, and how tests carry operations out."""

import io
import json
from datetime import timedelta
from typing import Any

from django.core.management import call_command
from django_q.models import OrmQ

from registry.models import Category, Directory, FileDetail, Repository, Version
from tests import factories as f
from tests.conftest import NOW

TOP = "pub/fedora/linux"
DEVEL = f"{TOP}/development/43/Everything/x86_64/os"
RELEASE = f"{TOP}/releases/43/Everything/x86_64/os"
ARCHIVED = f"pub/archive/{RELEASE.removeprefix('pub/')}"


def make_linux() -> Category:
    """Make Fedora Linux with Version 43 in development, and its release tree."""
    product = f.ProductFactory.create(name="Fedora")
    category: Category = f.CategoryFactory.create(
        name="Fedora Linux", product=product, top_directory=TOP
    )
    version = f.VersionFactory.create(product=product, name="43")
    make_repository(category, DEVEL, prefix="fedora-43", version=version)
    f.DirectoryFactory.create(category=category, path=RELEASE)
    return category


def make_repository(
    category: Category, path: str, *, prefix: str, version: Version | None = None
) -> Repository:
    """Make a Repository whose metadata has three states."""
    directory = f.DirectoryFactory.create(category=category, path=path)
    made: Repository = f.RepositoryFactory.create(
        directory=directory, prefix=prefix, version=version
    )
    repodata = f.DirectoryFactory.create(category=category, path=f"{path}/repodata")
    for age in range(3):
        f.FileDetailFactory.create(
            directory=repodata, timestamp=age, seen_at=NOW - age * timedelta(hours=1)
        )
    return made


def archive() -> Category:
    """Make the archive, with the place of the release."""
    made: Category = f.CategoryFactory.create(name="Fedora Archive", top_directory="pub/archive")
    f.DirectoryFactory.create(category=made, path=ARCHIVED)
    return made


def run(command: str, *arguments: str) -> str:
    """Run a command and return what it prints."""
    output = io.StringIO()
    call_command(command, *arguments, stdout=output)
    return output.getvalue()


def facts(command: str, *arguments: str) -> dict[str, Any]:
    """Run a command with --json and return what it prints."""
    found: dict[str, Any] = json.loads(run(command, *arguments, "--json"))
    return found


def queued() -> list[str]:
    """Return the tasks that wait."""
    return [row.task["func"] for row in OrmQ.objects.all()]


def state() -> tuple[list[Any], ...]:
    """Return everything that operations could write, to compare."""
    return (
        sorted(Repository.objects.values_list("id", "directory__path", "category", "disabled")),
        sorted(FileDetail.objects.values_list("id", flat=True)),
        sorted(Directory.objects.values_list("id", "path")),
        sorted(Version.objects.values_list("id", "name")),
        sorted(Category.objects.values_list("id", "name")),
    )
