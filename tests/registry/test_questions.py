"""Asking owners before a decision: in the queue, by letter, on the owner's page, and back."""

from datetime import datetime

import pytest
from django.contrib.auth.models import Group, User
from django.test import Client

from registry.models import Event, Host, Notification, Question, Site
from registry.querysets import REVIEWERS
from registry.services.approvals import approve
from registry.services.notification_letters import build_mail
from registry.services.notification_routing import route_events
from registry.services.questions import QuestionError, answer, ask_back
from tests.factories import EnrolRequestFactory, HostFactory, HostNetblockFactory

pytestmark = pytest.mark.django_db

QUEUE = "/admin/approvals/"


@pytest.fixture
def waiting(site: Site) -> Host:
    host: Host = HostFactory.create(site=site, name="new.example.org", approval="pending")
    return host


def test_a_question_travels_to_the_owner_and_its_answer_back_to_the_queue(
    admin: Client, client: Client, ada: User, ben: User, waiting: Host
) -> None:
    asked = {"selected": f"host-{waiting.pk}", "ask": "1", "sentence": "Who runs it?"}
    page = admin.post(QUEUE, asked, follow=True).content.decode()
    assert "Asked about: 1 object." in page
    assert "ada asked: Who runs it?" in page
    assert Notification.objects.get().recipient == "ben@example.org"
    client.force_login(ben)
    for url in (f"/my/hosts/{waiting.pk}/", f"/my/sites/{waiting.site_id}/"):
        assert "Send the answer" in client.get(url).content.decode()
    question = Question.objects.get()
    where = f"/my/sites/{waiting.site_id}/questions/{question.pk}/answer/"
    client.post(where, {"answer": "The computing centre."})
    assert "Send the answer" not in client.get(f"/my/hosts/{waiting.pk}/").content.decode()
    client.force_login(ada)
    assert "ben answered: The computing centre." in client.get(QUEUE).content.decode()
    waiting.refresh_from_db()
    assert waiting.approval == "pending"


def test_operators_are_told_of_an_answer_and_of_what_newly_waits(
    ada: User, ben: User, waiting: Host, now: datetime
) -> None:
    ask_back([waiting], "Who?", actor=ada, now=now)
    answer(Question.objects.get(), "We.", actor=ben, now=now)
    Event.objects.create(
        at=now, kind="created", sentence="New.", subject="site", facts={"approval": "pending"}
    )
    route_events(now=now)
    told = Notification.objects.filter(role="operator")
    assert sorted(row.event.kind for row in told) == ["answered", "created"]
    assert {row.topic for row in told} == {"queue"}


def test_letters_lead_to_where_the_answer_is_given_and_read(
    ada: User, ben: User, waiting: Host, now: datetime
) -> None:
    ask_back([waiting], "Who?", actor=ada, now=now)
    answer(Question.objects.get(), "We.", actor=ben, now=now)
    route_events(now=now)
    rows = Notification.objects.select_related("event__host", "event__site").order_by("pk")
    asked, answered = (build_mail([row]).text for row in rows)
    assert f"/my/sites/{waiting.site_id}/" in asked
    assert "/admin/approvals/" in answered


def test_one_question_at_a_time_is_open(ada: User, waiting: Host, now: datetime) -> None:
    assert ask_back([waiting], "Who?", actor=ada, now=now).done == [waiting]
    again = ask_back([waiting], "And why?", actor=ada, now=now)
    assert again.skipped[0][1] == "Its owner was asked already and has not answered."
    answer(Question.objects.get(), "We.", actor=ada, now=now)
    assert ask_back([waiting], "And why?", actor=ada, now=now).done == [waiting]


def test_what_has_no_owner_or_is_decided_is_skipped(
    ada: User, ben: User, waiting: Host, now: datetime
) -> None:
    node, done = EnrolRequestFactory.create(), HostNetblockFactory.create()
    outcome = ask_back([node, done], "Who?", actor=ada, now=now)
    assert [sentence for _, sentence in outcome.skipped] == [
        "It belongs to no Site, so there is nobody to ask.",
        "It is approved already.",
    ]
    assert ask_back([waiting], "Who?", actor=ben, now=now).done == []


def test_a_decision_ends_the_question(ada: User, ben: User, waiting: Host, now: datetime) -> None:
    ask_back([waiting], "Who?", actor=ada, now=now)
    approve([waiting], actor=ada, now=now)
    question = Question.objects.get()
    assert question.state == Question.State.DROPPED
    with pytest.raises(QuestionError, match="no answer any more"):
        answer(question, "We.", actor=ben, now=now)


@pytest.mark.parametrize("text", ["", "  ", "x" * 2001])
def test_no_question_and_no_answer_is_empty_or_endless(
    ada: User, waiting: Host, now: datetime, text: str
) -> None:
    with pytest.raises(QuestionError):
        ask_back([waiting], text, actor=ada, now=now)
    ask_back([waiting], "Who?", actor=ada, now=now)
    with pytest.raises(QuestionError):
        answer(Question.objects.get(), text, actor=ada, now=now)


def test_reviewers_ask_and_decide_but_change_nothing_else(
    client: Client, db: None, waiting: Host
) -> None:
    reviewer = User.objects.create_user("rita", is_staff=True)
    reviewer.groups.add(Group.objects.get_or_create(name=REVIEWERS)[0])
    client.force_login(reviewer)
    asked = {"selected": f"host-{waiting.pk}", "ask": "1", "sentence": "Who?"}
    assert "Asked about: 1 object." in client.post(QUEUE, asked, follow=True).content.decode()
    client.post(QUEUE, {"approve": f"host-{waiting.pk}"})
    waiting.refresh_from_db()
    assert waiting.approval == "approved"
    assert (
        client.post(f"/admin/registry/host/{waiting.pk}/change/", {"name": "x"}).status_code == 403
    )


def test_the_list_asks_too(admin: Client, waiting: Host) -> None:
    url, chosen = "/admin/registry/host/", {"_selected_action": waiting.pk}
    page = admin.post(url, {"action": "ask_selected", **chosen})
    assert "Ask the owner" in page.content.decode()
    admin.post(url, {"action": "ask_selected", "asked": "1", "sentence": "Who?", **chosen})
    assert Question.objects.get().text == "Who?"
