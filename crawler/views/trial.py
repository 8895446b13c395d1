"""Checks while somebody adds a mirror: with htmx the field that changed, else all at once."""

from typing import NamedTuple

from django.http import HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_POST

from crawler.logic.requests import RequestPolicy
from crawler.services.policies import crawl_policy
from crawler.services.trial_turns import take_turn
from crawler.services.url_trial import Trial, Wish, try_url
from registry.logic.findings import Finding, Tone
from registry.mirror_forms import URLS, AddMirrorForm
from registry.models import Category, Site
from registry.services.typed import judge_typed_netblocks
from registry.views.ownership import SignedInRequest

FIELDS = tuple(f"url{number}" for number in range(1, URLS + 1))


class Checked(NamedTuple):
    """One field of the page, and the rows about what was typed there."""

    field: str
    findings: list[Finding]


@require_POST
def check_mirror(request: SignedInRequest) -> HttpResponse:
    """Check the field that changed, or all fields where there is no JavaScript."""
    changed = request.headers.get("HX-Trigger-Name", "")
    wanted = [changed] if changed in (*FIELDS, "netblocks") else [*FIELDS, "netblocks"]
    trials = [_try(request, name) for name in wanted if name in FIELDS and request.POST.get(name)]
    checked = [Checked(name, trial.findings) for name, trial in trials]
    if "netblocks" in wanted:
        text = request.POST.get("netblocks", "")
        checked.append(Checked("netblocks", judge_typed_netblocks(text)))
    form = AddMirrorForm(_filled_in(request, [trial for _, trial in trials]), user=request.user)
    context = {"form": form, "checked": checked, "field": changed}
    if request.headers.get("HX-Request"):
        return render(request, "crawler/_checked.html", context)
    form.errors.clear()  # nothing was sent in yet
    return render(request, "registry/my_add.html", context)


def _try(request: SignedInRequest, field: str) -> tuple[str, Trial]:
    turn = take_turn(request.user.pk, now=timezone.now(), policy=RequestPolicy())
    text = request.POST[field]
    if not turn.granted:
        return field, Trial(text, [Finding("URL", Tone.HINT, turn.sentence)])
    wish = Wish(
        text,
        category=_chosen_category(request),
        country=request.POST.get("country", ""),
        asn=_number(request.POST.get("asn", "")),
        sites=list(Site.objects.managed_by(request.user)),
    )
    return field, try_url(wish, clock=timezone.now, policy=crawl_policy())


def _chosen_category(request: SignedInRequest) -> Category | None:
    number = _number(request.POST.get("category", ""))
    return Category.objects.filter(pk=number, admin_only=False).first() if number else None


def _number(text: str) -> int | None:
    return int(text) if text.isascii() and text.isdecimal() and len(text) < 15 else None


def _filled_in(request: SignedInRequest, trials: list[Trial]) -> dict[str, object]:
    """Return what was typed, with the guesses where nothing was chosen yet."""
    facts: dict[str, object] = dict(request.POST.items())
    for trial in trials:
        if not facts.get("country") and trial.countries:
            facts["country"] = trial.countries[0]
        if not facts.get("asn") and trial.asns:
            facts["asn"] = trial.asns[0]
    return facts
