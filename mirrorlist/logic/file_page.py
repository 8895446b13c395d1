"""The page of a file: its digests and formats, its mirrors with shares, why others are left out.

Knows what is shown; what there is to show comes as a `FileView`.
"""

from collections.abc import Sequence

from mirrorlist.logic.file_request import ENDINGS, Form
from mirrorlist.logic.file_view import FileView, LeftOut, Mirror
from mirrorlist.logic.pages import (
    breadcrumbs,
    link,
    page,
    size_text,
    text,
    time_element,
)
from mirrorlist.logic.world_map import Mark, render_map

_LABELS = {
    Form.META4: "Metalink 4",
    Form.METALINK: "Metalink 3",
    Form.TORRENT: "Torrent",
    Form.MD5: "MD5",
    Form.SHA1: "SHA-1",
    Form.SHA256: "SHA-256",
    Form.SHA512: "SHA-512",
}


def render_file_page(view: FileView, *, style: str, outline: str) -> bytes:
    """Return the page of a file; `style` and `outline` are addresses of what it is drawn with."""
    name = view.file.name
    return page(
        title=name,
        crumbs=breadcrumbs(view.path, view.prefix, last=name),
        style=style,
        main=[
            *_facts(view),
            *_formats(view),
            "<h2>Mirrors</h2>",
            render_map(_marks(view), outline=outline),
            *_mirrors(view),
            *_left_out(view.left_out),
        ],
        footer=f"As of {time_element(view.built_at)} UTC. "
        f"{link(f'{view.file.address}?json', 'The same as JSON')}.",
    )


def _facts(view: FileView) -> list[str]:
    file = view.file
    rows = []
    if file.size is not None:
        rows.append(("Size", f"{size_text(file.size)} ({file.size} bytes)"))
    if file.mtime is not None:
        rows.append(("Changed", f"{time_element(file.mtime)} UTC"))
    rows += [
        (_LABELS[Form(digest)], f"<code>{text(value)}</code>")
        for digest, value in view.digests.items()
    ]
    return ["<dl>", *(f"<dt>{name}</dt><dd>{value}</dd>" for name, value in rows), "</dl>"]


def _formats(view: FileView) -> list[str]:
    address = view.file.address
    links = [link(address, "Download"), *(
        link(f"{address}{ending}", _LABELS[form])
        for ending, form in ENDINGS.items()
        if form in (Form.META4, Form.METALINK)
        or form.value in view.digests
        or (form is Form.TORRENT and view.magnet)
    )]  # fmt: skip
    if view.magnet:
        links.append(link(view.magnet, "Magnet link"))
    if view.master_url:
        links.append(link(view.master_url, "From the master"))
    links += [
        link(f"{address}{ending}", f"Signature ({ending})") for ending in view.file.signatures
    ]
    return ['<ul class="inline">', *(f"<li>{item}</li>" for item in links), "</ul>"]


def _marks(view: FileView) -> list[Mark]:
    marks = [
        Mark(mirror.point, mirror.name, "host" if number else "chosen")
        for number, mirror in enumerate(view.mirrors)
        if mirror.point
    ]
    return [*marks, Mark(view.point, "You", "client")] if marks and view.point else marks


def _mirrors(view: FileView) -> list[str]:
    where = f"{text(view.address)} ({text(view.country)})"
    if not view.mirrors:
        instead = (
            f"You are sent to {link(view.master_url, 'the master')}."
            if view.master_url
            else "Please try again later."
        )
        return [f"<p>No mirror has this file for {where}. {instead}</p>"]
    return [
        "<table>",
        f"<caption>For clients like you, {where}, best first. The share is how likely you are "
        "sent there.</caption>",
        '<thead><tr><th scope="col">Mirror</th><th scope="col">Country</th>',
        '<th scope="col" class="num">Distance</th><th scope="col" class="num">Share</th>',
        '<th scope="col">Why</th></tr></thead>',
        "<tbody>",
        *map(_mirror, view.mirrors),
        "</tbody>",
        "</table>",
    ]


def _mirror(mirror: Mirror) -> str:
    distance = "" if mirror.distance_km is None else f"{mirror.distance_km} km"
    return (
        f'<tr><th scope="row">{link(mirror.url, mirror.name)}</th><td>{text(mirror.country)}</td>'
        f'<td class="num">{distance}</td><td class="num">{_share(mirror.share)}</td>'
        f"<td>{text(mirror.sentence)}</td></tr>"
    )


def _share(share: float) -> str:
    return "–" if not share else "&lt; 1 %" if share < 0.01 else f"{share:.0%}".replace("%", " %")


def _left_out(rows: Sequence[LeftOut]) -> list[str]:
    if not rows:
        return []
    return [
        "<h2>Left out</h2>",
        "<table>",
        "<caption>Mirrors of this tree that you are not sent to, and why.</caption>",
        '<thead><tr><th scope="col">Mirror</th><th scope="col">Country</th>',
        '<th scope="col">Why not</th></tr></thead>',
        "<tbody>",
        *(
            f'<tr><th scope="row">{text(row.name)}</th><td>{text(row.country)}</td>'
            f"<td>{text(row.sentence)}</td></tr>"
            for row in rows
        ),
        "</tbody>",
        "</table>",
    ]
