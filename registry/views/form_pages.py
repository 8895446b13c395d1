"""What all pages with a form do: ask the form, call one service, show refusals beside the fields.

Knows no object. The page that shows two versions of one is here, too, because Sites and Hosts have
it in common.
"""

from collections.abc import Callable, Mapping
from copy import copy
from dataclasses import dataclass, field
from typing import Any, TypeVar

from django import forms
from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _

from registry.models import Host, Site
from registry.owner_forms import OwnerForm
from registry.services.edits import EditRefusedError, StaleEditError, edit
from registry.services.netblocks import NetblockError
from registry.views.ownership import SignedInRequest

AnyForm = TypeVar("AnyForm", bound=forms.BaseForm)


@dataclass(frozen=True)
class EditPage:
    """A page on which a Site or Host is edited. `back` is an address."""

    template: str
    form: type[OwnerForm]
    back: str
    context: Mapping[str, Any] = field(default_factory=dict)


def posted(request: SignedInRequest) -> Any:
    """Return what a form is bound to, or None while somebody only looks."""
    return request.POST if request.method == "POST" else None


def accepted(form: AnyForm, change: Callable[[AnyForm], object]) -> bool:
    """Call a service with a valid form; tell whether it took it. Its refusal is put on the form."""
    if not form.is_valid():
        return False
    try:
        change(form)
    except StaleEditError:
        raise
    except (ValidationError, EditRefusedError, NetblockError) as error:
        refuse(form, error)
        return False
    return True


def refuse(form: forms.BaseForm, error: ValidationError | ValueError) -> None:
    """Put what a service refused beside the fields that the form has, and the rest above them."""
    if not isinstance(error, ValidationError):
        form.add_error(None, str(error))
    elif not hasattr(error, "error_dict"):
        form.add_error(None, error)
    else:
        for name, errors in error.error_dict.items():
            form.add_error(name if name in form.fields else None, errors)


def show(
    request: SignedInRequest, template: str, form: forms.BaseForm, **context: Any
) -> HttpResponse:
    """Render a page with a form; after an error the first field that has one gets the focus.

    An error of none of them gives it to the first field, which stands below the error.
    """
    status = context.pop("status", 400 if form.errors else 200)
    visible = [field.name for field in form.visible_fields()]
    if form.errors and visible:
        first = next((name for name in visible if name in form.errors), visible[0])
        form.fields[first].widget.attrs["autofocus"] = True
    return render(request, template, {"form": form, **context}, status=status)


def edit_thing(request: SignedInRequest, thing: Site | Host, page: EditPage) -> HttpResponse:
    """Show the form of a Site or Host; store what comes back unless somebody was faster."""
    form = page.form(posted(request), instance=copy(thing), initial={"revision": thing.revision})
    try:
        done = request.method == "POST" and accepted(
            form, lambda form: _store(request, thing, form)
        )
    except StaleEditError:
        return _show_both(request, thing, page)
    if done:
        messages.success(request, _("Saved."))
        return redirect(page.back)
    return show(request, page.template, form, thing=thing, back=page.back, **page.context)


def _store(request: SignedInRequest, thing: Site | Host, form: OwnerForm) -> None:
    seen = form.cleaned_data["revision"]
    if seen is None:
        raise EditRefusedError(_("This form was damaged on its way. Open the page again."))
    edit(thing, form.given(), actor=request.user, now=timezone.now(), seen=seen)


def _show_both(request: SignedInRequest, thing: Site | Host, page: EditPage) -> HttpResponse:
    """Show what somebody typed beside what is there now; sending it again is a decision."""
    now = type(thing)._default_manager.get(pk=thing.pk)
    typed = request.POST.copy()
    typed["revision"] = str(now.revision)
    form = page.form(typed, instance=copy(now), initial={"revision": now.revision})
    form.is_valid()
    context = {"thing": now, "back": page.back, "differences": form.differences(), **page.context}
    return show(request, page.template, form, status=409, **context)
