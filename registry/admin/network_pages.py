"""The network as one file in the admin: out as it is, and in with a preview."""

from django.contrib import admin
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, StreamingHttpResponse

from registry.admin.approvals import operator
from registry.admin.operations import OperationPage, add_page
from registry.network_forms import ImportNetworkForm
from registry.services.network_export import export_network
from registry.services.network_tables import MODELS

# A network file may touch every table that its kinds are.
TABLES = [str(m._meta.model_name) for m in MODELS.values() if m._meta.app_label == "registry"]

IMPORT = add_page(
    OperationPage(
        "import-network",
        "Import a network file",
        "Make the database say what a YAML or JSON document says, all of it or nothing. It adds "
        "and changes; it removes only if you ask for it.",
        ImportNetworkForm,
        tuple(f"registry.{verb}_{name}" for name in TABLES for verb in ("add", "change", "delete")),
    )
)
VIEWED = tuple(f"registry.view_{name}" for name in TABLES)


def export_page(request: HttpRequest) -> StreamingHttpResponse:
    """Give the network file, without state. It holds no secrets, but private Hosts."""
    if not operator(request).has_perms(VIEWED):
        raise PermissionDenied
    response = StreamingHttpResponse(export_network(), content_type="application/yaml")
    response["Content-Disposition"] = 'attachment; filename="network.yaml"'
    response["Cache-Control"] = "private, no-store"
    return response


export_view = admin.site.admin_view(export_page)
