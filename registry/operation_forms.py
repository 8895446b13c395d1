"""The parameters of operations as operators fill them in; each form makes its operation."""

import re
from typing import Any

from django import forms
from django.db.models import QuerySet

from registry.logic.operations.redirects import release_day_pairs
from registry.logic.operations.release import Wanted
from registry.models import Category, Host, Product, Repository, RepositoryRedirect, Version
from registry.querysets import RepositoryQuerySet
from registry.services.operations.base import Operation
from registry.services.operations.expiry import EmergencyExpire
from registry.services.operations.lookups import find_category, find_repositories
from registry.services.operations.moves import ARCHIVE, MoveToArchive, MoveToRelease
from registry.services.operations.redirects import CreateRedirects, RemoveRedirects
from registry.services.operations.release import AddRelease
from registry.services.operations.release_day import ReleaseDay
from registry.services.operations.switching import DisableRepositories


class OperationForm(forms.Form):
    """The parameters of an operation. Rows that a list selected come as `ids`, never edited.

    `person` is who fills it in, for operations that wait for the network.
    """

    required_css_class = "required"
    person = 0

    def operation(self) -> Operation[Any]:
        """Return the operation, given valid parameters. Raises OperationError."""
        raise NotImplementedError


class RowsField(forms.CharField):
    """Ids of the rows that a list selected, as one hidden value: there may be thousands."""

    widget = forms.HiddenInput
    greatest = 10_000  # within the number of parameters that every database takes

    def __init__(self, rows: QuerySet[Any], **kwargs: Any) -> None:
        super().__init__(required=False, **kwargs)
        self.rows = rows

    def clean(self, value: Any) -> Any:
        """Return the rows that still exist; none if nothing was selected."""
        # Databases refuse ids of more than 18 digits.
        ids = [
            int(part) for part in str(value or "").split(",") if re.fullmatch("[0-9]{1,18}", part)
        ]
        if len(ids) > self.greatest:
            raise forms.ValidationError(
                f"More than {self.greatest:,} rows are selected; narrow the list with its filters."
            )
        return self.rows.all().filter(pk__in=ids) if ids else self.rows.none()


class ChosenForm(OperationForm):
    """Which Repositories: those of a Version, of a prefix, or of rows that a list selected."""

    version = forms.ModelChoiceField(
        Version.objects.select_related("product"),
        required=False,
        help_text="All Repositories of this Version …",
    )
    repo_prefix = forms.CharField(
        label="Prefix",
        required=False,
        help_text="… or those of one prefix, for example updates-released-f42.",
    )
    repositories = RowsField(Repository.objects.all())
    versions = RowsField(Version.objects.all())
    products = RowsField(Product.objects.all())
    choices = ("version", "repo_prefix", "repositories", "versions", "products")

    def clean(self) -> dict[str, Any]:
        if not self.errors and not any(self.cleaned_data.get(name) for name in self.choices):
            raise forms.ValidationError("Choose a Version or name a prefix.")
        return self.cleaned_data

    def chosen(self) -> RepositoryQuerySet:
        """Return the Repositories. Raises OperationError for a prefix that nobody has."""
        asked, everything = self.cleaned_data, Repository.objects.all()
        if asked["repo_prefix"]:
            return find_repositories(asked["repo_prefix"])
        if asked["version"]:
            return everything.filter(version=asked["version"])
        if asked["versions"]:
            return everything.filter(version__in=asked["versions"])
        if asked["products"]:
            return everything.filter(category__product__in=asked["products"])
        return everything.filter(pk__in=asked["repositories"])


class ExpireForm(ChosenForm):
    """Emergency expire has no other parameters."""

    def operation(self) -> EmergencyExpire:
        return EmergencyExpire(self.chosen())


class DisableForm(ChosenForm):
    """Disabling needs a reason."""

    why = forms.CharField(
        label="Why?",
        widget=forms.Textarea(attrs={"rows": 2, "cols": 70}),
        help_text="One sentence; the timeline keeps it.",
    )

    def operation(self) -> DisableRepositories:
        return DisableRepositories(self.chosen(), self.cleaned_data["why"])


