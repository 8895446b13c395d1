"""The page on which people choose what they are told, and the one behind links in letters."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods

from registry.logic.notifications.topics import Pace, Topic
from registry.services.notification_preferences import (
    LinkError,
    choices_of,
    read_link,
    save_choices,
    unsubscribe,
)
from registry.views.ownership import SignedInRequest

PACES = {
    Pace.IMMEDIATE: gettext_lazy("at once"),
    Pace.DIGEST: gettext_lazy("in the daily digest"),
    Pace.NEVER: gettext_lazy("never"),
}


@require_http_methods(["GET", "HEAD", "POST"])
def my_notifications(request: SignedInRequest) -> HttpResponse:
    problem = ""
    if request.method == "POST":
        try:
            _save(request)
        except ValueError as error:
            problem = str(error)
        else:
            messages.success(request, _("From now on you are told as you chose."))
            return redirect("my:notifications")
    choices = choices_of(request.user)
    context = {
        "rows": [
            (choice, [(pace.value, PACES[pace]) for pace in choice.paces])
            for choice in choices.topics
        ],
        "digest_hour": choices.digest_hour,
        "hours": range(24),
        "language": choices.language,
        "address": request.user.email,
        "problem": problem,
    }
    status = 400 if problem else 200
    return render(request, "registry/my_notifications.html", context, status=status)


def _save(request: SignedInRequest) -> None:
    """Read the form and store it; raise ValueError for what the page does not offer."""
    given = {topic: request.POST.get(topic.value, "") for topic in Topic}
    hour = request.POST.get("digest_hour", "")
    if not (hour.isascii() and hour.isdecimal()):
        raise ValueError(_("The hour of the digest is a number from 0 to 23."))
    paces = {topic: Pace(value) for topic, value in given.items() if value}
    save_choices(
        request.user,
        paces,
        digest_hour=int(hour[:3]),
        language=request.POST.get("language", ""),
        now=timezone.now(),
    )


# A mail program posts here without our cookie (RFC 8058); the signed link is the permission.
@csrf_exempt
@require_http_methods(["GET", "HEAD", "POST"])
def unsubscribe_page(request: HttpRequest, token: str) -> HttpResponse:
    try:
        link = read_link(token)
        if request.method == "POST":
            unsubscribe(link)
    except LinkError as error:
        problem = {"problem": str(error)}
        return render(request, "registry/unsubscribe.html", problem, status=404)
    context = {"link": link, "done": request.method == "POST"}
    return render(request, "registry/unsubscribe.html", context)
