"""What a newcomer is told about a URL that was tried a moment ago: one row for each question.

Knows what each observation means to somebody who sets a mirror up. Deliberately asks nobody, and
decides nothing about Hosts: what crawls find later counts.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple
from urllib.parse import urlsplit

from crawler.logic.canary import Family, Reached
from crawler.logic.certificates import CertificateReason, judge_certificate
from crawler.logic.observations import Fault
from registry.logic.findings import Finding, Tone

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import datetime

    from crawler.logic.certificates import CertificatePolicy

# A tree of which so much is there is the right one; the rest is for the first crawl to find.
LOOKS_LIKE_PERCENT = 50
OF_CERTIFICATES = frozenset({Fault.TLS, Fault.CERTIFICATE_EXPIRED, Fault.CERTIFICATE_NAME})
ANSWERS_EVERYTHING = "answers everything"
TOO_SLOW = "too slow"


class Hits(NamedTuple):
    """How many of the sampled Directories of a Category are there, and of how many."""

    category: str = ""
    found: int = 0
    asked: int = 0
    # So many files that were found have another size than on the master.
    differing: int = 0


class Elsewhere(NamedTuple):
    """The tree was found after all: at another URL of the server, or it is another Category's."""

    url: str
    category: str


class Seen(NamedTuple):
    """Everything that the trial of one URL observed.

    `trouble` is why the server could not be asked about files, in the end of a sentence.
    """

    url: str
    addresses: Sequence[str] = ()
    families: Mapping[Family, Reached] = {}
    fault: Fault | None = None
    trouble: str = ""
    certificate_until: datetime | None = None
    hits: Hits | None = None
    elsewhere: Elsewhere | None = None


def judge_trial(
    seen: Seen, *, names: Sequence[str], now: datetime, policy: CertificatePolicy
) -> list[Finding]:
    """Return the rows about one URL: its name, each family, TLS, its tree.

    `names` are the addresses' countries in words. Nothing that could not be asked gets a row.
    """
    scheme, name = urlsplit(seen.url).scheme, urlsplit(seen.url).hostname or ""
    if not seen.addresses:
        return [_no_address(seen, name)]
    where = f", registered in {', '.join(names)}" if names else ""
    found = [
        Finding("Name", Tone.GOOD, f"{name} leads to {', '.join(seen.addresses[:4])}{where}."),
        *(_family(seen, family) for family in Family),
    ]
    if scheme == "https":
        found.append(_tls(seen, now=now, policy=policy))
    elif scheme in {"http", "ftp"}:
        found.append(_no_tls(scheme))
    tree = _tree(seen)
    return [*found, tree] if tree else found


def _no_address(seen: Seen, name: str) -> Finding:
    if seen.fault is Fault.ADDRESS_REFUSED:
        return Finding(
            "Name",
            Tone.BAD,
            f"{name} cannot be visited: {seen.trouble}.",
            "Use a name that leads to an address on the Internet.",
        )
    return Finding(
        "Name",
        Tone.BAD,
        f"{name} leads to no address.",
        "Correct the name, or add it to your DNS; new names may need some minutes.",
    )


def _family(seen: Seen, family: Family) -> Finding:
    """Judge one family: a name with only one of them still serves most clients."""
    label, reached = f"IPv{family.value}", seen.families.get(family)
    others = sum(each.fault is None and each.status < 500 for each in seen.families.values())
    if reached is None:
        advice = f"Clients that have only {label} will not get it. Add an address if you can."
        return Finding(label, Tone.HINT, f"Its name has no {label} address.", advice)
    if reached.fault in OF_CERTIFICATES:
        return Finding(label, Tone.GOOD, f"Somebody answers by {label}.")
    if reached.fault is not None or reached.status >= 500:
        what = reached.detail if reached.fault is not None else f"it answers {reached.status}"
        tone = Tone.HINT if others else Tone.BAD
        advice = f"Open the port for {label}, or take the {label} address out of your DNS."
        return Finding(label, tone, f"It cannot be reached by {label}: {what}.", advice)
    return Finding(label, Tone.GOOD, f"It can be reached by {label}.")


