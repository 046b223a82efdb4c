"""How people really type: short forms, slips, stretched words, no capitals."""

import re

import numpy as np

__all__ = ["roughen"]

_SHORT = {
    "nl": {"even": "ff", "misschien": "mss", "iemand": "iem", "echt": "egt", "vandaag": "vndg", "weet": "wt",
           "niks": "nix", "waarom": "wrm", "volgens": "vlgs", "mijn": "mn", "het": "t", "een": "n", "vraag": "vr"},
    "en": {"you": "u", "your": "ur", "please": "pls", "people": "ppl", "are": "r", "because": "bc", "with": "w/",
           "thanks": "thx", "really": "rly", "tomorrow": "tmrw", "about": "abt", "great": "gr8"},
}  # fmt: skip
_STRETCHED = {"heel", "zo", "echt", "nooit", "lang", "weer", "so", "long", "never", "really", "again", "very", "help"}
_PLAIN = re.compile(r"[a-zà-ÿ]{4,}")
_VOWEL = re.compile(r"[aeiou]")


def roughen(text: str, language: str, rough: float, rng: np.random.Generator) -> str:
    """Return a text as somebody types it who is `rough` careless, 0 to 1; links, names and numbers stay whole.

    Examples
    --------
    >>> roughen("Waar is mijn koffer?", "nl", 0.0, np.random.default_rng(1))
    'Waar is mijn koffer?'
    """
    if rng.random() > rough * 1.6:
        return text
    words = [_word(word, language, rough, rng) for word in text.split(" ")]
    rough_text = " ".join(words)
    if rng.random() < rough * 0.6:
        rough_text = "".join(char if char.isupper() and rng.random() < 0.05 else char.lower() for char in rough_text)
    if rng.random() < rough * 0.5 and rough_text.endswith((".", "?")):
        return rough_text[:-1] if rough_text.endswith(".") else rough_text + "?" * (1 + int(rng.random() * 3))
    return rough_text


def _word(word: str, language: str, rough: float, rng: np.random.Generator) -> str:
    chance = rng.random()
    if "/" in word or word[:1] in "@#{" or chance > rough * 0.4:
        return word
    short = _SHORT.get(language, {}).get(word)
    if short is not None:
        return short
    if word in _STRETCHED:
        return _VOWEL.sub(lambda match: match[0] * (3 + int(rng.random() * 3)), word, count=1)
    # short forms are habits, slips are rare
    return _slip(word, rng) if chance < rough * 0.09 and _PLAIN.fullmatch(word) else word


def _slip(word: str, rng: np.random.Generator) -> str:
    """Return a word with one slip of the fingers: two letters swapped, one left out, one typed twice."""
    at = 1 + int(rng.random() * (len(word) - 2))
    kind = rng.random()
    if kind < 0.4:
        return word[:at] + word[at + 1] + word[at] + word[at + 2 :]
    return word[:at] + word[at + 1 :] if kind < 0.7 else word[:at] + word[at] + word[at:]
