"""The page of a Directory: what is in it, as HTML or JSON.

Knows what is shown and in which order. The same for all clients, so that it may be cached.
"""

import json
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from email.utils import format_datetime
from hashlib import blake2b
from typing import NamedTuple

from mirrorlist.logic.files import Folder
from mirrorlist.logic.page_style import STYLE_ADDRESS
from mirrorlist.logic.pages import (
    HTML,
    JSON,
    address_of,
    breadcrumbs,
    iso_time,
    link,
    page,
    size_text,
    text,
    time_element,
)
from mirrorlist.logic.world import World
from registry.logic.places import join_path

# A page of more would keep an edge from answering anybody else for too long.
ROWS_PER_PAGE = 2_000
_CACHED = ("Cache-Control", "public, max-age=60")


class Row(NamedTuple):
    """One line: a file, or a Directory, whose name ends in a slash and which has no size."""

    name: str
    size: int | None
    mtime: int | None


class FolderPage(NamedTuple):
    """A rendered page with its validator."""

    headers: tuple[tuple[str, str], ...]
    body: bytes
    etag: str


_ORDERS: dict[str, Callable[[Row], tuple[object, ...]]] = {
    "name": lambda row: (row.size is not None, row.name),
    "size": lambda row: (row.size or 0, row.name),
    "time": lambda row: (row.mtime or 0, row.name),
}


def make_folder_page(
    folder: Folder, world: World, *, sort: str, number: int, by_json: bool
) -> FolderPage:
    """Return the page of a Directory.

    `sort` is name, size or time, with `-` before it for the other direction; Directories come
    first when sorted by name. `number` counts pages from 1; one after the last is empty.
    """
    order = sort if sort.removeprefix("-") in _ORDERS else "name"
    key = _ORDERS[order.removeprefix("-")]
    rows = sorted(_rows(folder, world), key=key, reverse=order.startswith("-"))
    if by_json:
        body, media_type = _json(folder, rows), JSON
    else:
        body, media_type = _html(folder, rows, world, order=order, number=number), HTML
    etag = f'"{blake2b(body, digest_size=12).hexdigest()}"'
    headers = (*media_type, _CACHED, ("Vary", "Accept"), ("ETag", etag), *_last_modified(rows))
    return FolderPage(headers, body, etag)


def _rows(folder: Folder, world: World) -> list[Row]:
    snapshot = world.snapshot
    rows = []
    for name in snapshot.subdirectories(folder.path):
        directory = snapshot.directory(join_path(folder.path, name))
        if directory and world.files.is_hidden(directory):
            continue
        rows.append(Row(f"{name}/", None, snapshot.changed_at(directory.id) if directory else None))
    if folder.directory:
        rows += [Row(*entry) for entry in snapshot.listing(folder.directory.id)]
    return rows


def _last_modified(rows: Sequence[Row]) -> tuple[tuple[str, str], ...]:
    newest = max((row.mtime or 0 for row in rows), default=0)
    try:
        date = format_datetime(datetime.fromtimestamp(newest, tz=UTC), usegmt=True)
    except (ValueError, OverflowError, OSError):
        return ()
    return (("Last-Modified", date),) if newest > 0 else ()


def _json(folder: Folder, rows: Sequence[Row]) -> bytes:
    """Return a Directory for programs: all of it, paths whole, times in UTC."""
    return json.dumps(
        {
            "path": folder.path,
            "directories": [_facts(row) for row in rows if row.size is None],
            "files": [_facts(row) | {"size": row.size} for row in rows if row.size is not None],
        },
        ensure_ascii=False,
    ).encode(errors="replace")


def _facts(row: Row) -> dict[str, object]:
    time = None if row.mtime is None else iso_time(row.mtime)
    return {"name": row.name.removesuffix("/"), "modified_at": time}


def _html(folder: Folder, rows: Sequence[Row], world: World, *, order: str, number: int) -> bytes:
    prefix = world.policy.files.prefix
    first = (number - 1) * ROWS_PER_PAGE
    main = [
        "<table>",
        f"<caption>{_count(rows)}. Times are UTC. {link('?json', 'The same as JSON')}.</caption>",
        "<thead><tr>",
        _heading("name", "Name", order, ""),
        _heading("size", "Size", order, ' class="num"'),
        _heading("time", "Changed", order, ""),
        '<th scope="col">Mirrors</th>',
        "</tr></thead>",
        "<tbody>",
        *(_row(row, folder, prefix) for row in rows[first : first + ROWS_PER_PAGE]),
        "</tbody>",
        "</table>",
        *_turning(len(rows), order, number),
    ]
    if not rows:
        main.append("<p>There is nothing here.</p>")
    built_at = time_element(world.snapshot.built_at)
    return page(
        title=f"/{folder.path}/" if folder.path else "/",
        crumbs=breadcrumbs(folder.path, prefix, last=folder.path.rpartition("/")[2]),
        style=prefix + STYLE_ADDRESS,
        main=main,
        footer=f"Files come from the mirror that is best for you. As of {built_at} UTC.",
    )


def _count(rows: Sequence[Row]) -> str:
    files = [row.size for row in rows if row.size is not None]
    folders = len(rows) - len(files)
    words = [
        f"{number} {one if number == 1 else many}"
        for number, one, many in (
            (folders, "directory", "directories"),
            (len(files), "file", "files"),
        )
    ]
    return f"{words[0]}, {words[1]} of {size_text(sum(files))}"


def _heading(name: str, label: str, order: str, attributes: str) -> str:
    sorted_by = order.removeprefix("-") == name
    direction = "descending" if order.startswith("-") else "ascending"
    state = f' aria-sort="{direction}"' if sorted_by else ""
    turned = f"-{name}" if sorted_by and direction == "ascending" else name
    return f'<th scope="col"{attributes}{state}>{link(f"?sort={turned}", label)}</th>'


def _row(row: Row, folder: Folder, prefix: str) -> str:
    address = address_of(join_path(folder.path, row.name), prefix)
    size = (
        "" if row.size is None else f'<span title="{row.size} bytes">{size_text(row.size)}</span>'
    )
    changed = "" if row.mtime is None else time_element(row.mtime)
    mirrors = ""
    if row.size is not None:
        mirrors = (
            f'<a href="{text(address)}?mirrorlist" aria-label="Mirrors of {text(row.name)}">'
            "mirrors</a>"
        )
    return (
        f'<tr><th scope="row">{link(address, row.name)}</th><td class="num">{size}</td>'
        f"<td>{changed}</td><td>{mirrors}</td></tr>"
    )


def _turning(rows: int, order: str, number: int) -> list[str]:
    """Return links to the page before and the page after, where there are any."""
    last = max(1, -(-rows // ROWS_PER_PAGE))
    if last == 1:
        return []
    links = [
        link(f"?sort={order}&page={other}", label)
        for other, label in ((number - 1, "Previous page"), (number + 1, "Next page"))
        if 1 <= other <= last
    ]
    return [f"<p>Page {number} of {last}. {' '.join(links)}</p>"]
