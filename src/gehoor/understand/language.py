"""Which language a post is written in; `und` when it cannot be told."""

import re
from functools import cache, cached_property
from itertools import chain
from typing import TYPE_CHECKING, Protocol

import eldc
import numpy as np
import numpy.typing as npt
import pyarrow as pa

from gehoor.core.errors import SettingError
from gehoor.core.settings import Settings
from gehoor.core.text import TextBatch
from gehoor.understand.base import Reason

if TYPE_CHECKING:
    from py3langid.langid import LanguageIdentifier

__all__ = ["ISO_639_1", "Language"]

_CODES = """
aa ab ae af ak am an ar as av ay az ba be bg bi bm bn bo br bs ca ce ch co cr cs cu cv cy da de dv dz ee el en eo
es et eu fa ff fi fj fo fr fy ga gd gl gn gu gv ha he hi ho hr ht hu hy hz ia id ie ig ii ik io is it iu ja jv ka
kg ki kj kk kl km kn ko kr ks ku kv kw ky la lb lg li ln lo lt lu lv mg mh mi mk ml mn mr ms mt my na nb nd ne ng
nl nn no nr nv ny oc oj om or os pa pi pl ps pt qu rm rn ro ru rw sa sc sd se sg si sk sl sm sn so sq sr ss st su
sv sw ta te tg th ti tk tl tn to tr ts tt tw ty ug uk ur uz ve vi vo wa wo xh yi yo za zh zu
"""
ISO_639_1 = frozenset(_CODES.split())

_READ, _READ_TWICE = 2_000, 300  # characters that each detector reads at most: more changes nothing but the cost
_LEAST_LETTERS = 3
_SURE = 0.95  # below: ask the second detector
_LEAST_P = 0.75  # below: und
_CLAIM_P = 0.5

# log-odds that the first detector is right, fitted on one to six words of 7,300 sentences in five languages
# (home-assistant/intents, CC BY 4.0): constant, margin over the second language, log(1 + letters), score,
# and, once the second detector was asked, what it gives to the same language
_ALONE = np.array([-6.53, 8.92, 1.67, 5.17])
_TOGETHER = np.array([-5.31, 7.67, 1.10, 4.04, 2.37])

_CLAIM = re.compile(r"([a-z]{2})(?:[-_].*)?", re.IGNORECASE)
_AT, _LESS, _BLANK = b"@< "

# in UTF-8 a letter is a-z or begins with one of these bytes; E2 begins signs, F0 emoji
_IS_LETTER = np.zeros(256, np.bool_)
_IS_LETTER[[*range(ord("a"), ord("z") + 1), *range(0xC3, 0xF0)]] = True
_IS_LETTER[0xE2] = False


class _Result(Protocol):
    language: str
    scores: dict[str, float]


class Language:
    """Tells the language of each text, among those of `[workspace] languages`.

    Handles, URLs and emoji are left out; then eldc, restricted to those languages, gives an answer and eldc without
    restriction says whether it is one of them at all (without that, it takes 80 % of foreign tweets for one of ours).
    py3langid is asked about short and doubtful posts. What stays doubtful is `und`, unless the channel claims a
    language. Deterministic; no state between texts.

    Cost: 5 µs a post; 30 where a language is configured that only py3langid knows (Afrikaans), because then it is
    always asked. Blind to: a second language in the same post, transliteration (Hinglish, Arabizi).

    Raises
    ------
    SettingError
        If a language is configured that neither detector knows, or none at all.

    Examples
    --------
    >>> texts = TextBatch.of(pa.array(["Waar blijft mijn pakket?", "Where is my parcel?", "Gdzie jest moja paczka?"]))
    >>> Language(Settings()).annotate(texts, {"language": pa.nulls(3, pa.string())})["language"].to_pylist()
    ['nl', 'en', 'und']
    """

    name = "language"
    columns: tuple[str, ...] = ("language", "language_p")

    def __init__(self, settings: Settings) -> None:
        eldc.init()
        self._configured = tuple(dict.fromkeys(code.lower() for code in settings.workspace.languages))
        self._beyond = frozenset(self._configured) - set(eldc.LANGUAGES)
        if self._beyond or not self._configured:
            _check(self._configured, set(eldc.LANGUAGES) | set(self._anyone.labels))
        self._first, self._whole = eldc.instance(), eldc.instance()
        self._first.set_languages([code for code in self._configured if code not in self._beyond])
        self._first.set_scores(2)

    @property
    def _anyone(self) -> "LanguageIdentifier":
        return _anyone()

    def warm(self) -> None:
        """Load what else would be loaded at the first doubtful post."""
        _anyone()

    @cached_property
    def _second(self) -> "LanguageIdentifier":
        return _restricted(self._anyone, self._configured)

    def annotate(self, texts: TextBatch, known: dict[str, pa.Array]) -> dict[str, pa.Array]:
        """Return `language` (ISO 639-1 or `und`) and `language_p`; `und` and null where there is no text."""
        bare, letters = _bare(texts)
        languages, p = self._judge(bare, letters)
        claims = known["language"].to_pylist()
        for i in np.flatnonzero(p < _LEAST_P):
            claimed = _claim(claims[i])
            languages[i] = claimed or "und"
            p[i] = _CLAIM_P if claimed else p[i]
        missing = np.diff(texts.starts) < 2
        for i in np.flatnonzero(missing):
            languages[i] = "und"
        return {
            "language": pa.array(languages, pa.string()),
            "language_p": pa.array(p.astype(np.float32), mask=missing),
        }

    def explain(self, texts: TextBatch, known: dict[str, pa.Array]) -> list[list[Reason]]:
        """Return the two likeliest languages of each text and their scores."""
        bare, _ = _bare(texts)
        scores = (self._first.detect_details(text[:_READ]).scores for text in bare)
        return [[Reason("language", tuple(row.items()))] if row else [] for row in scores]

    def _judge(self, bare: list[str], letters: npt.NDArray[np.int64]) -> tuple[list[str], npt.NDArray[np.float64]]:
        """Return the likeliest language of each text, and the probability that it is right."""
        results: list[_Result] = [self._first.detect_details(text[:_READ]) for text in bare]
        languages = [result.language for result in results]
        is_ours = np.array([self._whole.detect(text[:_READ]) in self._configured for text in bare], np.bool_)
        features = _features(results, letters)
        p = _odds_to_p((features * _ALONE).sum(axis=1))  # no BLAS: its last bit hangs on the size of the batch
        p[letters < _LEAST_LETTERS] = 0.0
        doubtful = ((p < _SURE) | ~is_ours | bool(self._beyond)) & (letters >= _LEAST_LETTERS)
        for i in np.flatnonzero(doubtful):
            languages[i], p[i] = self._ask_again(bare[i][:_READ_TWICE], languages[i], features[i], is_ours=is_ours[i])
        return languages, p

    def _ask_again(
        self, text: str, first: str, features: npt.NDArray[np.float64], *, is_ours: bool
    ) -> tuple[str, float]:
        """Return language and probability once the second detector was asked too."""
        seconds = dict(self._second.rank(text))
        likeliest = next(iter(seconds))
        if likeliest in self._beyond:
            return likeliest, seconds[likeliest]
        if not is_ours and not self._is_one_of_ours(text):
            return first, 0.0
        return first, float(_odds_to_p((np.append(features, seconds.get(first, 0.0)) * _TOGETHER).sum()))

    def _is_one_of_ours(self, text: str) -> bool:
        return bool(sum(p for code, p in self._anyone.rank(text) if code in self._configured) >= 0.5)


