"""What people fill in about their Sites and Hosts.

Which fields are theirs is asked of `registry.logic.owner_fields`; what they may contain, of models
and services. So a field that no list names is on no form, whatever is posted.
"""

from collections.abc import Mapping
from typing import Any

from django import forms
from django.contrib.auth.models import User
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from registry.logic.owner_fields import HOST, SITE, changeable
from registry.models import Category, Country, Host, Site
from registry.querysets import is_operator
from registry.services.sentences import translate_sentence

# In the order of the page. A Host's switch has a page of its own, since it needs a reason.
SITE_FIELDS = (
    "name",
    "organization_url",
    "private",
    "all_sites_can_pull_from_me",
    "downstream_comments",
    "user_active",
    "admin_active",
)
HOST_FIELDS = (
    "name",
    "country",
    "bandwidth_mbps",
    "private",
    "asn",
    "asn_clients",
    "reach",
    "latitude",
    "longitude",
    "max_connections",
    "max_file_mb",
    "crawl_from",
    "crawl_until",
    "contact",
    "comment",
    "sponsor",
    "share_percent",
    "always_listed",
    "admin_active",
    "disable_reason",
)
# Enough to begin with; the others have defaults and wait on the page that edits.
NEW_SITE_FIELDS = ("name", "organization_url", "private")
NEW_HOST_FIELDS = ("name", "country", "bandwidth_mbps", "private", "asn", "contact", "comment")
SITE_LABELS: dict[str, Any] = {
    "name": _("Name of the organization"),
    "organization_url": _("Home page"),
    "private": _("Private: all its Hosts stay out of public lists and report themselves"),
    "all_sites_can_pull_from_me": _("Every other Site may copy from our Hosts"),
    "downstream_comments": _("Remarks for those who copy from us"),
    "user_active": _("In service: off takes all Hosts of the Site out"),
}
SITE_HELP: dict[str, Any] = {
    "name": _("Shown in public; also the name of the Site at check-in."),
    "organization_url": _("Linked from the public list of mirrors."),
    "private": "",
    "all_sites_can_pull_from_me": "",
    "downstream_comments": _("Only Sites that may read your private URLs see them."),
    "user_active": "",
}
HOST_LABELS: dict[str, Any] = {
    "name": _("Host name"),
    "country": _("Country"),
    "bandwidth_mbps": _("Bandwidth (Mbit/s)"),
    "private": _("Private: only clients of its own networks are sent to it"),
    "asn": _("Autonomous system (ASN)"),
    "asn_clients": _("Clients of this autonomous system are sent here first"),
    "reach": _("Whose clients it is for"),
    "latitude": _("Latitude"),
    "longitude": _("Longitude"),
    "max_connections": _("Connections of one client"),
    "max_file_mb": _("Largest file (MB)"),
    "crawl_from": _("Crawl from (hour, UTC)"),
    "crawl_until": _("Crawl until (hour, UTC)"),
    "contact": _("Address for notices"),
    "comment": _("Public remark"),
}
HOST_HELP: dict[str, Any] = {
    "name": _("The name under which it is reached, for example mirror.example.org."),
    "country": _("Where it stands. Clients of the same country are sent to it first."),
    "bandwidth_mbps": _("Towards the Internet; its share of clients follows it."),
    "private": _("Such a Host is not visited: it reports itself what it has."),
    "asn": _("Only the number, for example 64496. Empty if you do not know it."),
    "asn_clients": "",
    "reach": _("Clients of its own netblocks are always sent to it."),
    "latitude": _("Degrees north, for the map and for distances. May stay empty."),
    "longitude": _("Degrees east. May stay empty."),
    "max_connections": _("How many one client may open at the same time."),
    "max_file_mb": _("Bigger files are fetched elsewhere. Empty means that any size will do."),
    "crawl_from": _("From 0 to 23; empty means that visits may begin at any time."),
    "crawl_until": _("22 until 6 spans midnight."),
    "contact": _("For machine-written notices, beside the addresses of the SiteAdmins."),
    "comment": _("Shown beside the Host to everybody."),
}
ROWS = forms.Textarea(attrs={"rows": 3})
INVISIBLE = "revision"


class OwnerForm(forms.ModelForm):  # type: ignore[type-arg]
    """A Site or a Host, with the revision that somebody looked at when they began to type."""

    revision = forms.IntegerField(
        widget=forms.HiddenInput,
        required=False,
        min_value=0,
        error_messages={"invalid": _("This form was damaged on its way. Open the page again.")},
    )

    def __init__(self, *args: Any, **more: Any) -> None:
        super().__init__(*args, **more)
        for field in self.fields.values():
            if isinstance(field, forms.TypedChoiceField):
                choices: Any = field.choices
                field.choices = [(value, translate_sentence(str(name))) for value, name in choices]

    def given(self) -> dict[str, Any]:
        """Return what differs from what the form showed, without the revision."""
        changed = set(self.changed_data) - {INVISIBLE}
        return {name: value for name, value in self.cleaned_data.items() if name in changed}

    def differences(self) -> list[tuple[str, str, str]]:
        """Return label, what was typed, and what is there now, for every field that differs."""
        return [
            (
                str(self.fields[name].label),
                self._said(name, typed),
                self._said(name, self.initial.get(name)),
            )
            for name, typed in self.given().items()
        ]

    def _said(self, name: str, value: Any) -> str:
        if isinstance(value, bool):
            return str(_("yes") if value else _("no"))
        field = self.fields[name]
        if isinstance(field, forms.ModelChoiceField) and not hasattr(value, "pk"):
            value = field.queryset.filter(pk=value).first() if field.queryset is not None else None
        elif isinstance(field, forms.TypedChoiceField):
            value = dict(field.choices).get(value, value)  # type: ignore[arg-type]
        return "–" if value in {None, ""} else str(value)


