"""Names of hosts as people type them: one spelling for each, and no look-alikes.

Knows letters and scripts. Deliberately resolves nothing; whether a name exists is not asked here.
"""

import re
import unicodedata
from ipaddress import ip_address

import idna

LABEL = re.compile(r"[a-z0-9_]([a-z0-9_-]{0,61}[a-z0-9_])?")
LONGEST_NAME = 253  # RFC 1035, 2.3.4
LONGEST_TYPED = 1000
# Scripts that people do write in one word, as browsers have it (UTS 39, highly restrictive).
TOGETHER = (
    frozenset({"LATIN", "CJK", "HIRAGANA", "KATAKANA", "KATAKANA-HIRAGANA"}),
    frozenset({"LATIN", "CJK", "BOPOMOFO"}),
    frozenset({"LATIN", "CJK", "HANGUL"}),
)


def normalize_host_name(text: str) -> str:
    """Return a host name in lower case, without a dot at its end, other scripts as `xn--` labels.

    Addresses get their shortest spelling. So two names that only look alike are seen to differ.
    Raises ValueError with a sentence for the person who typed it.
    """
    typed = text.strip()
    if not typed:
        raise ValueError("Give the name of a host, for example mirror.example.org.")
    if len(typed) > LONGEST_TYPED or not typed.isprintable() or " " in typed:
        raise ValueError("This is not the name of a host. Write it like mirror.example.org.")
    if (address := _address(typed)) is not None:
        return address
    name = _encoded(typed).removesuffix(".")
    labels = name.split(".")
    if len(name) > LONGEST_NAME or not all(map(LABEL.fullmatch, labels)) or labels[-1].isdecimal():
        raise ValueError(f"“{typed}” is not the name of a host. Write it like mirror.example.org.")
    for label in labels:
        if label.startswith("xn--"):
            _check_scripts(_decoded(label), typed)
    return name


def mixed_scripts(word: str) -> tuple[str, ...]:
    """Return the scripts of a word that are not written together, in order of the alphabet.

    None means that the word is fine. Digits, marks and punctuation belong to every script.
    """
    names = (unicodedata.name(c, "") for c in word if unicodedata.category(c)[0] == "L")
    found = frozenset(name.split(" ")[0] for name in names) - {"", "MODIFIER", "FULLWIDTH"}
    if len(found) < 2 or any(found <= allowed for allowed in TOGETHER):
        return ()
    return tuple(sorted(script.capitalize() for script in found))


def _address(text: str) -> str | None:
    try:
        address = ip_address(text)
    except ValueError:
        return None
    if address.version == 6 and address.scope_id is not None:
        raise ValueError("Leave out the interface, the part from the percent sign on.")
    return str(address)


def _encoded(typed: str) -> str:
    if typed.isascii():
        return typed.lower()
    for label in typed.split("."):
        _check_scripts(label, typed)
    try:
        return idna.encode(typed, uts46=True).decode("ascii")
    except idna.IDNAError:
        raise ValueError(f"“{typed}” contains what no host name may contain.") from None


def _decoded(label: str) -> str:
    try:
        return idna.decode(label)
    except (idna.IDNAError, UnicodeError):
        raise ValueError(f"“{label}” is not a valid name in another script.") from None


def _check_scripts(label: str, typed: str) -> None:
    if scripts := mixed_scripts(label):
        raise ValueError(
            f"“{typed}” mixes letters of {' and '.join(scripts)}, which look alike. "
            "Type it anew with one alphabet."
        )
