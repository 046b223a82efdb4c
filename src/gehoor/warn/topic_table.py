"""The topics that live, found by the words that they hold: which explains a post best, and what a post adds to it."""

import math
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from gehoor.warn.topic_state import LiveTopic, TopicState

__all__ = ["MOST_LOOKED", "TopicTable", "how_much_likelier"]

# Chosen on simulated streams and on questions put to banks and assistants, before any public stream was scored.
_SHARE = 0.3  # of a post's words are its topic's own, the others anybody's
_FEW = 40.0  # a topic of no more terms than this knows little of its words
_KNOWN = 20_000.0  # so many different words are taken to be out there, before any was heard
_RARE = 0.3  # words in fewer posts of a topic than this say less of it

_MOST_TERMS = 10  # a long post is about no more than a short one
MOST_LOOKED = 48  # topics named by a post's words, rarest words first: commoner words only weigh these
_TIMES = _SHARE / (1 - _SHARE)


def how_much_likelier(times: Any, n: Any, size: Any, n_terms: Any) -> Any:
    """Return how much likelier a term is in a topic than in any post, less one; of numbers, or of arrays of them.

    Parameters
    ----------
    times : float or numpy.ndarray
        How rare the term is, by `TopicTable.times`.
    n : float or numpy.ndarray
        In how many of the topic's posts it stands.
    size, n_terms : float or numpy.ndarray
        The topic's posts, and their terms.
    """
    return times * n * n / ((n + _RARE * size) * (n_terms + _FEW))


