"""What the page of a Host says to paste, pasted into a shell; and two browsers at once."""

import json
import os
import re
import subprocess
from datetime import datetime
from functools import partial
from html import unescape
from pathlib import Path
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.test import Client
from pytest_django.live_server_helper import LiveServer

from registry.models import Host, HostAclIp, Site
from registry.services.acl import ADDRESSES_PER_HOST, AclError, add_acl_address
from tests.registry.checking_in import make_category, make_host
from tests.registry.test_check_ins_at_once import all_at_once

pytestmark = pytest.mark.django_db(transaction=True, serialized_rollback=True)


@pytest.fixture
def host(site: Site) -> Host:
    return make_host(site, make_category())


def shown(answer: Any) -> list[str]:
    texts = re.findall(r"<pre><code>(.*?)</code>", answer.content.decode(), re.DOTALL)
    return [unescape(text) for text in texts]


@pytest.mark.needs("curl")
def test_what_is_to_paste_works_in_a_shell(
    host: Host, ben: User, client: Client, live_server: LiveServer, settings: Any, tmp_path: Path
) -> None:
    settings.BASE_URL = live_server.url
    client.force_login(ben)
    (token,) = shown(client.post(f"/my/hosts/{host.pk}/tokens/"))
    _, prepare, script, curl = shown(client.get(f"/my/hosts/{host.pk}/"))
    (tmp_path / "srv/mirror/pub/fedora/linux/releases").mkdir(parents=True)

    def paste(text: str, typed: str = "") -> str:
        return subprocess.run(
            ["sh", "-ec", text.replace("/srv/mirror", f"{tmp_path}/srv/mirror")],
            env={"PATH": os.environ["PATH"], "HOME": str(tmp_path)},
            cwd=tmp_path,
            input=typed,
            capture_output=True,
            text=True,
            check=True,
            timeout=60,
        ).stdout

    paste(prepare, f"{token}\n")
    assert (tmp_path / ".check-in-token").stat().st_mode & 0o077 == 0
    for text in (script, curl):
        assert "sentence" in json.loads(paste(text)), text
    assert host.host_categories.get().up2date_count == 0
    paste(script.replace(" -n ", " "))
    assert host.host_categories.get().up2date_count > 0


def test_two_requests_at_once_do_not_both_add_the_last_address(
    host: Host, ben: User, now: datetime
) -> None:
    HostAclIp.objects.bulk_create(
        HostAclIp(host=host, ip=f"192.0.2.{last}") for last in range(ADDRESSES_PER_HOST - 1)
    )

    def add(ip: str) -> bool:
        try:
            return bool(add_acl_address(host, ip, actor=ben, now=now))
        except AclError:
            return False

    done = all_at_once([partial(add, f"198.51.100.{last}") for last in range(4)])
    assert sorted(done) == [False, False, False, True]
    assert host.acl_ips.count() == ADDRESSES_PER_HOST
