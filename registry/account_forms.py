"""What people fill in about themselves: registering, their address, invitations, tokens."""

from datetime import timedelta
from typing import Any

from django import forms
from django.contrib.auth.forms import UserCreationForm
from django.contrib.auth.models import User
from django.utils.translation import gettext_lazy as _

from registry.models import PersonalToken

LIFETIMES = {"30": _("30 days"), "90": _("90 days"), "365": _("a year"), "": _("no end")}


class RegisterForm(UserCreationForm):
    """A new account: user name, address, password twice."""

    email = forms.EmailField(
        label=_("E-mail address"),
        max_length=254,
        help_text=_("We send a letter there; the account works when you follow its link."),
        widget=forms.EmailInput(attrs={"autocomplete": "email"}),
    )

    class Meta(UserCreationForm.Meta):
        model = User
        fields = ("username", "email")


class AccountForm(forms.Form):
    """What somebody may change about their account at once; the address takes a letter."""

    first_name = forms.CharField(label=_("First name"), max_length=150, required=False)
    last_name = forms.CharField(label=_("Last name"), max_length=150, required=False)
    email = forms.EmailField(
        label=_("E-mail address"),
        max_length=254,
        help_text=_("A new address counts when you follow the link in the letter that we send."),
    )


class InviteForm(forms.Form):
    """Whom to make SiteAdmin: somebody with an account, or whoever reads an address."""

    person = forms.CharField(
        label=_("User name or e-mail address"),
        max_length=254,
        widget=forms.TextInput(attrs={"autocapitalize": "none", "autocomplete": "off"}),
        help_text=_("People with an account are added at once; an address gets an invitation."),
    )

    def clean_person(self) -> str:
        person: str = self.cleaned_data["person"].strip()
        if "@" in person and not User.objects.filter(username=person).exists():
            forms.EmailField().clean(person)
        return person


class TokenForm(forms.Form):
    """A new token for a script."""

    name = forms.CharField(
        label=_("What it is for"), max_length=100, help_text=_("So that you know it again.")
    )
    scope = forms.ChoiceField(
        label=_("What it may do"),
        choices=[
            (PersonalToken.Scope.READ, _("read what you may read")),
            (PersonalToken.Scope.WRITE, _("read and change what you may change")),
        ],
    )
    lifetime = forms.ChoiceField(
        label=_("How long it works"), choices=list(LIFETIMES.items()), required=False, initial="90"
    )

    def clean_lifetime(self) -> timedelta | None:
        days: Any = self.cleaned_data["lifetime"]
        return timedelta(days=int(days)) if days else None
