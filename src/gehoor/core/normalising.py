"""Normalises a whole batch of texts at once: one numpy pass over its code points, 30 times a loop in Python.

In: texts. Out: their code points, a newline after each text, and for each what kind of word it belongs to.
"""

import html
import re
import unicodedata

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from gehoor.core import characters as ch

__all__ = ["LINK", "NONE", "ONE", "PAIR", "READ_CHARS", "RUN", "URL", "Bits", "Points", "clean"]

READ_CHARS = 16_384
"""Characters of one text that are read; what follows is stored, shown and searched, but no judgement looks at it."""

URL = "<url>"
"""The word that stands for any URL."""

NONE, RUN, LINK, ONE, PAIR = range(5)
"""What a character belongs to: no word, a run of letters, a URL, an emoji of its own, a national flag."""

I64 = npt.NDArray[np.int64]
Bits = npt.NDArray[np.uint8]
Points = npt.NDArray[np.uint32]

_ENTITY = re.compile(r"&(?:#\d{1,7}|#[xX][0-9a-fA-F]{1,6}|[a-zA-Z][a-zA-Z0-9]{1,30});")
_URL_POINTS = np.frombuffer(URL.encode("utf-32-le"), np.uint32)
_NL, _HASH, _APOSTROPHE, _DOT, _COLON, _AT = map(ord, "\n#'.:@")


def clean(texts: pa.StringArray) -> tuple[Points, Points, Bits]:
    """Return the normalised code points of all texts, a newline after each.

    Returns
    -------
    whole, points : uint32
        With the URLs as they are, and with `<url>` for each.
    kinds : uint8, shape of `points`
        What kind of word each point belongs to.
    """
    points, ends = _points_of(texts)
    points = points + ch.shifts()[points].view(np.uint32)  # negative shifts wrap round, as they should
    points[ends] = _NL
    bits = ch.flags()[points]
    bits[ends] = ch.ENDS_URL
    is_seen = (bits & ch.DROPPED) == 0
    if not is_seen.all():
        points, bits = points[is_seen], bits[is_seen]
    kinds = _KINDS[bits]
    keep = (bits & ch.BLANK) == 0
    _shorten_runs(points, bits, keep)
    whole = points[keep]
    _shorten_urls(points, bits, kinds, keep)
    points, kinds = points[keep], kinds[keep]
    _join_signs(points, kinds)
    return whole, points, kinds


def _points_of(texts: pa.StringArray) -> tuple[Points, I64]:
    """Return the code points of all texts, each followed by one more, and where these stand; NFKC, entities read."""
    if len(texts) and (pc.max(pc.binary_length(texts)).as_py() or 0) > READ_CHARS:
        texts = pc.utf8_slice_codeunits(texts, 0, READ_CHARS)
    rows: list[str] = pc.fill_null(texts, "").to_pylist()
    points, ends = _joined(rows)
    unsettled = np.flatnonzero(ch.flags()[points] & ch.UNSETTLED)
    if not len(unsettled):
        return points, ends
    for i in np.unique(np.searchsorted(ends, unsettled)).tolist():
        rows[i] = _settled(rows[i])
    return _joined(rows)


def _joined(rows: list[str]) -> tuple[Points, I64]:
    ends = np.cumsum(np.fromiter(map(len, rows), np.int64, len(rows)) + 1) - 1
    return np.frombuffer("\n".join([*rows, ""]).encode("utf-32-le"), np.uint32), ends


def _settled(text: str) -> str:
    if "&" in text:
        text = _ENTITY.sub(lambda found: html.unescape(found[0]), text)
    text = ch.mark_runs().sub(r"\1", text.translate(ch.PLAIN))
    return unicodedata.normalize("NFKC", text)[:READ_CHARS]


def _shorten_urls(points: Points, bits: Bits, kinds: Bits, keep: npt.NDArray[np.bool_]) -> None:
    """Write `<url>` over the first five characters of each URL, and keep no others of it."""
    starts = _url_starts(points, bits)
    stops = np.flatnonzero(bits & ch.ENDS_URL)
    ends, first = np.unique(stops[np.searchsorted(stops, starts)], return_index=True)
    starts = starts[first]
    lengths = ends - starts
    keep[np.repeat(ends - np.cumsum(lengths), lengths) + np.arange(lengths.sum())] = False
    at = starts[:, None] + np.arange(len(URL))
    keep[at], points[at], kinds[at] = True, _URL_POINTS, LINK


def _url_starts(points: Points, bits: Bits) -> I64:
    colons = np.flatnonzero(points == _COLON)
    colons = colons[_reads(points, colons - 4, "http://") | _reads(points, colons - 5, "https://")]
    schemes = colons - 4 - (points.take(colons - 1, mode="wrap") == ord("s"))
    dots = np.flatnonzero(points == _DOT)
    dots = dots[_reads(points, dots - 3, "www.")]
    dots = dots[(bits.take(dots - 4, mode="wrap") & ch.WORD) == 0]
    starts, bodies = np.concatenate([schemes, dots - 3]), np.concatenate([colons + 3, dots + 1])
    return np.sort(starts[(bits.take(bodies, mode="wrap") & ch.ENDS_URL) == 0])


def _reads(points: Points, at: I64, text: str) -> npt.NDArray[np.bool_]:
    """Tell at which places `text` stands. Wrapping is harmless: the last point is a newline, which no text holds."""
    found = np.ones(len(at), np.bool_)
    for k, char in enumerate(text):
        found &= points.take(at + k, mode="wrap") == ord(char)
    return found


def _shorten_runs(points: Points, bits: Bits, keep: npt.NDArray[np.bool_]) -> None:
    """Drop the third and further of a letter, and all blanks but one between two words."""
    again = np.flatnonzero((points[2:] == points[1:-1]) & (points[1:-1] == points[:-2])) + 2
    keep[again[(bits[again] & ch.LETTER) != 0]] = False
    solid = np.flatnonzero((bits & ch.BLANK) == 0)
    gaps = np.flatnonzero(np.diff(solid) > 1)
    left, right = solid[gaps], solid[gaps + 1]
    keep[left[(points[left] != _NL) & (points[right] != _NL)] + 1] = True


def _join_signs(points: Points, kinds: Bits) -> None:
    """Count an apostrophe between letters, and an @ or # before one, to the word."""
    is_run = kinds == RUN
    at = np.flatnonzero(points == _APOSTROPHE)
    kinds[at[is_run[at - 1] & is_run[at + 1]]] = RUN
    at = np.flatnonzero((points == _HASH) | (points == _AT))
    kinds[at[~is_run[at - 1] & is_run[at + 1]]] = RUN


def _kind_of(bits: int) -> int:
    for bit, kind in ((ch.WORD, RUN), (ch.EMOJI, ONE), (ch.FLAG, PAIR)):
        if bits & bit:
            return kind
    return NONE


_KINDS = np.array([_kind_of(bits) for bits in range(256)], np.uint8)
