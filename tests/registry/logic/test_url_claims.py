"""Whose URL it may be."""

import pytest

from registry.logic.url_claims import UrlReason, judge_url

KNOWN = ["https://mirror.example.org/a", "rsync://Rsync.example.org/b"]


@pytest.mark.parametrize(
    ("url", "host_waits", "reason"),
    [
        ("https://mirror.example.org/c", False, UrlReason.KNOWN_NAME),
        ("http://MIRROR.example.org:8080/c", False, UrlReason.KNOWN_NAME),
        ("rsync://rsync.example.org/c", False, UrlReason.KNOWN_NAME),
        ("https://ours.example.org/c", False, UrlReason.KNOWN_NAME),
        ("https://mirror.example.org.evil.example/c", False, UrlReason.OTHER_NAME),
        ("https://evil.example/c", False, UrlReason.OTHER_NAME),
        ("https://192.0.2.1/c", False, UrlReason.OTHER_NAME),
        ("https://evil.example/c", True, UrlReason.NEW_HOST),
        ("nothing", False, UrlReason.OTHER_NAME),
    ],
)
def test_a_name_that_the_host_did_not_have_waits(
    url: str, *, host_waits: bool, reason: UrlReason
) -> None:
    verdict = judge_url(url, host_name="Ours.example.org", known_urls=KNOWN, host_waits=host_waits)
    assert verdict.reason is reason
    assert verdict.needs_approval is (reason is UrlReason.OTHER_NAME)
    assert verdict.sentence.endswith(".")
