"""Whether clients may be sent to a Host, and why not: every fact that counts, each with a sentence.

Knows switches, approval, privacy and embargoes. Deliberately knows nothing about what a Host has;
a Host in good standing may still carry nothing.
"""

from collections.abc import Callable
from dataclasses import dataclass
from enum import Enum
from typing import NamedTuple


class Standing(Enum):
    """What a Host is to the public, in one word."""

    LISTED = "listed"
    PENDING = "pending"
    REJECTED = "rejected"
    DISABLED = "disabled"
    FAILING = "failing"
    EMBARGOED = "embargoed"
    PRIVATE = "private"


@dataclass(frozen=True)
class SiteFacts:
    """What counts about a Site: approval, the two switches and privacy."""

    name: str
    approval: str = "approved"
    approval_reason: str = ""
    admin_active: bool = True
    user_active: bool = True
    private: bool = False


@dataclass(frozen=True)
class HostFacts:
    """What counts about a Host. `embargo` is the reason of its country's embargo, None without."""

    site: SiteFacts
    approval: str = "approved"
    approval_reason: str = ""
    admin_active: bool = True
    user_active: bool = True
    disable_reason: str = ""
    system_active: bool = True
    system_reason: str = ""
    private: bool = False
    country: str = ""
    embargo: str | None = None


class Check(NamedTuple):
    """One fact: what it is about, what the Host is because of it, and the sentence."""

    subject: str
    standing: Standing
    sentence: str

    @property
    def good(self) -> bool:
        return self.standing is Standing.LISTED


@dataclass(frozen=True)
class Judgment:
    """All facts about a Host; the first bad one names its standing."""

    checks: tuple[Check, ...]

    @property
    def listed(self) -> bool:
        return all(check.good for check in self.checks)

    @property
    def standing(self) -> Standing:
        return next((check.standing for check in self.checks if not check.good), Standing.LISTED)

    @property
    def reasons(self) -> tuple[str, ...]:
        """Return the sentences that speak against listing; none means that it is listed."""
        return tuple(check.sentence for check in self.checks if not check.good)


def judge_site(site: SiteFacts) -> Judgment:
    """Say what a Site's own state does to its Hosts."""
    return Judgment(
        (
            _approval(f"Site “{site.name}”", site.approval, site.approval_reason),
            _switch("operators", active=site.admin_active, thing="the Site"),
            _switch("SiteAdmins", active=site.user_active, thing="the Site"),
            _privacy("The Site", private=site.private),
        )
    )


def judge_host(host: HostFacts) -> Judgment:
    """Say for every fact whether it lets any client be sent to a Host.

    The order is that of the sentence people need first: approval, what people switched off, an
    embargo, what the system found; privacy is last, since a private Host still serves its own
    clients.
    """
    *site, site_privacy = judge_site(host.site).checks
    why = host.disable_reason
    return Judgment(
        (
            _approval("Host", host.approval, host.approval_reason),
            *site,
            _switch("operators", active=host.admin_active, thing="the Host", why=why),
            _switch("SiteAdmins", active=host.user_active, thing="the Host", why=why),
            _embargo(host),
            _verdict(host),
            _privacy("The Host", private=host.private),
            site_privacy,
        )
    )


_APPROVALS: dict[str, tuple[Standing, Callable[[str, str], str]]] = {
    "approved": (Standing.LISTED, lambda what, why: f"The {what} is approved."),
    "pending": (Standing.PENDING, lambda what, why: f"The {what} waits for an operator."),
    "rejected": (
        Standing.REJECTED,
        lambda what, why: f"The {what} was rejected: {why or 'no reason was given.'}",
    ),
}


def _approval(what: str, approval: str, why: str) -> Check:
    standing, sentence = _APPROVALS[approval]
    return Check("approval", standing, sentence(what, why))


def _switch(party: str, *, active: bool, thing: str, why: str = "") -> Check:
    subject = f"{party}’ switch"
    if active:
        return Check(subject, Standing.LISTED, f"The {party} have {thing} switched on.")
    sentence = f"The {party} have {thing} switched off{f': {why}' if why else '.'}"
    return Check(subject, Standing.DISABLED, sentence)


def _verdict(host: HostFacts) -> Check:
    if host.system_active:
        return Check("system’s verdict", Standing.LISTED, "The system keeps the Host in service.")
    why = host.system_reason or "no reason was stored."
    return Check(
        "system’s verdict", Standing.FAILING, f"The system took the Host out of service: {why}"
    )


def _embargo(host: HostFacts) -> Check:
    if host.embargo is None:
        return Check("embargo", Standing.LISTED, f"{host.country} is under no embargo.")
    sentence = f"{host.country} is under embargo{f': {host.embargo}' if host.embargo else '.'}"
    return Check("embargo", Standing.EMBARGOED, sentence)


def _privacy(thing: str, *, private: bool) -> Check:
    if private:
        return Check(
            "privacy", Standing.PRIVATE, f"{thing} is private; only its own clients are sent to it."
        )
    return Check("privacy", Standing.LISTED, f"{thing} is public.")
