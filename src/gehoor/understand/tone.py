"""What else is known of a post, for how it sounds: whether it is said to anybody, and what it wants."""

import numpy as np
import numpy.typing as npt

from gehoor.understand.cues import NAMES
from gehoor.understand.intent import EVIDENCE, LABELS, MOST, WEIGHTS

__all__ = ["in_context", "with_phrases"]

_LISTS, _WISH = 2.0, 0.75
_SLOPE, _NEUTRAL = 5.0, 0.5  # the curve of `sentiment`
_UP, _DOWN, _UNIT = NAMES.index("tone_up"), NAMES.index("tone_down"), 64.0
_STRANGE = NAMES.index("other_language")

_TONES = np.array(
    [
        # help, complaint, question, praise, improvement, leaving, other
        [1.23, 2.07, 0.11, 0.01, 0.61, 1.92, 0.09],
        [1.22, 0.04, 2.76, 0.02, 1.83, 0.08, 2.47],
        [0.05, 0.02, 0.12, 5.15, 0.51, 0.34, 0.66],
    ]
)
"""How many times as frequent each intent is among our own posts of a tone as among all of them."""

_SAID = [NAMES.index(f"said_{intent}") for intent in LABELS[:-1]]
_SAID_UNIT, _PHRASES, _TONE = 8.0, 0.4, 0.4

F64 = npt.NDArray[np.float64]


def with_phrases(intent: F64, cues: npt.NDArray[np.int16]) -> F64:
    """Return the logits of the intents with what the phrase lists and the tone of the words say, as `intent` weighs it.

    Heads that learnt from posts in which nothing is said plainly take plain words for less than they are; the lists
    know little else. How much they may say was chosen on trades and plain posts held out, and on part `tune` of another
    hand: twice as much cost a point and more on all of them.

    Parameters
    ----------
    intent : float64, shape (n, 7)
    cues : int16, shape (n, N_CUES)
    """
    said = np.zeros((len(cues), len(LABELS)))
    said[:, :-1] = cues[:, _SAID] / _SAID_UNIT
    size = (cues[:, _UP].astype(np.float64) - cues[:, _DOWN]) / _UNIT
    tone = np.minimum(2 * np.abs(size), 1.0)
    none = np.zeros(len(size))  # question marks, and what speaks for `other`, the head knows itself
    evidence = np.stack([none, none, tone * (size < 0), tone * (size > 0)], axis=1)
    phrases = np.minimum(said, MOST) * WEIGHTS
    sounds = (evidence[:, :, None] * EVIDENCE).sum(axis=1)  # no BLAS, as below
    logits: F64 = np.round(intent + _PHRASES * phrases + _TONE * sounds, 6)
    return logits


def in_context(sentiment: F64, p_chatter: F64, p_intent: F64, cues: npt.NDArray[np.int16]) -> F64:
    """Return the logits of negative, neutral and positive in the light of what other heads say.

    A head that learnt from what people say to organisations takes chatter for displeasure; word lists do not, so they
    weigh where a post is chatter: by the square of how probable that is, for where it is only likely the head knows
    better; by that itself in a language that the head was not taught. And who complains is seldom pleased. On trades
    that were held out both together cost nothing, plain posts win two points of macro-F1, tweets about anything three
    in English and fifteen in German. All was chosen on held-out trades and on tweets that no figure is of.

    Parameters
    ----------
    sentiment : float64, shape (n, 3)
    p_chatter : float64, shape (n,)
        How probable it is that a post is said to nobody in particular.
    p_intent : float64, shape (n, 7)
        How probable each intent is. Of all probabilities four digits count: no machine's `exp` shows.
    cues : int16, shape (n, N_CUES)
    """
    size = (cues[:, _UP].astype(np.float64) - cues[:, _DOWN]) / _UNIT
    lists = np.stack([-_SLOPE * size - _NEUTRAL, np.zeros(len(size)), _SLOPE * size - _NEUTRAL], axis=1)
    # no BLAS: its last bit hangs on the size of the batch
    fits = (np.round(p_intent, 4)[:, None, :] * _TONES).sum(axis=2)
    p = np.round(p_chatter, 4)
    weight = _LISTS * np.where(cues[:, _STRANGE] > 0, p, p * p)
    logits: F64 = sentiment + weight[:, None] * lists + _WISH * np.log(np.round(fits, 4))
    return np.round(logits, 6)
