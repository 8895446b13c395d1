import gzip
import json
import tracemalloc
import zlib
from typing import Any

import pytest

from registry.logic.check_in_payload import PayloadPolicy
from registry.logic.check_in_request import (
    CheckInRequest,
    Encoding,
    Problem,
    RequestError,
    RequestReason,
    read_request,
)

POLICY = PayloadPolicy()
DIGEST = "00112233445566778899aabbccddeeff"


def read(document: Any, policy: PayloadPolicy = POLICY) -> CheckInRequest:
    body = document if isinstance(document, bytes) else json.dumps(document).encode()
    return read_request(body, encoding=Encoding.PLAIN, policy=policy)


def refused(document: Any, policy: PayloadPolicy = POLICY) -> RequestError:
    with pytest.raises(RequestError) as caught:
        read(document, policy)
    return caught.value


def test_names_are_read_without_outer_slashes() -> None:
    found = read({"categories": {"Fedora Linux": ["", "/releases/42/", "updates"]}})
    assert found == CheckInRequest(
        {"Fedora Linux": {"": None, "releases/42": None, "updates": None}}
    )


def test_digests_may_stand_beside_names() -> None:
    found = read({"categories": {"A": {"releases/": DIGEST, "updates": None}}})
    assert found.categories == {"A": {"releases": bytes.fromhex(DIGEST), "updates": None}}


def test_switches_are_read() -> None:
    found = read({"categories": {"A": []}, "dry_run": True, "user_active": False})
    assert (found.dry_run, found.user_active) == (True, False)


def test_gzip_is_read() -> None:
    body = gzip.compress(b'{"categories": {"A": ["x"]}}')
    assert read_request(body, encoding=Encoding.GZIP, policy=POLICY).categories == {
        "A": {"x": None}
    }


@pytest.mark.parametrize(
    ("document", "path"),
    [
        ([], ""),
        ({}, "categories"),
        ({"categories": []}, "categories"),
        ({"categories": {}}, "categories"),
        ({"categories": {"A": "x"}}, "categories.A"),
        ({"categories": {"A": ["x", 3]}}, "categories.A[1]"),
        ({"categories": {"A": {"x": "abc"}}}, "categories.A.x"),
        ({"categories": {"A": {"x": 3}}}, "categories.A.x"),
        ({"categories": {"A": {"x": "00"}}}, "categories.A.x"),
        ({"categories": {"A": []}, "dry_run": "yes"}, "dry_run"),
        ({"categories": {"A": []}, "user_active": None}, "user_active"),
        ({"categories": {"A": []}, "host": "x"}, "host"),
    ],
)
def test_every_mistake_is_named_by_its_path(document: Any, path: str) -> None:
    error = refused(document)
    assert error.reason is RequestReason.NOT_VALID
    assert [problem.path for problem in error.problems] == [path]
    assert error.problems[0].sentence.endswith((".", "}."))


def test_all_mistakes_are_told_at_once_but_not_thousands() -> None:
    error = refused({"categories": {"A": [1] * 9999, "B": 1}, "x": 1, "dry_run": 1})
    assert [problem.path for problem in error.problems[:3]] == ["x", "dry_run", "categories.A[0]"]
    assert len(error.problems) == 20


def test_names_that_no_directory_has_are_left_out() -> None:
    body = b'{"categories": {"A": ["a", "a/../b", "..", "nul\\u0000", "\xff", "c//d", "/abs"]}}'
    assert set(read(body).categories["A"]) == {"a", "abs"}
    odd = b'{"categories": {"A": {"../x": null, "y": null}}}'
    assert set(read(odd).categories["A"]) == {"y"}


def test_odd_names_of_categories_can_be_stored() -> None:
    (name,) = read(b'{"categories": {"\xff\\u0000A": ["x"]}}').categories
    assert name == "\ufffd\ufffdA"


@pytest.mark.parametrize(
    "body",
    [b"", b"{", b"\xff", b"[" * 99_999, b'{"categories": NaN', b'{"a": 1, "a": 2}'],
)
def test_what_is_no_json_is_refused(body: bytes) -> None:
    assert refused(body).reason is RequestReason.NOT_JSON


def test_a_name_that_stands_twice_is_refused() -> None:
    error = refused(b'{"categories": {"A": ["x"], "B": ["y"], "A": []}}')
    assert error.problems == (
        Problem("", "The body is not JSON: the name “A” stands twice in one object."),
    )


@pytest.mark.parametrize(
    "body",
    [
        b"{}",
        gzip.compress(b"{}", mtime=0)[:-3],
        gzip.compress(b"{}", mtime=0) + b"more",
        zlib.compress(b"{}"),
        b"",
    ],
)
def test_what_is_no_gzip_is_refused(body: bytes) -> None:
    with pytest.raises(RequestError) as caught:
        read_request(body, encoding=Encoding.GZIP, policy=POLICY)
    assert caught.value.reason is RequestReason.NOT_GZIP


def test_a_gzip_bomb_is_refused_in_little_memory() -> None:
    packer = zlib.compressobj(9, wbits=31)
    zeros = bytes(1024 * 1024)
    bomb = b"".join(packer.compress(zeros) for _ in range(1024)) + packer.flush()
    tracemalloc.start()
    try:
        with pytest.raises(RequestError) as caught:
            read_request(bomb, encoding=Encoding.GZIP, policy=POLICY)
        assert tracemalloc.get_traced_memory()[1] < 64 * 1024 * 1024
    finally:
        tracemalloc.stop()
    assert caught.value.reason is RequestReason.TOO_LARGE


@pytest.mark.parametrize(
    "policy",
    [
        PayloadPolicy(greatest_bytes=10),
        PayloadPolicy(greatest_directories=2),
        PayloadPolicy(greatest_categories=1),
    ],
)
def test_what_is_too_large_is_refused(policy: PayloadPolicy) -> None:
    document = {"categories": {"A": ["x", "y"], "B": ["z"]}}
    assert refused(document, policy).reason is RequestReason.TOO_LARGE
