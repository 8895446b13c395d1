"""Whether somebody's word is enough that a URL is theirs.

Knows host names. Deliberately resolves none and asks nobody; whether a URL works is the crawler's
question.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from enum import Enum
from urllib.parse import urlsplit


class UrlReason(Enum):
    """Why a URL counts at once, or waits."""

    KNOWN_NAME = "known_name"
    NEW_HOST = "new_host"
    OTHER_NAME = "other_name"


@dataclass(frozen=True)
class UrlVerdict:
    """What `judge_url` decided, with the sentence for whoever typed the URL."""

    reason: UrlReason
    sentence: str

    @property
    def needs_approval(self) -> bool:
        return self.reason is UrlReason.OTHER_NAME


def judge_url(
    url: str, *, host_name: str, known_urls: Iterable[str], host_waits: bool
) -> UrlVerdict:
    """Say whether a URL of a Host can stand without an operator.

    A Host that waits is looked at as a whole, so its URLs do not wait beside it. Later ones count
    at once if their host name is the Host's own or one that it has already; any other name may be
    somebody else's machine.
    """
    name = name_of(url)
    if host_waits:
        return UrlVerdict(UrlReason.NEW_HOST, "It waits together with its Host.")
    if name == host_name.lower() or name in {name_of(known) for known in known_urls}:
        return UrlVerdict(UrlReason.KNOWN_NAME, f"{name} is a name of this Host.")
    return UrlVerdict(
        UrlReason.OTHER_NAME,
        f"{name} is a new name for this Host, so an operator has to look at it.",
    )


class NameReason(Enum):
    """Why a Host may have a new name, or not."""

    BY_OPERATOR = "by_operator"
    NOT_ASKED = "not_asked"
    KNOWN_NAME = "known_name"
    OTHER_NAME = "other_name"


@dataclass(frozen=True)
class NameVerdict:
    """What `judge_name` decided, with the sentence for whoever typed the name."""

    reason: NameReason
    sentence: str

    @property
    def allowed(self) -> bool:
        return self.reason is not NameReason.OTHER_NAME


def judge_name(
    name: str, *, old_name: str, known_urls: Iterable[str], by_operator: bool, urls_wait: bool
) -> NameVerdict:
    """Say whether a Host may be renamed without an operator.

    URLs of a Host's own name count at once (`judge_url`), so a Host that could take any name could
    have anybody's URLs. A name that one of its approved URLs has already is its own.
    """
    if by_operator:
        return NameVerdict(NameReason.BY_OPERATOR, "An operator renames it.")
    if not urls_wait:
        return NameVerdict(NameReason.NOT_ASKED, "URLs need no approval here, so names need none.")
    wanted = name.lower()
    if wanted == old_name.lower() or wanted in {name_of(known) for known in known_urls}:
        return NameVerdict(NameReason.KNOWN_NAME, f"{wanted} is a name of this Host.")
    return NameVerdict(
        NameReason.OTHER_NAME,
        f"No URL of this Host has the name {wanted} yet. Add one first: when an operator has "
        "approved it, the Host can have its name. Or ask an operator.",
    )


def name_of(url: str) -> str:
    """Return the host name of a URL in lower case, or the empty text."""
    return (urlsplit(url).hostname or "").lower()
