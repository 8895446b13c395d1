"""The parameters of the crawler's operations."""

from django import forms

from crawler.services.refresh import GREATEST_IN_PAGE, RefreshFile, look_at_file
from registry.operation_forms import OperationForm


class RefreshForm(OperationForm):
    """One file of the master."""

    path = forms.CharField(
        max_length=4000,
        widget=forms.TextInput(attrs={"size": 90}),
        help_text="Whole path, for example pub/fedora/linux/releases/43/…/repodata/repomd.xml.",
    )

    def operation(self) -> RefreshFile:
        return look_at_file(self.cleaned_data["path"], greatest_bytes=GREATEST_IN_PAGE)
