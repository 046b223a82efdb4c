"""Sentences for the bench: nobody's words, but with the shape of Dutch and English.

Function words carry the sentence, so that language detection has what it needs; content words come from a vocabulary of
160,000 types, real ones of the demo first, then made of syllables, drawn by Zipf's law. Real text has this long tail of
rare words, and it is the tail that costs: every index, hash table and word count is exercised by it.
"""

import re
from collections import Counter
from functools import cache
from typing import Literal

import numpy as np
import numpy.typing as npt

from gehoor.run.simulate.sentences import load_sentences

__all__ = ["LANGUAGES", "Language", "Text", "guess_language", "sentences", "vocabulary"]

Language = Literal["nl", "en"]
Text = tuple[str, Language]

LANGUAGES: tuple[Language, ...] = ("nl", "en")
N_WORDS = 80_000
"""Content words of one language."""
_N_SLOTS = 1 << 22
_NL_SHARE = 0.55

# "_" takes a content word. Two to four of these make a post.
_NL = """
ik heb een _ van de _ maar de _ is nog niet _|waarom is mijn _ al _ dagen bij de _ en niet bij mij|
wie weet wanneer de _ naar _ weer _ wordt|het _ werkt niet meer sinds ik de _ heb _|
wat een _ zeg, zo'n _ had ik nog nooit _|kan iemand mij _ hoe ik dit _ moet _|
de _ was erg _ en de _ ook, dank jullie wel voor de _|ze zeggen dat het _ is, maar daar zie ik geen _ van|
mijn _ zit al de hele dag met een _ op de _|als het zo _ blijft ga ik naar de _ van _|
er staat een _ op het _ en niemand doet er iets aan|wij zijn met de _ naar _ geweest en het was _ en _|
hebben jullie ook zo'n last van _ en _ op de _|volgens de _ is er geen _, volgens mij wel|
graag een _ voor mijn _ en niet weer een _|dit is nu de derde keer dat de _ mij een _ stuurt|
nou, dat _ ging goed: eerst _, toen _ en nu weer _|iedereen heeft het over _ maar wat is een _ eigenlijk|
het zou mooi zijn als de _ ook een _ had|ik vind de nieuwe _ veel _ dan die oude _|
moet je voor _ altijd eerst naar de _ of kan dat ook met een _|zonder _ kom je nergens, ook niet bij _|
na de _ van gisteren hoop ik op een _ die wel _|onze _ heet nu _ en dat is best _
"""
_EN = """
i have a _ from the _ but the _ is still not _|why has my _ been at the _ for _ days and not with me|
does anyone know when the _ to _ will be _ again|the _ does not work any more since i _ the _|
what a _, i have never had a _ like that|can somebody tell me how i should _ this _|
the _ was very _ and so was the _, thank you for the _|they say that it is _ but i see no _ of it|
my _ has been on the _ with a _ all day|if it stays this _ i will go to the _ of _|
there is a _ on the _ and nobody does anything about it|we went to _ with the _ and it was _ and _|
do you also have so much _ and _ on your _|according to the _ there is no _, but i think there is|
please send a _ for my _ and not another _|this is the third time that the _ sends me a _|
well, that _ went fine: first _, then _ and now _ again|everyone talks about _ but what is a _ anyway|
it would be great if the _ had a _ too|i think the new _ is much _ than the old _|
do you always need a _ for the _ or is a _ enough|without _ you get nowhere, not even at _|
after the _ of yesterday i hope for a _ that is _|our _ is now called _ and that is quite _
"""
# Onsets, vowels, codas, endings; "-" is nothing at all.
_SYLLABLES: dict[Language, str] = {
    "nl": """
b d f g h j k l m n p r s t v w z br dr gr kl kn kr pl schr sl sp st str tr vl vr wr zw sch
a aa e ee i ie o oo oe u uu ui ij ei eu ou au
- - l m n r s t k p cht f g ld nd nk rk rs st
- - - en heid ing lijk je er jes baar s
""",
    "en": """
b c d f g h j k l m n p r s t v w y bl br ch cl cr dr fl gr pl pr qu sh sl sp st str th thr tr wh
a e i o u ai ea ee ie oa oo ou ow ay
- - l m n r s t ck p ght ff ll nd ng rd ss st th
- - - ed ing ness tion ly er able s ment
""",
}
_WORD = re.compile(r"(?<!\{)\b[^\W\d_]{5,}")


