"""Pages of SiteAdmins about SiteAdmins: who they are, adding, inviting, removing."""

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST
from django_q.tasks import async_task

from registry.account_forms import InviteForm
from registry.models import Site
from registry.services.people import (
    PeopleError,
    add_admin,
    invite_admin,
    remove_admin,
    withdraw_invitation,
)
from registry.views.ownership import SignedInRequest, managed_site


@require_http_methods(["GET", "HEAD", "POST"])
def site_people(request: SignedInRequest, site_id: int) -> HttpResponse:
    site = managed_site(request, site_id)
    form = InviteForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            messages.success(request, _bring_in(request, site, form.cleaned_data["person"]))
            return redirect("my:people", site.pk)
        except PeopleError as error:
            form.add_error("person", str(error))
    context = {
        "site": site,
        "form": form,
        "admins": site.admins.select_related("user").order_by("user__username"),
        "invitations": site.invitations.filter(accepted_at=None).select_related("created_by"),
    }
    status = 400 if form.errors else 200
    return render(request, "registry/my_people.html", context, status=status)


@require_POST
def remove_person(request: SignedInRequest, site_id: int, admin_id: int) -> HttpResponse:
    site = managed_site(request, site_id)
    row = get_object_or_404(site.admins.select_related("user", "site"), pk=admin_id)
    try:
        remove_admin(row, actor=request.user, now=timezone.now())
    except PeopleError as error:
        messages.error(request, str(error))
        return redirect("my:people", site.pk)
    messages.success(
        request,
        _("%(user)s is no longer SiteAdmin of %(site)s.") % {"user": row.user, "site": site},
    )
    if row.user_id == request.user.pk:
        return redirect("my:sites")
    return redirect("my:people", site.pk)


@require_POST
def withdraw(request: SignedInRequest, site_id: int, invitation_id: int) -> HttpResponse:
    site = managed_site(request, site_id)
    row = get_object_or_404(site.invitations.filter(accepted_at=None), pk=invitation_id)
    withdraw_invitation(row, actor=request.user, now=timezone.now())
    messages.success(request, _("The invitation of %(email)s ended.") % {"email": row.email})
    return redirect("my:people", site.pk)


def _bring_in(request: SignedInRequest, site: Site, person: str) -> str:
    """Add an account, or invite an address; return the sentence for whoever did it."""
    now = timezone.now()
    if "@" in person:
        row = invite_admin(site, person, actor=request.user, now=now)
        async_task("registry.tasks.write_invitation", row.pk)
        return _("An invitation is on its way to %(email)s.") % {"email": person}
    added = add_admin(site, person, actor=request.user, now=now)
    return _("%(user)s is SiteAdmin now.") % {"user": added.user}
