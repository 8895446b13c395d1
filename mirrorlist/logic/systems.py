"""Which system a package manager says that it runs on: only for those that want to be counted.

Knows how libdnf and rpm-ostree write it; names nobody, and keeps nothing that is not a plain name.
"""

import re
from functools import lru_cache

# Real ones have less than a hundred characters.
LONGEST_USER_AGENT = 300
SYSTEMS_REMEMBERED = 1_000
# What stands in keys of statistics: “Fedora Linux 42/workstation”.
SYSTEM = r"[A-Za-z0-9][A-Za-z0-9 ._+-]{0,59}/[a-z0-9._-]{1,30}"
_USER_AGENT = re.compile(
    r"(?:libdnf5?|rpm-ostree)(?:/\S{1,40})? "
    r"\((?P<name>[A-Za-z0-9][A-Za-z0-9 ._+/-]{0,59}); (?P<variant>[a-z0-9._-]{1,30}); [^ ;()]+\)"
)


def read_system(user_agent: bytes) -> str:
    """Return name with version, slash, variant; the empty text for everything else.

    A slash in a name becomes a hyphen (“Debian GNU/Linux 12”).
    """
    return _read(user_agent) if len(user_agent) <= LONGEST_USER_AGENT else ""


@lru_cache(SYSTEMS_REMEMBERED)
def _read(user_agent: bytes) -> str:
    found = _USER_AGENT.match(user_agent.decode("latin-1"))
    return f"{found['name'].replace('/', '-')}/{found['variant']}" if found else ""
