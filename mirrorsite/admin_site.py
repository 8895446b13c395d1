"""The admin site of operators: its title and the order of its tables."""

from typing import Any

from django.contrib import admin
from django.contrib.admin.apps import AdminConfig
from django.http import HttpRequest

# The registry is too large for one list; its tables are grouped as its modules are.
GROUPS = {
    "registry.models.sites": "Sites",
    "registry.models.hosts": "Hosts",
    "registry.models.carriage": "Who carries what",
    "registry.models.content": "Content",
    "registry.models.geography": "Places",
    "registry.models.pairing": "Nodes",
    "registry.models.events": "Timeline",
    "registry.models.notifications": "Notifications",
    "registry.models.questions": "Timeline",
    "registry.models.filters": "Operators",
    "registry.models.people": "Accounts and secrets",
    "registry.models.credentials": "Accounts and secrets",
}


class MirrorsiteAdminConfig(AdminConfig):
    default_site = "mirrorsite.admin_site.MirrorsiteAdminSite"


class MirrorsiteAdminSite(admin.AdminSite):
    site_header = "Mirrorsite"
    site_title = "Mirrorsite"
    index_title = "Operations"

    def get_app_list(
        self, request: HttpRequest, app_label: str | None = None
    ) -> list[dict[str, Any]]:
        """Return the apps, with the registry split into its groups and put first."""
        apps = super().get_app_list(request, app_label)
        if app_label is not None:
            return apps
        registry = [app for app in apps if app["app_label"] == "registry"]
        return [group for app in registry for group in split_registry(app)] + [
            app for app in apps if app["app_label"] != "registry"
        ]


def split_registry(app: dict[str, Any]) -> list[dict[str, Any]]:
    """Return one app a group; a table of an unknown module stays under the registry's own name."""
    groups: dict[str, list[dict[str, Any]]] = {name: [] for name in GROUPS.values()}
    for table in app["models"]:
        name = GROUPS.get(table["model"].__module__, app["name"])
        groups.setdefault(name, []).append(table)
    return [{**app, "name": name, "models": tables} for name, tables in groups.items() if tables]
