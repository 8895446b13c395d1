import sqlite3
from typing import Any

from django.apps import AppConfig
from django.db.backends.signals import connection_created

from mirrorsite import checks

__all__ = ["MirrorsiteConfig", "checks"]  # importing the checks registers them

# What SQLite takes since 3.32; Django believes that it still is 999 and splits statements there.
MOST_PARAMETERS = 32_766


class MirrorsiteConfig(AppConfig):
    name = "mirrorsite"
    verbose_name = "Mirrorsite"

    def ready(self) -> None:
        connection_created.connect(use_long_statements)


def use_long_statements(*, connection: Any, **_: object) -> None:
    """Let statements have as many parameters as SQLite was built for."""
    if connection.vendor == "sqlite":
        most = connection.connection.getlimit(sqlite3.SQLITE_LIMIT_VARIABLE_NUMBER)
        connection.features.max_query_params = min(most, MOST_PARAMETERS)
