"""The changes of many Sites or Hosts as operators see them; lists of Sites and Hosts lead here."""

from registry.admin.operations import OperationPage, add_page
from registry.bulk_forms import (
    AddCategoryForm,
    BandwidthForm,
    CountryForm,
    PrivacyForm,
    RemoveCategoryForm,
    SitePrivacyForm,
)

CHANGE_HOSTS = ("registry.change_host",)
FROM_LIST = "Select Hosts on their list and choose this action there."

SET_BANDWIDTH = add_page(
    OperationPage("set-bandwidth", "Set bandwidth", FROM_LIST, BandwidthForm, CHANGE_HOSTS, "host")
)
SET_COUNTRY = add_page(
    OperationPage("set-country", "Set country", FROM_LIST, CountryForm, CHANGE_HOSTS, "host")
)
SET_PRIVACY = add_page(
    OperationPage(
        "set-privacy", "Make private or public", FROM_LIST, PrivacyForm, CHANGE_HOSTS, "host"
    )
)
ADD_CATEGORY = add_page(
    OperationPage(
        "add-category",
        "Let them carry a Category",
        FROM_LIST,
        AddCategoryForm,
        ("registry.add_hostcategory",),
        "host",
    )
)
REMOVE_CATEGORY = add_page(
    OperationPage(
        "remove-category",
        "Take a Category from them",
        FROM_LIST,
        RemoveCategoryForm,
        ("registry.delete_hostcategory",),
        "host",
    )
)
SET_SITE_PRIVACY = add_page(
    OperationPage(
        "set-site-privacy",
        "Make private or public",
        "Select Sites on their list and choose this action there.",
        SitePrivacyForm,
        ("registry.change_site",),
        "site",
    )
)
