"""The admin site of operators: its title and its dashboard."""

from django.contrib import admin
from django.contrib.admin.apps import AdminConfig


class MirrorsiteAdminConfig(AdminConfig):
    default_site = "mirrorsite.admin_site.MirrorsiteAdminSite"


class MirrorsiteAdminSite(admin.AdminSite):
    site_header = "Mirrorsite"
    site_title = "Mirrorsite"
    index_title = "Operations"
