"""Model validators: the parsers of `registry.logic`, with their sentences as form errors."""

import re
from collections.abc import Callable

from django.core.exceptions import ValidationError

from registry.logic.netblocks import parse_netblock
from registry.logic.places import normalize_path
from registry.logic.rsync_options import parse_rsync_options
from registry.logic.urls import normalize_url, parse_protocols


def _validate(parse: Callable[[str], object], text: str) -> None:
    try:
        parse(text)
    except ValueError as error:
        raise ValidationError(str(error)) from error


def validate_netblock(text: str) -> None:
    """Refuse what is not an address range."""
    _validate(parse_netblock, text)


def validate_base_url(text: str) -> None:
    """Refuse what cannot be the base URL of a mirror."""
    _validate(normalize_url, text)


def validate_path(text: str) -> None:
    """Refuse what is not a path in the master tree."""
    _validate(normalize_path, text)


def validate_protocols(text: str) -> None:
    """Refuse what is not a list of protocols."""
    _validate(parse_protocols, text)


def validate_pattern(text: str) -> None:
    """Refuse a regular expression that does not compile."""
    try:
        re.compile(text)
    except re.error as error:
        raise ValidationError(f"This is not a regular expression: {error}.") from error


def validate_rsync_options(text: str) -> None:
    """Refuse options that rsync must not get from a form."""
    _validate(parse_rsync_options, text)
