"""How a Host checks in, as text that its admins paste: with its own names and our address.

Knows the forms of the three clients. Deliberately knows no secret: where one belongs, a word says
so.
"""

import json
import shlex
from collections.abc import Sequence
from dataclasses import dataclass

ROOT = "/srv/mirror"


@dataclass(frozen=True)
class Carried:
    """A Category that the Host carries, and its top directory on the master."""

    name: str
    top_directory: str


@dataclass(frozen=True)
class Instructions:
    """One text for each way of checking in.

    `prepare` comes before the script, once. It ends with a command that reads the token, so nothing
    may be pasted behind it.
    """

    report_mirror: str
    prepare: str
    script: str
    curl: str


def check_in_instructions(
    *, server: str, site: str, host: str, carried: Sequence[Carried]
) -> Instructions:
    """Return what to paste; `server` is our address without a slash at its end.

    Paths on the Host are guesses: `/srv/mirror` and the master's path. The script and the curl line
    only show what would change, so that nothing happens before their paths are right.
    """
    return Instructions(
        report_mirror=_report_mirror(server, site, host, carried),
        prepare=f"curl -O {shlex.quote(f'{server}/check-in.sh')}\n"
        "(umask 077; cat >~/.check-in-token)",
        script=_script(carried),
        curl=_curl(server, carried),
    )


def _report_mirror(server: str, site: str, host: str, carried: Sequence[Carried]) -> str:
    sections = [
        ("global", ("enabled=1", f"server={server}/xmlrpc")),
        ("site", ("enabled=1", f"name={_one_line(site)}", "password=PASSWORD OF THE SITE")),
        ("host", ("enabled=1", f"name={_one_line(host)}")),
        *((_one_line(one.name), ("enabled=1", f"path={_path(one)}")) for one in carried),
    ]
    return "\n".join(line for name, lines in sections for line in (f"[{name}]", *lines))


def _script(carried: Sequence[Carried]) -> str:
    trees = " ".join(f"{shlex.quote(one.name)} {shlex.quote(_path(one))}" for one in carried)
    return f"sh check-in.sh -n {trees}"


def _curl(server: str, carried: Sequence[Carried]) -> str:
    """Return one pipeline; the token reaches curl by its input, where `ps` does not show it."""
    body = {"dry_run": True, "categories": {one.name: [""] for one in carried}}
    return (
        "sed 's/^/Authorization: Bearer /' ~/.check-in-token | "
        "curl -H @- -H 'Content-Type: application/json' "
        f"--data {shlex.quote(json.dumps(body, ensure_ascii=False))} "
        f"{shlex.quote(f'{server}/api/v1/check-in/')}"
    )


def _path(carried: Carried) -> str:
    return _one_line(f"{ROOT}/{carried.top_directory}")


def _one_line(text: str) -> str:
    """Return a name that cannot begin another line of a configuration file."""
    return " ".join(text.split())
