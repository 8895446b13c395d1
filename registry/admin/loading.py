"""Pages of the admin that ask the database once for each thing they show.

Django's own load an object bare, then ask for every foreign key on it, and once more for the chosen
object of each.
"""

from collections.abc import Sequence
from typing import Any

from django.contrib import admin
from django.contrib.admin.options import BaseModelAdmin
from django.contrib.admin.widgets import AutocompleteSelect
from django.core.exceptions import ValidationError
from django.db import models
from django.forms import BaseInlineFormSet, ModelForm
from django.http import HttpRequest, HttpResponse


class LoadedSelect(AutocompleteSelect):
    """A choice of many by typing; `loaded` is the chosen object, if it is at hand."""

    loaded: models.Model | None = None

    def optgroups(self, name: str, value: Sequence[str], attrs: Any = None) -> Any:
        """Return the chosen option; for any other than `loaded` it is asked for."""
        if self.loaded is None or list(value) != [str(self.loaded.pk)]:
            return super().optgroups(name, value, attrs)
        choices = [] if self.is_required else [("", "")]
        choices.append((value[0], self.choices.field.label_from_instance(self.loaded)))
        options = [
            self.create_option(name, key, label, selected=bool(key), index=place)
            for place, (key, label) in enumerate(choices)
        ]
        return [(None, options, 0)]


def show_loaded(form: ModelForm) -> None:
    """Hand what was loaded with the object of a form to the fields that choose it."""
    for field in form.fields.values():
        # The admin wraps the widget in the links to add, change and view what is chosen.
        widget = getattr(field.widget, "widget", field.widget)
        if isinstance(widget, LoadedSelect) and widget.field.is_cached(form.instance):
            widget.loaded = widget.field.get_cached_value(form.instance)


class LoadedChoices(BaseModelAdmin):
    """Pages and inlines whose `autocomplete_fields` know what is chosen."""

    def formfield_for_foreignkey(self, db_field: Any, request: HttpRequest, **kwargs: Any) -> Any:
        if "widget" not in kwargs and db_field.name in self.get_autocomplete_fields(request):
            kwargs["widget"] = LoadedSelect(db_field, self.admin_site, using=kwargs.get("using"))
        return super().formfield_for_foreignkey(db_field, request, **kwargs)


class LoadedPage(LoadedChoices, admin.ModelAdmin):
    """The page of an object that is loaded with what it refers to."""

    def page_rows(self, request: HttpRequest) -> models.QuerySet[Any]:
        """Return the objects as their own pages need them: joined as on the list, and to choices.

        Pages that show more load it here.
        """
        listed = self.list_select_related
        joined = set() if isinstance(listed, bool) else set(listed)
        joined |= {
            name
            for name in self.get_autocomplete_fields(request)
            if not self.opts.get_field(name).many_to_many
        }
        rows: models.QuerySet[Any] = self.get_queryset(request)
        return rows.select_related(*sorted(joined)) if joined else rows

    def get_object(
        self, request: HttpRequest, object_id: str, from_field: str | None = None
    ) -> models.Model | None:
        """Return an object for its own page, None if there is none; as Django's own."""
        rows = self.page_rows(request)
        field: Any = self.opts.get_field(from_field) if from_field else self.opts.pk
        try:
            found: models.Model = rows.get(**{field.name: field.to_python(object_id)})
        except (rows.model.DoesNotExist, ValidationError, ValueError):
            return None
        return found

    def render_change_form(
        self, request: HttpRequest, context: dict[str, Any], *args: Any, **kwargs: Any
    ) -> HttpResponse:
        show_loaded(context["adminform"].form)
        return super().render_change_form(request, context, *args, **kwargs)


class CappedFormSet(BaseInlineFormSet):
    """Rows of which a page shows the first; a submitted page may name any of them.

    Rows that were prefetched with the object of the page are not asked for again.
    """

    shown = 50

    def get_queryset(self) -> Any:
        if not hasattr(self, "_first"):
            # Asked for once a row, so the slice with its result is kept.
            self._first = super().get_queryset() if self.is_bound else self._shown()
        return self._first

    def _shown(self) -> Any:
        prefetched = getattr(self.instance, "_prefetched_objects_cache", {})
        rows = prefetched.get(self.fk.remote_field.get_accessor_name())
        return (super().get_queryset() if rows is None else rows)[: self.shown]

    def add_fields(self, form: ModelForm, index: int | None) -> None:
        super().add_fields(form, index)
        show_loaded(form)
