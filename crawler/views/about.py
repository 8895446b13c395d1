"""The public page of the crawler: whom the User-Agent of a request leads to."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from crawler.services.policies import crawl_policy


@require_safe
def about(request: HttpRequest) -> HttpResponse:
    return render(request, "crawler/about.html", {"policy": crawl_policy()})
