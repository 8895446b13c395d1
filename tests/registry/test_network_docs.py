"""The reference page of the network file against the program."""

import re
from pathlib import Path

import pytest
from django.conf import settings
from django.contrib.auth.models import User

from registry.logic.network.schema import KIND, KINDS
from registry.models import Host, HostCategoryUrl
from registry.services.network_export import export_network
from registry.services.network_file import import_network
from tests.conftest import NOW

PAGE = Path(settings.BASE_DIR / "docs/reference/network-file.md").read_text()


def section(heading: str) -> str:
    return PAGE.split(f"# {heading}\n", 1)[1].split("\n#", 1)[0]


@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.name)
def test_every_field_is_explained_under_its_list(kind) -> None:
    parent = f" of a {KIND[kind.parent].noun}" if kind.parent else ""
    rows = re.findall(
        r"^\| `(\w+)` \| \S.* \| \S.* \| \S.* \|$", section(f"`{kind.list_name}`{parent}"), re.M
    )
    assert rows == [each.name for each in kind.fields]


@pytest.mark.django_db
def test_the_example_can_be_imported() -> None:
    User.objects.create_user("ben")
    (example,) = re.findall(r"```yaml\n(.*?)```", PAGE, re.DOTALL)
    outcome = import_network(example.encode(), source="example.yaml", now=NOW)
    assert [str(problem) for problem in outcome.problems] == []
    assert outcome.written
    assert not outcome.plan.notes
    host = Host.objects.get()
    assert (host.country_id, host.site.name) == ("NO", "Example University")
    assert HostCategoryUrl.objects.public().count() == 1
    assert "mirror.example.edu" in "".join(export_network())
