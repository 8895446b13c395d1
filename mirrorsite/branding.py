"""What every page says about this installation."""

from django.conf import settings
from django.http import HttpRequest


def branding(request: HttpRequest) -> dict[str, str]:
    """Give all templates the name of the network; `site_name` is taken by Django's sign-in page.

    `sign_out_view` ends the session at the provider, too, if that is where it began.
    """
    return {
        "network_name": settings.SITE_NAME,
        "sign_out_view": "oidc_logout" if settings.OIDC_ISSUER else "my:logout",
    }
