from django.apps import AppConfig

from mirrorsite import checks

__all__ = ["MirrorsiteConfig", "checks"]  # importing the checks registers them


class MirrorsiteConfig(AppConfig):
    name = "mirrorsite"
    verbose_name = "Mirrorsite"
