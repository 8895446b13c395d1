import pytest

from crawler.logic.rsync_exit import Outcome, judge_exit


@pytest.mark.parametrize(
    ("code", "messages", "outcome", "sentence"),
    [
        (0, "", Outcome.COMPLETE, "The listing is complete."),
        (
            5,
            "\n@ERROR: Unknown module 'x'.\nrsync error: …",
            Outcome.OPERATOR,
            "The master refused: module, path or permission is wrong (rsync ended with 5: "
            "@ERROR: Unknown module 'x'). Correct the source of the Category; it does not get "
            "better by itself.",
        ),
        (
            5,
            "@ERROR: max connections (5) reached -- try again later",
            Outcome.RETRY_SOON,
            "The master has too many connections (rsync ended with 5: @ERROR: max connections (5) "
            "reached -- try again later). Scan again soon.",
        ),
        (
            10,
            "",
            Outcome.NETWORK,
            "The connection could not be made (rsync ended with 10). Check that the master can be "
            "reached; the next scan tries again.",
        ),
        (
            23,
            "",
            Outcome.PARTIAL,
            "Some files or directories of the master could not be listed (rsync ended with 23). "
            "What was not listed stays as known.",
        ),
        (
            -9,
            "",
            Outcome.RETRY_SOON,
            "Rsync was killed by signal 9 (rsync ended with -9). Scan again soon.",
        ),
        (
            99,
            "",
            Outcome.OPERATOR,
            "Rsync failed in an unknown way (rsync ended with 99). Correct the source of the "
            "Category; it does not get better by itself.",
        ),
    ],
)
def test_an_exit_code_becomes_a_sentence(
    code: int, messages: str, outcome: Outcome, sentence: str
) -> None:
    assert judge_exit(code, messages) == (outcome, sentence)


@pytest.mark.parametrize(
    ("outcome", "codes"),
    [
        (Outcome.PARTIAL, [23, 24]),
        (Outcome.NETWORK, [10, 12, 30, 35]),
        (Outcome.RETRY_SOON, [11, 14, 15, 16, 19, 20, 21]),
        (Outcome.OPERATOR, [1, 2, 3, 4, 5, 6, 13, 22, 25]),
    ],
)
def test_every_code_of_rsync_has_its_class(outcome: Outcome, codes: list[int]) -> None:
    assert {judge_exit(code, "").outcome for code in codes} == {outcome}
    assert "unknown way" not in "".join(judge_exit(code, "").sentence for code in codes)
