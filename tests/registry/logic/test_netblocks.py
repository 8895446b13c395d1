import pytest

from registry.logic.netblocks import (
    NetblockPolicy,
    NetblockReason,
    judge_netblock,
    parse_netblock,
)


@pytest.mark.parametrize(
    ("text", "network"),
    [
        ("192.0.2.0/24", "192.0.2.0/24"),
        (" 192.0.2.7/24 ", "192.0.2.0/24"),
        ("192.0.2.7", "192.0.2.7/32"),
        ("192.0.2.0/255.255.255.0", "192.0.2.0/24"),
        ("2001:DB8::1/48", "2001:db8::/48"),
        ("2001:db8::1", "2001:db8::1/128"),
        ("::ffff:192.0.2.7/120", "192.0.2.0/24"),
        ("::ffff:192.0.2.7", "192.0.2.7/32"),
        ("::ffff:0:0/96", "0.0.0.0/0"),
        ("::fffe:0:0/95", "::fffe:0:0/95"),
    ],
)
def test_ranges_have_one_spelling(text: str, network: str) -> None:
    assert str(parse_netblock(text)) == network


@pytest.mark.parametrize("text", ["", "campus", "192.0.2.0/33", "192.0.2.256", "10.0.0.0/8/8"])
def test_what_is_no_range_is_quoted(text: str) -> None:
    with pytest.raises(ValueError, match=f"“{text}” is not an address range"):
        parse_netblock(text)


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("11.0.0.0/16", NetblockReason.FINE),
        ("11.0.0.0/15", NetblockReason.TOO_WIDE),
        ("2a00::/32", NetblockReason.FINE),
        ("2a00::/31", NetblockReason.TOO_WIDE),
        ("10.0.0.0/8", NetblockReason.NOT_GLOBAL),
        ("fe80::/10", NetblockReason.NOT_GLOBAL),
        ("127.0.0.1", NetblockReason.NOT_GLOBAL),
    ],
)
def test_what_is_hard_to_believe_needs_approval(text: str, reason: NetblockReason) -> None:
    verdict = judge_netblock(parse_netblock(text), policy=NetblockPolicy())
    assert verdict.reason is reason
    assert verdict.needs_approval is (reason is not NetblockReason.FINE)
    assert verdict.sentence.endswith(".")
