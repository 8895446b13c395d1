import pytest

from registry.logic.network import values
from registry.logic.rsync_options import parse_rsync_options


@pytest.mark.parametrize(
    ("text", "options"),
    [
        ("", ()),
        ("--exclude=*.iso --timeout=300", ("--exclude=*.iso", "--timeout=300")),
        ("--exclude='a b' --ipv4", ("--exclude=a b", "--ipv4")),
        ("--bwlimit=1.5M  --compress", ("--bwlimit=1.5M", "--compress")),
    ],
)
def test_known_options_become_arguments(text: str, options: tuple[str, ...]) -> None:
    assert parse_rsync_options(text) == options


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("--rsh=/bin/sh", "“--rsh” is not one that may be given"),
        ("-e sh", "“-e” is not one"),
        ("--exclude-from=/etc/shadow", "“--exclude-from” is not one"),
        ("--log-file=/etc/passwd", "“--log-file” is not one"),
        ("--write-batch=x", "“--write-batch” is not one"),
        ("rsync://elsewhere/x", "“rsync://elsewhere/x” is not one"),
        ("--exclude *.iso", "“--exclude” needs a value after “=”, and not “”"),
        ("--timeout=soon", "“--timeout” needs a value after “=”, and not “soon”"),
        ("--timeout=0", "not “0”"),
        ("--compress=9", "“--compress” has no value"),
        ("--exclude='a", "cannot be read: No closing quotation"),
    ],
)
def test_what_reads_writes_or_runs_something_is_refused(text: str, sentence: str) -> None:
    with pytest.raises(ValueError, match=sentence.replace("*", r"\*")):
        parse_rsync_options(text)


def test_the_network_file_knows_the_same_options() -> None:
    assert values.RSYNC_OPTIONS.parse("--ipv4") == "--ipv4"
