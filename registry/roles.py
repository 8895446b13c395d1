"""What reviewers may do: look at everything, decide what waits, change nothing else.

Operators are staff, SiteAdmins may edit their Sites (`registry.querysets`); this adds the role in
between to Django's permissions, as one table instead of rows that somebody must keep in step.
"""

from typing import Any

from django.contrib.auth.backends import BaseBackend
from django.contrib.auth.models import AbstractBaseUser, AnonymousUser

from registry.querysets import is_reviewer

APPS = ("registry", "crawler", "sync", "mirrorlist")
# People's own affairs and secrets are not for looking at.
HIDDEN = (
    "registry.view_oidcidentity",
    "registry.view_personaltoken",
    "registry.view_hosttoken",
    "registry.view_invitation",
    "registry.view_notification",
)


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
