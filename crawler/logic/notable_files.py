"""Which listings deserve a look at their names: those that may hold metadata or checksum files.

Nearly all Directories hold neither, so that they are ruled out by a few bytes of each name; whoever
looks at the rest asks `registry.logic.repository_kinds` and `crawler.logic.checksum_files`.
"""

from crawler.logic.checksum_files import ENDINGS
from registry.logic.repository_kinds import DATABASE, FIXED

# The shortest ending that is told apart.
TAIL = 3
TAILS = frozenset(name[-TAIL:].lower().encode() for name in (*FIXED, *ENDINGS))
DATABASE_SIGN = DATABASE.encode()


def may_be_notable(listing: bytes) -> bool:
    """Tell quickly whether an encoded listing may name metadata or checksum files.

    `registry.logic.listings` knows the form: NUL ends each name.
    """
    if DATABASE_SIGN in listing:
        return True
    return not TAILS.isdisjoint([name[-TAIL:] for name in listing.lower().split(b"\0")])
