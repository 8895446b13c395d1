"""What the tests of check-ins share: a private Host, and the clients' own ways of speaking."""

import base64
import bz2
import http.client
import json
import re
import xmlrpc.client
from typing import Any
from urllib.parse import urlsplit

from django.contrib.auth.hashers import make_password

from registry.models import Category, Directory, Host, HostCategory, Site
from tests.factories import CategoryFactory, DirectoryFactory, HostCategoryFactory, HostFactory

PASSWORD = "it's a secret"
PATHS = ("", "releases", "releases/42", "updates")


def make_category(name: str = "Fedora Linux", top: str = "pub/fedora/linux") -> Category:
    category: Category = CategoryFactory.create(name=name, top_directory=top)
    for path in PATHS:
        DirectoryFactory.create(category=category, path="/".join(filter(None, (top, path))))
    return category


def make_host(site: Site, category: Category, name: str = "inside.example.org") -> Host:
    Site.objects.filter(pk=site.pk).update(password=make_password(PASSWORD))
    host: Host = HostFactory.create(site=site, name=name, private=True)
    HostCategoryFactory.create(host=host, category=category)
    return host


def up2date(name: str = "Fedora Linux") -> set[str]:
    """Return the up2date set of a Category as paths."""
    ids = set(HostCategory.objects.get(category__name=name).up2date)
    return set(Directory.objects.filter(id__in=ids).values_list("path", flat=True))


def payload(**changes: Any) -> dict[str, Any]:
    """Return what report_mirror sends, with changes; None takes a key out."""
    whole: dict[str, Any] = {
        "version": 0,
        "global": {"enabled": "1", "server": "https://mirrors.example.org/xmlrpc"},
        "site": {"enabled": "1", "name": "Example University", "password": PASSWORD},
        "host": {"enabled": "1", "name": "inside.example.org"},
        "stats": {},
        "fedora linux": {"enabled": "1", "dirtree": {path: {} for path in PATHS}},
    }
    whole |= changes
    return {key: value for key, value in whole.items() if value is not None}


def pack(document: Any) -> str:
    return base64.urlsafe_b64encode(bz2.compress(json.dumps(document).encode())).decode()


def report_mirror(server: str, document: Any, path: str = "/xmlrpc") -> str:
    """Speak as report_mirror does: xmlrpc.client, one string. Return what it prints."""
    with xmlrpc.client.ServerProxy(f"{server}{path}") as proxy:
        return str(proxy.checkin(pack(document)))


def post(
    server: str,
    path: str,
    body: bytes,
    *,
    method: str = "POST",
    headers: dict[str, str] | None = None,
) -> tuple[int, http.client.HTTPMessage, str]:
    """Post bytes over a socket of our own, without following anything."""
    connection = http.client.HTTPConnection(urlsplit(server).netloc, timeout=30)
    try:
        connection.request(method, path, body, headers or {})
        response = connection.getresponse()
        return response.status, response.headers, response.read().decode()
    finally:
        connection.close()


def quick_fedora_mirror(
    server: str, document: Any, path: str = "/mirrormanager/xmlrpc"
) -> tuple[int, str, bool]:
    """Speak as quick-fedora-mirror does: one line of XML by curl, tags stripped from the answer.

    Returns the status, the text, and whether the script would take it for success.
    """
    body = (
        "<?xml version='1.0'?><methodCall><methodName>checkin</methodName><params><param><value>"
        f"<string>{pack(document)}</string></value></param></params></methodCall>"
    )
    agent = {"User-Agent": "curl/8.5.0", "Content-Type": "text/xml", "Accept": "*/*"}
    status, _, answer = post(server, path, body.encode(), headers=agent)
    text = re.sub(r"<[^>]*>", "", answer)
    return status, text, "successful" in text.lower()
