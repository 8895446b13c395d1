"""What operators fill in to see what a client gets."""

from django import forms
from django.utils.translation import gettext_lazy as _

from mirrorlist.logic.query import Kind


class ExplainForm(forms.Form):
    """A client and its question, as in the query string of a mirrorlist."""

    ip = forms.GenericIPAddressField(label=_("Address of the client"), unpack_ipv4=True)
    repo = forms.CharField(
        label=_("Repository"), required=False, help_text=_("For example fedora-42.")
    )
    arch = forms.CharField(label=_("Arch"), required=False, help_text=_("For example x86_64."))
    path = forms.CharField(
        label=_("Path"),
        required=False,
        help_text=_("A Directory or file, instead of a Repository."),
    )
    country = forms.CharField(
        label=_("Requested countries"), required=False, help_text=_("For example de,fr; or global.")
    )
    protocol = forms.CharField(
        label=_("Protocols"), required=False, help_text=_("For example https; empty means any.")
    )
    avoid_country = forms.CharField(
        label=_("Countries to avoid"), required=False, help_text=_("For example us,ca.")
    )
    limit = forms.IntegerField(
        label=_("Number of Hosts"), required=False, min_value=1, help_text=_("Empty means all.")
    )
    kind = forms.ChoiceField(
        label=_("Answer"),
        choices=[(kind.value, kind.value) for kind in Kind],
        initial=Kind.MIRRORLIST.value,
        required=False,
        help_text=_("A mirrorlist names the Directory, a metalink the metadata in it."),
    )

    def clean(self) -> None:
        facts = self.cleaned_data
        if not facts.get("path") and not (facts.get("repo") and facts.get("arch")):
            raise forms.ValidationError(_("Fill in a path, or a Repository and an Arch."))

    @property
    def answer_kind(self) -> Kind:
        return Kind(self.cleaned_data["kind"] or Kind.MIRRORLIST.value)

    def parameters(self) -> dict[str, str]:
        return {
            name: str(self.cleaned_data[name] or "")
            for name in ("repo", "arch", "path", "country", "protocol", "avoid_country", "limit")
        }
