"""The parameters of changes to many Sites or Hosts; each form makes its operation."""

from django import forms

from registry.models import Category, Country, Host, Site
from registry.operation_forms import OperationForm, RowsField
from registry.services.operations.bulk_changes import AddCategory, RemoveCategory, SetFields

PRIVACY = (("", "Choose…"), ("yes", "private"), ("no", "public"))


class HostsForm(OperationForm):
    """The Hosts that a list selected."""

    hosts = RowsField(Host.objects.all())


class BandwidthForm(HostsForm):
    """How fast the Hosts are."""

    bandwidth_mbps = forms.IntegerField(
        label="Bandwidth (Mbit/s)",
        min_value=1,
        max_value=1_000_000,
        help_text="The share of clients follows it.",
    )

    def operation(self) -> SetFields:
        return SetFields(
            self.cleaned_data["hosts"], {"bandwidth_mbps": self.cleaned_data["bandwidth_mbps"]}
        )


class CountryForm(HostsForm):
    """Where the Hosts are."""

    country = forms.ModelChoiceField(
        Country.objects.order_by("name"),
        help_text="Clients of the same country are sent to them first.",
    )

    def operation(self) -> SetFields:
        return SetFields(self.cleaned_data["hosts"], {"country": self.cleaned_data["country"]})


class PrivacyForm(HostsForm):
    """Whether the Hosts are private."""

    private = forms.ChoiceField(
        label="They are",
        choices=PRIVACY,
        help_text="What is known of their copies is forgotten: until now another's word counted.",
    )

    def operation(self) -> SetFields:
        private = self.cleaned_data["private"] == "yes"
        return SetFields(self.cleaned_data["hosts"], {"private": private})


class SitePrivacyForm(OperationForm):
    """Whether the Sites are private."""

    sites = RowsField(Site.objects.all())
    private = forms.ChoiceField(
        label="They are",
        choices=PRIVACY,
        help_text="All Hosts of a private Site are private. What is known of their copies is "
        "forgotten: until now another's word counted.",
    )

    def operation(self) -> SetFields:
        private = self.cleaned_data["private"] == "yes"
        return SetFields(self.cleaned_data["sites"], {"private": private})


class AddCategoryForm(HostsForm):
    """What the Hosts begin to carry."""

    category = forms.ModelChoiceField(Category.objects.order_by("name"))

    def operation(self) -> AddCategory | RemoveCategory:
        return AddCategory(self.cleaned_data["hosts"], self.cleaned_data["category"])


class RemoveCategoryForm(AddCategoryForm):
    """What the Hosts stop carrying."""

    def operation(self) -> AddCategory | RemoveCategory:
        return RemoveCategory(self.cleaned_data["hosts"], self.cleaned_data["category"])
