"""Addresses that programs call, not people. They never redirect: old clients do not follow."""

from django.urls import path, re_path

from registry.api.check_in import CheckInView
from registry.views.check_in_script import check_in_script
from registry.views.rsync_acl import rsync_acl
from registry.views.xmlrpc import xmlrpc

app_name = "machines"

urlpatterns = [
    re_path(r"^(?:mirrormanager/)?xmlrpc/?$", xmlrpc, name="xmlrpc"),
    re_path(r"^api/v1/check-in/?$", CheckInView.as_view(), name="check-in"),
    path("check-in.sh", check_in_script, name="check-in-script"),
    re_path(r"^rsync_acl/?$", rsync_acl, name="rsync-acl"),
]
