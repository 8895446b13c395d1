"""What Hosts a file may come from, shared by all files that share Hosts.

There are far more files than sets of Hosts, so plans are made by set. Knows nothing of single
files.
"""

from collections import OrderedDict
from enum import Enum

from mirrorlist.logic.bound import keep_newest
from mirrorlist.logic.file_request import read_modifiers
from mirrorlist.logic.files import File
from mirrorlist.logic.offers import WEB
from mirrorlist.logic.query import Kind, Request
from mirrorlist.logic.questions import Book, Question
from mirrorlist.logic.targets import Target

# Query strings are the clients', so there is no end to them.
CHOICES_REMEMBERED = 5_000
_NOTHING_WANTED = read_modifiers(b"").request


class Purpose(Enum):
    """What URLs are chosen for: one to follow, or all that a document lists."""

    REDIRECT = "redirect"
    METALINK = "metalink"
    META4 = "meta4"


class ChoiceBook:
    """The choices of a snapshot, worked out once: each a question about any file of some Hosts."""

    def __init__(self, book: Book) -> None:
        self._book = book
        self._made: OrderedDict[tuple[object, ...], Question] = OrderedDict()

    def find(
        self, purpose: Purpose, file: File, wanted: Request | None, *, secure: bool | None
    ) -> Question:
        """Return the choices for a purpose; `secure` asks for https only, or for http only.

        Most want nothing in particular, which is None: the hash of a Request is slow.
        """
        directory = file.directory
        size = self._book.bucket(file.size or 0)
        # Not the Enum itself: its hash is slow, too.
        key = (purpose._value_, directory.host_set_id, directory.category_id, wanted, secure, size)
        found = self._made.get(key)
        if found is None:
            request = wanted or _NOTHING_WANTED
            if secure is not None:
                request = request._replace(protocols=("https",) if secure else ("http",))
            made = self._make(purpose, file, request)
            found = keep_newest(self._made, key, made, most=CHOICES_REMEMBERED)
        return found

    def _make(self, purpose: Purpose, file: File, request: Request) -> Question:
        if purpose is not Purpose.REDIRECT and request.protocols is None:
            request = request._replace(protocols=WEB)
        request = request._replace(redirect=purpose is Purpose.REDIRECT)
        kind = Kind.METALINK if purpose is Purpose.METALINK else Kind.MIRRORLIST
        target = Target("", file.directory, "")
        return self._book.question(kind, request, target, file_bytes=file.size or 0)
