import pytest

from crawler.logic.observations import Fault
from crawler.logic.rsync_endings import CODES, Ending, Proof, explain_ending

REFUSED = "@ERROR: max connections (1) reached -- try again later\nrsync error: error starting"


@pytest.mark.parametrize("code", CODES)
def test_every_code_says_what_it_means(code) -> None:
    proof, fault, detail = CODES[code]
    assert explain_ending(code, "") == Ending(proof, fault, detail)


@pytest.mark.parametrize(
    ("code", "words", "stopped", "ending"),
    [
        (0, "a warning", "", Ending(Proof.WHOLE, None, "the listing is whole")),
        (0, "", "it was slow", Ending(Proof.PART, Fault.TIMEOUT, "it was slow")),
        (
            5, REFUSED, "",
            Ending(Proof.NOTHING, Fault.PROTOCOL,
                   "the server refuses (max connections (1) reached -- try again later)"),
        ),
        (
            10, "\nrsync: getaddrinfo: \x1b[1m no.\nmore", "",
            Ending(Proof.NOTHING, Fault.CONNECTION, r"no connection (getaddrinfo: \x1b[1m no)"),
        ),
        (77, "", "", Ending(Proof.NOTHING, Fault.PROTOCOL, "rsync ended with code 77")),
    ],
)  # fmt: skip
def test_the_words_of_the_server_come_along(code, words, stopped, ending) -> None:
    assert explain_ending(code, words, stopped=stopped) == ending
