"""Visits of a Host for its own people: ask for one now, and watch it."""

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_safe

from crawler.logic.requests import RequestPolicy
from crawler.services.crawl_requests import load_panel, request_crawl
from registry.views.ownership import SignedInRequest, managed_host


@require_http_methods(["GET", "HEAD", "POST"])
def crawl_now(request: SignedInRequest, host_id: int) -> HttpResponse:
    host = managed_host(request, host_id)
    if request.method == "POST":
        now, policy = timezone.now(), RequestPolicy()
        verdict = request_crawl(host, actor=request.user, now=now, policy=policy)
        tell = messages.success if verdict.granted else messages.warning
        tell(request, verdict.sentence)
    return redirect("my:host", host.pk)


@require_safe
def crawl_progress(request: SignedInRequest, host_id: int) -> HttpResponse:
    host = managed_host(request, host_id)
    panel = load_panel(host, now=timezone.now(), policy=RequestPolicy())
    answer = render(request, "crawler/_crawl_panel.html", {"panel": panel})
    if not (panel.running or panel.waiting):
        answer["HX-Refresh"] = "true"  # the rest of the page has changed as well
    return answer