class SiteForm(OwnerForm):
    """A Site."""

    organization_url = forms.URLField(
        label=SITE_LABELS["organization_url"],
        help_text=SITE_HELP["organization_url"],
        required=False,
        assume_scheme="https",
        max_length=200,
    )


def site_form(user: User, fields: tuple[str, ...] = SITE_FIELDS) -> type[OwnerForm]:
    """Return the form of a Site with those of the fields that are the user's."""
    return _form(SiteForm, Site, fields, SITE_LABELS, SITE_HELP, user)


def host_form(user: User, fields: tuple[str, ...] = HOST_FIELDS) -> type[OwnerForm]:
    """Return the form of a Host with those of the fields that are the user's."""
    return _form(OwnerForm, Host, fields, HOST_LABELS, HOST_HELP, user)


def _form(
    base: type[OwnerForm],
    model: type[Site] | type[Host],
    order: tuple[str, ...],
    labels: Mapping[str, Any],
    helps: Mapping[str, Any],
    user: User,
) -> type[OwnerForm]:
    theirs = changeable(SITE if model is Site else HOST, by_operator=is_operator(user))
    made: Any = forms.modelform_factory(
        model,
        form=base,
        fields=[name for name in order if name in theirs],
        labels=dict(labels),
        help_texts=dict(helps),
        widgets=dict.fromkeys(("comment", "downstream_comments", "disable_reason"), ROWS),
    )
    form: type[OwnerForm] = made
    return form


class ConfirmForm(forms.Form):
    """The name of what is about to be deleted, typed by hand."""

    name = forms.CharField(
        label=_("Type its name to confirm"),
        max_length=300,
        widget=forms.TextInput(attrs={"autocomplete": "off", "autocapitalize": "none"}),
    )

    def __init__(self, *args: Any, expected: str, **more: Any) -> None:
        super().__init__(*args, **more)
        self._expected = expected

    def clean_name(self) -> str:
        name: str = self.cleaned_data["name"]
        if name.strip().casefold() != self._expected.casefold():
            raise ValidationError(_("This is not its name; nothing was deleted."))
        return name


class SwitchForm(forms.Form):
    """Why a Host goes out of service."""

    revision = forms.IntegerField(widget=forms.HiddenInput, required=False, min_value=0)
    reason = forms.CharField(
        label=_("Why, and until when"),
        required=False,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text=_("One sentence; operators and your colleagues read it."),
    )


class AddCategoryForm(forms.Form):
    """One more Category for a Host: those that the user may give and the Host lacks."""

    category = forms.ModelChoiceField(Category.objects.none(), label=_("Category"))

    def __init__(self, *args: Any, host: Host, user: User, **more: Any) -> None:
        super().__init__(*args, **more)
        free = Category.objects.exclude(host_categories__host=host).order_by("name")
        field = self.fields["category"]
        if isinstance(field, forms.ModelChoiceField):
            field.queryset = free if is_operator(user) else free.filter(admin_only=False)


class UrlForm(forms.Form):
    """One URL of a Category on a Host."""

    url = forms.CharField(
        label=_("URL"),
        max_length=500,
        widget=forms.TextInput(
            attrs={"inputmode": "url", "autocapitalize": "none", "spellcheck": "false", "size": 60}
        ),
        help_text=_(
            "Where the top directory of the Category is on the Host: https, http, rsync or ftp."
        ),
    )


class NetblocksForm(forms.Form):
    """Netblocks, one a line."""

    netblocks = forms.CharField(
        label=_("Netblocks"),
        strip=False,
        widget=forms.Textarea(attrs={"rows": 6, "spellcheck": "false"}),
        help_text=_("One a line, as 192.0.2.0/24 or 2001:db8::/48; what follows a # is left out."),
    )
    name = forms.CharField(
        label=_("What these networks are"),
        max_length=200,
        required=False,
        help_text=_("For people, for example: dormitories."),
    )


class CountryForm(forms.Form):
    """One country for a list."""

    country = forms.ModelChoiceField(Country.objects.order_by("name"), label=_("Country"))


class PeerForm(forms.Form):
    """A peer ASN, for operators."""

    asn = forms.IntegerField(label=_("ASN"), min_value=1, max_value=2**32 - 1)
    name = forms.CharField(label=_("Name"), max_length=200, required=False)


class OfferForm(forms.Form):
    """The Site that a Host is offered to."""

    site = forms.CharField(
        label=_("Exact name of the Site"),
        max_length=200,
        help_text=_(
            "Its SiteAdmins find the offer on their first page. Ask them how it is written."
        ),
    )
