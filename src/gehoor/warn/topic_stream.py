"""Topics in a stream of posts: each post joins the topic that explains its words best, or begins one."""

from collections.abc import Sequence
from itertools import islice
from typing import NamedTuple

from gehoor.core.clock import DAY_US
from gehoor.warn.topic_alike import MayJoin
from gehoor.warn.topic_split import parted
from gehoor.warn.topic_state import LiveTopic, RecentPost, TopicState
from gehoor.warn.topic_table import TopicTable

__all__ = ["Merge", "Split", "TopicStream"]

# Chosen on simulated streams and on questions put to banks and assistants, before any public stream was scored.
_NEW = 20.0  # so many times likelier than in any post the words must be to join a topic
_RICH = 0.5  # a large topic is likelier than a small one by this power of its size
_ALIKE = 3.0  # so many times likelier for what a whole topic says to be another's
_LONE = 0.3  # ... and for a post that stayed alone

_EVERY = 1_024  # posts between two looks at which topics are one, or two
_MOST_TOPICS, _MOST_OWN, _MOST_WORDS = 4_096, 192, 200_000
_RECENT, _READ = 16_384, 256  # posts that may move yet; those of a topic that are read to tell whether it is two
_ASKED, _ASKED_LATEST = 32, 256  # posts that a topic gets before it is asked again; half of its size, between these
_TELLING = 0.1  # of a topic's posts: terms in fewer are not compared
_FADE = 0.5 ** (1 / 7)  # a day: what was said a week ago counts half
_LEAST = 0.5  # posts, faded: a topic of fewer is let go


class Merge(NamedTuple):
    """A topic that turned out to be a part of another."""

    topic: int
    into: int


class Split(NamedTuple):
    """A part of a topic that became one of its own, with the posts that went with it."""

    topic: int
    split_from: int
    posts: list[int]
    began_us: int
    last_us: int


