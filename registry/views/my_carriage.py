"""Pages on which SiteAdmins say which Categories a Host carries, and under which URLs."""

from django import forms
from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from registry.models import Approval, Host, HostCategory, HostCategoryUrl
from registry.owner_forms import AddCategoryForm, UrlForm
from registry.services.hosts import add_url, carry, change_url, remove_url, stop_carrying
from registry.views.form_pages import accepted, posted, show
from registry.views.ownership import SignedInRequest, managed_host

READS_AND_WRITES = ["GET", "HEAD", "POST"]


@require_http_methods(READS_AND_WRITES)
def carriage(request: SignedInRequest, host_id: int) -> HttpResponse:
    host = managed_host(request, host_id)
    form = AddCategoryForm(posted(request), host=host, user=request.user)

    def add(form: AddCategoryForm) -> None:
        carry(host, form.cleaned_data["category"], actor=request.user, now=timezone.now())

    if request.method == "POST" and accepted(form, add):
        said = _("%(category)s was added. Now add a URL of it.")
        messages.success(request, said % {"category": form.cleaned_data["category"]})
        return redirect("my:carriage", host.pk)
    return _page(request, host, form)


@require_http_methods(READS_AND_WRITES)
def remove_category(request: SignedInRequest, host_id: int, copy_id: int) -> HttpResponse:
    row = _copy(request, host_id, copy_id)
    if request.method == "POST":
        stop_carrying(row, actor=request.user, now=timezone.now())
        messages.success(request, _("%(category)s was removed.") % {"category": row.category})
        return redirect("my:carriage", host_id)
    context = {"copy": row, "host": row.host, "url_count": row.urls.count()}
    return show(request, "registry/host_category_remove.html", forms.Form(), **context)


@require_http_methods(READS_AND_WRITES)
def new_url(request: SignedInRequest, host_id: int, copy_id: int) -> HttpResponse:
    row = _copy(request, host_id, copy_id)
    form = UrlForm(posted(request))
    made: list[HostCategoryUrl] = []

    def add(form: UrlForm) -> None:
        url = form.cleaned_data["url"]
        made.append(add_url(row, url, actor=request.user, now=timezone.now()))

    if request.method == "POST" and accepted(form, add):
        _tell(request, made[0])
        return redirect("my:carriage", host_id)
    return _url_page(request, row, form)


@require_http_methods(READS_AND_WRITES)
def edit_url(request: SignedInRequest, host_id: int, copy_id: int, url_id: int) -> HttpResponse:
    row = _copy(request, host_id, copy_id)
    url = get_object_or_404(row.urls, pk=url_id)
    url.host_category = row
    form = UrlForm(posted(request), initial={"url": url.url})
    made: list[HostCategoryUrl] = []

    def change(form: UrlForm) -> None:
        text = form.cleaned_data["url"]
        made.append(change_url(url, text, actor=request.user, now=timezone.now()))

    if request.method == "POST" and accepted(form, change):
        _tell(request, made[0])
        return redirect("my:carriage", host_id)
    return _url_page(request, row, form, url=url)


@require_POST
def delete_url(request: SignedInRequest, host_id: int, copy_id: int, url_id: int) -> HttpResponse:
    row = _copy(request, host_id, copy_id)
    url = get_object_or_404(row.urls, pk=url_id)
    url.host_category = row
    remove_url(url, actor=request.user, now=timezone.now())
    messages.success(request, _("%(url)s was removed.") % {"url": url.url})
    return redirect("my:carriage", host_id)


def _copy(request: SignedInRequest, host_id: int, copy_id: int) -> HostCategory:
    """Find a Category that a Host of the user carries; those of other Hosts are not found."""
    host = managed_host(request, host_id)
    rows = host.host_categories.select_related("category").defer("up2date")
    row = get_object_or_404(rows, pk=copy_id)
    row.host = host
    return row


def _tell(request: SignedInRequest, url: HostCategoryUrl) -> None:
    said = _("%(url)s is stored.") % {"url": url.url}
    if url.approval == Approval.PENDING:
        said = _("%(url)s waits for an operator.") % {"url": url.url}
    messages.success(request, f"{said} {url.approval_reason}")


def _page(request: SignedInRequest, host: Host, form: AddCategoryForm) -> HttpResponse:
    copies = (
        host.host_categories.select_related("category")
        .defer("up2date")
        .prefetch_related("urls")
        .order_by("category__name")
    )
    return show(request, "registry/host_categories.html", form, host=host, copies=copies)


def _url_page(
    request: SignedInRequest,
    row: HostCategory,
    form: UrlForm,
    url: HostCategoryUrl | None = None,
) -> HttpResponse:
    back = reverse("my:carriage", args=[row.host_id])
    context = {"copy": row, "host": row.host, "url": url, "back": back}
    return show(request, "registry/host_url.html", form, **context)