class TopicTable:
    """How often each word stands in each topic and in all posts, with an inverted index over the topics' words.

    Keeps which topics and words changed, for whoever writes them down.
    """

    def __init__(self, known: TopicState) -> None:
        self.known = known
        self._index: dict[int, dict[int, float]] = {}
        for id_, topic in known.topics.items():
            for term, n in topic.terms.items():
                self._index.setdefault(term, {})[id_] = n
        self.changed_topics, self.changed_words = set[int](), set[int]()
        self.is_all_changed = False

    # -- which topic ----------------------------------------------------------------------------------------------

    def background(self, term: int) -> float:
        """Return the share of all terms that this one is."""
        return (self.known.background.get(term, 0.0) + 1) / (self.known.n_terms + _KNOWN)

    def times(self, term: int) -> float:
        """Return how rare a term is: how much likelier a post of a topic that says nothing else makes it."""
        return _TIMES / self.background(term)

    def holders(self, term: int) -> Mapping[int, float]:
        """Return the topics in which a term stands, and in how many posts of each."""
        return self._index.get(term, {})

    def least(self, least: float, said: float) -> float:
        """Return what words must score to be so many times likelier than in any post; `said`: how many they are."""
        return float(least / (1 - _SHARE) ** min(_MOST_TERMS, said))

    def best(self, terms: Sequence[int], least: float, rich: float) -> int:
        """Return the topic that explains a post best, one of size n counting n ** rich times; 0 where none does.

        Parameters
        ----------
        least : float
            So many times likelier than in any post the words must be.
        """
        scores, topics = self._scores(terms), self.known.topics
        best, most = 0, self.least(least, len(terms))
        for id_, likelier in scores.items():
            score = likelier * topics[id_].size ** rich
            if score > most or (score == most and id_ < best):
                best, most = id_, score
        return best

    def larger(self, id_: int, weights: Mapping[int, float], least: float) -> int:
        """Return the topic, no smaller than this one, that explains all that this one says best; 0 where none does.

        Parameters
        ----------
        weights : mapping
            What it says: terms of its own, and how much each counts.
        """
        scores = self._scores_of_larger(id_, weights)
        best, most = 0, self.least(least, sum(weights.values()))
        for other, score in scores.items():
            if score > most or (score == most and other < best):
                best, most = other, score
        return best

    def _by_rarity(self, terms: Iterable[int]) -> list[tuple[int, int]]:
        """Return in how many topics each term stands, rarest first; those that stand in none are left out."""
        index = self._index
        return sorted([(len(index[term]), term) for term in terms if term in index])

    def _scores(self, terms: Sequence[int]) -> dict[int, float]:
        """Return how much likelier the terms are in each topic than anywhere."""
        topics, background, scores = self.known.topics, self.known.background, dict[int, float]()
        index, rare, few, all_times = self._index, _RARE, _FEW, _TIMES * (self.known.n_terms + _KNOWN)
        n_looked = 0
        for n_holders, term in self._by_rarity(terms):
            holders, times = index[term], all_times / (background.get(term, 0.0) + 1)
            n_looked += n_holders
            for id_ in scores.keys() & holders.keys() if scores and n_looked > MOST_LOOKED else holders:
                n, topic = holders[id_], topics[id_]
                likelier = 1 + times * n * n / ((n + rare * topic.size) * (topic.n_terms + few))
                scores[id_] = scores.get(id_, 1.0) * likelier
        return scores

    def _scores_of_larger(self, than: int, weights: Mapping[int, float]) -> dict[int, float]:
        """Return the same of those topics that are larger, each term as far as it counts.

        Most topics that hold a term are smaller, and of a topic that has hundreds of terms few are larger.
        """
        topics, background, scores = self.known.topics, self.known.background, dict[int, float]()
        index, rare, few, all_times = self._index, _RARE, _FEW, _TIMES * (self.known.n_terms + _KNOWN)
        size, n_looked = topics[than].size, 0
        for place, (n_holders, term) in enumerate(self._by_rarity(weights)):
            holders, times, weight = index[term], all_times / (background.get(term, 0.0) + 1), weights[term]
            n_looked += n_holders
            is_closed = place > 0 and n_looked > MOST_LOOKED
            if is_closed and not scores:
                break
            for id_ in scores.keys() & holders.keys() if is_closed else holders:
                topic = topics[id_]
                if topic.size > size or (topic.size == size and id_ < than):
                    n = holders[id_]
                    likelier = 1 + times * n * n / ((n + rare * topic.size) * (topic.n_terms + few))
                    scores[id_] = scores.get(id_, 1.0) * (likelier if weight == 1.0 else likelier**weight)
        return scores

    # -- what it holds --------------------------------------------------------------------------------------------

    def begin(self, split_from: int = 0) -> int:
        """Begin a topic; return its id."""
        known = self.known
        id_, known.next_id = known.next_id, known.next_id + 1
        known.topics[id_] = LiveTopic(split_from=split_from)
        return id_

    def join(self, id_: int, terms: Sequence[int], at_us: int) -> None:
        """Let a new post stand in a topic."""
        known, topic, index = self.known, self.known.topics[id_], self._index
        background, own = known.background, topic.terms
        for term in terms:
            background[term] = background.get(term, 0.0) + 1
            own[term] = n = own.get(term, 0.0) + 1
            if (holders := index.get(term)) is None:
                index[term] = {id_: n}
            else:
                holders[id_] = n
        known.n_terms += len(terms)
        topic.n_terms += len(terms)
        topic.size += 1
        topic.n_since += 1
        topic.last_us = max(topic.last_us, at_us)
        known.touched.add(id_)
        self.changed_topics.add(id_)
        self.changed_words.update(terms)

    def leave(self, id_: int, terms: Sequence[int]) -> None:
        """Take a post out of a topic, as far as that still lives."""
        known, topic = self.known, self.known.topics.get(id_)
        if topic is None:
            return
        topic.size = max(0.0, topic.size - 1)
        for term in terms:
            self._put(id_, topic, term, topic.terms.get(term, 0.0) - 1)
            less = min(1.0, known.background.get(term, 0.0))
            if less > 0:
                known.background[term] -= less
                known.n_terms -= less
        self.changed_topics.add(id_)
        self.changed_words.update(terms)

    def move(self, id_: int, to: int, posts: Sequence[Sequence[int]]) -> None:
        """Move posts from a topic to another."""
        topic, other = self.known.topics[id_], self.known.topics[to]
        for terms in posts:
            for term in terms:
                self._put(to, other, term, other.terms.get(term, 0.0) + 1)
                self._put(id_, topic, term, topic.terms.get(term, 0.0) - 1)
        other.size, topic.size = other.size + len(posts), max(1.0, topic.size - len(posts))
        other.last_us = topic.last_us
        self.known.touched.add(to)
        self.changed_topics |= {id_, to}

    def merge(self, id_: int, into: int) -> None:
        """Let a topic be a part of another."""
        topic, other = self.drop(id_), self.known.topics[into]
        for term, n in topic.terms.items():
            self._put(into, other, term, other.terms.get(term, 0.0) + n)
        other.size += topic.size
        other.last_us = max(other.last_us, topic.last_us)
        self.changed_topics.add(into)

    def drop(self, id_: int) -> LiveTopic:
        """Let go of a topic."""
        topic = self.known.topics.pop(id_)
        self.changed_topics.add(id_)
        self.known.touched.discard(id_)
        for term in topic.terms:
            self._unindex(id_, term)
        return topic

    def shorten(self, id_: int, n: int) -> None:
        """Keep the n terms that stand in most of a topic's posts."""
        topic = self.known.topics[id_]
        least = sorted(topic.terms.values(), reverse=True)[n - 1]
        n_least = n - sum(count > least for count in topic.terms.values())
        as_least = sorted(term for term, count in topic.terms.items() if count == least)
        for term in [term for term, count in topic.terms.items() if count < least] + as_least[n_least:]:
            del topic.terms[term]
            self._unindex(id_, term)
        self.changed_topics.add(id_)

    def fade(self, factor: float, least: float) -> None:
        """Let every topic count less, and let go of those of fewer posts than `least`."""
        self.fade_words(factor, least)
        for id_, topic in [*self.known.topics.items()]:
            topic.size *= factor
            if topic.size < least:
                self.drop(id_)
                continue
            topic.n_terms *= factor
            for term in topic.terms:
                topic.terms[term] *= factor
                self._index[term][id_] = topic.terms[term]

    def fade_words(self, factor: float, least: float) -> None:
        """Let the words of all posts count less."""
        known, self.is_all_changed = self.known, True
        known.background = {term: n * factor for term, n in known.background.items() if n * factor >= least}
        known.n_terms = math.fsum(known.background.values())

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
