"""The form that takes a CSV file: as an upload or pasted; the text travels through the preview."""

from typing import Any

from django import forms

from registry.logic.csv_import import TABLES
from registry.operation_forms import OperationForm
from registry.services.csv_files import ImportCsv

GREATEST_BYTES = 2_000_000


class ImportCsvForm(OperationForm):
    """One table and its file."""

    table = forms.ChoiceField(choices=[(name, name) for name in TABLES])
    file = forms.FileField(
        required=False, help_text="CSV in UTF-8, as the export of a list has it."
    )
    text = forms.CharField(
        label="Or paste it",
        required=False,
        strip=False,
        widget=forms.Textarea(attrs={"rows": 8, "cols": 90, "spellcheck": "false"}),
        help_text="The first line names the columns. A line with an id changes that row, one "
        "without adds a row; rows and columns that are not named stay as they are.",
    )

    def clean(self) -> dict[str, Any]:
        upload = self.cleaned_data.get("file")
        if upload:
            self.cleaned_data["text"] = self._read(upload)
            # So that the confirmation carries what was uploaded.
            self.data = {**self.data.dict(), "text": self.cleaned_data["text"]}  # type: ignore[attr-defined]
        if not self.cleaned_data.get("text", "").strip() and not self.errors:
            raise forms.ValidationError("Choose a file or paste its text.")
        if len(self.cleaned_data.get("text", "").encode()) > GREATEST_BYTES:
            raise forms.ValidationError(f"A file has at most {GREATEST_BYTES:,} bytes.")
        return self.cleaned_data

    def operation(self) -> ImportCsv:
        return ImportCsv(self.cleaned_data["table"], self.cleaned_data["text"])

    def _read(self, upload: Any) -> str:
        if upload.size > GREATEST_BYTES:
            raise forms.ValidationError(f"A file has at most {GREATEST_BYTES:,} bytes.")
        try:
            text: str = upload.read().decode("utf-8-sig")
        except UnicodeDecodeError as error:
            raise forms.ValidationError(
                f"It is no UTF-8 (byte {error.start}). Save it as CSV in UTF-8."
            ) from error
        return text
