"""The page that asks before a secret is drawn, and the one that shows it this once.

The secret is in the answer to the POST and nowhere else: not in a message, which would lie in a
cookie or a session until it is read, and not behind an address that could be visited again.
"""

from collections.abc import Callable
from dataclasses import dataclass

from django.http import HttpResponse
from django.shortcuts import render

from registry.views.ownership import SignedInRequest


@dataclass(frozen=True)
class SecretPage:
    """What the two pages say: before, and where it belongs after. `back` is an address."""

    title: str
    subject: str
    warning: str
    usage: str
    back: str


def ask_then_issue(
    request: SignedInRequest, page: SecretPage, issue: Callable[[], str]
) -> HttpResponse:
    secret = issue() if request.method == "POST" else ""
    return render(request, "registry/secret.html", {"page": page, "secret": secret})
