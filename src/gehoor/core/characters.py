"""What each Unicode code point is to us: a letter, a blank, an emoji, nothing at all. Tables, read by `core.text`.

A table look-up costs 1-2 ns a character in numpy, whatever the script; a regular expression in Python ten times that.
"""

import re
import unicodedata
from functools import cache

import numpy as np
import numpy.typing as npt

__all__ = [
    "BLANK", "DROPPED", "EMOJI", "ENDS_URL", "FLAG", "LETTER", "PLAIN", "UNSETTLED", "WORD",
    "flags", "mark_runs", "shifts",
]  # fmt: skip

LETTER, WORD, BLANK, EMOJI, FLAG, DROPPED, ENDS_URL, UNSETTLED = (1 << n for n in range(8))
"""Bits: letter; any character of a word (letters, digits, marks, `_`); white space; emoji; half of a national flag;
leaves no trace (controls, zero width, bidi, skin tones, variation selectors); no part of a URL; NFKC may change it, or
an HTML entity begins."""

_ALL = 0x110000
_SCANNED = [*range(0x3400), *range(0xA000, 0xAC00), *range(0xD7A4, 0x20000)]
_IDEOGRAPHS = (slice(0x3400, 0x4DC0), slice(0x4E00, 0xA000), slice(0xAC00, 0xD7A4), slice(0x20000, 0x33480))
_COMPATIBLE = slice(0x2F800, 0x2FA20)  # ideographs that NFKC replaces
_DROPPED = [*range(0xFE00, 0xFE10), *range(0x1F3FB, 0x1F400), 0x20E3, *range(0xE0000, 0xE1000)]
_JAMO = slice(0x1160, 0x1200)
_CJK = 0x2E80

PLAIN = {
    **dict.fromkeys(map(ord, "’‘‛`´ʼ＇"), ord("'")),
    ord("…"): ord("."),
    0xA0: ord(" "),
}
"""Replaced before NFKC, which would split ´ into a blank and an accent, and … into three dots."""


def _is_emoji(point: int, category: str) -> bool:
    if point in range(0x1F000, 0x1FB00):  # whole blocks: an emoji that is newer than our tables is one too
        return category in {"So", "Cn"}
    return category == "So" and point in range(0x2300, 0x2C00)


def _flags_of(point: int) -> int:
    char = chr(point)
    category = unicodedata.category(char)
    bits = _kind_of(point, category)
    if point >= _CJK or char in '<>"' or bits & (BLANK | EMOJI):
        bits |= ENDS_URL
    if char == "&" or unicodedata.combining(char) or not unicodedata.is_normalized("NFKC", char):
        bits |= UNSETTLED
    return bits


def _kind_of(point: int, category: str) -> int:
    char = chr(point)
    bits = 0
    if category[0] == "L":
        bits = LETTER | WORD
    elif category[0] in "NM" or char == "_":
        bits = WORD
    elif char.isspace():
        bits = BLANK
    elif category in {"Cc", "Cf"}:
        bits = DROPPED
    elif point in range(0x1F1E6, 0x1F200):
        bits = FLAG
    elif _is_emoji(point, category):
        bits = EMOJI
    return bits


@cache
def flags() -> npt.NDArray[np.uint8]:
    """Return the bits of every code point, shape (0x110000,). Built once a process, in about 0.1 s."""
    table = np.full(_ALL, ENDS_URL, np.uint8)
    table[_SCANNED] = [_flags_of(point) for point in _SCANNED]
    for block in _IDEOGRAPHS:
        table[block] = LETTER | WORD | ENDS_URL
    for block in (_JAMO, _COMPATIBLE):
        table[block] |= UNSETTLED
    table[_DROPPED] = DROPPED | ENDS_URL
    table[list(PLAIN)] &= 0xFF ^ UNSETTLED
    table.flags.writeable = False
    return table


@cache
def shifts() -> npt.NDArray[np.int32]:
    """Return what to add to a code point to fold its case and make it plain, shape (0x110000,)."""
    table = np.zeros(_ALL, np.int32)
    table[_SCANNED] = [ord(_folded(chr(point))) - point for point in _SCANNED]
    for point, plain in PLAIN.items():
        table[point] = plain - point
    blanks = np.flatnonzero(flags() & BLANK)
    table[blanks] = ord(" ") - blanks.astype(np.int32)
    table.flags.writeable = False
    return table


@cache
def mark_runs() -> re.Pattern[str]:
    """Return the pattern of accents beyond the eighth on one letter; group 1 is what may stay.

    NFKC sorts accents in quadratic time: 30,000 of them on one letter would hold a process for seconds.
    """
    marks = "".join(chr(point) for point in _SCANNED if unicodedata.combining(chr(point)))
    return re.compile(f"([{marks}]{{8}})[{marks}]+")


def _folded(char: str) -> str:
    """Fold the case of one character to one character: İ gives i, and ß stays."""
    folded = char.casefold()
    return folded if len(folded) == 1 else char.lower()[0]
