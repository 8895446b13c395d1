"""Whether and why one Host is offered to a client, for the people of that Host."""

from typing import Any

from django import forms
from django.http import HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_safe

from mirrorlist.forms import ExplainForm
from mirrorlist.services.explain import (
    NoSnapshotError,
    example_question,
    explain_answer,
    keep_own,
)
from registry.views.ownership import SignedInRequest, managed_host


class MyExplainForm(ExplainForm):
    """A client and its question, as people who run a mirror put it."""

    ip = forms.GenericIPAddressField(label=_("Address of the client"), unpack_ipv4=True)
    country = forms.CharField(label=_("Requested countries"), required=False, max_length=200)

    field_order = ("ip", "repo", "arch", "country", "protocol", "path", "kind")


@require_safe
def my_explain(request: SignedInRequest, host_id: int) -> HttpResponse:
    host = managed_host(request, host_id)
    repo, arch = example_question(host_id=host.pk)
    asked = "ip" in request.GET
    first = {"ip": request.META.get("REMOTE_ADDR", ""), "repo": repo, "arch": arch}
    form = MyExplainForm(request.GET) if asked else MyExplainForm(initial=first)
    context: dict[str, Any] = {"host": host, "form": form}
    if asked and form.is_valid():
        try:
            explanation = explain_answer(
                form.answer_kind, form.parameters(), ip=form.cleaned_data["ip"]
            )
            context["own"] = keep_own(explanation, host_id=host.pk)
        except NoSnapshotError as error:
            context["problem"] = str(error)
    return render(request, "mirrorlist/my_explain.html", context)