def _tls(seen: Seen, *, now: datetime, policy: CertificatePolicy) -> Finding:
    if seen.fault in OF_CERTIFICATES:
        advice = "Clients refuse it, too. Get a certificate for this name, for example by ACME."
        return Finding("TLS", Tone.BAD, f"There is no trusted connection: {seen.trouble}.", advice)
    if seen.certificate_until is None:
        return Finding("TLS", Tone.HINT, "Its certificate was not seen.", "Try it again.")
    verdict = judge_certificate(
        seen.certificate_until, known=None, visited_at=None, now=now, policy=policy
    )
    if verdict.reason is CertificateReason.VALID:
        day = f"{seen.certificate_until:%Y-%m-%d}"
        return Finding("TLS", Tone.GOOD, f"Its certificate is trusted and valid until {day}.")
    return Finding("TLS", Tone.HINT, verdict.sentence)


def _no_tls(scheme: str) -> Finding:
    return Finding(
        "TLS",
        Tone.HINT,
        f"{scheme} is not encrypted, and many clients ask for https only.",
        "Add an https URL as well.",
    )


def _tree(seen: Seen) -> Finding | None:
    if seen.trouble == ANSWERS_EVERYTHING:
        return Finding(
            "Tree",
            Tone.BAD,
            "It answers well even for a file that exists nowhere, so its answers prove nothing.",
            "Let the server answer 404 for what it does not have.",
        )
    if seen.trouble == TOO_SLOW and seen.hits is None:
        return Finding(
            "Tree",
            Tone.HINT,
            "There was not enough time to look for files: the server answers slowly.",
            "Check it again when it has less to do. The first crawl has more time.",
        )
    if seen.fault in OF_CERTIFICATES or (seen.fault is not None and seen.hits is None):
        return Finding("Tree", Tone.BAD, f"Files could not be asked for: {seen.trouble}.")
    if seen.hits is None:
        return None
    return _hits(seen, seen.hits)


def _hits(seen: Seen, hits: Hits) -> Finding:
    category = f"“{hits.category}”"
    if not hits.asked:
        sentence = f"Nothing is known of {category} yet, so there is nothing to compare."
        return Finding("Tree", Tone.HINT, sentence, "It will be visited once its master is known.")
    counts = f"{hits.found} of {hits.asked} sampled directories are there"
    if hits.found * 100 >= hits.asked * LOOKS_LIKE_PERCENT:
        old = f", {hits.differing} of them with another size than on the master"
        advice = "What is missing or older will be found by the first crawl. Let your sync finish."
        return Finding(
            "Tree",
            Tone.GOOD,
            f"This looks like {category}: {counts}{old if hits.differing else ''}.",
            "" if hits.found == hits.asked and not hits.differing else advice,
        )
    if hits.found:
        sentence = f"Only a part of {category} is here: {counts}."
        return Finding("Tree", Tone.HINT, sentence, "Let your sync finish, or correct the path.")
    return Finding("Tree", Tone.BAD, f"Nothing of {category} is here.", _advice(seen))


def _advice(seen: Seen) -> str:
    other = seen.elsewhere
    if other is None:
        return "Give the URL of the directory that has the Category's top directory in it."
    if other.url != seen.url:
        return f"Did you mean {other.url}? “{other.category}” is there."
    return f"It has “{other.category}” instead. Choose that Category, or correct the path."


def judge_place(chosen: str, found: Sequence[str], *, names: Mapping[str, str]) -> Finding | None:
    """Compare the country that was chosen, if any, with those of the addresses (two letters)."""
    places = ", ".join(names.get(code, code) for code in found)
    if not found:
        return None
    if not chosen:
        sentence = f"Its addresses are registered in {places}."
        return Finding("Country", Tone.HINT, sentence, "Choose the country in which it stands.")
    if chosen in found:
        return Finding("Country", Tone.GOOD, f"Its addresses are registered in {places}, too.")
    return Finding(
        "Country",
        Tone.HINT,
        f"You chose {names.get(chosen, chosen)}; its addresses are registered in {places}.",
        "Correct the country if that is where it stands. Registers are not always right.",
    )


def judge_asn(typed: int | None, found: Sequence[int]) -> Finding | None:
    """Compare the autonomous system that was typed, if any, with those of the addresses."""
    if not found:
        return None
    systems = ", ".join(f"AS{number}" for number in found)
    if typed is None:
        sentence = f"Its addresses are in {systems}."
        return Finding("ASN", Tone.HINT, sentence, f"Write {found[0]} as its ASN.")
    if typed in found:
        return Finding("ASN", Tone.GOOD, f"Its addresses are in {systems}, as you say.")
    sentence = f"You wrote AS{typed}; its addresses are in {systems}."
    return Finding("ASN", Tone.HINT, sentence, "Correct the ASN, unless you know better.")
