"""Topics in a stream of posts: each post joins the topic that explains its words best, or begins one."""

import math
from collections.abc import Sequence
from typing import NamedTuple, Self

import msgspec

from gehoor.core.clock import DAY_US
from gehoor.warn.topic_state import LiveTopic, TopicState

__all__ = ["Merge", "TopicStream"]

# Chosen on simulated streams and on questions put to banks and assistants, before any public stream was scored.
_SHARE = 0.3  # of a post's words are its topic's own, the others anybody's
_FEW = 40.0  # a topic of no more terms than this knows little of its words
_KNOWN = 20_000.0  # so many different words are taken to be out there, before any was heard
_NEW = 20.0  # so many times likelier than in any post the words must be to join a topic
_RICH = 0.5  # a large topic is likelier than a small one by this power of its size
_RARE = 0.3  # words in fewer posts of a topic than this say less of it
_ALIKE = 3.0  # so many times likelier for what a whole topic says to be another's
_LONE = 0.3  # ... and for a post that stayed alone

_MOST_TERMS = 10  # a long post is about no more than a short one
_EVERY = 1_024  # posts between two looks at which topics are one
_MOST_TOPICS, _MOST_OWN, _MOST_WORDS = 4_096, 192, 200_000
_TELLING = 0.1  # of a topic's posts: terms in fewer are not compared
_FADE = 0.5 ** (1 / 7)  # a day: what was said a week ago counts half
_LEAST = 0.5  # posts, faded: a topic of fewer is let go


class Merge(NamedTuple):
    """A topic that turned out to be a part of another."""

    topic: int
    into: int


