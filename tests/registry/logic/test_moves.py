import pytest

from registry.logic.operations.moves import (
    Held,
    Target,
    archived_path,
    plan_archive,
    plan_release,
    released_path,
)
from registry.logic.operations.steps import Mark, StepReason

TOP = "pub/fedora/linux"
DEVEL = f"{TOP}/development/43/Everything/x86_64/os"
RELEASE = f"{TOP}/releases/43/Everything/x86_64/os"


def held(path: str = DEVEL, **over: str | int) -> Held:
    facts = {"id": 1, "name": "fedora-43 x86_64", "prefix": "fedora-43", "category": "Linux"}
    return Held(**{"path": path, **facts, **over})  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("path", "version", "expected"),
    [
        (DEVEL, "43", RELEASE),
        ("development/43", "43", "releases/43"),
        ("a/development/43/development/43/b", "43", "a/releases/43/development/43/b"),
        (f"{TOP}/development/430/os", "43", None),
        (f"{TOP}/predevelopment/43/os", "43", None),
        (f"{TOP}/development/8x1/os", "8.1", None),
        (f"{TOP}/development/rawhide/os", "43", None),
        (r"development/4\1", r"4\1", r"releases/4\1"),
    ],
)
def test_a_development_path_has_its_place_below_releases(
    path: str, version: str, expected: str | None
) -> None:
    assert released_path(path, version) == expected


@pytest.mark.parametrize(
    ("path", "expected"),
    [
        ("pub/fedora/linux/releases/39", "pub/archive/fedora/linux/releases/39"),
        ("epel/7", "pub/archive/epel/7"),
        ("pubs/7", "pub/archive/pubs/7"),
    ],
)
def test_the_archive_has_the_path_without_pub(path: str, expected: str) -> None:
    assert archived_path(path, archive_top="pub/archive") == expected


BLANK = held(RELEASE, id=2, name=RELEASE, prefix="")
OTHER = held(RELEASE, id=2, name="fedora-44 x86_64", prefix="fedora-44")


@pytest.mark.parametrize(
    ("repository", "targets", "mark", "reason", "sentence"),
    [
        (held(), {RELEASE: Target(7)}, Mark.CHANGE, StepReason.ASKED, f"{DEVEL} → {RELEASE}."),
        (
            held(),
            {RELEASE: Target(7, BLANK)},
            Mark.CHANGE,
            StepReason.TARGET_FREED,
            f"{DEVEL} → {RELEASE}; the Repository without prefix there gives way.",
        ),
        (
            held(),
            {RELEASE: Target(7, OTHER)},
            Mark.REFUSED,
            StepReason.TARGET_TAKEN,
            f"“{RELEASE}” is that of the Repository fedora-44 x86_64.",
        ),
        (
            held(),
            {},
            Mark.REFUSED,
            StepReason.NO_TARGET,
            f"There is no Directory “{RELEASE}”. Scan the Category, or correct the tree.",
        ),
        (
            held(prefix=""),
            {RELEASE: Target(7)},
            Mark.KEEP,
            StepReason.NO_PREFIX,
            "It has no prefix; nobody asks for it.",
        ),
    ],
)
def test_a_release_moves_what_it_can_and_says_why_not(
    repository: Held, targets: dict[str, Target], mark: Mark, reason: StepReason, sentence: str
) -> None:
    (step,) = plan_release([repository], version="43", targets=targets).steps
    assert (step.mark, step.reason, step.sentence) == (mark, reason, sentence)


def test_what_is_not_in_development_is_no_step() -> None:
    assert not plan_release([held(RELEASE)], version="43", targets={}).steps


def test_a_move_names_the_rows_it_changes() -> None:
    (step,) = plan_release([held()], version="43", targets={RELEASE: Target(7, BLANK)}).steps
    assert (step.repository_id, step.directory_id, step.replaced_id) == (1, 7, 2)


ARCHIVED = f"pub/archive/{RELEASE.removeprefix('pub/')}"


@pytest.mark.parametrize(
    ("repository", "mark", "reason"),
    [
        (held(RELEASE), Mark.CHANGE, StepReason.ASKED),
        (held(RELEASE, category="Archive"), Mark.KEEP, StepReason.ARCHIVED),
        (held(ARCHIVED), Mark.KEEP, StepReason.ARCHIVED),
        (held(RELEASE, category="Codecs"), Mark.KEEP, StepReason.STAYS),
        (held(RELEASE, prefix=""), Mark.KEEP, StepReason.NO_PREFIX),
        (held(DEVEL), Mark.REFUSED, StepReason.NO_TARGET),
    ],
)
def test_the_archive_takes_what_it_has_a_place_for(
    repository: Held, mark: Mark, reason: StepReason
) -> None:
    plan = plan_archive(
        [repository],
        archive="Archive",
        archive_top="pub/archive",
        staying=frozenset({"Codecs"}),
        targets={ARCHIVED: Target(7)},
    )
    assert [(step.mark, step.reason) for step in plan.steps] == [(mark, reason)]
