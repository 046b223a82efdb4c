"""`[mirror]`: when an edition goes round, to whom, and what it looks like."""

import re
from collections.abc import Mapping
from pathlib import Path
from typing import Literal

import msgspec

from gehoor.core.settings_part import Part

__all__ = ["LOGO_TYPES", "Mirror", "check_mirror", "contrast"]

LOGO_TYPES = {".png": "image/png", ".svg": "image/svg+xml"}
_PAPER = "#f6f4ef"
_LEAST_CONTRAST = 4.5
"""WCAG 2.2, 1.4.3: of text on what is behind it."""

Wrong = tuple[tuple[str, ...], str, str]


class Mirror(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """`[mirror]`: the edition that goes round by itself, and its look.

    Attributes
    ----------
    at : str
        When it goes round, on the workspace's own clock: 06:30.
    periods : list of str
        Which editions: that of each day; of a week, each Monday; of a month (28 days), each fourth Monday.
    to : list of str
        `[senders.<name>]` of type `mail` that carry it; none: it goes round only when somebody says so.
    name : str
        Whose mirror it is; by default the workspace's.
    logo : path, optional
        A PNG or SVG file, for paper and the folder.
    accent : str, optional
        The one colour, such as #1f46a6; it must be legible on paper.
    calendars : list of str
        Addresses of iCalendar files, read once a day: what is in them stands beside the curve.
    """

    at: str = "06:30"
    periods: tuple[Literal["day", "week", "month"], ...] = ("day", "week", "month")
    to: tuple[str, ...] = ()
    name: str = ""
    logo: Path | None = None
    accent: str | None = None
    calendars: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        if not re.fullmatch(r"([01]\d|2[0-3]):[0-5]\d", self.at):
            raise ValueError("at is no time of the day: write it as 06:30")
        if self.logo is not None and self.logo.suffix.lower() not in LOGO_TYPES:
            raise ValueError("logo is no picture that we print: give a .png or .svg file")
        for address in self.calendars:
            if not re.fullmatch(r"https?://[^\s/]+(/\S*)?", address):
                raise ValueError("calendars holds something that is no address: write it as https://example.org/a.ics")
        if self.accent is None:
            return
        if not re.fullmatch(r"#[0-9a-fA-F]{6}", self.accent):
            raise ValueError("accent is no colour: write it as #1f46a6")
        found = contrast(self.accent, _PAPER)
        if found < _LEAST_CONTRAST:
            raise ValueError(
                f"accent is too light to read: its contrast on paper is {found:.1f}, and text needs "
                f"{_LEAST_CONTRAST}; take a darker one"
            )


def contrast(one: str, other: str) -> float:
    """Return the contrast of two colours, 1 to 21, as WCAG 2.2 defines it.

    Examples
    --------
    >>> round(contrast("#000000", "#ffffff"), 1), round(contrast("#1f46a6", "#f6f4ef"), 1)
    (21.0, 7.7)
    """
    low, high = sorted((_luminance(one), _luminance(other)))
    return (high + 0.05) / (low + 0.05)


def _luminance(colour: str) -> float:
    parts = [int(colour[place : place + 2], 16) / 255 for place in (1, 3, 5)]
    linear = [part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def check_mirror(mirror: Mirror, senders: Mapping[str, Part]) -> Wrong | None:
    """Return what is wrong with who gets it: a sender that is not there, or sends no mail; None when all is well."""
    letters = [name for name, part in senders.items() if part.type == "mail"]
    for name in mirror.to:
        if name not in letters:
            known = ", ".join(letters) or "none yet: write [senders.<name>] of type mail"
            return ("mirror",), "to", f"to: there is no sender of mail named {name!r}. Known: {known}."
    return None
