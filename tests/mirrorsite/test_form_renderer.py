from datetime import date
from pathlib import Path
from typing import Any

import django.forms
import pytest
from django import forms
from django.conf import settings
from django.contrib.admin import widgets as admin_widgets
from django.forms.renderers import DjangoTemplates, get_default_renderer
from django.utils import translation
from django.utils.safestring import SafeString

from mirrorsite.form_renderer import TEMPLATES, InputRenderer

ROOT = Path(django.forms.__file__).parent / "templates"
ODD = '<b>"it\'s" & more</b>'


def test_forms_of_the_program_use_it() -> None:
    assert settings.FORM_RENDERER == "mirrorsite.form_renderer.InputRenderer"
    assert isinstance(get_default_renderer(), InputRenderer)


def test_the_plain_inputs_are_those_of_django() -> None:
    one = '{% include "django/forms/widgets/input.html" %}'
    found = {
        str(path.relative_to(ROOT))
        for path in ROOT.glob("django/forms/widgets/*.html")
        if path.name == "input.html" or path.read_text().strip() == one
    }
    assert found == TEMPLATES


@pytest.mark.parametrize(
    "widget",
    [
        forms.TextInput(),
        forms.TextInput(attrs={"class": ODD, "required": True, "disabled": False, "size": 7}),
        forms.TextInput(attrs={"maxlength": None, ODD: "x"}),
        forms.NumberInput(attrs={"step": "any"}),
        forms.HiddenInput(),
        forms.PasswordInput(render_value=True),
        forms.FileInput(),
        forms.DateInput(),
        forms.CheckboxInput(),
        forms.Textarea(),
        admin_widgets.AdminURLFieldWidget(),
        admin_widgets.AdminTextInputWidget(),
    ],
    ids=lambda widget: type(widget).__name__,
)
@pytest.mark.parametrize(
    "value",
    [None, "", "plain", ODD, SafeString(ODD), 0, 12345, 1.5, True, False, date(2026, 1, 2), "ü"],
    ids=repr,
)
def test_inputs_are_those_that_django_writes(widget: forms.Widget, value: Any) -> None:
    ours, theirs = (
        widget.render("name", value, attrs={"id": ODD}, renderer=renderer)
        for renderer in (InputRenderer(), DjangoTemplates())
    )
    assert ours == theirs


def test_errors_of_services_are_said_in_the_language_of_the_page() -> None:
    form = forms.Form({})
    form.add_error(None, "A URL has at most 500 characters.")
    with translation.override("de"):
        assert "Eine URL hat höchstens 500 Zeichen." in str(form.non_field_errors())
