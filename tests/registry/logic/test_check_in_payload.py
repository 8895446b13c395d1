import base64
import bz2
import json
import pickle
import tracemalloc
from typing import Any

import pytest

from registry.logic.check_in_payload import (
    Payload,
    PayloadError,
    PayloadPolicy,
    RefusalReason,
    Section,
    read_payload,
)

POLICY = PayloadPolicy()
TREE: dict[str, Any] = {"": {}, "releases": {}, "releases/42": {}}


def config(**changes: Any) -> dict[str, Any]:
    """What report_mirror sends, with changes; None takes a key out."""
    whole: dict[str, Any] = {
        "version": 0,
        "global": {"enabled": "1", "server": "https://mirrors.example.org/xmlrpc"},
        "site": {"enabled": "1", "name": "Example University", "password": "secret"},
        "host": {"enabled": "1", "name": "mirror.example.org"},
        "stats": {},
        "fedora linux": {"enabled": "1", "dirtree": TREE},
    }
    whole |= changes
    return {key: value for key, value in whole.items() if value is not None}


def pack(document: Any) -> str:
    return base64.urlsafe_b64encode(bz2.compress(json.dumps(document).encode())).decode()


def refused(text: str, policy: PayloadPolicy = POLICY) -> PayloadError:
    with pytest.raises(PayloadError) as caught:
        read_payload(text, policy=policy)
    assert caught.value.text.endswith("error checking in")
    assert "successful" not in caught.value.text
    return caught.value


def test_what_report_mirror_sends_is_read() -> None:
    assert read_payload(pack(config()), policy=POLICY) == Payload(
        site="Example University",
        password="secret",
        host="mirror.example.org",
        user_active=None,
        sections=(Section("fedora linux", frozenset(TREE)),),
    )


def test_characters_outside_the_alphabet_are_skipped() -> None:
    text = pack(config())
    assert read_payload(f"\n{text[:10]} \r\n{text[10:]}é", policy=POLICY).host


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"version": None}, "config file has no version field."),
        ({"version": 1}, "config file version is not 0, is 1."),
        ({"version": "0"}, "config file version is not 0, is 0."),
        ({"version": False}, "config file version is not 0, is False."),
        ({"global": None}, "config file missing section global."),
        ({"site": None}, "config file missing section site."),
        ({"host": "mirror"}, "config file missing section host."),
        ({"global": {"enabled": "0"}}, "config file section [global] not enabled."),
        ({"global": {}}, "config file section [global] not enabled."),
        ({"site": {"name": "x"}}, "config file [site] missing required option password."),
        ({"site": {"password": "x"}}, "config file [site] missing required option name."),
        ({"host": {}}, "section [host] missing required option name."),
        ({"epel": {"enabled": "1"}}, "section [epel] missing required option dirtree."),
        ({"epel": []}, "section [epel] missing required option dirtree."),
        ({"epel": {"dirtree": ["x"]}}, "section [epel] missing required option dirtree."),
    ],
)
def test_every_mistake_has_its_text(changes: dict[str, Any], message: str) -> None:
    error = refused(pack(config(**changes)))
    assert error.text == (
        f"{message}\nInvalid config file provided, please check your report_mirror.conf."
        "error checking in"
    )
    assert error.reason is RefusalReason.NOT_VALID


@pytest.mark.parametrize("document", [[], "text", 1, None])
def test_what_is_no_object_asks_for_an_update(document: Any) -> None:
    assert "is not a dict.\nPlease update" in refused(pack(document)).text


def test_pickles_are_refused_as_what_they_are_not() -> None:
    packed = base64.urlsafe_b64encode(bz2.compress(pickle.dumps(config()))).decode()
    assert refused(packed).reason is RefusalReason.NOT_JSON


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("abc", RefusalReason.NOT_BASE64),
        ("", RefusalReason.NOT_BZ2),
        (base64.urlsafe_b64encode(b"plain text").decode(), RefusalReason.NOT_BZ2),
        (base64.urlsafe_b64encode(bz2.compress(b"{}")[:-4]).decode(), RefusalReason.NOT_BZ2),
        (base64.urlsafe_b64encode(bz2.compress(b"{")).decode(), RefusalReason.NOT_JSON),
        (base64.urlsafe_b64encode(bz2.compress(b"\xff{}")).decode(), RefusalReason.NOT_JSON),
        (base64.urlsafe_b64encode(bz2.compress(b"[" * 99_999)).decode(), RefusalReason.NOT_JSON),
    ],
)
def test_what_cannot_be_unpacked_is_refused(text: str, reason: RefusalReason) -> None:
    assert refused(text).reason is reason


