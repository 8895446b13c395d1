"""Whether a Host may stand in another country than its page says: a hint, never a verdict.

Registers say to whom a range of addresses was given, which is mostly, but not always, where it is
used. So a difference is worth a sentence to a person and nothing else.
"""

from collections.abc import Collection, Mapping


def hint_of_place(
    country: str, found: Mapping[str, Collection[str]], *, names: Mapping[str, str]
) -> str | None:
    """Return the hint about a Host, empty if its country is confirmed, None if nothing is known.

    `found` are the countries of its names' addresses, `names` those of countries by code. One
    address in its country confirms it: the others may be caches elsewhere.
    """
    elsewhere = {name: sorted(codes) for name, codes in found.items() if codes}
    if not elsewhere:
        return None
    if any(country in codes for codes in elsewhere.values()):
        return ""
    places = "; ".join(
        f"{name} in {', '.join(names.get(code, code) for code in codes)}"
        for name, codes in sorted(elsewhere.items())
    )
    return (
        f"Its country is {names.get(country, country)}, but the addresses of its URLs are "
        f"registered elsewhere: {places}. Correct the country if that is where it stands; "
        "nothing else follows from this."
    )
