"""The operations on content as operators see them; the page is `registry.admin.operations`."""

from registry.admin.operations import OperationPage, add_page
from registry.operation_forms import (
    AddReleaseForm,
    ArchiveForm,
    CreateRedirectsForm,
    DisableForm,
    ExpireForm,
    ReleaseDayForm,
    ReleaseMoveForm,
    RemoveRedirectsForm,
)

CHANGE_REPOSITORIES = ("registry.change_repository",)

ADD_RELEASE = add_page(
    OperationPage(
        "add-release",
        "Add a product or release",
        "Add a Product, Versions of it and a Category with its top directory, and let a master "
        "Host carry it. What exists already stays as it is; what contradicts is refused.",
        AddReleaseForm,
        (
            "registry.add_product",
            "registry.add_version",
            "registry.add_category",
            "registry.add_hostcategory",
        ),
    )
)
MOVE_TO_RELEASE = add_page(
    OperationPage(
        "move-to-release",
        "Move development to release",
        "Let the Repositories below development/VERSION lead to releases/VERSION, once the master "
        "has that tree and it was scanned. Prefixes stay as they are.",
        ReleaseMoveForm,
        CHANGE_REPOSITORIES,
    )
)
RELEASE_DAY = add_page(
    OperationPage(
        "release-day",
        "Release day",
        "Show the Version that is released today on public pages, hide the test Versions of its "
        "Product, and remove the redirects that led its prefixes to rawhide.",
        ReleaseDayForm,
        ("registry.change_version", "registry.delete_repositoryredirect"),
    )
)
MOVE_TO_ARCHIVE = add_page(
    OperationPage(
        "move-to-archive",
        "Move to the archive",
        "Let Repositories lead to the same place below the top directory of the archive, once the "
        "archive has that tree and it was scanned. Prefixes stay as they are.",
        ArchiveForm,
        CHANGE_REPOSITORIES,
    )
)
CREATE_REDIRECTS = add_page(
    OperationPage(
        "create-redirects",
        "Create redirects",
        "Let clients that ask for one prefix get another: a single one, or all prefixes of a "
        "Fedora Version on the day of a release. If one is refused, none is created.",
        CreateRedirectsForm,
        ("registry.add_repositoryredirect", "registry.change_repositoryredirect"),
    )
)
REMOVE_REDIRECTS = add_page(
    OperationPage(
        "remove-redirects",
        "Remove redirects",
        "Take away a redirect, or all those of a Fedora Version.",
        RemoveRedirectsForm,
        ("registry.delete_repositoryredirect",),
    )
)
DISABLE = add_page(
    OperationPage(
        "disable-repository",
        "Disable Repositories",
        "Let clients that ask for a Repository be told that it is disabled. One disabled "
        "Repository disables its prefix for all Arches. Enable it again on the list.",
        DisableForm,
        CHANGE_REPOSITORIES,
    )
)
EXPIRE = add_page(
    OperationPage(
        "emergency-expire",
        "Emergency expire",
        "Drop all earlier states of the metadata of Repositories, so that clients accept the "
        "newest only. For the day on which content was pulled back or signed wrongly. It cannot be "
        "undone: Hosts count as stale until they have the newest metadata.",
        ExpireForm,
        CHANGE_REPOSITORIES,
    )
)
