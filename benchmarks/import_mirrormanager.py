"""How fast a MirrorManager database comes in, and in how much memory.

    .venv/bin/python benchmarks/import_mirrormanager.py --rows 2000000

Makes a PostgreSQL with MirrorManager's tables and a network of the wanted number of
host_category_dir rows, imports it into a fresh SQLite database, imports it again, and prints rows
a second and the peak memory of the process. Without `--passwords` Sites have none, because hashing
has a cost of its own, which is measured apart. Nothing is random.
"""

import argparse
import os
import resource
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import psycopg

HERE = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(HERE))

from tests.with_postgres import postgres, server_directory  # noqa: E402

SCHEMA = HERE / "tests" / "data" / "mirrormanager_schema.sql"
FILL = """
INSERT INTO product (id, name) VALUES (1, 'Fedora');
INSERT INTO arch (id, name) VALUES (1, 'x86_64');
INSERT INTO site (name, created_by, password)
    SELECT 'Site ' || n, 'user' || n, {password} FROM generate_series(1, {hosts}) n;
INSERT INTO site_admin (username, site_id) SELECT 'user' || n, n FROM generate_series(1, {hosts}) n;
INSERT INTO host (name, site_id, country)
    SELECT 'mirror' || n || '.example.org', n, 'DE' FROM generate_series(1, {hosts}) n;
INSERT INTO directory (id, name, files, ctime)
    SELECT n, CASE n WHEN 1 THEN 'pub' ELSE 'pub/' || n % 100 || '/' || n END, convert_to(
        (SELECT json_agg(json_build_object(
            'name', 'file' || f, 'size', 1000 + n, 'timestamp', 1700000000 + f))::text
         FROM generate_series(0, 9) f), 'UTF8'), 1700000000
    FROM generate_series(1, {directories}) n;
INSERT INTO category (id, name, product_id, topdir_id) VALUES (1, 'Everything', 1, 1);
INSERT INTO category_directory SELECT 1, id FROM directory;
INSERT INTO file_detail (directory_id, filename, timestamp, size, sha256)
    SELECT id, 'repomd.xml', 1700000000 + id, 3000, repeat('ab', 32)
    FROM directory WHERE id % 10 = 0;
INSERT INTO host_category (id, host_id, category_id)
    SELECT n, n, 1 FROM generate_series(1, {hosts}) n;
INSERT INTO host_category_url (host_category_id, url)
    SELECT n, 'https://mirror' || n || '.example.org/pub' FROM generate_series(1, {hosts}) n;
INSERT INTO host_category_dir (host_category_id, path, up2date, directory_id)
    SELECT h, '/' || d, (h + d) % 10 <> 0, d
    FROM generate_series(1, {directories}) d, generate_series(1, {hosts}) h;
ANALYZE;
"""


def fill(url: str, *, hosts: int, directories: int, passwords: bool) -> None:
    password = "'sesame' || n" if passwords else "NULL"
    statements = FILL.format(hosts=hosts, directories=directories, password=password)
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute(SCHEMA.read_bytes())
        connection.execute(statements.encode())


def run(*arguments: str, environment: dict[str, str]) -> tuple[float, float, str]:
    """Run a command of ours; return seconds, the peak memory of all so far in MB, and output."""
    begin = time.perf_counter()
    done = subprocess.run(
        [sys.executable, "manage.py", *arguments],
        cwd=HERE,
        env=os.environ | environment,
        check=True,
        capture_output=True,
        text=True,
    )
    peak = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss / 1024
    return time.perf_counter() - begin, peak, done.stdout


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rows", type=int, default=2_000_000, help="rows of host_category_dir")
    parser.add_argument("--directories", type=int, default=20_000)
    parser.add_argument("--passwords", action="store_true", help="hash one per Site, too")
    options = parser.parse_args()
    hosts = max(options.rows // options.directories, 1)
    programs = server_directory()
    if programs is None:
        sys.exit("PostgreSQL is not installed.")
    with postgres(programs) as server, tempfile.TemporaryDirectory() as state:
        url = f"postgresql://mirrorsite@/postgres?host={server['PGHOST']}"
        fill(url, hosts=hosts, directories=options.directories, passwords=options.passwords)
        environment = {
            "SECRET_KEY": "benchmark",
            "STATE_DIR": state,
            "DATABASE_URL": f"sqlite:///{state}/benchmark.sqlite3",
            "DJANGO_SETTINGS_MODULE": "mirrorsite.settings",
        }
        run("migrate", "-v0", environment=environment)
        rows = hosts * options.directories
        print(f"{hosts} Hosts × {options.directories} Directories = {rows} rows; SQLite")
        print(f"{'step':<14}{'seconds':>9}{'rows/s':>12}{'peak MB':>9}  conclusion")
        for step in ("--dry-run", "--verbosity=1", "--resume"):
            seconds, peak, out = run("import_mirrormanager", url, step, environment=environment)
            name = {"--verbosity=1": "first import"}.get(step, step[2:])
            last = out.strip().splitlines()[-1]
            print(f"{name:<14}{seconds:>9.1f}{rows / seconds:>12,.0f}{peak:>9.0f}  {last}")
        seconds, peak, out = run("import_mirrormanager", url, environment=environment)
        last = out.strip().splitlines()[-1]
        print(f"{'again':<14}{seconds:>9.1f}{rows / seconds:>12,.0f}{peak:>9.0f}  {last}")


if __name__ == "__main__":
    main()
