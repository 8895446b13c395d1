"""Where a client is: country and autonomous system of an address, from files on this machine.

Knows MaxMind-format databases of both shapes in use, and the register data of the package
`iptocc` as the default that needs no account. Corrections by operators are part of the snapshot.
"""

import logging
from pathlib import Path
from typing import Any

import iptocc
import maxminddb

logger = logging.getLogger(__name__)


class GeoFiles:
    """Answers from the given files; without a country file, from the data inside the package."""

    def __init__(self, *, country: str = "", asn: str = "") -> None:
        """Open the files. One that cannot be opened is reported once and done without."""
        self._country = _open(country, instead="Countries come from the built-in register data.")
        self._asn = _open(asn, instead="Autonomous systems are not taken into account.")

    def country(self, address: str) -> str | None:
        """Return the two letters of an address's country, or None."""
        if self._country is None:
            found = iptocc.country_code(address)
            return found if isinstance(found, str) else None
        return country_of(_record(self._country, address))

    def asn(self, address: str) -> int | None:
        """Return the autonomous system of an address; None also without a file."""
        return None if self._asn is None else asn_of(_record(self._asn, address))


def country_of(record: object) -> str | None:
    """Read the country of a record: `country_code`, or GeoLite2's `country.iso_code`."""
    if not isinstance(record, dict):
        return None
    country = record.get("country")
    code = record.get("country_code") or (
        country.get("iso_code") if isinstance(country, dict) else country
    )
    return code.upper() if isinstance(code, str) and len(code) == 2 else None


def asn_of(record: object) -> int | None:
    """Read the number of a record: GeoLite2's `autonomous_system_number`, or `asn`.

    Some files write it as a text such as AS64496.
    """
    if not isinstance(record, dict):
        return None
    number = str(record.get("autonomous_system_number") or record.get("asn") or "")
    number = number.upper().removeprefix("AS")
    return int(number) if number.isascii() and number.isdecimal() else None


def _open(path: str, *, instead: str) -> Any:
    if not path:
        return None
    try:
        # Without its C extension the reader is 20 to 40 times slower; this mode insists on it.
        return maxminddb.open_database(path, maxminddb.MODE_MMAP_EXT)
    except (OSError, ValueError, maxminddb.InvalidDatabaseError) as error:
        logger.error("The geo file %s cannot be used: %s. %s", Path(path), error, instead)
        return None


def _record(reader: Any, address: str) -> object:
    """Return the record of an address; an IPv6 address in an IPv4 file has none.

    Nor has an address whose record is damaged: a client is served all the same.
    """
    try:
        return reader.get(address)
    except (ValueError, maxminddb.InvalidDatabaseError):
        return None
