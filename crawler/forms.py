"""The parameters of the crawler's operations."""

from django import forms

from crawler.services.hash_chore import HashFiles, HashWish
from crawler.services.refresh import GREATEST_IN_PAGE, RefreshFile, look_at_file
from registry.models import Category, SourceKind
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


class HashForm(OperationForm):
    """Which files of a local master tree are read, and what for."""

    category = forms.ModelChoiceField(
        Category.objects.filter(source_kind=SourceKind.LOCAL).exclude(source_location=""),
        help_text="Whose files; only masters on this machine can be read.",
    )
    names = forms.CharField(
        required=False,
        help_text="Also files with such names that have no digests yet, with blanks between: *.iso",
    )
    below = forms.CharField(
        max_length=1000, required=False, help_text="Only at or below this whole path."
    )
    missing = forms.BooleanField(
        label="Only what is missing",
        required=False,
        help_text="Only files of which a digest or the pieces are not known.",
    )
    verify = forms.BooleanField(
        label="Only compare", required=False, help_text="Record nothing; say what differs."
    )

    def operation(self) -> HashFiles:
        asked = self.cleaned_data
        names = tuple(asked["names"].split())
        wish = HashWish(names, asked["below"], asked["missing"], asked["verify"])
        return HashFiles(asked["category"], wish)
