"""What speaks for or against something that waits for an operator, as sentences.

Knows names, addresses and numbers that others found out. Decides nothing: an operator does.
"""

from collections.abc import Collection, Sequence
from enum import Enum
from ipaddress import ip_address
from typing import NamedTuple
from urllib.parse import urlsplit

from registry.logic.netblocks import Network
from registry.logic.wording import counted

NAMES_SHOWN = 5
# Where anybody gets a mailbox: the domain says nothing about the organization.
OPEN_MAIL = frozenset(
    {
        "aol.com",
        "fastmail.com",
        "gmail.com",
        "gmx.de",
        "gmx.net",
        "googlemail.com",
        "hotmail.com",
        "icloud.com",
        "live.com",
        "mail.ru",
        "outlook.com",
        "proton.me",
        "protonmail.com",
        "qq.com",
        "web.de",
        "yahoo.com",
        "yandex.ru",
        "163.com",
    }
)


class HintReason(Enum):
    """What a hint is about."""

    SAME_DOMAIN = "same_domain"
    OTHER_DOMAIN = "other_domain"
    OPEN_MAIL = "open_mail"
    NO_MAIL = "no_mail"
    NO_HOME_PAGE = "no_home_page"
    OWN_ORIGIN = "own_origin"
    OTHER_ORIGIN = "other_origin"
    NO_ORIGIN = "no_origin"
    NO_TABLE = "no_table"
    DUPLICATE = "duplicate"
    UNIQUE = "unique"
    RELATED_NAME = "related_name"
    STRANGE_NAME = "strange_name"
    FOREIGN_LETTERS = "foreign_letters"


class Weight(Enum):
    """Whether something speaks for an approval, against it, or neither."""

    FOR = "for"
    AGAINST = "against"
    NONE = "none"


class Hint(NamedTuple):
    """One thing that was compared, and what it speaks for."""

    reason: HintReason
    weight: Weight
    sentence: str


def judge_mail(address: str, *, home_page: str) -> Hint:
    """Compare the domain of somebody's mail address with that of the organization's home page."""
    mail, home = address.rpartition("@")[2].lower(), (urlsplit(home_page).hostname or "").lower()
    if not mail:
        return Hint(
            HintReason.NO_MAIL, Weight.AGAINST, "No mail address is known, so nobody can be asked."
        )
    if mail in OPEN_MAIL:
        return Hint(
            HintReason.OPEN_MAIL,
            Weight.NONE,
            f"Anybody can have an address at {mail}; it proves nothing.",
        )
    if not home:
        return Hint(
            HintReason.NO_HOME_PAGE,
            Weight.NONE,
            f"The mail address is at {mail}; no home page is given.",
        )
    if related(mail, home):
        return Hint(
            HintReason.SAME_DOMAIN,
            Weight.FOR,
            f"The mail address is at {mail}, as the home page is.",
        )
    return Hint(
        HintReason.OTHER_DOMAIN,
        Weight.AGAINST,
        f"The mail address is at {mail}, the home page at {home}.",
    )


def judge_origin(
    network: Network, *, origin: int | None, own: Collection[int], table: bool
) -> Hint:
    """Compare the autonomous system that announces a network with those of the Host.

    `own` are the Host's ASN and peer ASNs; without a `table` of origins nothing is said.
    """
    if not table:
        return Hint(
            HintReason.NO_TABLE,
            Weight.NONE,
            "No table of origins is built yet (manage.py netblocks).",
        )
    if origin is None:
        return Hint(HintReason.NO_ORIGIN, Weight.AGAINST, f"Nobody announces {network}.")
    if origin in own:
        return Hint(
            HintReason.OWN_ORIGIN, Weight.FOR, f"AS{origin} announces {network}, as the Host says."
        )
    said = ", ".join(f"AS{number}" for number in sorted(own)) or "no ASN"
    return Hint(
        HintReason.OTHER_ORIGIN,
        Weight.AGAINST,
        f"AS{origin} announces {network}; the Host names {said}.",
    )


def judge_duplicates(name: str, elsewhere: Sequence[str]) -> Hint:
    """Say whether others have a Host of the same name; `elsewhere` are the names of their Sites."""
    if not elsewhere:
        return Hint(HintReason.UNIQUE, Weight.FOR, f"No other Site has a Host {name}.")
    shown = ", ".join(elsewhere[:NAMES_SHOWN])
    more = f" and {len(elsewhere) - NAMES_SHOWN} more" if len(elsewhere) > NAMES_SHOWN else ""
    return Hint(HintReason.DUPLICATE, Weight.AGAINST, f"{shown}{more} has a Host {name}, too.")


def judge_name(name: str, *, known: Collection[str]) -> Hint:
    """Compare a new host name of a URL with the names that the Host has already."""
    odd = judge_letters(name)
    if odd is not None:
        return odd
    kin = sorted(each for each in known if related(name, each))
    if kin:
        return Hint(HintReason.RELATED_NAME, Weight.FOR, f"{name} is of one domain with {kin[0]}.")
    if not known:
        return Hint(
            HintReason.STRANGE_NAME, Weight.NONE, f"The Host has no other name than {name}."
        )
    count = counted(len(known), "other name")
    return Hint(
        HintReason.STRANGE_NAME,
        Weight.AGAINST,
        f"{name} shares its domain with none of {count} it has.",
    )


def judge_letters(name: str) -> Hint | None:
    """Warn of a host name whose letters may only look like those of another; None if all ASCII."""
    plain = name.isascii() and not any(part.startswith("xn--") for part in name.split("."))
    if plain:
        return None
    return Hint(
        HintReason.FOREIGN_LETTERS,
        Weight.AGAINST,
        f"{name} has letters that may look like others. Compare it letter by letter.",
    )


def related(one: str, other: str) -> bool:
    """Tell whether two host names are of one registered domain, as far as names can say."""
    return bool(one) and bool(other) and registered_domain(one) == registered_domain(other)


def registered_domain(name: str) -> str:
    """Return the part of a host name that somebody registered, by a rule of thumb.

    The last two labels, or three below a country with short second-level names such as ac.uk. An
    address is its own domain.
    """
    text = name.lower().strip(".")
    try:
        return str(ip_address(text))
    except ValueError:
        labels = text.split(".")
    short = len(labels) > 2 and len(labels[-1]) == 2 and len(labels[-2]) <= 3
    return ".".join(labels[-3:] if short else labels[-2:])
