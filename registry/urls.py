"""Addresses of the rsync filter, and of the operators' pages that belong to no single table."""

from django.contrib import admin
from django.urls import path

from registry.admin import network_pages
from registry.admin.filters import delete_filter_page, save_filter_page
from registry.admin.lint_page import lint_view
from registry.admin.operations import operation_list, operation_page
from registry.admin.queue import approval_queue
from registry.admin.reference import model_reference
from registry.admin.rules import add_rule_set_page, apply_rules_page, try_paths_page
from registry.views.rsync_filter import rsync_filter

app_name = "registry"

urlpatterns = [
    path("rsync_filter/", rsync_filter, name="rsync-filter"),
    # As MirrorManager's clients ask for it, with and without the slash.
    path("rsyncFilter", rsync_filter),
    path("rsyncFilter/", rsync_filter),
    path("admin/approvals/", admin.site.admin_view(approval_queue), name="approval-queue"),
    path("admin/filters/save/", admin.site.admin_view(save_filter_page), name="filter-save"),
    path(
        "admin/filters/<int:pk>/delete/",
        admin.site.admin_view(delete_filter_page),
        name="filter-delete",
    ),
    path("admin/rules/try/", admin.site.admin_view(try_paths_page), name="try-paths"),
    path("admin/rules/add/", admin.site.admin_view(add_rule_set_page), name="add-rule-set"),
    path("admin/rules/apply/", admin.site.admin_view(apply_rules_page), name="apply-rules"),
    path("admin/lint/", lint_view, name="host-lint"),
    path("admin/network.yaml", network_pages.export_view, name="export-network"),
    path("admin/operations/", admin.site.admin_view(operation_list), name="operations"),
    path("admin/operations/<slug:slug>/", admin.site.admin_view(operation_page), name="operation"),
    path("admin/reference/", admin.site.admin_view(model_reference), name="model-reference"),
]
