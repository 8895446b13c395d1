"""What operators fill in to see what a client gets."""

from django import forms

from mirrorlist.logic.query import Kind


class ExplainForm(forms.Form):
    """A client and its question, as in the query string of a mirrorlist."""

    ip = forms.GenericIPAddressField(label="Address of the client", unpack_ipv4=True)
    repo = forms.CharField(label="Repository", required=False, help_text="For example fedora-42.")
    arch = forms.CharField(label="Arch", required=False, help_text="For example x86_64.")
    path = forms.CharField(
        label="Path", required=False, help_text="A Directory or file, instead of a Repository."
    )
    country = forms.CharField(
        label="Requested countries", required=False, help_text="For example de,fr; or global."
    )
    protocol = forms.CharField(
        label="Protocols", required=False, help_text="For example https; empty means any."
    )
    avoid_country = forms.CharField(
        label="Countries to avoid", required=False, help_text="For example us,ca."
    )
    limit = forms.IntegerField(
        label="Number of Hosts", required=False, min_value=1, help_text="Empty means all."
    )
    kind = forms.ChoiceField(
        label="Answer",
        choices=[(kind.value, kind.value) for kind in Kind],
        initial=Kind.MIRRORLIST.value,
        required=False,
        help_text="A mirrorlist names the Directory, a metalink the metadata in it.",
    )

    def clean(self) -> None:
        facts = self.cleaned_data
        if not facts.get("path") and not (facts.get("repo") and facts.get("arch")):
            raise forms.ValidationError("Fill in a path, or a Repository and an Arch.")

    @property
    def answer_kind(self) -> Kind:
        return Kind(self.cleaned_data["kind"] or Kind.MIRRORLIST.value)

    def parameters(self) -> dict[str, str]:
        return {
            name: str(self.cleaned_data[name] or "")
            for name in ("repo", "arch", "path", "country", "protocol", "avoid_country", "limit")
        }
