"""Run a command against a PostgreSQL server of its own: made for it, and gone after it.

    python tests/with_postgres.py pytest …

The server listens on a Unix socket in a temporary directory only. Started as root, it runs as the
user `postgres` (or `nobody`), because PostgreSQL refuses to run as root.
"""

import contextlib
import os
import pwd
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path


def server_directory() -> Path | None:
    """Return where initdb and postgres are: Debian's newest version, else the PATH's."""
    debian = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"))
    found = debian[-1] if debian else shutil.which("initdb")
    return Path(found).parent if found else None


def unprivileged_user() -> str | None:
    if os.geteuid() != 0:
        return None
    names = {entry.pw_name for entry in pwd.getpwall()}
    return "postgres" if "postgres" in names else "nobody"


@contextlib.contextmanager
def postgres(programs: Path) -> Iterator[dict[str, str]]:
    """Yield the environment that leads to a fresh server; speed comes before durability here."""
    user = unprivileged_user()
    with tempfile.TemporaryDirectory(prefix="mirrorsite-postgres-") as directory:

        def run(program: str, *arguments: str) -> None:
            command = [str(programs / program), "-D", f"{directory}/data", *arguments]
            subprocess.run(command, user=user, cwd=directory, check=True, stdout=subprocess.DEVNULL)

        if user:
            shutil.chown(directory, user)
        run(
            "initdb",
            "-U",
            "mirrorsite",
            "-A",
            "trust",
            "-E",
            "UTF8",
            "--locale=C.UTF-8",
            "--no-sync",
        )
        options = (
            f"-c listen_addresses='' -c unix_socket_directories={directory} "
            "-c fsync=off -c synchronous_commit=off -c full_page_writes=off -c max_connections=50"
        )
        run("pg_ctl", "-w", "-s", "-l", f"{directory}/log", "-o", options, "start")
        try:
            yield {"DATABASE_URL": "postgres://mirrorsite@/postgres", "PGHOST": directory}
        finally:
            run("pg_ctl", "-w", "-s", "-m", "immediate", "stop")


def main() -> int:
    programs = server_directory()
    if programs is None:
        print("PostgreSQL is not installed: the second run of the suite is skipped.")
        return 1 if os.environ.get("CI") else 0
    with postgres(programs) as environment:
        return subprocess.run(sys.argv[1:], env=os.environ | environment, check=False).returncode


if __name__ == "__main__":
    sys.exit(main())
