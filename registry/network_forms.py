"""What operators fill in for operations that need the network, or bring the whole network in."""

from typing import Any

from django import forms

from registry.models import Host, HostNetblockSource
from registry.operation_forms import OperationForm, RowsField
from registry.services.operations.cloud_ranges import UpdateRanges, fetch_ranges
from registry.services.operations.network_file import ImportNetwork

GREATEST_BYTES = 2_000_000


class RangesForm(OperationForm):
    """Which lists of address ranges: those that a list selected, those of a Host, or all."""

    host = forms.ModelChoiceField(
        Host.objects.exclude(netblock_sources=None).distinct().order_by("name"),
        required=False,
        empty_label="all Hosts that have lists",
        help_text="Only the lists of this Host.",
    )
    force = forms.BooleanField(
        label="However much is lost",
        required=False,
        help_text="Believe a list, too, that lost more netblocks than the settings allow.",
    )
    sources = RowsField(HostNetblockSource.objects.all())

    def operation(self) -> UpdateRanges:
        asked, sources = self.cleaned_data, HostNetblockSource.objects.all()
        if asked["sources"]:
            sources = asked["sources"]
        if asked["host"]:
            sources = sources.filter(host=asked["host"])
        return fetch_ranges(sources, force=asked["force"], person=self.person)


class ImportNetworkForm(OperationForm):
    """A network file, as an upload or pasted; the text travels through the preview."""

    file = forms.FileField(required=False, help_text="YAML or JSON, as the export has it.")
    text = forms.CharField(
        label="Or paste it",
        required=False,
        strip=False,
        widget=forms.Textarea(attrs={"rows": 12, "cols": 90, "spellcheck": "false"}),
        help_text="What the file names is added or changed; everything else stays.",
    )
    replace = forms.BooleanField(
        label="Remove what its lists do not name",
        required=False,
        help_text="Each list of the file becomes the whole truth. Look at each step.",
    )

    def clean(self) -> dict[str, Any]:
        upload = self.cleaned_data.get("file")
        if upload:
            self.cleaned_data["text"] = self._read(upload)
            # So that the confirmation carries what was uploaded.
            self.data = {**self.data.dict(), "text": self.cleaned_data["text"]}  # type: ignore[attr-defined]
        text = self.cleaned_data.get("text", "")
        if not text.strip() and not self.errors:
            raise forms.ValidationError("Choose a file or paste its text.")
        if len(text.encode(errors="replace")) > GREATEST_BYTES:
            raise forms.ValidationError(self._too_large())
        return self.cleaned_data

    def operation(self) -> ImportNetwork:
        # Browsers send the ends of lines of a text area as two characters.
        text = self.cleaned_data["text"].replace("\r\n", "\n")
        return ImportNetwork(text, replace=self.cleaned_data["replace"])

    def _read(self, upload: Any) -> str:
        if upload.size > GREATEST_BYTES:
            raise forms.ValidationError(self._too_large())
        try:
            text: str = upload.read().decode("utf-8-sig")
        except UnicodeDecodeError as error:
            raise forms.ValidationError(f"It is no UTF-8 (byte {error.start}).") from error
        return text

    def _too_large(self) -> str:
        return f"A file has at most {GREATEST_BYTES:,} bytes here; the command takes larger ones."
