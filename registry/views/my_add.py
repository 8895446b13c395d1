"""The guided page on which people add a mirror. What is typed is checked by the crawler's view."""

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from registry.mirror_forms import AddMirrorForm
from registry.models import Approval, Host
from registry.services.edits import EditRefusedError
from registry.services.new_mirrors import add_mirror
from registry.views.ownership import SignedInRequest


@require_http_methods(["GET", "HEAD", "POST"])
def add_a_mirror(request: SignedInRequest) -> HttpResponse:
    typed = request.POST if request.method == "POST" else None
    form = AddMirrorForm(typed, user=request.user, initial={"site": request.GET.get("site")})
    if typed is not None and form.is_valid():
        host = _add(request, form)
        if host is not None:
            messages.success(request, _next_step(host))
            return redirect("my:host", host.pk)
    status = 400 if typed is not None else 200
    return render(request, "registry/my_add.html", {"form": form}, status=status)


def _add(request: SignedInRequest, form: AddMirrorForm) -> Host | None:
    """Add what was filled in; what is refused becomes an error of the form."""
    try:
        return add_mirror(form.draft(), actor=request.user, now=timezone.now())
    except ValidationError as error:
        for message in error.messages:
            form.add_error(None, message)
    except (EditRefusedError, ValueError) as error:
        form.add_error(None, str(error))
    return None


def _next_step(host: Host) -> str:
    """Say what happens next to whoever added a Host."""
    if Approval.PENDING in {host.approval, host.site.approval}:
        return _(
            "The mirror was added. An operator looks at it next, and you get a letter about the "
            "answer. Until then nothing is listed and nothing needs to be done."
        )
    if host.counts_as_private:
        return _(
            "The mirror was added. It is private, so it tells us itself what it has: see “Check-in”"
            " below."
        )
    return _(
        "The mirror was added. We visit it soon, and list it with the next snapshot after that. "
        "Ask for a visit now to see at once how it does."
    )
