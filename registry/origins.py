"""Which autonomous system announces an address, and in which country it is registered.

Reads the file that `manage.py netblocks` writes, or any in MaxMind's format, and the register data
inside `iptocc`. Knows nothing of what an answer means.
"""

import iptocc
import maxminddb


class Origins:
    """Answers from one file; without one there are no autonomous systems."""

    def __init__(self, path: str) -> None:
        """Open the file, which need not exist."""
        self._reader: maxminddb.Reader | None = None
        try:
            self._reader = maxminddb.open_database(path) if path else None
        except (OSError, ValueError, maxminddb.InvalidDatabaseError):
            self._reader = None

    def __bool__(self) -> bool:
        return self._reader is not None

    def asn(self, address: str) -> int | None:
        """Return the autonomous system that announces an address, or None."""
        if self._reader is None:
            return None
        try:
            record = self._reader.get(address)
        except (ValueError, maxminddb.InvalidDatabaseError):
            return None
        if not isinstance(record, dict):
            return None
        number = record.get("autonomous_system_number") or record.get("asn")
        return number if isinstance(number, int) else None

    def country(self, address: str) -> str | None:
        """Return the two letters of the country in which an address is registered, or None."""
        found = iptocc.country_code(address)
        return found if isinstance(found, str) else None
