"""Pages on which people register a Site, change it, and delete it."""

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from registry.models import Approval, Site
from registry.owner_forms import NEW_SITE_FIELDS, ConfirmForm, OwnerForm, site_form
from registry.services.belongings import count_belongings
from registry.services.edits import remove
from registry.services.sites import register_site
from registry.views.form_pages import EditPage, accepted, edit_thing, posted, show
from registry.views.ownership import SignedInRequest, managed_site

READS_AND_WRITES = ["GET", "HEAD", "POST"]


@require_http_methods(READS_AND_WRITES)
def new_site(request: SignedInRequest) -> HttpResponse:
    form = site_form(request.user, NEW_SITE_FIELDS)(posted(request))
    made: list[Site] = []

    def register(form: OwnerForm) -> None:
        made.append(register_site(form.given(), actor=request.user, now=timezone.now()))

    if request.method == "POST" and accepted(form, register):
        site = made[0]
        sentence = _("%(site)s is registered. Now add your first Host.") % {"site": site}
        if site.approval == Approval.PENDING:
            sentence += " " + _("An operator looks at it meanwhile; you are told.")
        messages.success(request, sentence)
        return redirect("my:site", site.pk)
    return show(request, "registry/my_site_new.html", form)


@require_http_methods(READS_AND_WRITES)
def edit_site(request: SignedInRequest, site_id: int) -> HttpResponse:
    site = managed_site(request, site_id)
    page = EditPage(
        template="registry/my_site_edit.html",
        form=site_form(request.user),
        back=reverse("my:site", args=[site.pk]),
    )
    return edit_thing(request, site, page)


@require_http_methods(READS_AND_WRITES)
def delete_site(request: SignedInRequest, site_id: int) -> HttpResponse:
    site = managed_site(request, site_id)
    form = ConfirmForm(posted(request), expected=site.name)
    if request.method == "POST" and form.is_valid():
        remove(site, actor=request.user, now=timezone.now())
        messages.success(request, _("%(name)s was deleted.") % {"name": site.name})
        return redirect("my:sites")
    context = {
        "thing": site,
        "counts": count_belongings(site),
        "back": reverse("my:site", args=[site.pk]),
        "clients": _("Clients are sent to its Hosts until the next snapshot, some minutes."),
    }
    return show(request, "registry/my_delete.html", form, **context)