def test_a_bomb_is_refused_in_little_memory() -> None:
    compressor = bz2.BZ2Compressor()
    zeros = bytes(1024 * 1024)
    bomb = b"".join(compressor.compress(zeros) for _ in range(1024)) + compressor.flush()
    text = base64.urlsafe_b64encode(bomb).decode()
    tracemalloc.start()
    try:
        assert refused(text).reason is RefusalReason.TOO_LARGE
        assert tracemalloc.get_traced_memory()[1] < 64 * 1024 * 1024
    finally:
        tracemalloc.stop()


def test_too_many_directories_are_refused() -> None:
    policy = PayloadPolicy(greatest_directories=2)
    assert refused(pack(config()), policy).reason is RefusalReason.TOO_LARGE


@pytest.mark.parametrize(
    ("section", "sentence"),
    [
        ({"enabled": "0", "dirtree": TREE}, "not enabled"),
        ({"enabled": "1", "dirtree": {}}, "is empty"),
        ({"enabled": "1", "dirtree": {"": {}}}, "is empty"),
    ],
)
def test_disabled_and_empty_sections_do_not_count(section: dict[str, Any], sentence: str) -> None:
    (found,) = read_payload(pack(config(**{"fedora linux": section})), policy=POLICY).sections
    assert sentence in found.ignored
    assert not found.directories


def test_names_that_no_directory_has_are_left_out() -> None:
    tree: dict[str, Any] = {
        "": {}, "/releases/": {}, "a/../b": {}, "../x": {}, "nul\0": {}, "a//b": {},
        "bad\udc80name": {}, "new\nline": {}, "with blank": {},
    }  # fmt: skip
    changed = config(**{"fedora linux": {"enabled": "1", "dirtree": tree}})
    (section,) = read_payload(pack(changed), policy=POLICY).sections
    assert section.directories == {"", "releases", "with blank", "new\nline"}


@pytest.mark.parametrize(
    ("word", "active"),
    [("1", True), ("yes", True), ("true", True), ("True", False), ("0", False), (1, True)],
)
def test_the_switch_of_the_client_is_read(word: Any, active: bool) -> None:
    changed = config(host={"name": "mirror.example.org", "user_active": word})
    assert read_payload(pack(changed), policy=POLICY).user_active is active


def test_lists_become_lines() -> None:
    changed = config(host={"name": ["mirror", "example"]})
    assert read_payload(pack(changed), policy=POLICY).host == "mirror\nexample"


def test_too_many_sections_are_refused() -> None:
    policy = PayloadPolicy(greatest_categories=1)
    changed = config(epel={"enabled": "1", "dirtree": TREE})
    assert refused(pack(changed), policy).reason is RefusalReason.TOO_LARGE


def test_bytes_that_are_not_utf8_spoil_only_their_own_name() -> None:
    document = json.dumps(config()).replace("releases/42", "caf\\").encode()
    packed = bz2.compress(document.replace(b"caf\\", b"caf\xe9"))
    payload = read_payload(base64.urlsafe_b64encode(packed).decode(), policy=POLICY)
    assert payload.sections[0].directories == {"", "releases"}


def test_the_last_of_two_equal_keys_counts_as_in_every_json_reader() -> None:
    document = json.dumps(config())[:-1] + ', "fedora linux": {"dirtree": {"a": {}, "a": {}}}}'
    packed = base64.urlsafe_b64encode(bz2.compress(document.encode())).decode()
    assert read_payload(packed, policy=POLICY).sections[0].directories == {"a"}


@pytest.mark.parametrize(
    "changes",
    [{"version": "Successful"}, {"checked in successful": 1}, {"version": "x" * 10_000}],
)
def test_what_a_client_sent_never_makes_a_refusal_look_accepted(changes: dict[str, Any]) -> None:
    text = refused(pack(config(**changes))).text
    assert "successful" not in text.lower()
    assert len(text) < 300
