import pytest
from django.core.management import CommandError

from registry.models import Arch, Event, Repository
from tests import factories as f
from tests.registry.operating import facts, queued, run

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def repositories() -> None:
    f.RepositoryFactory.create(prefix="fedora-42")
    arch = Arch.objects.get(name="aarch64")
    f.RepositoryFactory.create(prefix="fedora-42", arch=arch)


def disabled() -> int:
    return Repository.objects.filter(disabled=True).count()


def test_a_prefix_is_disabled_with_a_reason_and_enabled_again() -> None:
    run("disable_repository", "fedora-42", "--reason", "Wrong keys {}.")
    assert disabled() == 2
    assert queued() == ["mirrorlist.tasks.build_snapshot"]
    sentences = set(Event.objects.values_list("sentence", flat=True))
    assert "An operator disabled “fedora-42 x86_64”: Wrong keys {}." in sentences
    run("disable_repository", "fedora-42", "--enable")
    assert disabled() == 0
    assert Event.objects.first().facts == {"disabled": [True, False]}  # type: ignore[union-attr]


def test_disabling_one_arch_says_that_the_others_are_off_too() -> None:
    result = facts("disable_repository", "fedora-42", "--arch", "x86_64", "--reason", "Broken.")
    assert [step["reason"] for step in result["steps"]] == ["asked", "shares_prefix"]
    assert disabled() == 1


def test_disabling_twice_does_nothing_the_second_time() -> None:
    for _ in range(2):
        printed = run("disable_repository", "fedora-42", "--reason", "Broken.")
    assert "2 already so. Nothing to do." in printed
    assert Event.objects.count() == 2


def test_a_dry_run_disables_nothing() -> None:
    run("disable_repository", "fedora-42", "--reason", "Broken.", "--dry-run")
    assert disabled() == 0


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (("fedora-99", "--reason", "Broken."), "no Repository with the prefix “fedora-99”"),
        (("fedora-42", "--arch", "i386", "--enable"), "There are: aarch64, x86_64."),
        (("fedora-42", "--reason", " "), "Say in a sentence why"),
    ],
)
def test_what_cannot_be_disabled_is_an_error(arguments: tuple[str, ...], sentence: str) -> None:
    with pytest.raises(CommandError) as caught:
        run("disable_repository", *arguments)
    assert sentence in str(caught.value)
    assert disabled() == 0
