"""What docs/mirror-admins/check-in.md promises, so that it stays true."""

import hashlib
import os
import re
from pathlib import Path
from typing import Any

from registry.api.check_in import STATUS
from registry.logic.check_in_payload import PayloadPolicy
from registry.logic.check_in_texts import SENTENCES, Refusal
from registry.logic.expiry import ExpiryPolicy
from registry.logic.listings import Entry, digest_listing
from registry.services.expiry import expiry_policy
from registry.views.bodies import GREATEST_BODY_BYTES

PAGE = Path(__file__).resolve().parents[2] / "docs/mirror-admins/check-in.md"
TEXT = PAGE.read_text(encoding="utf-8")


def test_the_digest_of_the_page_is_ours(tmp_path: Path) -> None:
    for name, size, mtime in (("b.rpm", 3, 1_700_000_001), ("a é.rpm", 0, 1_600_000_000)):
        (tmp_path / name).write_bytes(bytes(size))
        os.utime(tmp_path / name, ns=(0, mtime * 10**9 + 999_999_999))
    (tmp_path / "below").mkdir()
    (code,) = re.findall("```python\n(.*?)```", TEXT, re.DOTALL)
    names: dict[str, Any] = {"os": os, "hashlib": hashlib, "directory": str(tmp_path)}
    exec(code, names)  # noqa: S102 -- our own page
    entries = [Entry("b.rpm", 3, 1_700_000_001), Entry("a é.rpm", 0, 1_600_000_000)]
    assert names["digest"] == digest_listing(entries).hex()


def test_every_status_and_limit_is_on_the_page() -> None:
    for status in {200, 401, 415, 422} | set(STATUS.values()):
        assert re.search(rf"^\| [0-9, ]*{status}\b", TEXT, re.MULTILINE), status
    policy = PayloadPolicy()
    assert f"more than {GREATEST_BODY_BYTES // 2**20} MiB sent" in TEXT
    assert f"{policy.greatest_bytes // 2**20} MiB unpacked" in TEXT
    assert f"{policy.greatest_directories:,} directories or {policy.greatest_categories}" in TEXT


def test_every_answer_is_on_the_page() -> None:
    for refusal in set(Refusal) - {Refusal.BUSY}:
        assert SENTENCES[refusal].split(". ")[0].rstrip(".") in TEXT, refusal


def test_the_times_of_the_page_are_the_defaults() -> None:
    policy: ExpiryPolicy = expiry_policy()
    for days in (policy.propagation.days, policy.warn.days, policy.expire.days):
        assert re.search(rf"^\| {days} days? \|", TEXT, re.MULTILINE), days