class ArchiveForm(ChosenForm):
    """Archiving needs the Category of the archive."""

    archive = forms.CharField(
        label="Archive Category", initial=ARCHIVE, help_text="Where they are to go."
    )

    def operation(self) -> MoveToArchive:
        return MoveToArchive(self.chosen(), find_category(self.cleaned_data["archive"]))


class ReleaseMoveForm(OperationForm):
    """A Version that has left development."""

    category = forms.ModelChoiceField(
        Category.objects.exclude(product=None), help_text="For example Fedora Linux."
    )
    version = forms.CharField(help_text="As it stands in paths, for example 43.")

    def operation(self) -> MoveToRelease:
        return MoveToRelease(self.cleaned_data["category"], self.cleaned_data["version"])


class ReleaseDayForm(OperationForm):
    """The Version that is released."""

    version = forms.ModelChoiceField(
        Version.objects.select_related("product"), help_text="Of which today is the release day."
    )

    def operation(self) -> ReleaseDay:
        return ReleaseDay(self.cleaned_data["version"])


class CreateRedirectsForm(OperationForm):
    """One redirect, or the set of a release."""

    from_prefix = forms.CharField(
        help_text="What clients ask for as repo=; or a Version, see below."
    )
    to_prefix = forms.CharField(help_text="What they get; or a Version, or rawhide.")
    release_day = forms.BooleanField(
        required=False,
        help_text="Both are Versions (43, 42 or rawhide): redirect fedora-, fedora-debug-, "
        "fedora-source-, updates-released-f and updates-testing-f of the first.",
    )

    def operation(self) -> CreateRedirects:
        source, target, whole = (
            self.cleaned_data[name] for name in ("from_prefix", "to_prefix", "release_day")
        )
        pairs = release_day_pairs(source, target) if whole else [(source, target)]
        return CreateRedirects(tuple(pairs))


class RemoveRedirectsForm(OperationForm):
    """One redirect, the set of a release, or rows of the list."""

    from_prefix = forms.CharField(
        required=False, help_text="What clients ask for as repo=; or a Version, see below."
    )
    release_day = forms.BooleanField(
        required=False, help_text="It is a Version: remove the redirects of all its prefixes."
    )
    redirects = RowsField(RepositoryRedirect.objects.all())

    def clean(self) -> dict[str, Any]:
        if not self.errors and not any(
            self.cleaned_data.get(name) for name in ("from_prefix", "redirects")
        ):
            raise forms.ValidationError("Name a prefix.")
        return self.cleaned_data

    def operation(self) -> RemoveRedirects:
        source = self.cleaned_data["from_prefix"]
        if not source:
            rows = self.cleaned_data["redirects"]
            return RemoveRedirects(tuple(rows.values_list("from_prefix", flat=True)))
        if self.cleaned_data["release_day"]:
            return RemoveRedirects(tuple(name for name, _ in release_day_pairs(source, "rawhide")))
        return RemoveRedirects((source,))


class AddReleaseForm(OperationForm):
    """What is to exist; only the Product is required."""

    product = forms.CharField(max_length=100, help_text="For example Fedora.")
    versions = forms.CharField(
        required=False, help_text="As they stand in paths, with blanks between them: 43 44."
    )
    category = forms.CharField(
        max_length=100, required=False, help_text="For example Fedora Linux, if it is new."
    )
    top_directory = forms.CharField(
        max_length=1000, required=False, help_text="Of the Category, for example pub/fedora/linux."
    )
    source_location = forms.CharField(
        max_length=1000,
        required=False,
        help_text="Where that is on this machine; without it the Category is not scanned.",
    )
    host = forms.ModelChoiceField(
        Host.objects.select_related("site"),
        required=False,
        help_text="A master Host that has all of the Category, always up2date.",
    )
    url = forms.CharField(
        max_length=500, required=False, help_text="Under which that Host has the Category."
    )

    def operation(self) -> AddRelease:
        asked = self.cleaned_data
        return AddRelease(
            Wanted(
                product=asked["product"],
                versions=tuple(asked["versions"].split()),
                category=asked["category"],
                top_directory=asked["top_directory"],
                source_location=asked["source_location"],
                host=asked["host"].name if asked["host"] else "",
                url=asked["url"],
            )
        )
