"""How far a Host's service reaches: whose clients are sent to it at all.

Knows the words only; `mirrorlist.logic.limits` applies them.
"""

from enum import StrEnum


class Reach(StrEnum):
    """Whose clients are sent to a Host, from the widest to the narrowest; each has the next."""

    EVERYBODY = "everybody"
    CONTINENT = "continent"
    COUNTRY = "country"
    ASNS = "asns"
    NETBLOCKS = "netblocks"


REACHES: tuple[tuple[str, str], ...] = (
    (Reach.EVERYBODY.value, "everybody"),
    (Reach.CONTINENT.value, "its continent"),
    (Reach.COUNTRY.value, "its country"),
    (Reach.ASNS.value, "its autonomous systems"),
    (Reach.NETBLOCKS.value, "its netblocks only"),
)
