"""Pages of SiteAdmins about the webhooks of a Site: add, look at calls, try, switch, remove."""

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST
from django_q.tasks import async_task

from registry.models import Site, Webhook
from registry.services.webhooks import (
    WebhookError,
    add_webhook,
    change_webhook,
    kinds_for,
    remove_webhook,
    renew_secret,
    secret_of,
    switch_webhook,
    try_webhook,
)
from registry.views.ownership import SignedInRequest, managed_site
from registry.views.secrets import SecretPage, ask_then_issue

CALLS_SHOWN = 20
SEND_TASK = "registry.tasks.send_notifications"


@require_http_methods(["GET", "HEAD", "POST"])
def my_webhooks(request: SignedInRequest, site_id: int) -> HttpResponse:
    site = managed_site(request, site_id)
    if request.method != "POST":
        return _list_page(request, site)
    url, kinds = request.POST.get("url", ""), request.POST.getlist("kinds")
    try:
        webhook = add_webhook(site, url, kinds, actor=request.user, now=timezone.now())
    except WebhookError as error:
        return _list_page(request, site, typed=url, ticked=kinds, problem=str(error))
    context = {"page": _secret_page(webhook), "secret": secret_of(webhook)}
    return render(request, "registry/secret.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
def my_webhook(request: SignedInRequest, site_id: int, webhook_id: int) -> HttpResponse:
    site, webhook = _webhook(request, site_id, webhook_id)
    url, kinds, problem = webhook.url, list(webhook.kinds), ""
    if request.method == "POST":
        url, kinds = request.POST.get("url", ""), request.POST.getlist("kinds")
        try:
            change_webhook(webhook, url, kinds, actor=request.user, now=timezone.now())
        except WebhookError as error:
            problem = str(error)
        else:
            messages.success(request, _("The webhook was changed."))
            return redirect("my:webhook", site.pk, webhook.pk)
    context = {
        "site": site,
        "webhook": webhook,
        "calls": webhook.deliveries.select_related("event")[:CALLS_SHOWN],
        "measured_at": timezone.now(),
        **_form(site, url, kinds, problem),
    }
    status = 400 if problem else 200
    return render(request, "registry/my_webhook.html", context, status=status)


@require_POST
def try_my_webhook(request: SignedInRequest, site_id: int, webhook_id: int) -> HttpResponse:
    site, webhook = _webhook(request, site_id, webhook_id)
    if webhook.active:
        try_webhook(webhook, actor=request.user, now=timezone.now())
        async_task(SEND_TASK)
        messages.success(request, _("A trial call is on its way; its answer appears below."))
    else:
        messages.error(request, _("The webhook is switched off. Switch it on first."))
    return redirect("my:webhook", site.pk, webhook.pk)


@require_POST
def switch_my_webhook(request: SignedInRequest, site_id: int, webhook_id: int) -> HttpResponse:
    site, webhook = _webhook(request, site_id, webhook_id)
    active = not webhook.active
    switch_webhook(webhook, active=active, actor=request.user, now=timezone.now())
    on, off = _("The webhook is switched on."), _("The webhook is switched off.")
    messages.success(request, on if active else off)
    return redirect("my:webhook", site.pk, webhook.pk)


@require_http_methods(["GET", "HEAD", "POST"])
def new_webhook_secret(request: SignedInRequest, site_id: int, webhook_id: int) -> HttpResponse:
    _site, webhook = _webhook(request, site_id, webhook_id)
    return ask_then_issue(
        request,
        _secret_page(webhook),
        lambda: renew_secret(webhook, actor=request.user, now=timezone.now()),
    )


@require_POST
def remove_my_webhook(request: SignedInRequest, site_id: int, webhook_id: int) -> HttpResponse:
    site, webhook = _webhook(request, site_id, webhook_id)
    remove_webhook(webhook, actor=request.user, now=timezone.now())
    messages.success(request, _("The webhook was removed."))
    return redirect("my:webhooks", site.pk)


def _webhook(request: SignedInRequest, site_id: int, webhook_id: int) -> tuple[Site, Webhook]:
    site = managed_site(request, site_id)
    return site, get_object_or_404(site.webhooks.select_related("site"), pk=webhook_id)


def _secret_page(webhook: Webhook) -> SecretPage:
    return SecretPage(
        title=_("New secret"),
        subject=webhook.url,
        warning=_("The webhook gets a new secret. The one it has signs nothing from now on."),
        usage=_("Give it to the program that is called: it checks the signature with it."),
        back=reverse("my:webhook", args=[webhook.site_id, webhook.pk]),
    )


def _form(site: Site, typed: str, ticked: list[str], problem: str) -> dict[str, object]:
    kinds = [(kind.value, kind.label, kind.value in ticked) for kind in kinds_for(site)]
    return {"typed": typed, "kinds": kinds, "problem": problem}


def _list_page(
    request: SignedInRequest,
    site: Site,
    *,
    typed: str = "",
    ticked: list[str] | None = None,
    problem: str = "",
) -> HttpResponse:
    context = {
        "site": site,
        "webhooks": site.webhooks.order_by("url", "pk"),
        **_form(site, typed, ticked or [], problem),
    }
    status = 400 if problem else 200
    return render(request, "registry/my_webhooks.html", context, status=status)
