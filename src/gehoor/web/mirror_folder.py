"""The mirror as a folder to leaf through, on a stick or any web server: nothing in it asks anything of elsewhere."""

from collections.abc import Iterable
from importlib.resources import files
from pathlib import Path
from typing import NamedTuple

from markupsafe import Markup

from gehoor.core.edition import Edition, Period
from gehoor.core.errors import SettingError
from gehoor.core.mirror_reader import MirrorReader
from gehoor.core.settings import Settings
from gehoor.web.frame import rendered
from gehoor.web.mirror_paper import Leaf, logo_of, paper_css, paper_of, standing_alone
from gehoor.web.mirror_shown import look_of
from gehoor.web.mirror_told import MirrorTold
from gehoor.web.speech import Speech

__all__ = ["Shelf", "write_folder"]

_STYLE, _INDEX = "mirror.css", "index.html"
_LINK = Markup('<link rel="stylesheet" href="mirror.css">')
_FONTS = ("figtree-latin", "figtree-latin-ext", "source-serif-4-latin", "source-serif-4-latin-ext")
_LICENCES = ("figtree.LICENSE.txt", "serif.LICENSE.txt")


class Shelf(NamedTuple):
    """Which editions stand in a folder."""

    period: Period = "day"
    brand: str = ""


class _Line(NamedTuple):
    path: str
    edition: Edition
    told: MirrorTold


def write_folder(folder: Path, mirror: MirrorReader, settings: Settings, speech: Speech, shelf: Shelf) -> int:
    """Write every edition that is kept, a page each, and an index; return how many pages there are.

    A folder that was written before is written anew: what was deleted or forgotten since goes from it too.

    Raises
    ------
    SettingError
        There is no edition yet, or something else is in the folder.
    """
    days = mirror.days(shelf.period, shelf.brand)
    if not days:
        raise SettingError("There is no edition yet to put in a folder. Make one with: gehoor mirror")
    _clear(folder)
    _write_beside(folder, look_of(settings).accent)
    lines = []
    for place, day in enumerate(days):
        edition = mirror.edition(day, shelf.period, shelf.brand)
        if edition is None:  # made room for a newer one meanwhile
            continue
        before = f"{days[place + 1]}.html" if place + 1 < len(days) else None
        leaf = Leaf(before, f"{days[place - 1]}.html" if place else None, _INDEX)
        page = standing_alone(paper_of(edition, speech, settings, _LINK, leaf), settings)
        (folder / f"{day}.html").write_text(page, encoding="utf-8")
        lines.append(_Line(f"{day}.html", edition, MirrorTold(edition, speech, look_of(settings).names)))
    (folder / _INDEX).write_text(_index(lines, settings, speech, shelf), encoding="utf-8")
    return len(lines)


def _index(lines: Iterable[_Line], settings: Settings, speech: Speech, shelf: Shelf) -> str:
    look = look_of(settings)
    whose = look.names.get(shelf.brand, shelf.brand) or look.name
    logo = logo_of(settings.mirror.logo)
    return rendered("mirror_folder.html", speech, lines=list(lines), our_name=whose, style=_LINK, logo=logo)


def _clear(folder: Path) -> None:
    """Make room for ours, and touch nothing of others."""
    try:
        folder.mkdir(parents=True, exist_ok=True)
        if any(folder.iterdir()) and not (folder / _STYLE).exists():
            raise SettingError(f"{folder} holds something else: choose an empty folder.")
        for page in folder.glob("*.html"):
            page.unlink()
    except OSError as error:
        raise SettingError(f"{folder} cannot be written: {error.strerror}.") from error


def _write_beside(folder: Path, accent: str) -> None:
    vendor = files("gehoor.web").joinpath("static", "vendor")
    (folder / "fonts").mkdir(exist_ok=True)
    for name in (*(f"{font}.woff2" for font in _FONTS), *_LICENCES):
        (folder / "fonts" / name).write_bytes(vendor.joinpath(name).read_bytes())
    (folder / _STYLE).write_text(paper_css(accent, "fonts/"), encoding="utf-8")
