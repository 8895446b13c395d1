"""The change signals of a master: the state of a few files, asked without reading the tree.

Knows where they are for each kind of source. What they mean is decided in
`crawler.logic.change_signal`.
"""

import os

from crawler.logic.change_signal import Signal
from crawler.master.base import SourceError, SourcePlace, SourcePolicy
from crawler.master.file_list import find_list
from crawler.master.web import Web, is_web, web_address

# Masters of CentOS have it for as long as they are being filled.
BUSY = ".sync_in_progress"
LISTS = frozenset({"file_list", "listing"})


def read_signal(place: SourcePlace, policy: SourcePolicy) -> Signal:
    """Return what the master says of itself.

    Signals are the files that the Category names, and the list if the source is one. Never
    raises: what cannot be asked is no signal, and the scan will say what is wrong.
    """
    web = Web(policy)
    try:
        for marker in _markers(place):
            if _state(marker, web) is not None:
                return Signal(busy=marker)
        states = [(location, _state(location, web)) for location in _locations(place)]
    except (OSError, SourceError) as error:
        return Signal(trouble=f"The change signal cannot be read: {str(error).rstrip('.')}.")
    if not any(state for _, state in states):
        return Signal()
    return Signal("\n".join(f"{location} {state or 'absent'}" for location, state in states))


def _locations(place: SourcePlace) -> list[str]:
    """Return the files that signal a change."""
    named = [_resolve(place, name) for name in place.change_signals]
    if place.kind in LISTS:
        named.append(find_list(place.location).location)
    return [location for location in named if location]


def _markers(place: SourcePlace) -> list[str]:
    """Return where a master may say that it is busy: at its top and beside its signals."""
    inside = [name for name in place.change_signals if not is_web(name) and name[0] != "/"]
    directories = dict.fromkeys(["", *(name.rpartition("/")[0] for name in inside)])
    found = [_resolve(place, f"{each}/{BUSY}" if each else BUSY) for each in directories]
    return [location for location in found if location]


def _resolve(place: SourcePlace, name: str) -> str:
    """Return where a file of the tree can be asked for; empty if nowhere."""
    if is_web(name) or name.startswith("/"):
        return name
    if place.checksum_base:
        return web_address(place.checksum_base, name)
    if not is_web(place.location) and os.path.isdir(place.location):
        return f"{place.location.rstrip('/')}/{name}"
    return ""


def _state(location: str, web: Web) -> str | None:
    if is_web(location):
        return web.state(location)
    try:
        status = os.stat(location)
    except (FileNotFoundError, NotADirectoryError):
        return None
    return f"{status.st_mtime_ns} {status.st_ctime_ns} {status.st_size}"
