"""What accounts may do beside what their Sites allow: Django's permissions, and what reviewers may.

Operators are staff, SiteAdmins may edit their Sites (`registry.querysets`). Reviewers look at
everything, decide what waits and change nothing else: one table adds that role to Django's
permissions, instead of rows that somebody must keep in step.
"""

from typing import Any

from django.contrib.auth.backends import BaseBackend, ModelBackend
from django.contrib.auth.models import AbstractBaseUser, AnonymousUser, Permission, User
from django.db import models
from django.db.models import Value

from registry.querysets import REVIEWERS, is_reviewer

APPS = ("registry", "crawler", "sync", "mirrorlist")
# People's own affairs and secrets are not for looking at.
HIDDEN = (
    "registry.view_oidcidentity",
    "registry.view_personaltoken",
    "registry.view_hosttoken",
    "registry.view_invitation",
    "registry.view_notification",
)

# What stands in the place of an app for the names of groups.
GROUP = ""


class AccountBackend(ModelBackend):
    """Signs in with a password and knows the permissions of accounts, as Django's own.

    One query in place of three: permissions of the account, those of its groups, and whether it is
    a reviewer, which every page of the admin asks.
    """

    def get_all_permissions(
        self, user_obj: User | AnonymousUser, obj: models.Model | None = None
    ) -> set[str]:
        """Return all permissions of an account; it remembers them, as it does with Django's."""
        user: Any = user_obj
        if obj is None and _has_rows(user) and not hasattr(user, "_perm_cache"):
            rows = _permissions_and_groups(user)
            user._is_reviewer = (GROUP, REVIEWERS) in rows
            user._perm_cache = {f"{app}.{codename}" for app, codename in rows if app != GROUP}
        return super().get_all_permissions(user_obj, obj)


def _has_rows(user: Any) -> bool:
    """Tell whether permissions of an account depend on rows: superusers have all, others none."""
    return bool(user.is_active and not user.is_anonymous and not user.is_superuser)


def _permissions_and_groups(user: Any) -> set[tuple[str, str]]:
    """Return pairs of app and permission, and pairs of `GROUP` and the name of a group."""
    pair = ("content_type__app_label", "codename")
    own = Permission.objects.filter(user=user).order_by().values_list(*pair)
    shared = Permission.objects.filter(group__user=user).order_by().values_list(*pair)
    groups = user.groups.order_by().values_list(Value(GROUP), "name")
    return set(own.union(shared, groups, all=True))


class ReviewerBackend(BaseBackend):
    """Gives permissions and signs nobody in."""

    def has_perm(
        self, user_obj: AbstractBaseUser | AnonymousUser, perm: str, obj: Any = None
    ) -> bool:
        app, _, codename = perm.partition(".")
        if app not in APPS or perm in HIDDEN:
            return False
        return codename.startswith(("view_", "decide_")) and is_reviewer(user_obj)

    def has_module_perms(self, user_obj: AbstractBaseUser | AnonymousUser, app_label: str) -> bool:
        return app_label in APPS and is_reviewer(user_obj)
