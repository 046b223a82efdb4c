"""The shape of a text, whatever its words: capitals, digits, signs and blanks, and what follows what."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc
from scipy import sparse

__all__ = ["SHAPES", "Shapes", "shapes_of"]

SHAPES = 1 << 12
"""Into so many buckets shapes are hashed."""

_LONGEST = 4
_READ = 2_000  # characters; the shape of a longer text is that of its beginning
_MOST_IN_A_ROW = 3
_URL = r"https?://\S+"
_LINK = "\x1f"

_NOTHING, _LOWER, _UPPER, _DIGIT, _BLANK, _SHOUT, _EMOJI, _BEGIN, _END = range(9)
_SIGNS = 9  # the first of the signs; each has a code of its own
_BITS = np.uint64(6)
_MIX = np.uint64(0x9E3779B97F4A7C15)
_TAKE = np.uint64(64 - 12)

I64 = npt.NDArray[np.int64]


def _codes() -> npt.NDArray[np.uint8]:
    """Return the code of each byte: bytes that go on a character have none."""
    codes = np.full(256, _LOWER, np.uint8)  # letters of other alphabets begin with C3 to EF
    codes[0x80:0xC0] = _NOTHING
    codes[0xF0:] = _EMOJI
    others = [byte for byte in range(0x21, 0x7F) if not chr(byte).isalnum()]
    codes[others] = _SIGNS + np.arange(len(others), dtype=np.uint8)
    codes[[0xC2, 0xE2]] = _SIGNS + len(others)  # typographic signs
    codes[ord(_LINK)] = _SIGNS + len(others) + 1
    codes[ord("A") : ord("Z") + 1] = _UPPER
    codes[ord("0") : ord("9") + 1] = _DIGIT
    codes[[0x20, 0x09, 0x0A, 0x0D]] = _BLANK
    codes[[*range(0x09), 0x0B, 0x0C, *range(0x0E, 0x1F), 0x7F]] = _NOTHING
    return codes


_CODE = _codes()
_ONCE = np.isin(np.arange(64), [_LOWER, _UPPER, _DIGIT, _BLANK, _SHOUT])
_WORTH = np.rint(4 * (1 + np.log(np.maximum(np.arange(256), 1)))).astype(np.float32)  # often is not much more than once


@dataclass(frozen=True, slots=True, eq=False)
class Shapes:
    """The shapes of n texts.

    Attributes
    ----------
    rows : float32, sparse, shape (n, SHAPES)
        Whole numbers: how often each shape stands there, dampened.
    norms : float64, shape (n,)
        The length of each row; 1 where it is empty.
    """

    rows: sparse.csr_array
    norms: npt.NDArray[np.float64]


def shapes_of(texts: pa.StringArray) -> Shapes:
    """Return the shapes of texts as they were written, not normalised.

    A word is one letter, small or large, a shouted one another, a number one digit, a link one sign; every other sign
    is itself, three times at most. Counted are runs of one to four of these, with where a text begins and ends. Each
    text stands alone. Cost: 7 us a post.

    Examples
    --------
    >>> shapes = shapes_of(pa.array(["Hoi!", "Dag!", "hoi", None]))
    >>> (shapes.rows[[0]] - shapes.rows[[1]]).nnz, (shapes.rows[[0]] - shapes.rows[[2]]).nnz > 0, shapes.rows[[3]].nnz
    (0, True, 0)
    """
    short = pc.replace_substring_regex(pc.utf8_slice_codeunits(texts.fill_null(""), 0, _READ), _URL, _LINK)
    codes, post = _collapsed(*_read(short))
    hashes, owner = _runs(codes, post)
    keys, counts = np.unique(owner * SHAPES + hashes, return_counts=True)
    worth = _WORTH[np.minimum(counts, 255)]
    first = np.searchsorted(keys, np.arange(len(texts) + 1) * SHAPES)
    parts = (worth, (keys % SHAPES).astype(np.int32), first.astype(np.int32))
    sums = np.concatenate([[0.0], np.cumsum(np.square(worth.astype(np.float64)))])
    squares = np.diff(sums[first])  # of whole numbers: exact
    return Shapes(sparse.csr_array(parts, shape=(len(texts), SHAPES)), np.sqrt(np.where(squares > 0, squares, 1.0)))


def _read(texts: pa.StringArray) -> tuple[npt.NDArray[np.uint8], I64]:
    """Return the code of each character, with where each text begins and ends, and which text it is."""
    sizes = pc.binary_length(texts).to_numpy(zero_copy_only=False).astype(np.int64)
    data = np.frombuffer(b"".join(texts.cast(pa.binary()).to_pylist()), np.uint8)
    post = np.repeat(np.arange(len(texts)), sizes)
    codes = _CODE[data]
    is_there = codes != _NOTHING
    codes, post = codes[is_there], post[is_there]
    used = np.flatnonzero(np.bincount(post, minlength=len(texts)))
    first = np.searchsorted(post, used)
    last = np.searchsorted(post, used, side="right")
    edges = np.concatenate([first, last])
    marks = np.concatenate([np.full(len(used), _BEGIN), np.full(len(used), _END)]).astype(np.uint8)
    order = np.argsort(np.concatenate([2 * first, 2 * last - 1]), kind="stable")
    owners = np.concatenate([used, used])
    return np.insert(codes, edges[order], marks[order]), np.insert(post, edges[order], owners[order])


def _collapsed(codes: npt.NDArray[np.uint8], post: I64) -> tuple[npt.NDArray[np.uint8], I64]:
    """Return words, numbers and blanks as one code each, shouted words as another, signs three times at most."""
    if not len(codes):
        return codes, post
    is_new = np.ones(len(codes), np.bool_)
    is_new[1:] = (codes[1:] != codes[:-1]) | (post[1:] != post[:-1])
    starts = np.flatnonzero(is_new)
    lengths = np.diff(np.append(starts, len(codes)))
    place = np.arange(len(codes)) - np.repeat(starts, lengths)
    is_shout = np.repeat((codes[starts] == _UPPER) & (lengths > 1), lengths)
    codes = np.where(is_shout, np.uint8(_SHOUT), codes)
    is_kept = place < np.where(_ONCE[codes], 1, _MOST_IN_A_ROW)
    return codes[is_kept], post[is_kept]


def _runs(codes: npt.NDArray[np.uint8], post: I64) -> tuple[I64, I64]:
    """Return the bucket of every run of one to four codes inside a text, and which text it is."""
    wide = codes.astype(np.uint64)
    packed, hashes, owners = wide, [], []
    for n in range(1, _LONGEST + 1):
        m = max(len(codes) - n + 1, 0)
        if n > 1:
            packed = (packed[:m] << _BITS) | wide[n - 1 :]
        is_inside = post[:m] == post[n - 1 :]
        mixed = ((packed[:m] + np.uint64(n << 32)) * _MIX) >> _TAKE
        hashes.append(mixed[is_inside].astype(np.int64))
        owners.append(post[:m][is_inside])
    return np.concatenate(hashes), np.concatenate(owners)
