"""Pages on which SiteAdmins add a Host, change it, switch it, offer it to others, and delete it."""

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from registry.models import Approval, Host, HostTransfer, Site
from registry.owner_forms import (
    NEW_HOST_FIELDS,
    ConfirmForm,
    OfferForm,
    OwnerForm,
    SwitchForm,
    host_form,
)
from registry.services.belongings import count_belongings
from registry.services.edits import EditRefusedError, StaleEditError, remove
from registry.services.hosts import accept_host, add_host, offer_host, withdraw_offer
from registry.services.owner_switches import switch_host
from registry.views.form_pages import EditPage, accepted, edit_thing, posted, refuse, show
from registry.views.ownership import SignedInRequest, managed_host, managed_site

READS_AND_WRITES = ["GET", "HEAD", "POST"]


@require_http_methods(READS_AND_WRITES)
def new_host(request: SignedInRequest, site_id: int) -> HttpResponse:
    site = managed_site(request, site_id)
    # The Site belongs to the instance, so that a name that it has already is seen by the form.
    form = host_form(request.user, NEW_HOST_FIELDS)(posted(request), instance=Host(site=site))
    made: list[Host] = []

    def add(form: OwnerForm) -> None:
        made.append(add_host(site, form.given(), actor=request.user, now=timezone.now()))

    if request.method == "POST" and accepted(form, add):
        host = made[0]
        sentence = _("%(host)s was added. Now say what it carries.") % {"host": host}
        if host.approval == Approval.PENDING:
            sentence += " " + _("An operator looks at it meanwhile; you are told.")
        messages.success(request, sentence)
        return redirect("my:carriage", host.pk)
    return show(request, "registry/host_new.html", form, site=site)


@require_http_methods(READS_AND_WRITES)
def edit_host(request: SignedInRequest, host_id: int) -> HttpResponse:
    host = managed_host(request, host_id)
    page = EditPage(
        template="registry/host_edit.html",
        form=host_form(request.user),
        back=reverse("my:host", args=[host.pk]),
        context={"host": host},
    )
    return edit_thing(request, host, page)


@require_http_methods(READS_AND_WRITES)
def turn_host(request: SignedInRequest, host_id: int) -> HttpResponse:
    host = managed_host(request, host_id)
    off = host.user_active
    form = SwitchForm(posted(request), initial={"revision": host.revision})

    def turn(form: SwitchForm) -> None:
        given = form.cleaned_data
        switch_host(
            host,
            given["reason"],
            active=not off,
            actor=request.user,
            now=timezone.now(),
            seen=given["revision"],
        )

    try:
        done = request.method == "POST" and accepted(form, turn)
    except StaleEditError as error:
        refuse(form, error)
        return show(request, "registry/host_switch.html", form, host=host, status=409)
    if done:
        said = _("%(host)s is switched off.") if off else _("%(host)s is switched on.")
        messages.success(request, said % {"host": host})
        return redirect("my:host", host.pk)
    return show(request, "registry/host_switch.html", form, host=host)


@require_http_methods(READS_AND_WRITES)
def delete_host(request: SignedInRequest, host_id: int) -> HttpResponse:
    host = managed_host(request, host_id)
    form = ConfirmForm(posted(request), expected=host.name)
    if request.method == "POST" and form.is_valid():
        site = host.site
        remove(host, actor=request.user, now=timezone.now())
        messages.success(request, _("%(name)s was deleted.") % {"name": host.name})
        return redirect("my:site", site.pk)
    context = {
        "thing": host,
        "counts": count_belongings(host),
        "back": reverse("my:host", args=[host.pk]),
        "clients": _("Clients are sent to it until the next snapshot, some minutes."),
    }
    return show(request, "registry/my_delete.html", form, **context)


@require_http_methods(READS_AND_WRITES)
def offer(request: SignedInRequest, host_id: int) -> HttpResponse:
    host = managed_host(request, host_id)
    form = OfferForm(posted(request))

    def make(form: OfferForm) -> None:
        offer_host(host, form.cleaned_data["site"], actor=request.user, now=timezone.now())

    if request.method == "POST" and accepted(form, make):
        messages.success(request, _("%(host)s is offered; you hear of it.") % {"host": host})
        return redirect("my:offer", host.pk)
    open_offer = HostTransfer.objects.filter(host=host).select_related("to_site").first()
    return show(request, "registry/host_offer.html", form, host=host, offer=open_offer)


@require_POST
def withdraw_own_offer(request: SignedInRequest, host_id: int) -> HttpResponse:
    host = managed_host(request, host_id)
    row = get_object_or_404(HostTransfer.objects.select_related("to_site", "host__site"), host=host)
    withdraw_offer(row, actor=request.user, now=timezone.now())
    messages.success(request, _("The offer was withdrawn."))
    return redirect("my:host", host.pk)


@require_POST
def accept_offer(request: SignedInRequest, offer_id: int) -> HttpResponse:
    row = _offered(request, offer_id)
    try:
        host = accept_host(row, actor=request.user, now=timezone.now())
    except EditRefusedError as error:
        messages.error(request, str(error))
        return redirect("my:sites")
    said = _("%(host)s belongs to %(site)s now. Its old tokens ended.")
    messages.success(request, said % {"host": host, "site": host.site})
    return redirect("my:host", host.pk)


@require_POST
def decline_offer(request: SignedInRequest, offer_id: int) -> HttpResponse:
    row = _offered(request, offer_id)
    withdraw_offer(row, actor=request.user, now=timezone.now())
    messages.success(request, _("The offer was declined."))
    return redirect("my:sites")


def _offered(request: SignedInRequest, offer_id: int) -> HostTransfer:
    """Find an offer to a Site of the user; what is offered to others is not found."""
    rows = HostTransfer.objects.filter(to_site__in=Site.objects.managed_by(request.user))
    return get_object_or_404(rows.select_related("to_site", "host__site"), pk=offer_id)
