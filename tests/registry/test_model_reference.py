"""docs/reference/models.md says of every table what the table says of itself."""

from pathlib import Path

import pytest
from django.apps import apps
from django.conf import settings
from django.db.models import Model
from django.test import Client

from registry.admin.reference import describe_model

PAGE = Path(settings.BASE_DIR) / "docs/reference/models.md"
MODELS = sorted(apps.get_app_config("registry").get_models(), key=lambda model: model.__name__)


def test_the_reference_names_exactly_the_tables_that_exist() -> None:
    lines = PAGE.read_text().splitlines()
    named = [line.removeprefix("### ") for line in lines if line.startswith("### ")]
    assert sorted(named) == [model.__name__ for model in MODELS]


@pytest.mark.parametrize("model", MODELS, ids=lambda model: model.__name__)
def test_the_reference_has_the_sentence_of_each_table(model: type[Model]) -> None:
    text = " ".join(PAGE.read_text().split())
    assert f"### {model.__name__} {describe_model(model).sentence}" in text


@pytest.mark.parametrize("model", MODELS, ids=lambda model: model.__name__)
def test_every_field_that_people_fill_in_explains_itself(model: type[Model]) -> None:
    missing = [
        field.name
        for field in model._meta.fields
        if field.editable and not field.primary_key and not str(field.help_text)
    ]
    assert not missing


@pytest.mark.django_db
@pytest.mark.parametrize("model", MODELS, ids=lambda model: model.__name__)
def test_every_list_leads_to_the_explanation_of_its_table(
    admin: Client, model: type[Model]
) -> None:
    anchor = model._meta.model_name
    listing = admin.get(f"/admin/registry/{anchor}/").content.decode()
    assert f'href="/admin/reference/#{anchor}"' in listing
    assert f'id="{anchor}"' in admin.get("/admin/reference/").content.decode()
