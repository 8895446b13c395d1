"""Checks while somebody adds a mirror: with htmx the field that changed, else all at once.

Only few web workers wait for the network at a time; who finds none free is told so at once, and
with htmx the page asks again by itself.
"""

from collections.abc import Sequence
from typing import NamedTuple

from django.http import HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_POST

from crawler.logic.requests import RequestPolicy
from crawler.services.policies import crawl_policy
from crawler.services.trial_turns import take_turn
from crawler.services.url_trial import Trial, Wish, try_urls
from registry.logic.findings import Finding, Tone
from registry.mirror_forms import URLS, AddMirrorForm
from registry.models import Category, Site
from registry.services.slots import network_slot
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
    changed = request.headers.get("HX-Trigger-Name", "") or request.POST.get("again", "")
    known = (*FIELDS, "netblocks")
    wanted = [changed] if changed in known else list(known)
    fields = [name for name in wanted if name in FIELDS and request.POST.get(name)]
    with network_slot(request.user.pk) as slot:
        trials = _try(request, fields) if slot.granted else _busy(request, fields, slot.sentence)
    checked = [Checked(name, trial.findings) for name, trial in zip(fields, trials, strict=True)]
    if "netblocks" in wanted:
        text = request.POST.get("netblocks", "")
        checked.append(Checked("netblocks", judge_typed_netblocks(text)))
    form = AddMirrorForm(_filled_in(request, trials), user=request.user)
    again = bool(fields) and not slot.granted
    context = {"form": form, "checked": checked, "again": again}
    context["field"] = changed if changed in known else ""
    if request.headers.get("HX-Request"):
        return render(request, "crawler/_checked.html", context)
    form.errors.clear()  # nothing was sent in yet
    return render(request, "registry/my_add.html", context)


def _try(request: SignedInRequest, fields: Sequence[str]) -> list[Trial]:
    """Try the URLs of some fields together; those beyond what a person may ask for are told so."""
    now, policy = timezone.now(), RequestPolicy()
    turns = [take_turn(request.user.pk, now=now, policy=policy) for _ in fields]
    granted = [name for name, turn in zip(fields, turns, strict=True) if turn.granted]
    trials = try_urls(_wishes(request, granted), clock=timezone.now, policy=crawl_policy())
    refused = [name for name in fields if name not in granted]
    return trials + (_busy(request, refused, turns[-1].sentence) if refused else [])


def _wishes(request: SignedInRequest, fields: Sequence[str]) -> list[Wish]:
    sites = list(Site.objects.managed_by(request.user)) if fields else []
    return [
        Wish(
            request.POST[field],
            category=_chosen_category(request),
            country=request.POST.get("country", ""),
            asn=_number(request.POST.get("asn", "")),
            sites=sites,
        )
        for field in fields
    ]


def _busy(request: SignedInRequest, fields: Sequence[str], sentence: str) -> list[Trial]:
    finding = Finding("URL", Tone.HINT, sentence)
    return [Trial(request.POST[name], [finding]) for name in fields]


def _chosen_category(request: SignedInRequest) -> Category | None:
    number = _number(request.POST.get("category", ""))
    return Category.objects.filter(pk=number, admin_only=False).first() if number else None


def _number(text: str) -> int | None:
    return int(text) if text.isascii() and text.isdecimal() and len(text) < 15 else None


def _filled_in(request: SignedInRequest, trials: Sequence[Trial]) -> dict[str, object]:
    """Return what was typed, with the guesses where nothing was chosen yet."""
    facts: dict[str, object] = dict(request.POST.items())
    for trial in trials:
        if not facts.get("country") and trial.countries:
            facts["country"] = trial.countries[0]
        if not facts.get("asn") and trial.asns:
            facts["asn"] = trial.asns[0]
    return facts
