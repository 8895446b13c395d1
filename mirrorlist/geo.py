"""Where a client is: country, autonomous system and place of an address, by files of this machine.

Knows MaxMind-format databases of both shapes in use, and the register data of the package
`iptocc` as the default that needs no account (docs/adr/0010). Corrections by operators are part of
the snapshot.
"""

import iptocc

from mirrorlist.geo_file import GeoFile
from mirrorlist.logic.addresses import embedded_ipv4

# Codes in the registers that are no country.
NO_COUNTRY = frozenset({"EU", "AP", "ZZ"})


class GeoFiles:
    """Answers from the given files; without a country file, from the data inside the package."""

    def __init__(
        self, *, country: str = "", asn: str = "", city: str = "", netblocks: str = ""
    ) -> None:
        """Open the files. One that cannot be used is reported once and done without.

        `netblocks` is what `manage.py netblocks` writes: it is used where `asn` is empty, and
        nothing is wrong while it does not exist.
        """
        self._country = GeoFile(
            country, instead="Countries come from the built-in register data until it can."
        )
        self._asn = GeoFile(
            asn or netblocks,
            instead="Autonomous systems are not taken into account until it can.",
            optional=not asn,
        )
        self._city = GeoFile(city, instead="Distances are not taken into account until it can.")
        self._files = (self._country, self._asn, self._city)

    def refresh(self) -> bool:
        """Take over files that changed; call it every few seconds. Costs a stat per file.

        Tells whether answers may differ now, so that whoever remembers some can forget them.
        """
        changed = [file.refresh() for file in self._files]
        return any(changed)

    @property
    def problem(self) -> str:
        """Say in sentences what is wrong with the files; empty if nothing is."""
        return " ".join(file.problem for file in self._files if file.problem)

    def built_at(self) -> dict[str, int | None]:
        """Return when the file at each path in use was built (seconds since 1970)."""
        return {file.path: file.built_at for file in self._files if file}

    def country(self, address: str) -> str | None:
        """Return the two letters of an address's country, or None.

        An IPv6 address without one is in the country of the IPv4 address it carries.
        """
        found = self._country_of(address)
        if found is None and (inner := embedded_ipv4(address)):
            found = self._country_of(inner)
        return found

    def asn(self, address: str) -> int | None:
        """Return the autonomous system of an address, by the same rule; None without a file."""
        if not self._asn:
            return None
        found = asn_of(self._asn.get(address))
        if found is None and (inner := embedded_ipv4(address)):
            found = asn_of(self._asn.get(inner))
        return found

    def location(self, address: str) -> tuple[float, float] | None:
        """Return degrees north and east of an address; None if unknown or without a City file."""
        if not self._city:
            return None
        found = location_of(self._city.get(address))
        if found is None and (inner := embedded_ipv4(address)):
            found = location_of(self._city.get(inner))
        return found

    def _country_of(self, address: str) -> str | None:
        if self._country:
            return country_of(self._country.get(address))
        if self._city:
            return country_of(self._city.get(address))
        found = iptocc.country_code(address)
        return found if isinstance(found, str) and found not in NO_COUNTRY else None


def country_of(record: object) -> str | None:
    """Read the country of a record: `country_code`, or GeoLite2's `country.iso_code`."""
    if not isinstance(record, dict):
        return None
    country = record.get("country")
    code = record.get("country_code") or (
        country.get("iso_code") if isinstance(country, dict) else country
    )
    if not isinstance(code, str) or len(code) != 2 or not code.isascii():
        return None
    code = code.upper()
    return code if code.isalpha() and code not in NO_COUNTRY else None


def asn_of(record: object) -> int | None:
    """Read the number of a record: GeoLite2's `autonomous_system_number`, or `asn`.

    Some files write it as a text such as AS64496.
    """
    if not isinstance(record, dict):
        return None
    number = record.get("autonomous_system_number") or record.get("asn")
    if isinstance(number, int):
        return number or None
    text = str(number or "").upper().removeprefix("AS")
    return int(text) if text.isascii() and text.isdecimal() and len(text) <= 10 else None


def location_of(record: object) -> tuple[float, float] | None:
    """Read the degrees of a record: in GeoLite2's `location`, or beside the country."""
    if not isinstance(record, dict):
        return None
    inner = record.get("location")
    place = inner if isinstance(inner, dict) else record
    try:
        north, east = float(place["latitude"]), float(place["longitude"])
    except (KeyError, TypeError, ValueError):
        return None
    return (north, east) if -90 <= north <= 90 and -180 <= east <= 180 else None
