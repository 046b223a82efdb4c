"""Row stage: whether a post is spam, by rules that say why."""

from typing import NamedTuple

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from gehoor.core.hashing import hash_words
from gehoor.core.text import URL, TextBatch
from gehoor.sift.spam_terms import SpamTerms, is_number

__all__ = ["REASONS", "Clue", "Spam"]

F64 = npt.NDArray[np.float64]
I64 = npt.NDArray[np.int64]
Mask = npt.NDArray[np.bool_]

REASONS = ("pattern", "links", "repetition", "account")
"""What a post can be judged spam for; a person's own verdict is `person`."""

_BIAS = -5.0  # a post with nothing against it: 0.7 %
_MOST = 8.0  # what one kind of evidence may weigh
_WORDING = 3.5  # what words alone may weigh: not enough without a link, a number, a term
_UNLIKE, _LIKE = 0.1, 0.95  # below the one, words weigh nothing; above the other, all that they may

_URL = hash_words([URL])[0]
_DISGUISED = (
    r"(?i)\b(?:t\.me|wa\.me|bit\.ly|tinyurl\.com|cutt\.ly|is\.gd|rb\.gy|shorturl\.at|linktr\.ee|goo\.gl|ow\.ly)/"
    r"|hxxps?:/|https?//|\[\.\]|\(dot\)"
    r"|https?://[^\s/]+\.(?:xyz|top|click|loan|work|icu|buzz|cyou|sbs|monster|rest|bid|win)\b"
)
_SIGNS = np.isin(np.arange(256), np.frombuffer(b"/[(", np.uint8))  # at least one stands in whatever it finds
_MADE_UP = r"^@?[A-Za-z]{0,12}[_.]?[0-9]{5,}$"


class Clue(NamedTuple):
    """One thing that speaks for spam: which reason, the words or what was counted, and what it weighs."""

    reason: str
    words: str
    weight: float


