import pytest
from hypothesis import given
from hypothesis import strategies as st

from mirrorlist.logic.counters import Dimension
from mirrorlist.logic.statistics import fold_names
from mirrorlist.logic.statistics_batch import KEYS
from mirrorlist.logic.systems import LONGEST_USER_AGENT, read_system


@pytest.mark.parametrize(
    ("user_agent", "system"),
    [
        ("libdnf (Fedora Linux 42; workstation; Linux.x86_64)", "Fedora Linux 42/workstation"),
        ("libdnf (Fedora 34; generic; Linux.x86_64)", "Fedora 34/generic"),
        ("libdnf (Debian GNU/Linux 12; generic; Linux.x86_64)", "Debian GNU-Linux 12/generic"),
        ("libdnf (AlmaLinux 9.4; generic; Linux.aarch64)", "AlmaLinux 9.4/generic"),
        ("libdnf/0.73.4 (Fedora Linux 44; container; Linux.x86_64)", "Fedora Linux 44/container"),
        ("libdnf5 (Fedora Linux 44; kde; Linux.x86_64)", "Fedora Linux 44/kde"),
        ("rpm-ostree (Fedora Linux 40.20240416.3.1; coreos; Linux.s390x)",
         "Fedora Linux 40.20240416.3.1/coreos"),
        ("libdnf (Fedora Linux 42; iot; Linux.x86_64) extra", "Fedora Linux 42/iot"),
        ("", ""),
        ("curl/8.9", ""),
        ("libdnf", ""),
        ("libdnf ()", ""),
        ("libdnf (<b>x</b> 1; generic; Linux.x86_64)", ""),
        ("libdnf (Fédora 1; generic; Linux.x86_64)", ""),
        (f"libdnf (Fedora {'4' * 60}; generic; Linux.x86_64)", ""),
        (f"libdnf (Fedora 42; generic; {'x' * LONGEST_USER_AGENT})", ""),
    ],
)  # fmt: skip
def test_a_system_is_what_its_package_manager_says(user_agent: str, system: str) -> None:
    assert read_system(user_agent.encode()) == system


@given(st.binary(max_size=80))
def test_whatever_is_read_can_be_a_key(name: bytes) -> None:
    system = read_system(b"libdnf (" + name + b"; generic; Linux.x86_64)")
    assert not system or KEYS[Dimension.SYSTEM].fullmatch(f"{system} fedora-42")


def test_a_system_that_asks_for_several_repositories_is_one_system() -> None:
    counts = {
        "Fedora Linux 42/kde fedora-42": 9,
        "Fedora Linux 42/kde updates-released-f42": 7,
        "Fedora Linux 42/server a/b c": 5,
        "": 100,
    }
    assert fold_names(counts) == {"Fedora Linux 42/kde": 9, "Fedora Linux 42/server": 5}
