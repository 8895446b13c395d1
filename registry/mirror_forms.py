"""What people fill in to add a mirror: everything on one page."""

from typing import Any, cast

from django import forms
from django.contrib.auth.models import User
from django.urls import reverse_lazy
from django.utils.translation import gettext_lazy as _

from registry.logic.netblocks import parse_netblock
from registry.models import Category, Country, Site
from registry.services.new_mirrors import Draft

URLS = 3
NETBLOCKS_AT_ONCE = 100


CHECKED = (*(f"url{number}" for number in range(1, URLS + 1)), "netblocks")


def _check_while_typing(name: str) -> dict[str, object]:
    """Return the attributes by which htmx has a field checked when somebody pauses (htmx 2)."""
    return {
        "hx-post": reverse_lazy("crawler:mirror-check"),
        "hx-trigger": "input changed delay:900ms, change from:#id_category",
        "hx-target": f"#checked-{name}",
        "hx-sync": "this:replace",
        "hx-include": "closest form",
    }


class CheckedUrlInput(forms.URLInput):
    """A field for one base URL; the placeholder shows how they look."""

    def __init__(self, example: str) -> None:
        super().__init__(attrs={"placeholder": example, "spellcheck": "false"})


class AddMirrorForm(forms.Form):
    """A Host of a Site, one Category it carries, and where.

    Nothing is bound to a row: what is made of it is for `registry.services.new_mirrors`.
    """

    site = forms.ModelChoiceField(
        Site.objects.none(), label=_("Site"), required=False, empty_label=_("a new one")
    )
    new_site = forms.CharField(
        label=_("Name of the new Site"),
        max_length=255,
        required=False,
        help_text=_("The organization that runs the mirror, as it is to be shown."),
    )
    name = forms.CharField(
        label=_("Name of the Host"),
        max_length=255,
        help_text=_("Usually its DNS name, for example mirror.example.org."),
        widget=forms.TextInput(attrs={"autocapitalize": "none", "spellcheck": "false"}),
    )
    category = forms.ModelChoiceField(
        Category.objects.none(),
        label=_("What it carries"),
        help_text=_("Others can be added afterwards."),
    )
    url1 = forms.CharField(
        label=_("URL"),
        max_length=500,
        help_text=_("Where the Category’s top directory is on your server."),
        widget=CheckedUrlInput("https://mirror.example.org/pub/linux"),
    )
    url2 = forms.CharField(
        label=_("Second URL, for example rsync"),
        max_length=500,
        required=False,
        widget=CheckedUrlInput("rsync://mirror.example.org/linux"),
    )
    url3 = forms.CharField(
        label=_("Third URL"),
        max_length=500,
        required=False,
        widget=CheckedUrlInput("http://mirror.example.org/pub/linux"),
    )
    country = forms.ModelChoiceField(
        Country.objects.order_by("name"),
        label=_("Country"),
        empty_label=_("guessed when a URL is checked"),
        help_text=_("Where the Host stands. Clients nearby are sent to it first."),
    )
    bandwidth_mbps = forms.IntegerField(
        label=_("Bandwidth (Mbit/s)"), min_value=1, max_value=1_000_000, initial=1000
    )
    asn = forms.IntegerField(
        label=_("ASN"),
        min_value=1,
        max_value=2**32 - 1,
        required=False,
        help_text=_("The autonomous system it is in, if you know it; its clients come first."),
    )
    private = forms.BooleanField(
        label=_("Private: only for our own clients"),
        required=False,
        help_text=_("We do not visit private Hosts; they check in and need a network below."),
    )
    netblocks = forms.CharField(
        label=_("Networks whose clients prefer it"),
        required=False,
        max_length=5000,
        widget=forms.Textarea(attrs={"rows": 2, "placeholder": "192.0.2.0/24"}),
        help_text=_("One a line, in CIDR notation. Very wide ones wait for an operator."),
    )

    def __init__(self, *args: Any, user: User, **options: Any) -> None:
        super().__init__(*args, **options)
        self._choices("site").queryset = Site.objects.managed_by(user).order_by("name")
        open_to_all = Category.objects.filter(admin_only=False).order_by("name")
        self._choices("category").queryset = open_to_all
        for checked in CHECKED:
            self.fields[checked].widget.attrs |= _check_while_typing(checked)
        self.fields["contact"] = forms.EmailField(
            label=_("Address for notices"), required=False, initial=user.email
        )

    @property
    def checked_fields(self) -> tuple[str, ...]:
        """Name the fields below which the page shows what was found."""
        return CHECKED

    def _choices(self, name: str) -> "forms.ModelChoiceField[Any]":
        return cast("forms.ModelChoiceField[Any]", self.fields[name])

    def clean_netblocks(self) -> list[str]:
        lines = [line.strip() for line in self.cleaned_data["netblocks"].splitlines()]
        lines = [line for line in lines if line]
        if len(lines) > NETBLOCKS_AT_ONCE:
            raise forms.ValidationError(
                _("At most %(most)s networks at once."), params={"most": NETBLOCKS_AT_ONCE}
            )
        for line in lines:
            try:
                parse_netblock(line)
            except ValueError as error:
                raise forms.ValidationError(str(error)) from error
        return lines

    def clean(self) -> None:
        facts = self.cleaned_data
        if not facts.get("site") and not facts.get("new_site"):
            self.add_error("new_site", _("Choose a Site, or give the name of a new one."))
        if facts.get("private") and not facts.get("netblocks") and not facts.get("asn"):
            message = _("A private Host needs a network or an ASN, or no client is sent to it.")
            self.add_error("netblocks", message)

    def draft(self) -> Draft:
        """Return what was filled in."""
        facts = self.cleaned_data
        names = ("name", "country", "bandwidth_mbps", "asn", "private", "contact")
        urls = [facts[f"url{number}"] for number in range(1, URLS + 1)]
        return Draft(
            site=facts["site"],
            new_site=facts["new_site"],
            host={name: facts[name] for name in names} | {"asn_clients": bool(facts["asn"])},
            category=facts["category"],
            urls=tuple(dict.fromkeys(url for url in urls if url)),
            netblocks=tuple(facts["netblocks"]),
        )
