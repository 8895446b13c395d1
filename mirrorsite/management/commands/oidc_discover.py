"""Ask an OpenID Connect provider for its addresses and print them as settings."""

from typing import Any

import requests  # noqa: TID251 -- what mozilla-django-oidc itself speaks with
from django.core.management.base import BaseCommand, CommandError, CommandParser

WELL_KNOWN = "/.well-known/openid-configuration"
SETTINGS = {
    "OIDC_ISSUER": "issuer",
    "OIDC_AUTHORIZATION_ENDPOINT": "authorization_endpoint",
    "OIDC_TOKEN_ENDPOINT": "token_endpoint",
    "OIDC_USERINFO_ENDPOINT": "userinfo_endpoint",
    "OIDC_JWKS_ENDPOINT": "jwks_uri",
    "OIDC_END_SESSION_ENDPOINT": "end_session_endpoint",
}


class Command(BaseCommand):
    help = "Print the settings for signing in through a provider."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("issuer", help="for example https://id.example.org/realms/main")

    def handle(self, *args: Any, **options: Any) -> None:
        url = options["issuer"].rstrip("/") + WELL_KNOWN
        try:
            answer = requests.get(url, timeout=10)
            answer.raise_for_status()
            found = answer.json()
        except (requests.RequestException, ValueError) as error:
            raise CommandError(f"{url} could not be read: {error}") from error
        if not isinstance(found, dict) or "issuer" not in found:
            raise CommandError(f"{url} is not the description of a provider.")
        for name, key in SETTINGS.items():
            self.stdout.write(f"{name}={found.get(key, '')}")
        self.stdout.write("OIDC_CLIENT_ID=")
        self.stdout.write("OIDC_CLIENT_SECRET=")
