"""Why a post was judged as it was: the words that decided, for the few posts that a page shows."""

from collections.abc import Mapping, Sequence
from functools import cached_property

import pyarrow as pa

from gehoor.core import registry
from gehoor.core.judgement import JUDGED
from gehoor.core.post import Post
from gehoor.core.settings import Settings
from gehoor.core.text import TextBatch
from gehoor.run.stages import ANALYZERS
from gehoor.sift.spam import Spam
from gehoor.understand.base import Analyzer, Reason
from gehoor.web.about import Aparts

__all__ = ["Judgement", "Reasons", "Why"]

Why = Mapping[str, tuple[str, ...]]
"""For each judged column the words that speak for it, strongest first."""

Judgement = tuple[str | None, float | None]
"""A label, and how probable it is."""

_MOST = 3
_SHORTEST_CHARS = 2
_LEAST_SHARE = 0.35  # of the strongest word's weight; what is weaker convinces nobody
_SIGNS = ("@", "#", "<")  # whom it is said to, and where: no reason that anybody would accept


class Reasons:
    """Asks the analyzers to explain themselves; they are loaded at the first question, and once.

    Cost: 0.4 s at first, then about 3 ms for a page of 50 posts.

    Parameters
    ----------
    settings : Settings
        Brands: what the analyzers need to know.
    """

    def __init__(self, settings: Settings) -> None:
        self._settings = settings

    @cached_property
    def _analyzers(self) -> list[Analyzer]:
        names = (name for name in ANALYZERS if name != "language")
        return [registry.load("analyzers", name)(self._settings) for name in names]

    @cached_property
    def aparts(self) -> Aparts:
        """What posts name and yet are not about."""
        return Aparts(self._settings)

    @cached_property
    def _spam(self) -> Spam:
        return Spam()

    def of(self, posts: Sequence[Post]) -> list[Why]:
        """Return for each post its reasons; none for a judgement that is no longer the analyzer's own."""
        if not posts:
            return []
        texts = TextBatch.of(pa.array([post.text for post in posts], pa.string()))
        known = {
            "language": pa.array([post.language or "und" for post in posts], pa.string()),
            "sentiment": pa.array([post.sentiment for post in posts], pa.string()),
            "sentiment_p": pa.array([post.sentiment_p for post in posts], pa.float32()),
        }
        found: list[dict[str, tuple[str, ...]]] = [{} for _ in posts]
        for analyzer in self._analyzers:
            own, reasons = analyzer.annotate(texts, known), analyzer.explain(texts, known)
            for i, (why, post) in enumerate(zip(found, posts, strict=True)):
                mine = [
                    reason for reason in reasons[i] if _is_still(post, reason.column, own[reason.column][i].as_py())
                ]
                why |= {reason.column: _words(reason) for reason in mine if _words(reason)}
        for why, post, words in zip(found, posts, self._spam_words(texts, posts), strict=True):
            if post.spam and words:
                why["spam"] = words
        return list(found)

    def judged(self, texts: Sequence[str | None], languages: Sequence[str | None]) -> dict[str, list[Judgement]]:
        """Return what the heads say now of texts: by task, one (label, p) a text. Cost: 30 us a text."""
        batch = TextBatch.of(pa.array(texts, pa.string()))
        known = {"language": pa.array([language or "und" for language in languages], pa.string())}
        for analyzer in self._analyzers:
            known |= analyzer.annotate(batch, known)
        return {
            task: list(zip(known[task].to_pylist(), known[f"{task}_p"].to_pylist(), strict=True))
            for task in JUDGED
            if task in known
        }

    def _spam_words(self, texts: TextBatch, posts: Sequence[Post]) -> list[tuple[str, ...]]:
        """Return for each post the words of its own that speak for spam."""
        if not any(post.spam for post in posts):
            return [()] * len(posts)
        known = {
            "type": pa.array([post.type for post in posts], pa.string()),
            "direction": pa.array([post.direction for post in posts], pa.string()),
            "actor_name": pa.array([post.actor_name for post in posts], pa.string()),
            "actor_followers": pa.array([post.actor_followers for post in posts], pa.int64()),
        }
        clues = self._spam.explain(texts, known)
        return [
            tuple(dict.fromkeys(clue.words for clue in mine if clue.words in texts.normalised(i)))[:_MOST]
            for i, mine in enumerate(clues)
        ]


def _is_still(post: Post, column: str, label: object) -> bool:
    """Tell whether the post carries what the analyzer says: a person may have corrected it."""
    return column == "brands" or getattr(post, column) == label


def _words(reason: Reason) -> tuple[str, ...]:
    """Return the words that speak for a judgement, strongest first."""
    named = [(term, weight) for term, weight in reason.terms if weight > 0 and _says_something(term)]
    top = max((weight for _, weight in named), default=0.0)
    return tuple(dict.fromkeys(term for term, weight in named if weight >= _LEAST_SHARE * top))[:_MOST]


def _says_something(term: str) -> bool:
    return not term.startswith(_SIGNS) and (len(term) >= _SHORTEST_CHARS or not term.isascii())
