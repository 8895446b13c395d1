"""The look of the pages that an edge gives: one small stylesheet, light and dark.

Colors are those of the site's other pages; an edge has no static files, so this is one of them.
"""

# No file of a master begins like these.
STYLE_ADDRESS = ".mirrorsite.css"
OUTLINE_ADDRESS = ".mirrorsite-world.svg"
STYLE_HEADERS = (
    ("Content-Type", "text/css; charset=utf-8"),
    ("Cache-Control", "public, max-age=3600"),
    ("X-Content-Type-Options", "nosniff"),
)
STYLE = b""":root {
  color-scheme: light dark;
  --bg: #ffffff; --surface: #f5f6f8; --line: #d5d9de; --text: #1b1f24; --muted: #57606a;
  --link: #0b5cad; --ok: #18703a; --bad: #b42318;
}
@media (prefers-color-scheme: dark) {
  :root {
    --bg: #14171a; --surface: #1d2126; --line: #363c43; --text: #e6e8ea; --muted: #9aa4ae;
    --link: #7ab8ff; --ok: #5fd38a; --bad: #ff8a80;
  }
}
* { box-sizing: border-box; }
html { font: 16px/1.5 system-ui, sans-serif; background: var(--bg); color: var(--text); }
body { margin: 0 auto; max-width: 70rem; padding: 0 1rem 2rem; }
a { color: var(--link); overflow-wrap: anywhere; }
:focus-visible { outline: 3px solid var(--link); outline-offset: 2px; }
.skip { position: absolute; left: -100vw; }
.skip:focus { left: 1rem; top: .5rem; background: var(--bg); padding: .5rem; }
nav { padding: 1rem 0 0; overflow-wrap: anywhere; }
h1 { font-size: 1.5rem; line-height: 1.25; margin: .75rem 0; overflow-wrap: anywhere; }
h2 { font-size: 1.25rem; margin: 1.5rem 0 .5rem; }
table { width: 100%; border-collapse: collapse; font-variant-numeric: tabular-nums; }
caption { text-align: left; color: var(--muted); padding: .25rem 0 .5rem; }
th, td { text-align: left; vertical-align: top; padding: .3rem .75rem .3rem 0;
  border-bottom: 1px solid var(--line); overflow-wrap: anywhere; }
thead th { font-size: .875rem; color: var(--muted); border-bottom: 2px solid var(--line); }
th[scope="row"] { font-weight: 400; }
.num { text-align: right; white-space: nowrap; }
time { white-space: nowrap; }
.muted, footer { color: var(--muted); }
footer { font-size: .875rem; margin-top: 2rem; }
dl { display: grid; grid-template-columns: max-content 1fr; gap: .25rem 1rem; }
dt { color: var(--muted); }
dd { margin: 0; overflow-wrap: anywhere; }
code { font-size: .875rem; }
ul.inline { display: flex; flex-wrap: wrap; gap: .25rem 1.25rem; list-style: none; padding: 0; }
.map { display: block; width: 100%; max-width: 60rem; height: auto; background: var(--surface); }
.map .land { fill: var(--line); }
.map .graticule { stroke: var(--muted); stroke-width: .1; }
.map .host { fill: var(--muted); }
.map .chosen { fill: var(--ok); }
.map .client { fill: var(--bad); }
@media (max-width: 30rem) {
  th, td { padding-right: .5rem; font-size: .875rem; }
  time { white-space: normal; }
  dl { grid-template-columns: 1fr; }
}
"""
