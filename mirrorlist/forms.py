"""What operators fill in: a client and its question, the name of an edge, a log to be read."""

from typing import Any

from django import forms
from django.conf import settings
from django.template.defaultfilters import filesizeformat
from django.utils.translation import gettext_lazy as _

from mirrorlist.log_files import list_logs, store_upload
from mirrorlist.logic.query import Kind

GREATEST_UPLOAD_BYTES = 512 * 2**20


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


class EdgeKeyForm(forms.Form):
    """An edge that is to send statistics."""

    edge = forms.CharField(
        max_length=100,
        label="Name of the edge",
        help_text="As in its MIRRORLIST_EDGE_NAME: letters, digits, dots and hyphens.",
    )


def _logs() -> list[tuple[str, str]]:
    logs = list_logs(settings.MIRRORLIST_LOG_DIR)
    rows = [(log.filename, f"{log.filename} ({filesizeformat(log.size_bytes)})") for log in logs]
    return [("", "---------"), *rows]


class ReadLogForm(forms.Form):
    """A log of mirrorlist-server: one in MIRRORLIST_LOG_DIR, or an upload that is put there."""

    chosen = forms.ChoiceField(label="Log on the server", choices=_logs, required=False)
    upload = forms.FileField(
        label="Or upload one",
        required=False,
        help_text="Plain, .gz, .bz2 or .xz. It is deleted once it was counted, or after a day.",
    )
    only_day = forms.DateField(
        label="Only this day",
        required=False,
        help_text="For example 2026-11-20; empty means every day in it.",
    )

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        self.fields["chosen"].help_text = f"The newest of {settings.MIRRORLIST_LOG_DIR}."

    def clean(self) -> dict[str, Any]:
        facts = self.cleaned_data
        upload = facts.get("upload")
        if bool(upload) == bool(facts.get("chosen")) and not self.errors:
            raise forms.ValidationError("Choose a log on the server, or upload one.")
        if upload and upload.size > GREATEST_UPLOAD_BYTES:
            most = filesizeformat(GREATEST_UPLOAD_BYTES)
            message = f"An upload has at most {most}. Put the log into the directory instead."
            self.add_error("upload", message)
        return facts

    def filename(self) -> str:
        """Return the name of the log, once it is where workers find it. Raises LogFileError."""
        upload = self.cleaned_data["upload"]
        if not upload:
            return str(self.cleaned_data["chosen"])
        directory = settings.MIRRORLIST_LOG_DIR
        return store_upload(upload.chunks(), name=upload.name, directory=directory)
