"""The operations of the crawler as operators see them; the page is `registry.admin.operations`."""

from crawler.forms import HashForm, RefreshForm
from registry.admin.operations import OperationPage, add_page

REFRESH = add_page(
    OperationPage(
        "refresh-file",
        "Refresh one file",
        "Look at one file of a local master tree again, now: the digests of the file and the "
        "listing of its Directory. For the file that was just mended, instead of a whole scan.",
        RefreshForm,
        ("registry.change_category",),
    )
)
HASH = add_page(
    OperationPage(
        "hash-files",
        "Hash files",
        "Read files of a local master tree, and compare their digests with what is recorded or "
        "record those that are missing. A worker does it; the result is among the finished tasks.",
        HashForm,
        ("registry.change_category",),
    )
)
