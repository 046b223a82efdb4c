"""An edition on paper: one page of HTML that needs nothing beside it, and PDF of it."""

import base64
import re
from importlib.resources import files
from pathlib import Path
from typing import NamedTuple

from markupsafe import Markup

from gehoor.core.edition import Edition
from gehoor.core.errors import SettingError
from gehoor.core.settings import Settings
from gehoor.core.settings_mirror import LOGO_TYPES
from gehoor.web.frame import rendered
from gehoor.web.mirror_shown import ACCENT, look_of, shown_of
from gehoor.web.speech import Speech

__all__ = ["Leaf", "logo_of", "paper_css", "paper_of", "pdf_of", "standing_alone", "whole_style"]

_STYLES = ("tokens.css", "base.css", "mirror.css", "paper.css")
_FONT = re.compile(r'url\("vendor/([a-z0-9-]+\.woff2)"\)')
_HREF = re.compile(r'(<a [^>]*?) href="(/[^"]*)"')
_MOST_LOGO = 500_000
_SENTENCES, _QUOTES = 3, 1
"""On paper: what and why are one page, with three things to do."""

_NO_PRINTER = (
    "Paper needs WeasyPrint: pip install 'gehoor[paper]', and from Debian libpango-1.0-0 and libpangoft2-1.0-0. "
    "Or print the page from a browser."
)


class Leaf(NamedTuple):
    """Where the pages beside this one are, in a folder."""

    before: str | None
    after: str | None
    contents: str


def paper_css(accent: str, fonts: str) -> str:
    """Return the style of paper in one piece; `fonts` is where they are, such as `/static/vendor/`."""
    style = "\n".join(files("gehoor.web").joinpath("static", name).read_text(encoding="utf-8") for name in _STYLES)
    style = _FONT.sub(lambda found: f'url("{fonts}{found[1]}")', style)
    return f"{style}\n:root {{ --accent: {accent}; }}\n" if accent != ACCENT else style


def whole_style(accent: str) -> Markup:
    """Return a style element that holds its fonts."""

    def held(found: re.Match[str]) -> str:
        data = files("gehoor.web").joinpath("static", "vendor", found[1]).read_bytes()
        return f'url("data:font/woff2;base64,{base64.b64encode(data).decode()}")'

    style = re.sub(r'url\("font:([a-z0-9-]+\.woff2)"\)', held, paper_css(accent, "font:"))
    return Markup("<style>\n{}</style>").format(Markup(style))


def logo_of(path: Path | None) -> str | None:
    """Return a picture as an address that holds it: as an image an SVG runs no script and fetches nothing.

    Raises
    ------
    SettingError
        It cannot be read, or is larger than 500 kB.
    """
    if path is None:
        return None
    try:
        data = path.read_bytes()
    except OSError as error:
        raise SettingError(f"The logo {path} cannot be read: {error.strerror}. It stands in [mirror] logo.") from None
    if len(data) > _MOST_LOGO:
        raise SettingError(f"The logo {path} is larger than 500 kB: take a smaller picture.")
    return f"data:{LOGO_TYPES[path.suffix.lower()]};base64,{base64.b64encode(data).decode()}"


def paper_of(
    edition: Edition, speech: Speech, settings: Settings, style: Markup | None = None, leaf: Leaf | None = None
) -> str:
    """Return an edition as HTML for paper: no form, no script, nothing from elsewhere.

    Parameters
    ----------
    style : Markup, optional
        What stands in its head; by default everything that it needs.
    leaf : Leaf, optional
        In a folder: the pages beside it, and all that a screen has room for.
    """
    look = look_of(settings)
    shown = shown_of(edition, speech, look) | {"logo": logo_of(settings.mirror.logo), "leaf": leaf}
    if leaf is None:
        shown |= {"n_sentences": _SENTENCES, "n_quotes": _QUOTES}
    return rendered(
        "paper.html", speech, edition=edition, style=whole_style(look.accent) if style is None else style, **shown
    )


def standing_alone(html: str, settings: Settings) -> str:
    """Return paper that leaves us: its numbers open their posts where `[web] public_url` says how we are reached."""
    base = (settings.web.public_url or "").rstrip("/")
    return _HREF.sub(lambda found: f'{found[1]} href="{base}{found[2]}"' if base else found[1], html)


def pdf_of(html: str) -> bytes:
    """Return a page of HTML as PDF, A4. Cost: 2 to 4 s.

    Raises
    ------
    SettingError
        What sets it is not installed.
    """
    try:
        from weasyprint import HTML  # half a second, and not everybody prints
        from weasyprint.urls import URLFetcher
    except (ImportError, OSError):  # OSError: Pango is not there
        raise SettingError(_NO_PRINTER) from None
    held = URLFetcher(allowed_protocols=["data"])  # what an address holds itself: a logo is a stranger's file
    return bytes(HTML(string=html, url_fetcher=held).write_pdf())