class TopicStream:
    """One-pass topics with ids that stay.

    A Dirichlet process mixture in the manner of MStream [1]_, in which a topic's words compete with those of all posts
    instead of with a flat prior: how much likelier the words of a post are when some of them are the topic's. That
    ratio has no scale of its own, so one setting serves streams of different length, vocabulary and language. Topics
    that hold a word are found by an inverted index [2]_. Every 1,024 posts those topics that changed are compared, and
    what is a part of another is merged into it: the larger keeps its id. What nobody speaks of any more fades.

    The result depends on the order of the posts and not on how they are batched; `state` and `of` carry it over a
    restart. Cost: 60 us a post on one core. Memory: 4,096 topics of 192 terms at most. Blind to: the same subject in
    wholly other words, and in another language.

    References
    ----------
    .. [1] J. Yin et al., "Model-based clustering of short text streams", KDD 2018.
    .. [2] M. R. H. Rakib et al., "Efficient clustering of short text streams using online-offline clustering",
       DocEng 2021 (arXiv:2101.08595).

    Examples
    --------
    >>> stream = TopicStream()
    >>> [stream.add(terms, 0) for terms in ([1, 2, 3], [7, 8, 9], [2, 3, 4], [])]
    [1, 2, 1, 0]
    """

    def __init__(self) -> None:
        self._known = TopicState()
        self._index: dict[int, dict[int, float]] = {}
        self._merges: list[Merge] = []

    # -- posts ----------------------------------------------------------------------------------------------------

    def add(self, terms: Sequence[int], at_us: int) -> int:
        """Return the topic of a post, by its id; 0 for a post without words.

        Parameters
        ----------
        terms : sequence of int
            Its words, each once, as numbers.
        at_us : int
            When it was said, microseconds UTC.
        """
        known = self._known
        known.n_posts += 1
        if known.n_posts % _EVERY == 0:
            self._tidy(at_us)
        if not terms:
            return 0
        found = self._best(dict.fromkeys(terms, 1.0), _NEW, _RICH)
        if not found:
            found, known.next_id = known.next_id, known.next_id + 1
            known.topics[found] = LiveTopic()
        self._join(found, terms, at_us)
        return found

    def remove(self, topic: int, terms: Sequence[int]) -> None:
        """Take a post back that was added to a topic; nothing where the topic is no longer there."""
        live = self._known.topics.get(topic)
        if live is None:
            return
        live.size = max(0.0, live.size - 1)
        for term in terms:
            was = live.terms.get(term, 0.0)
            self._put(topic, live, term, was - 1.0)
            if (before := self._known.background.get(term, 0.0)) > 0:
                self._known.background[term] = before - min(1.0, before)
                self._known.n_terms -= min(1.0, before)

    def merges(self) -> list[Merge]:
        """Return what was merged since this was asked before, in order."""
        done, self._merges = self._merges, []
        return done

    def live(self, topic: int) -> LiveTopic | None:
        """Return a topic that lives."""
        return self._known.topics.get(topic)

    def background(self, term: int) -> float:
        """Return the share of all terms that this one is."""
        known = self._known
        return (known.background.get(term, 0.0) + 1) / (known.n_terms + _KNOWN)

    def state(self) -> bytes:
        """Return all that is remembered."""
        return msgspec.msgpack.encode(self._known)

    @classmethod
    def of(cls, state: bytes) -> Self:
        """Go on where `state` was taken."""
        stream = cls()
        stream._known = msgspec.msgpack.decode(state, type=TopicState)
        for id_, topic in stream._known.topics.items():
            for term, n in topic.terms.items():
                stream._index.setdefault(term, {})[id_] = n
        return stream

    # -- which topic ----------------------------------------------------------------------------------------------

    def _best(self, weights: dict[int, float], least: float, rich: float, than: int = 0) -> int:
        """Return the topic, no smaller than `than` and not itself, that explains terms best; 0 where none does."""
        known, scores = self._known, dict[int, float]()
        background, topics, n_terms = known.background, known.topics, known.n_terms + _KNOWN
        for term, weight in weights.items():
            holders = self._index.get(term)
            if holders is None:
                continue
            times = _SHARE / (1 - _SHARE) * n_terms / (background.get(term, 0.0) + 1)
            for id_, n in holders.items():
                topic = topics[id_]
                likelier = 1 + times * n * n / ((n + _RARE * topic.size) * (topic.n_terms + _FEW))
                if weight != 1.0:
                    likelier = likelier**weight
                scores[id_] = scores.get(id_, 1.0) * likelier
        n_own = topics[than].size if than else 0.0
        best, most = 0, least / (1 - _SHARE) ** min(_MOST_TERMS, sum(weights.values()))
        for id_, likelier in scores.items():
            size = topics[id_].size
            score = likelier * size**rich
            if (score > most or (score == most and id_ < best)) and id_ != than and (size, -id_) >= (n_own, -than):
                best, most = id_, score
        return best

    def _join(self, id_: int, terms: Sequence[int], at_us: int) -> None:
        known, topic = self._known, self._known.topics[id_]
        for term in terms:
            known.background[term] = known.background.get(term, 0.0) + 1
            self._put(id_, topic, term, topic.terms.get(term, 0.0) + 1)
        known.n_terms += len(terms)
        topic.size += 1
        topic.last_us = max(topic.last_us, at_us)
        known.touched.add(id_)

    def _put(self, id_: int, topic: LiveTopic, term: int, n: float) -> None:
        """Let a term stand in n posts of a topic."""
        topic.n_terms += max(0.0, n) - topic.terms.get(term, 0.0)
        if n > 0:
            topic.terms[term] = n
            self._index.setdefault(term, {})[id_] = n
        elif topic.terms.pop(term, None) is not None:
            self._unindex(id_, term)

    def _unindex(self, id_: int, term: int) -> None:
        holders = self._index[term]
        del holders[id_]
        if not holders:
            del self._index[term]

    # -- now and then ---------------------------------------------------------------------------------------------

    def settle(self) -> None:
        """Compare what changed since the last look, once the stream ends."""
        topics, touched = self._known.topics, self._known.touched
        for id_ in sorted(touched, key=lambda id_: (topics[id_].size, -id_)):
            topic = topics[id_]
            own = {term: n / topic.size for term, n in topic.terms.items() if n >= _TELLING * topic.size}
            least = _LONE if topic.size <= 1 else _ALIKE
            into = self._best(own, least, 0.0, than=id_) if own and topic.size > 0 else 0
            if into:
                self._merge(id_, into)
        touched.clear()

    def _merge(self, id_: int, into: int) -> None:
        topic, larger = self._drop(id_), self._known.topics[into]
        for term, n in topic.terms.items():
            self._put(into, larger, term, larger.terms.get(term, 0.0) + n)
        larger.size += topic.size
        larger.last_us = max(larger.last_us, topic.last_us)
        self._merges.append(Merge(id_, into))

    def _drop(self, id_: int) -> LiveTopic:
        topic = self._known.topics.pop(id_)
        self._known.touched.discard(id_)
        for term in topic.terms:
            self._unindex(id_, term)
        return topic

    def _tidy(self, now_us: int) -> None:
        touched = sorted(self._known.touched)
        self.settle()
        for id_ in touched:
            if (topic := self._known.topics.get(id_)) is not None and len(topic.terms) > _MOST_OWN:
                self._shorten(id_, topic)
        self._fade(now_us)
        spare = len(self._known.topics) - _MOST_TOPICS
        if spare > 0:
            of_least = sorted(self._known.topics.items(), key=lambda pair: (pair[1].size, pair[1].last_us, pair[0]))
            for id_, _ in of_least[:spare]:
                self._drop(id_)

    def _shorten(self, id_: int, topic: LiveTopic) -> None:
        """Keep the terms that stand in most of a topic's posts."""
        for term, _ in sorted(topic.terms.items(), key=lambda pair: (-pair[1], pair[0]))[_MOST_OWN:]:
            del topic.terms[term]
            self._unindex(id_, term)

    def _fade(self, now_us: int) -> None:
        """Let each day since the last time count, and let go of what has faded."""
        known = self._known
        known.faded_us = known.faded_us or now_us
        days = min(1_000, (now_us - known.faded_us) // DAY_US)
        is_full = len(known.background) > _MOST_WORDS
        if days <= 0 and not is_full:
            return
        factor = _FADE**days if days > 0 else 0.5
        known.background = {term: n * factor for term, n in known.background.items() if n * factor >= _LEAST}
        known.n_terms = math.fsum(known.background.values())
        if days > 0:
            known.faded_us += days * DAY_US
            for id_ in list(known.topics):
                self._weaken(id_, factor)

    def _weaken(self, id_: int, factor: float) -> None:
        topic = self._known.topics[id_]
        topic.size *= factor
        if topic.size < _LEAST:
            self._drop(id_)
            return
        topic.n_terms *= factor
        for term in topic.terms:
            topic.terms[term] *= factor
            self._index[term][id_] = topic.terms[term]
