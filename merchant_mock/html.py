"""Small self-contained HTML pages: no script, nothing fetched, readable on a phone, light or dark."""

from __future__ import annotations

from collections.abc import Iterable
from html import escape

from starlette.responses import HTMLResponse

_STYLE = """
:root { color-scheme: light dark; }
body { font: 1.05rem/1.5 system-ui, sans-serif; max-width: 36rem; margin: 2rem auto; padding: 0 1rem; }
h1 { font-size: 1.5rem; line-height: 1.25; overflow-wrap: anywhere; }
table { width: 100%; border-collapse: collapse; margin: 1rem 0; }
td { padding: .4rem 0; border-bottom: 1px solid color-mix(in srgb, currentColor 20%, transparent); }
td + td { text-align: right; white-space: nowrap; padding-left: 1rem; }
button { font: inherit; font-weight: 600; width: 100%; padding: .9rem; border: 0; border-radius: .5rem; cursor: pointer;
  background: #1d5c4d; color: #fff; }
button:focus-visible { outline: 3px solid #4aa58e; outline-offset: 2px; }
footer { margin-top: 2rem; font-size: .9rem; opacity: .8; }
"""

_HEADERS = {
    "Cache-Control": "no-store",
    "Content-Security-Policy": "default-src 'none'; style-src 'unsafe-inline'; form-action 'self'; "
    "base-uri 'none'; frame-ancestors 'none'",
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
}


def page(shop: str, title: str, *parts: str, status: int = 200) -> HTMLResponse:
    """A whole page; `parts` are HTML, what else is given is text."""
    return HTMLResponse(
        '<!doctype html>\n<html lang="en">\n<head>\n<meta charset="utf-8">\n'
        '<meta name="viewport" content="width=device-width, initial-scale=1">\n'
        f"<title>{escape(title)} – {escape(shop)}</title>\n<style>{_STYLE}</style>\n</head>\n<body>\n<main>\n"
        f"<h1>{escape(title)}</h1>\n{''.join(parts)}</main>\n<footer>{escape(shop)}</footer>\n</body>\n</html>\n",
        status_code=status,
        headers=_HEADERS,
    )


def paragraph(text: str) -> str:
    """A paragraph of text."""
    return f"<p>{escape(text)}</p>\n"


def rows(pairs: Iterable[tuple[str, str]]) -> str:
    """A table of two columns, the second one for amounts."""
    cells = "".join(f"<tr><td>{escape(left)}</td><td>{escape(right)}</td></tr>\n" for left, right in pairs)
    return f"<table>\n{cells}</table>\n"


def button(label: str) -> str:
    """A button that posts to the page it is on."""
    return f'<form method="post"><button>{escape(label)}</button></form>\n'