def _patterns(text: str) -> tuple[tuple[str, int], ...]:
    lines = [line.strip() for line in text.replace("\n", "").split("|")]
    return tuple((line.replace("_", "%s"), line.count("_")) for line in lines)


_PATTERNS: dict[Language, tuple[tuple[str, int], ...]] = {"nl": _patterns(_NL), "en": _patterns(_EN)}
_MOST_SLOTS = 4 * max(n for patterns in _PATTERNS.values() for _, n in patterns)
_FUNCTION_WORDS: dict[Language, frozenset[str]] = {
    "nl": frozenset(re.findall(r"[a-z]+", _NL)) - frozenset(re.findall(r"[a-z]+", _EN)),
    "en": frozenset(re.findall(r"[a-z]+", _EN)) - frozenset(re.findall(r"[a-z]+", _NL)),
}


def guess_language(text: str) -> Language | None:
    """Return the language whose function words occur more often in a text; None when neither wins.

    Only for sorting a bench's input; posts are judged by `understand.language`.
    """
    words = set(text.lower().split())
    nl, en = (len(words & _FUNCTION_WORDS[language]) for language in LANGUAGES)
    if nl == en:
        return None
    return "nl" if nl > en else "en"


@cache
def _demo_words() -> dict[Language, list[str]]:
    """Return the words of the demo's sentences, most frequent first."""
    counts: dict[str, Counter[str]] = {language: Counter() for language in LANGUAGES}
    for (language, _), lines in load_sentences().items():
        if language in counts:
            counts[language].update(word for line in lines for word in _WORD.findall(line.text.lower()))
    # The brand would be the most frequent word of all; posts get theirs from whoever dresses them.
    return {language: [w for w, _ in counts[language].most_common() if "lucht" not in w] for language in LANGUAGES}


@cache
def vocabulary(language: Language) -> tuple[str, ...]:
    """Return `N_WORDS` distinct content words, the most frequent first; the same ones in every run."""
    rng = np.random.default_rng(2012 + len(language) + LANGUAGES.index(language))
    lines = _SYLLABLES[language].strip().splitlines()
    onsets, vowels, codas, endings = [line.replace("-", "").split(" ") for line in lines]
    known = dict.fromkeys(_demo_words()[language])
    while len(known) < N_WORDS:
        n = 4_096
        draws = [rng.integers(0, len(part), (n, 3)) for part in (onsets, vowels, codas)]
        ends, lengths = rng.integers(0, len(endings), n), rng.integers(1, 4, n)
        syllables = zip(
            *(np.array(part)[draw].ravel().tolist() for part, draw in zip((onsets, vowels, codas), draws, strict=True)),
            strict=True,
        )
        joined = ["".join(syllable) for syllable in syllables]
        for row, (end, length) in enumerate(zip(ends.tolist(), lengths.tolist(), strict=True)):
            known["".join(joined[3 * row : 3 * row + length]) + endings[end]] = None
    return tuple(known)[:N_WORDS]


@cache
def _zipf() -> npt.NDArray[np.int32]:
    """Return ranks, each as often as Zipf's law wants it, the rarest once: a uniform draw from it is a Zipf draw."""
    share = 1.0 / (np.arange(N_WORDS) + 2.7)
    n_slots = np.maximum(1, np.floor(share / share.sum() * _N_SLOTS)).astype(np.int64)
    return np.repeat(np.arange(N_WORDS, dtype=np.int32), n_slots)


def sentences(rng: np.random.Generator, n: int) -> list[Text]:
    """Return n posts' texts without names, tags and links, and the language of each.

    Cost: about 6 µs a text; the first call builds the vocabularies (about 1 s).
    """
    zipf = _zipf()
    ranks = zipf[rng.integers(0, len(zipf), (n, _MOST_SLOTS))].tolist()
    is_nl = (rng.random(n) < _NL_SHARE).tolist()
    chosen = rng.integers(0, len(_PATTERNS["nl"]), (n, 4)).tolist()
    lengths = rng.integers(2, 5, n).tolist()
    words = {language: vocabulary(language) for language in LANGUAGES}
    texts: list[Text] = []
    for row in range(n):
        language: Language = "nl" if is_nl[row] else "en"
        patterns = [_PATTERNS[language][k] for k in chosen[row][: lengths[row]]]
        n_slots = sum(count for _, count in patterns)
        form = ". ".join([pattern for pattern, _ in patterns])
        texts.append((form % tuple([words[language][rank] for rank in ranks[row][:n_slots]]), language))
    return texts
