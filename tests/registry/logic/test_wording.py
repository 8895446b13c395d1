import pytest

from registry.logic.wording import counted


@pytest.mark.parametrize(
    ("count", "plural", "text"),
    [
        (0, "", "0 Hosts"),
        (1, "", "1 Host"),
        (2, "", "2 Hosts"),
        (2, "Hosts and nodes", "2 Hosts and nodes"),
        (1234, "", "1,234 Hosts"),
    ],
)
def test_one_is_singular(count: int, plural: str, text: str) -> None:
    assert counted(count, "Host", plural) == text
