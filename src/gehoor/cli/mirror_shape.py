"""An edition in the shape that somebody asks for at a terminal: text, JSON, paper, a folder, a mail."""

from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import msgspec

from gehoor.core.edition import Edition
from gehoor.core.errors import SettingError
from gehoor.core.mirror_closer import CloserLook
from gehoor.core.settings import Settings, load

__all__ = ["closer_shape", "folder_of", "sent_round", "shape_of"]


def shape_of(root: Path, day: str | None, which: tuple[str, str], output: Path | None, *, as_json: bool) -> bytes:
    """Return an edition as text, or as the end of a file's name says: .json, .html or .pdf.

    Parameters
    ----------
    which : (str, str)
        Period and brand.
    """
    from gehoor.run.mirror.ask import mirror_of

    found = mirror_of(root, day, *which)
    kind = "" if output is None else output.suffix.lower()
    if as_json or kind == ".json":
        return _json(found, output)
    return _on_paper(found, load(root), kind) if kind in (".html", ".pdf") else _text(found, load(root)).encode()


def closer_shape(root: Path, what: str, on: tuple[str | None, str], output: Path | None, *, as_json: bool) -> bytes:
    """Return a closer look as text or JSON; `on`: the day up to which a group is read, and the brand.

    Raises
    ------
    SettingError
        The file's name asks for paper, or what is looked at is not there.
    """
    from gehoor.core.clock import SystemClock
    from gehoor.run.mirror.ask import closer_of
    from gehoor.web.mirror_closer import CloserTold
    from gehoor.web.mirror_text import bare

    kind = "" if output is None else output.suffix.lower()
    if kind in (".html", ".pdf"):
        raise SettingError(f"A closer look is written as .txt or .json; {kind} is for a whole edition.")
    found = closer_of(root, what, *on)
    if as_json or kind == ".json":
        return _json(found, output)
    told = CloserTold(found, _speech(load(root)), SystemClock().now())
    return "".join(f"{'  ' if line.startswith('  ') else ''}{bare(line)}\n" for line in told.lines()).encode()


def _json(found: Edition | CloserLook, output: Path | None) -> bytes:
    data = msgspec.json.encode(found)
    return (data if output is None else msgspec.json.format(data)) + b"\n"


def _text(found: Edition, settings: Settings) -> str:
    from gehoor.web.mirror_shown import look_of
    from gehoor.web.mirror_text import MirrorText

    return str(MirrorText(found, _speech(settings), look_of(settings)))


def _on_paper(found: Edition, settings: Settings, kind: str) -> bytes:
    from gehoor.web.mirror_paper import paper_of, pdf_of, standing_alone

    html = standing_alone(paper_of(found, _speech(settings), settings), settings)
    return pdf_of(html) if kind == ".pdf" else html.encode()


def _speech(settings: Settings) -> Any:
    from gehoor.web.speech import Speech

    return Speech(settings.workspace.interface, ZoneInfo(settings.workspace.timezone))


def folder_of(root: Path, folder: Path, period: str, brand: str) -> int:
    """Write the folder; return how many editions are in it."""
    from gehoor.run.mirror.ask import reading_mirror
    from gehoor.web.mirror_folder import Shelf, write_folder

    wanted: Any = period
    with reading_mirror(root) as (mirror, settings):
        return write_folder(folder, mirror, settings, _speech(settings), Shelf(wanted, brand))


def sent_round(root: Path, day: str | None, period: str, brand: str) -> list[str]:
    """Mail an edition that is kept, or make it; return to whom it goes now.

    Raises
    ------
    SettingError
        Nobody is in `[mirror] to`, or its last day is not over.
    """
    from gehoor.run.mirror.ask import mirror_of, reading_mirror, tell
    from gehoor.web.mirror_mail import mirror_mail

    settings, wanted = load(root), period
    if not settings.mirror.to:
        raise SettingError("Nobody is in [mirror] to: name senders of type mail there.")
    kept: Edition | None = None
    if day is not None:
        with reading_mirror(root) as (mirror, _):
            kept = mirror.edition(day, wanted, brand)  # type: ignore[arg-type]  # the period was checked
    found = kept or mirror_of(root, day, period, brand)
    if not found.is_over:
        raise SettingError(f"{found.last_day} is not over: its edition can go round tomorrow.")
    message = msgspec.to_builtins(mirror_mail(found, _speech(settings), settings))
    told = {"to": list(settings.mirror.to), "message": message, "period": period, "brand": brand}
    sent: list[str] = tell(root, "send", {**told, "day": found.last_day})
    return sent
