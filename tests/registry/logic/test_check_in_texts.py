import pytest

from registry.logic.check_in_texts import Counts, Refusal, accepted_text, refusal_text


@pytest.mark.parametrize(
    ("refusal", "text"),
    [
        (
            Refusal.WRONG_PASSWORD,
            "Config file site name or password incorrect.\nerror checking in",
        ),
        (Refusal.UNKNOWN_HOST, "Config file host name for site not found.\nerror checking in"),
        (
            Refusal.NOT_PRIVATE,
            "Only private mirrors are allowed to use report_mirror.\nerror checking in",
        ),
    ],
)
def test_refusals_are_the_incumbents_to_the_letter(refusal: Refusal, text: str) -> None:
    assert refusal_text(refusal) == text


@pytest.mark.parametrize("refusal", Refusal)
def test_no_refusal_has_the_word_that_clients_take_for_success(refusal: Refusal) -> None:
    text = refusal_text(refusal)
    assert "successful" not in text.lower()
    assert text.endswith("\nerror checking in")


def test_a_report_that_applies_to_nothing_is_still_accepted() -> None:
    assert accepted_text([]) == "checked in successful"


def test_counts_have_their_two_blanks_and_no_third_colon() -> None:
    counts = [Counts("Fedora Linux", 3, 2, 1), Counts("Fedora EPEL", 0, 9, 0)]
    assert accepted_text(counts) == (
        "Category Fedora Linux directories updated: 3  added: 2  deleted 1\n"
        "Category Fedora EPEL directories updated: 0  added: 9  deleted 0\n"
        "checked in successful"
    )