class TopicStream:
    """One-pass topics with ids that stay.

    A Dirichlet process mixture in the manner of MStream [1]_, in which a topic's words compete with those of all posts
    instead of with a flat prior: how much likelier the words of a post are when some of them are the topic's. That
    ratio has no scale of its own, so one setting serves streams of different length, vocabulary and language. Topics
    that hold a word are found by an inverted index [2]_. Every 1,024 posts those topics that changed are compared:
    what is a part of another is merged into it, and a topic whose newest posts are about two subjects is split: the
    larger keeps its id. What nobody speaks of any more fades.

    The result depends on the order of the posts and not on how they are batched; `known` carries it over a
    restart. Cost: 60 to 90 us a post on one core. Memory: 4,096 topics of 192 terms, 16,384 posts. Blind to:
    the same subject in wholly other words, and in another language.

    References
    ----------
    .. [1] J. Yin et al., "Model-based clustering of short text streams", KDD 2018.
    .. [2] M. R. H. Rakib et al., "Efficient clustering of short text streams using online-offline clustering",
       DocEng 2021 (arXiv:2101.08595).

    Examples
    --------
    >>> stream = TopicStream()
    >>> [stream.add(terms, 0, post) for post, terms in enumerate([[1, 2, 3], [7, 8, 9], [2, 3, 4], []])]
    [1, 2, 1, 0]
    """

    def __init__(self, known: TopicState | None = None) -> None:
        self.known = known or TopicState()
        self._table = TopicTable(self.known)
        self._table.is_all_changed = known is None
        self._changes: list[Merge | Split] = []

    # -- posts ----------------------------------------------------------------------------------------------------

    def add(self, terms: Sequence[int], at_us: int, post: int) -> int:
        """Return the topic of a post, by its id; 0 for a post without words.

        Parameters
        ----------
        terms : sequence of int
            Its words, each once, as numbers.
        at_us : int
            When it was said, microseconds UTC.
        post : int
            A number of its own, by which `Split` and `remove` speak of it.
        """
        known = self.known
        known.n_posts += 1
        if known.n_posts % _EVERY == 0:
            self._tidy(at_us)
        if not terms:
            return 0
        found = self._table.best(terms, _NEW, _RICH) or self._table.begin()
        self._table.join(found, terms, at_us)
        known.recent[post] = RecentPost(found, [*terms], at_us)
        return found

    def remove(self, topic: int, terms: Sequence[int], post: int) -> None:
        """Take a post back that was added to a topic; nothing where the topic is no longer there."""
        recent = self.known.recent.pop(post, None)
        self._table.leave(recent.topic if recent else topic, terms)

    def changes(self) -> list[Merge | Split]:
        """Return what was merged and split since this was asked before, in order."""
        done, self._changes = self._changes, []
        return done

    def take_changed(self) -> tuple[set[int], set[int]] | None:
        """Return the topics and the words whose numbers changed since this was asked before; None is all."""
        table = self._table
        changed = None if table.is_all_changed else (table.changed_topics, table.changed_words)
        table.changed_topics, table.changed_words, table.is_all_changed = set(), set(), False
        return changed

    def live(self, topic: int) -> LiveTopic | None:
        """Return a topic that lives."""
        return self.known.topics.get(topic)

    def background(self, term: int) -> float:
        """Return the share of all terms that this one is."""
        return self._table.background(term)

    # -- now and then ---------------------------------------------------------------------------------------------

    def settle(self) -> None:
        """Merge and split what changed since the last look, once the stream ends."""
        self._merge()
        self._split()
        self.known.touched.clear()

    def _merge(self) -> None:
        topics, merged = self.known.topics, dict[int, int]()
        in_order = sorted(self.known.touched, key=lambda id_: (topics[id_].size, -id_))
        said = {id_: own for id_ in in_order if (own := _said(topics[id_]))}
        may_join = MayJoin(self._table, said, {id_: _least(topics[id_]) for id_ in said})
        for id_ in in_order:
            topic = topics[id_]
            own = _said(topic) if id_ in may_join else {}
            into = self._table.larger(id_, own, _least(topic)) if own else 0
            if into and id_ != topics[into].split_from and into != topic.split_from:
                self._table.merge(id_, into)
                may_join.grow(into)
                self._changes.append(Merge(id_, into))
                merged[id_] = into
        for post in self.known.recent.values() if merged else ():
            while post.topic in merged:
                post.topic = merged[post.topic]

    def _split(self) -> None:
        """Make two of those topics that grew and whose newest posts are about two subjects."""
        topics, recent = self.known.topics, self.known.recent
        grown = {
            id_: list[int]()
            for id_ in sorted(self.known.touched)
            if topics[id_].n_since >= min(max(_ASKED, topics[id_].size / 2), _ASKED_LATEST)
        }
        for number, post in recent.items() if grown else ():
            if post.topic in grown:
                grown[post.topic].append(number)
        for id_, posts in grown.items():
            topics[id_].n_since = 0
            parts = parted([recent[number].terms for number in posts[-_READ:]]) if posts else None
            if parts is not None:
                is_smaller = [parts.is_smaller(recent[number].terms) for number in posts]
                of_part = 2 * sum(is_smaller) <= topics[id_].size
                self._part(id_, [number for number, is_ in zip(posts, is_smaller, strict=True) if is_ == of_part])

    def _part(self, id_: int, posts: list[int]) -> None:
        """Let posts be a topic of their own."""
        moved, own = [self.known.recent[number] for number in posts], self._table.begin(split_from=id_)
        for post in moved:
            post.topic = own
        self._table.move(id_, own, [post.terms for post in moved])
        moments = [post.at_us for post in moved]
        self._changes.append(Split(own, id_, posts, min(moments), max(moments)))

    def _tidy(self, now_us: int) -> None:
        known, table = self.known, self._table
        touched = sorted(known.touched)
        self.settle()
        for id_ in touched:
            if id_ in known.topics and len(known.topics[id_].terms) > _MOST_OWN:
                table.shorten(id_, _MOST_OWN)
        self._fade(now_us)
        if len(known.recent) > _RECENT:
            known.recent = dict(islice(known.recent.items(), len(known.recent) - _RECENT, None))
        spare = len(known.topics) - _MOST_TOPICS
        if spare > 0:
            of_least = sorted(known.topics.items(), key=lambda pair: (pair[1].size, pair[1].last_us, pair[0]))
            for id_, _ in of_least[:spare]:
                table.drop(id_)

    def _fade(self, now_us: int) -> None:
        """Let each day since the last time count, and let go of what has faded."""
        known = self.known
        known.faded_us = known.faded_us or now_us
        days = min(1_000, (now_us - known.faded_us) // DAY_US)
        if days > 0:
            known.faded_us += days * DAY_US
            self._table.fade(_FADE**days, _LEAST)
        elif len(known.background) > _MOST_WORDS:
            self._table.fade_words(0.5, _LEAST)


def _said(topic: LiveTopic) -> dict[int, float]:
    """Return the terms that tell what a topic is about, with the share of its posts in which each stands."""
    if topic.size <= 0:
        return {}
    return {term: n / topic.size for term, n in topic.terms.items() if n >= _TELLING * topic.size}


def _least(topic: LiveTopic) -> float:
    return _LONE if topic.size <= 1 else _ALIKE
