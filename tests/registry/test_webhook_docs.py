"""The page about webhooks shows what receivers really get, and its examples work."""

import json
import re
import subprocess
import time
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings

from registry.logic.notifications.payloads import Happening, webhook_body
from registry.logic.notifications.webhooks import call_headers
from registry.services.webhooks import OFFERED

PAGE = (Path(settings.BASE_DIR) / "docs/reference/webhooks.md").read_text()
BODY = b'{"id": 4711}'


def block(language: str) -> str:
    found = re.search(rf"```{language}\n(.*?)```", PAGE, re.DOTALL)
    assert found
    return found[1]


def headers_at(timestamp: int) -> dict[str, str]:
    return call_headers(BODY, secret="whsec_x", timestamp=timestamp, event="changed", delivery=1)


def test_the_example_body_has_the_fields_of_a_real_one(now: datetime) -> None:
    example = json.loads(block("json"))
    told = webhook_body(Happening("changed", "host", now, "", ""))
    assert list(example) == ["id", *told]
    fields = re.findall(r"^\| (`\w+`(?:, `\w+`)*) \|", PAGE.split("## Body")[1], re.MULTILINE)
    named = {name for line in fields for name in re.findall(r"`(\w+)`", line)}
    assert set(example) <= named


def test_the_page_names_every_kind() -> None:
    named = set(re.findall(r"`(\w+)`", PAGE.split("## Kinds")[1]))
    assert {kind.value for kind in OFFERED} <= named


def test_the_python_example_tells_genuine_calls_from_others() -> None:
    names: dict[str, Any] = {}
    exec(block("python"), names)  # noqa: S102 -- the documented example is what is tested
    is_genuine = names["is_genuine"]
    headers = headers_at(int(time.time()))
    assert is_genuine(headers, BODY, "whsec_x")
    assert not is_genuine(headers, BODY + b" ", "whsec_x")
    assert not is_genuine(headers, BODY, "whsec_y")
    assert not is_genuine(headers_at(int(time.time()) - 3600), BODY, "whsec_x")


@pytest.mark.needs("openssl")
def test_the_shell_example_computes_the_signature(tmp_path: Path) -> None:
    (tmp_path / "body.json").write_bytes(BODY)
    headers = headers_at(1_700_000_000)
    done = subprocess.run(
        ["sh", "-c", block("sh")],
        cwd=tmp_path,
        env={"TIMESTAMP": "1700000000", "SECRET": "whsec_x", "PATH": "/usr/bin:/bin"},
        capture_output=True,
        text=True,
        check=True,
    )
    assert done.stdout.strip() == headers["X-Mirrorsite-Signature"]
