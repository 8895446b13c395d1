"""The mirrorlist's operations as operators see them; the page is `registry.admin.operations`."""

from mirrorlist.operation_forms import BuildNetblocksForm, ExpireStatisticsForm
from registry.admin.operations import OperationPage, add_page

add_page(
    OperationPage(
        "build-netblocks",
        "Build netblocks",
        "Make the table that says which autonomous system announces a network. A worker does it; "
        "the result is among the finished tasks.",
        BuildNetblocksForm,
        ("mirrorlist.change_snapshot",),
    )
)
add_page(
    OperationPage(
        "expire-statistics",
        "Expire statistics",
        "Delete the numbers of days and months that are older than the settings keep them. "
        "A worker does the same every day.",
        ExpireStatisticsForm,
        ("mirrorlist.delete_accessstat",),
    )
)
