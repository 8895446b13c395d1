"""Repository metadata of RPM repositories: what repomd.xml says of itself, and its digests.

Knows the format and distrusts it: files may be half-written, hostile or nonsense.
"""

import hashlib
import re
from collections.abc import Iterator
from xml.etree.ElementTree import Element, ParseError

from defusedxml import ElementTree

from crawler.logic.file_history import FileState

DIRECTORY = "repodata"
FILENAME = "repomd.xml"
# Beyond this a number is not a time, whatever the file says (it is the year 287396).
GREATEST_TIMESTAMP = 2**53
_NUMBER = re.compile("[0-9]{1,20}")


def read_repomd(data: bytes, *, mtime: int) -> FileState:
    """Return size, time and digests of a repomd.xml.

    The time is the newest `timestamp` of its `data` elements, without fractions; if there is
    none that is a number, the file's own. Raises ValueError with the end of a sentence that
    begins with the name of the file.
    """
    try:
        root = ElementTree.fromstring(data, forbid_dtd=True)
    except ParseError as error:
        raise ValueError(f"is not well-formed XML ({error})") from error
    except (ValueError, LookupError) as error:
        raise ValueError(f"is not XML that we accept ({type(error).__name__})") from error
    if _local_name(root) != "repomd":
        raise ValueError(f"is not repository metadata but <{_local_name(root)[:50]}>")
    return FileState(
        filename=FILENAME,
        timestamp=max(_timestamps(root), default=mtime),
        size_bytes=len(data),
        md5=hashlib.md5(data, usedforsecurity=False).hexdigest(),
        sha1=hashlib.sha1(data, usedforsecurity=False).hexdigest(),
        sha256=hashlib.sha256(data).hexdigest(),
        sha512=hashlib.sha512(data).hexdigest(),
    )


def repository_above(repodata_path: str) -> str | None:
    """Return the path of the Repository of some repodata.

    None if there is nothing above it, or only other repodata: that is a copy gone wrong.
    """
    parent, _, _ = repodata_path.rpartition("/")
    return None if not parent or parent.rpartition("/")[2] == DIRECTORY else parent


def _timestamps(root: Element) -> Iterator[int]:
    for data in root:
        for child in data if _local_name(data) == "data" else ():
            if _local_name(child) == "timestamp":
                whole = (child.text or "").strip().partition(".")[0]
                if _NUMBER.fullmatch(whole) and int(whole) <= GREATEST_TIMESTAMP:
                    yield int(whole)


def _local_name(element: Element) -> str:
    return str(element.tag).rpartition("}")[2]
