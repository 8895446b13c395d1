from dataclasses import replace

import pytest

from registry.logic.standing import HostFacts, SiteFacts, Standing, judge_host, judge_site

SITE = SiteFacts(name="Example University")
HOST = HostFacts(site=SITE, country="Germany")


def test_a_host_that_nothing_speaks_against_is_listed() -> None:
    judgment = judge_host(HOST)
    assert judgment.listed
    assert judgment.standing is Standing.LISTED
    assert judgment.reasons == ()
    assert len(judgment.checks) == 10


@pytest.mark.parametrize(
    ("host", "standing", "sentence"),
    [
        (
            replace(HOST, approval="pending"),
            Standing.PENDING,
            "The Host waits for an operator.",
        ),
        (
            replace(HOST, approval="rejected", approval_reason="It is a laptop."),
            Standing.REJECTED,
            "The Host was rejected: It is a laptop.",
        ),
        (
            replace(HOST, approval="rejected"),
            Standing.REJECTED,
            "The Host was rejected: no reason was given.",
        ),
        (
            replace(HOST, admin_active=False, disable_reason="Wrong content."),
            Standing.DISABLED,
            "The operators have the Host switched off: Wrong content.",
        ),
        (
            replace(HOST, user_active=False),
            Standing.DISABLED,
            "The SiteAdmins have the Host switched off.",
        ),
        (
            replace(HOST, system_active=False, system_reason="It did not answer four times."),
            Standing.FAILING,
            "The system took the Host out of service: It did not answer four times.",
        ),
        (
            replace(HOST, system_active=False),
            Standing.FAILING,
            "The system took the Host out of service: no reason was stored.",
        ),
        (
            replace(HOST, embargo="A law forbids it."),
            Standing.EMBARGOED,
            "Germany is under embargo: A law forbids it.",
        ),
        (replace(HOST, embargo=""), Standing.EMBARGOED, "Germany is under embargo."),
        (
            replace(HOST, private=True),
            Standing.PRIVATE,
            "The Host is private; only its own clients are sent to it.",
        ),
        (
            replace(HOST, site=replace(SITE, private=True)),
            Standing.PRIVATE,
            "The Site is private; only its own clients are sent to it.",
        ),
        (
            replace(HOST, site=replace(SITE, approval="pending")),
            Standing.PENDING,
            "The Site “Example University” waits for an operator.",
        ),
        (
            replace(HOST, site=replace(SITE, admin_active=False)),
            Standing.DISABLED,
            "The operators have the Site switched off.",
        ),
        (
            replace(HOST, site=replace(SITE, user_active=False)),
            Standing.DISABLED,
            "The SiteAdmins have the Site switched off.",
        ),
    ],
)
def test_each_fact_against_a_host_has_its_sentence(
    host: HostFacts, standing: Standing, sentence: str
) -> None:
    judgment = judge_host(host)
    assert not judgment.listed
    assert judgment.standing is standing
    assert judgment.reasons == (sentence,)


def test_what_people_decided_is_named_before_what_the_system_found() -> None:
    host = replace(HOST, user_active=False, system_active=False, private=True)
    judgment = judge_host(host)
    assert judgment.standing is Standing.DISABLED
    assert len(judgment.reasons) == 3


def test_a_site_is_judged_by_itself() -> None:
    assert judge_site(SITE).listed
    assert judge_site(replace(SITE, private=True)).standing is Standing.PRIVATE
