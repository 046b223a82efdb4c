"""Row stage: what stays of a text when all that a template fills in is taken out."""

from functools import cache

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from gehoor.core.hashing import U64, finalise, hash_words
from gehoor.core.text import URL, TextBatch

__all__ = ["Template"]

Mask = npt.NDArray[np.bool_]

_LEAST_WORDS, _LEAST_BYTES = 6, 25  # of words that stay: "thank you so much" is nobody's template
_GREETS = (
    "hoi hallo hey hi hello dear beste dag lieve geachte goedemorgen goedemiddag goedenavond morning liebe "
    "lieber heer mevrouw meneer mr mrs ms miss sir madam mevr dhr"
)
_URL = hash_words([URL])[0]
_STEP = np.uint64(0x9E3779B97F4A7C15)
_AT, _TAG, _SIGNS, _EMOJI = 0x40, 0x23, 0xE2, 0xF0


class Template:
    """Adds `template`: a digest of the words of a text without numbers, links, handles, tags, emoji and greeted names.

    Texts that one template made, with another name, code or link in each, have the same digest, also where they are
    too short to be near copies. Null where fewer than six words stay.

    Notes
    -----
    Cost: 0.6 us a post. Blind to: names in the middle of a text (near copies tell, where it is long), other words for
    the same.

    Examples
    --------
    >>> said = ["Hoi Sanne, haal je prijs van 800 euro op bij a", "Hi Bo, haal je prijs van 95 euro op bij a", "dank"]
    >>> first, second, none = Template().annotate(TextBatch.of(pa.array(said)))["template"].to_pylist()
    >>> first == second, none
    (True, None)
    """

    name = "template"
    columns = ("template",)

    def annotate(self, texts: TextBatch) -> dict[str, pa.Array]:
        """Return `template`, one value a row."""
        stays = ~_filled_in(texts)
        edges = np.concatenate([[0], np.cumsum(stays)])[texts.first_word]
        n = np.diff(edges)
        post = texts.word_post[stays]
        place = (np.arange(len(post)) - edges[post] + 1).astype(np.uint64)
        digests = finalise(_sums(finalise(texts.words[stays] + place * _STEP), edges))
        n_bytes = np.bincount(post, (texts.word_ends - texts.word_starts)[stays], len(texts))
        is_one = (n >= _LEAST_WORDS) & (n_bytes >= _LEAST_BYTES) & (digests != 0)
        return {"template": pa.array(digests.view(np.int64), pa.int64(), mask=~is_one)}


def _sums(hashes: U64, edges: npt.NDArray[np.int64]) -> U64:
    """Return the sum of each text's hashes, modulo 2^64."""
    total = np.zeros(len(hashes) + 1, np.uint64)
    np.cumsum(hashes, out=total[1:])
    return np.asarray(total[edges[1:]] - total[edges[:-1]])


def _filled_in(texts: TextBatch) -> Mask:
    """Tell which words a template may have filled in."""
    if not len(texts.words):
        return np.zeros(0, np.bool_)
    first, last = texts.data[texts.word_starts], texts.data[texts.word_ends - 1]
    is_tag = first == _TAG
    is_sign = (first == _SIGNS) | (first >= _EMOJI)
    filled = (first == _AT) | is_tag | is_sign | _is_digit(first) | _is_digit(last) | (texts.words == _URL)
    greets = np.isin(texts.words, _greetings())
    is_same = texts.word_post[1:] == texts.word_post[:-1]
    filled |= greets
    # the word of a tag stands behind it once more; and who is greeted behind the greeting
    filled[1:] |= (is_tag | greets)[:-1] & is_same
    return np.asarray(filled)


def _is_digit(signs: npt.NDArray[np.uint8]) -> Mask:
    return np.asarray((signs >= ord("0")) & (signs <= ord("9")))


@cache
def _greetings() -> U64:
    return hash_words(_GREETS.split())