class Spam:
    """Adds `spam` and `spam_p` to what others say; null for our own posts, and for what is no post.

    Each rule weighs something; the sum through a logistic curve is `spam_p`, and from a half on `spam` is the reason
    that weighs most: `pattern` (terms of `data/spam.toml`, wording, long numbers, prices a minute), `links` (many,
    nothing but, disguised), `repetition` (the same words over and over, floods of tags or mentions), `account` (nobody
    follows it and it carries links). Anger is no evidence: capitals, exclamation marks, repeated letters weigh nothing.

    Notes
    -----
    The weights are set by hand; figures in `bench/spam.json`. Cost: 2 us a post. Blind to: spam without links in words
    of its own, pictures, and how often somebody says the same (near duplicates tell that).

    Examples
    --------
    >>> texts = TextBatch.of(pa.array(["Klik hier: gratis spins! https://x.example/a", "WAAR BLIJFT MIJN GELD???"]))
    >>> known = {"type": ["Create"] * 2, "direction": ["in"] * 2, "actor_name": [None] * 2}
    >>> known = {name: pa.array(values, pa.string()) for name, values in known.items()}
    >>> known |= {"actor_followers": pa.array([None, None], pa.int64())}
    >>> Spam().annotate(texts, known)["spam"].to_pylist()
    ['pattern', None]
    """

    name = "spam"
    columns: tuple[str, ...] = ("spam", "spam_p")

    def __init__(self) -> None:
        self._terms = SpamTerms.load()

    def annotate(self, texts: TextBatch, known: dict[str, pa.Array]) -> dict[str, pa.Array]:
        """Return `spam` (a reason, or null) and `spam_p`.

        Parameters
        ----------
        texts : TextBatch
            n texts and their features.
        known : dict of str to pyarrow.Array
            `type`, `direction`, `actor_name`, `actor_followers`; `spam_text_p` where it is known: how probable a head
            that read many spam posts makes it by the words.
        """
        evidence = np.stack([np.minimum(weights, _MOST) for weights in self._evidence(texts, known).values()])
        p = 1.0 / (1.0 + np.exp(-_BIAS - evidence.sum(axis=0)))
        is_open = ~_is_said(texts, known)
        reasons = pa.array(REASONS, pa.string()).take(pa.array(evidence.argmax(axis=0), mask=is_open | (p < 0.5)))
        return {"spam": reasons, "spam_p": pa.array(p.astype(np.float32), mask=is_open)}

    def explain(self, texts: TextBatch, known: dict[str, pa.Array]) -> list[list[Clue]]:
        """Return for each text what speaks for spam, heaviest first; for showing a few posts, not for the stream."""
        clues: list[list[Clue]] = [[] for _ in range(len(texts))]
        found = self._terms.find(texts)
        for post, term, worth in zip(found.post.tolist(), found.term.tolist(), found.worth.tolist(), strict=True):
            clues[post].append(Clue("pattern", self._terms.terms[term], worth))
        for reason, rules in self._rules(texts, known).items():
            for words, weights in rules.items():
                for post in np.flatnonzero(weights).tolist():
                    clues[post].append(Clue(reason, words, float(weights[post])))
        return [sorted(mine, key=lambda clue: -clue.weight) for mine in clues]

    def _evidence(self, texts: TextBatch, known: dict[str, pa.Array]) -> dict[str, F64]:
        found = self._terms.find(texts)
        terms = np.bincount(found.post, found.worth, len(texts))
        rules = self._rules(texts, known)
        sums = {reason: np.sum([*rules[reason].values()], axis=0) for reason in REASONS}
        return sums | {"pattern": sums["pattern"] + terms}

    def _rules(self, texts: TextBatch, known: dict[str, pa.Array]) -> dict[str, dict[str, F64]]:
        """Return the weight of each rule for each text, by reason and in words."""
        words = _Words.of(texts)
        disguised = _disguised(texts)
        has_link = (words.links > 0) | disguised
        n = words.n - words.links
        bits = _distinct(texts)
        followers = known["actor_followers"].fill_null(-1).to_numpy(zero_copy_only=False)
        is_bare = (followers == 0) & has_link
        repeats = (words.n >= 24) & (bits >= 4) & (bits * 4 <= np.minimum(words.n, 64))
        return {
            "pattern": {
                "words as spam has them": _wording(known, len(texts)),
                "a long number": 1.0 * (words.phones > 0),
                "a number that costs money to call": 2.5 * (words.costly > 0),
                "a price a minute or message": 2.0 * (words.prices > 0),
                "an amount of a thousand or more": 0.8 * (words.amounts > 0),
            },
            "links": {
                "a link": 0.5 * has_link,
                "a disguised or shortened link": 1.5 * disguised,
                "hardly anything but links": 1.0 * ((words.links > 0) & (n <= 3)),
                "three links or more": 2.0 * (words.links >= 3),
                "six links or more": 2.5 * (words.links >= 6),
            },
            "repetition": {
                "the same words over and over": 3.0 * repeats,
                "the same words over and over, with a link": 2.0 * (repeats & has_link),
                "six mentions or more, with a link": 2.0 * ((words.mentions >= 6) & has_link),
                "eight tags or more": 1.5 * (words.tags >= 8),
                "more tags than words, with a link": 2.0 * ((words.tags >= 8) & (4 * words.tags >= words.n) & has_link),
            },
            "account": {
                "nobody follows it, and it carries a link": 1.0 * is_bare,
                "nobody follows it, and its name is a number": 2.0 * (is_bare & _made_up(known["actor_name"], is_bare)),
            },
        }


