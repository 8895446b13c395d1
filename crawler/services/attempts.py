"""Keep a bug of ours from costing more than the look in which it came to light."""

import logging
from collections.abc import Awaitable
from typing import TypeVar

Found = TypeVar("Found")

logger = logging.getLogger(__name__)


async def attempt(look: Awaitable[Found], *, at: str) -> Found | Exception:
    """Return what a look found, or else the bug that ended it, which stands in the log."""
    try:
        return await look
    except Exception as error:  # a bug of ours must not stop looks at others
        logger.error("Looking at %s broke.", at, exc_info=error)
        return error
