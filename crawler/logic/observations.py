"""What one probe asks for and what came back, whatever the protocol.

Knows the words for failures to get an answer. Deliberately judges nothing.
"""

from enum import Enum
from typing import NamedTuple


class Fault(Enum):
    """Why a request ended without an answer that can be judged."""

    TIMEOUT = "no answer in time"
    DNS = "the name does not resolve"
    CONNECTION = "no connection"
    TLS = "no trusted connection"
    CERTIFICATE_EXPIRED = "its certificate has expired"
    CERTIFICATE_NAME = "its certificate is for another name"
    PROTOCOL = "not a valid answer"
    CUT_SHORT = "the answer broke off"
    TOO_LARGE = "more bytes than are read"
    LONG_LISTING = "a longer listing than is read"
    REDIRECT_LOOP = "the redirect leads back to itself"
    TOO_MANY_REDIRECTS = "too many redirects"
    REDIRECT_REFUSED = "a redirect to something other than http or https"
    WRONG_RANGE = "another part of the file than was asked for"
    ADDRESS_REFUSED = "an address that is not visited"


class Ask(NamedTuple):
    """One file to ask for; no name means the directory itself.

    With `algorithms` the content is read and its digests are wanted, else only its size. With
    `at` the size is learned by asking for the one byte there.
    """

    name: str
    algorithms: tuple[str, ...] = ()
    at: int = 0


class Observation(NamedTuple):
    """The final answer to one Ask, after all redirects.

    `size` is None when the server does not tell; `digests` are pairs of algorithm and hexadecimal
    digest; `detail` is the failure in the words of whoever noticed it; `retry_after` is the number
    of seconds a busy server asks for; `redirects` are the URLs that led to the final one.
    """

    url: str
    status: int = 0
    size: int | None = None
    html: bool = False
    digests: tuple[tuple[str, str], ...] = ()
    fault: Fault | None = None
    detail: str = ""
    requests: int = 1
    retry_after: float | None = None
    redirects: tuple[str, ...] = ()
