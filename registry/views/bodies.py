"""Read what programs post: within a limit, and from whom. Decides nothing about the content."""

from django.conf import settings
from django.http import HttpRequest

from registry.logic.throttle import client_address, network_of

GREATEST_BODY_BYTES = 16 * 1024 * 1024


class BodyTooLargeError(ValueError):
    """The body is larger than the limit; it was not read."""


def read_body(request: HttpRequest, *, greatest: int = GREATEST_BODY_BYTES) -> bytes:
    """Return the body, whatever its content type; raise BodyTooLargeError beyond the limit.

    A length that is announced as too large is refused before anything is read.
    """
    announced = request.META.get("CONTENT_LENGTH") or "0"
    if announced.isdecimal() and int(announced) > greatest:
        raise BodyTooLargeError(too_large(greatest))
    body = request.read(greatest + 1)
    if len(body) > greatest:
        raise BodyTooLargeError(too_large(greatest))
    return body


def too_large(greatest: int) -> str:
    return f"The request is larger than {greatest // 2**20} MiB: report fewer directories at once."


def address_of(request: HttpRequest) -> str:
    """Return the address that a request came from, as far as our proxies are to be believed."""
    return client_address(
        request.META.get("REMOTE_ADDR", ""),
        request.META.get("HTTP_X_FORWARDED_FOR", ""),
        trusted_proxies=settings.TRUSTED_PROXY_COUNT,
    )


def network_of_request(request: HttpRequest) -> str:
    """Return the address that stands for everybody who may share a line with a client."""
    return network_of(address_of(request)).partition("/")[0]
