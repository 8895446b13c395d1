from typing import Any

import pytest

from mirrorlist.logic.eligibility import (
    Left,
    Offer,
    Standing,
    Url,
    choose_urls,
    weight_of,
    why_left_out,
)
from mirrorlist.logic.snapshot import Families, Reachable

IN_SERVICE = Standing(
    site_approval="approved",
    site_admin_active=True,
    site_user_active=True,
    approval="approved",
    admin_active=True,
    user_active=True,
    system_active=True,
    embargo=None,
    disable_reason="",
    system_reason="",
)


def test_a_host_in_service_is_not_left_out() -> None:
    assert why_left_out(IN_SERVICE) is None


@pytest.mark.parametrize(
    ("over", "reason", "sentence"),
    [
        (
            {"site_approval": "pending"},
            Left.SITE_NOT_APPROVED,
            "Its Site is pending, not approved.",
        ),
        ({"site_admin_active": False}, Left.SITE_ADMIN_OFF, "The operators switched its Site off."),
        (
            {"site_user_active": False},
            Left.SITE_USER_OFF,
            "The SiteAdmins switched their Site off.",
        ),
        ({"approval": "rejected"}, Left.NOT_APPROVED, "It is rejected, not approved."),
        (
            {"admin_active": False, "disable_reason": "It is {broken}."},
            Left.ADMIN_OFF,
            "The operators switched it off. It is {broken}.",
        ),
        ({"user_active": False}, Left.USER_OFF, "Its SiteAdmins switched it off."),
        (
            {"system_active": False, "system_reason": "All failed."},
            Left.SYSTEM_OFF,
            "The system took it out of service. All failed.",
        ),
        ({"embargo": ""}, Left.EMBARGO, "Its country is under embargo."),
        ({"user_active": False, "embargo": "x"}, Left.USER_OFF, "Its SiteAdmins switched it off."),
    ],
)
def test_each_rule_has_its_sentence(over: dict[str, Any], reason: Left, sentence: str) -> None:
    assert why_left_out(IN_SERVICE._replace(**over)) == (reason, sentence)


def url(text: str, state: str = "unknown", reason: str = "") -> Url:
    return Url(text, state, reason)


@pytest.mark.parametrize(
    ("urls", "offer"),
    [
        ([], Offer((), "")),
        (
            [url("rsync://a/x"), url("http://b/x"), url("https://a/x"), url("http://a/x")],
            Offer(("https://a/x", "http://b/x", "http://a/x", "rsync://a/x"), ""),
        ),
        (
            [url("https://a/x", "failing", "It hangs."), url("http://a/x", "working")],
            Offer(("http://a/x",), "https://a/x is left out because it fails. It hangs."),
        ),
        (
            [url("https://a/x", "failing"), url("rsync://a/x", "unknown")],
            Offer(("https://a/x", "rsync://a/x"), ""),
        ),
        (
            [url("HTTPS://A/x/"), url("gopher://a/x"), url("https://a/\nx")],
            Offer(("https://a/x",), ""),
        ),
    ],
)
def test_urls_are_chosen_best_protocol_first(urls: list[Url], offer: Offer) -> None:
    assert choose_urls(urls)[:2] == offer[:2]


@pytest.mark.parametrize(
    ("ipv4", "ipv6", "families"),
    [
        ("unknown", "unknown", Families(Reachable.YES, Reachable.UNKNOWN)),
        ("working", "working", Families(Reachable.YES, Reachable.YES)),
        ("failing", "failing", Families(Reachable.NO, Reachable.NO)),
        ("absent", "absent", Families(Reachable.NO, Reachable.NO)),
    ],
)
def test_a_url_is_known_by_the_families_that_reach_it(ipv4, ipv6, families) -> None:
    other = url("rsync://a/x")
    offer = choose_urls([other, Url("https://a/x", "working", "", ipv4, ipv6)])
    assert offer.families == (families, Families())


@pytest.mark.parametrize(("mbps", "weight"), [(0, 1), (1, 1), (100, 100), (1_000_000, 10_000)])
def test_weights_stay_within_bounds(mbps: int, weight: int) -> None:
    assert weight_of(mbps) == weight


@pytest.mark.parametrize(
    ("mbps", "share", "weight"), [(100, 50, 50), (100, 200, 200), (1, 10, 1), (10_000, 0, 0)]
)
def test_a_share_raises_or_lowers_what_bandwidth_earns(mbps: int, share: int, weight: int) -> None:
    assert weight_of(mbps, share) == weight
