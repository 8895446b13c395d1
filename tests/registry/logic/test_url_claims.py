"""Whose URL it may be."""

import pytest

from registry.logic.url_claims import NameReason, UrlReason, judge_name, judge_url

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


@pytest.mark.parametrize(
    ("name", "by_operator", "urls_wait", "reason"),
    [
        ("elsewhere.example.net", True, True, NameReason.BY_OPERATOR),
        ("elsewhere.example.net", False, False, NameReason.NOT_ASKED),
        ("MIRROR.example.org", False, True, NameReason.KNOWN_NAME),
        ("ftp.example.org", False, True, NameReason.KNOWN_NAME),
        ("elsewhere.example.net", False, True, NameReason.OTHER_NAME),
    ],
)
def test_a_host_takes_only_names_that_are_its_own(
    name: str, reason: NameReason, *, by_operator: bool, urls_wait: bool
) -> None:
    verdict = judge_name(
        name,
        old_name="mirror.example.org",
        known_urls=["https://ftp.example.org/pub"],
        by_operator=by_operator,
        urls_wait=urls_wait,
    )
    assert verdict.reason is reason
    assert verdict.allowed is (reason is not NameReason.OTHER_NAME)
    assert verdict.sentence.endswith(".")