def _check(configured: tuple[str, ...], known: set[str]) -> None:
    unknown = [code for code in configured if code not in known]
    if unknown or not configured:
        what = f"does not know {', '.join(unknown)}" if unknown else "is empty"
        raise SettingError(
            f"[workspace] languages {what}: name at least one ISO 639-1 code that the detectors know "
            f"({', '.join(sorted(known & ISO_639_1))})."
        )


@cache
def _anyone() -> "LanguageIdentifier":
    from py3langid.langid import LanguageIdentifier

    return LanguageIdentifier.from_model_file("data/model.npz.xz", norm_probs=True)


def _restricted(identifier: "LanguageIdentifier", languages: tuple[str, ...]) -> "LanguageIdentifier":
    """Return a second identifier for these languages that shares the model's large tables."""
    restricted = type(identifier)(
        identifier.nb_ptc, identifier.nb_pc, identifier.nb_classes, identifier.tk_nextmove, identifier.tk_output,
        norm_probs=True, tk_row=identifier.tk_row,
    )  # fmt: skip
    restricted.set_languages([code for code in languages if code in identifier.labels])
    return restricted


def _bare(texts: TextBatch) -> tuple[list[str], npt.NDArray[np.int64]]:
    """Return the texts without handles and URLs, and their numbers of letters."""
    data = texts.data.copy()
    first = data[texts.word_starts]
    dropped = (first == _AT) | (first == _LESS)
    depth = np.zeros(len(data) + 1, np.int8)
    depth[texts.word_starts[dropped]] += 1
    depth[texts.word_ends[dropped]] -= 1
    data[np.cumsum(depth[:-1], dtype=np.int8) > 0] = _BLANK
    bare = data.tobytes().decode().split("\n")[:-1]
    return bare, np.diff(np.concatenate([[0], np.cumsum(_IS_LETTER[data])])[texts.starts])


def _features(results: list[_Result], letters: npt.NDArray[np.int64]) -> npt.NDArray[np.float64]:
    """Return constant, margin, log letters and score of each answer, shape (n, 4)."""
    best = chain.from_iterable([*result.scores.values(), 0.0, 0.0][:2] for result in results)
    scores = np.fromiter(best, np.float64, 2 * len(results)).reshape(-1, 2)
    margin = scores[:, 0] - scores[:, 1]
    return np.stack([np.ones(len(results)), margin, np.log1p(np.minimum(letters, 100)), scores[:, 0]], axis=1)


def _odds_to_p(log_odds: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
    return np.asarray(1.0 / (1.0 + np.exp(-log_odds)))


def _claim(code: str | None) -> str | None:
    """Return the ISO 639-1 code that a channel gave, if it gave one (`nl`, `nl-BE`)."""
    match = _CLAIM.fullmatch(code or "")
    return match[1].lower() if match and match[1].lower() in ISO_639_1 else None