class _Words(NamedTuple):
    """How many words of each sort a text has."""

    n: I64
    links: I64
    mentions: I64
    tags: I64
    phones: I64
    costly: I64
    prices: I64
    amounts: I64

    @classmethod
    def of(cls, texts: TextBatch) -> "_Words":
        data, starts, ends = texts.data, texts.word_starts, texts.word_ends
        first = data[starts] if len(starts) else np.zeros(0, np.uint8)
        before, last = data[starts - 1] if len(starts) else first, data[ends - 1] if len(ends) else first
        is_digit = (first >= ord("0")) & (first <= ord("9"))
        length = ends - starts
        is_price = is_digit & (last == ord("p")) & (length >= 3) & (length <= 4)
        # $, and the last byte of the signs for pound and euro
        is_amount = is_digit & (length >= 4) & np.isin(before, np.frombuffer(b"$\xa3\xac", np.uint8))
        is_phone = is_number(texts) & (length >= 10)
        sorts = (
            texts.words == _URL, first == ord("@"), first == ord("#"), is_phone, is_phone & _is_costly(texts), is_price,
            is_amount,
        )  # fmt: skip
        n = np.diff(texts.first_word)
        counts = (np.bincount(texts.word_post[sort], minlength=len(n)) for sort in sorts)
        return cls(n, *counts)


def _wording(known: dict[str, pa.Array], n: int) -> F64:
    """Return what the words as a whole weigh."""
    if "spam_text_p" not in known:
        return np.zeros(n)
    p = known["spam_text_p"].fill_null(0.0).to_numpy(zero_copy_only=False).astype(np.float64)
    return np.asarray(_WORDING * ((p - _UNLIKE) / (_LIKE - _UNLIKE)).clip(0.0, 1.0), np.float64)


def _is_costly(texts: TextBatch) -> Mask:
    """Tell which words begin as premium-rate numbers do: 09, in Britain also 087."""
    at = texts.word_starts
    zero, one, two = (texts.data.take(at + k, mode="clip") for k in range(3))
    return np.asarray((zero == ord("0")) & ((one == ord("9")) | ((one == ord("8")) & (two == ord("7")))))


def _is_said(texts: TextBatch, known: dict[str, pa.Array]) -> Mask:
    """Tell which rows are something that others said."""
    is_post = pc.is_in(known["type"], pa.array(["Create", "Update"]))
    said = pc.and_(is_post, pc.equal(known["direction"], "in")).to_numpy(zero_copy_only=False)
    return np.asarray(said & (np.diff(texts.starts) > 1))


def _distinct(texts: TextBatch) -> I64:
    """Return about how many different words a text has, up to 64: the bits that their hashes set."""
    bits = np.uint64(1) << (texts.words >> np.uint64(58))
    counts = np.zeros(len(texts), np.int64)
    filled = np.flatnonzero(np.diff(texts.first_word))
    if len(filled):
        counts[filled] = np.bitwise_count(np.bitwise_or.reduceat(bits, texts.first_word[filled]))
    return counts


def _disguised(texts: TextBatch) -> Mask:
    """Tell which texts carry a link that hides where it leads."""
    raw = texts.raw
    found = np.zeros(len(raw), np.bool_)
    _, offsets, data = raw.buffers()
    if data is None:
        return found
    ends = np.frombuffer(offsets, np.int32)[raw.offset : raw.offset + len(raw) + 1]
    # one post in five has a slash or a bracket; the pattern costs ten times as much as looking for them
    signs = np.flatnonzero(_SIGNS[np.frombuffer(data, np.uint8)[ends[0] : ends[-1]]]) + ends[0]
    at = np.unique(np.searchsorted(ends, signs, side="right") - 1)
    if len(at):
        found[at] = pc.match_substring_regex(raw.take(pa.array(at)), _DISGUISED).to_numpy(zero_copy_only=False)
    return found


def _made_up(names: pa.Array, among: Mask) -> Mask:
    """Tell which names are none, or a number with a word before it, as they are made by the dozen."""
    found = np.zeros(len(names), np.bool_)
    at = np.flatnonzero(among)
    if len(at):
        mine = names.take(pa.array(at)).fill_null("")
        is_number_name = pc.or_(pc.match_substring_regex(mine, _MADE_UP), pc.equal(mine, ""))
        found[at] = is_number_name.to_numpy(zero_copy_only=False)
    return found
