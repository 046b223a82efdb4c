"""What only the posts themselves can tell: topics and voices, from the newest of a period."""

from collections import defaultdict
from collections.abc import Sequence

import msgspec
import pyarrow as pa

from gehoor.core.clock import DAY_US
from gehoor.core.post import Post, PostFilter
from gehoor.core.text import TextBatch, normalise
from gehoor.understand.topics import Background, Topic, topics_of
from gehoor.web.filters import posts_path
from gehoor.web.safe import shorten
from gehoor.web.site import Site

__all__ = ["SAMPLE", "Sample", "TopicRow", "Voice", "sample_of"]

SAMPLE = 1_500
"""So many of the newest posts are read: 40 ms."""

_VOICES = 3
_BEFORE_DAYS = 7
_BINS = 40
_QUOTE_CHARS = 160


class TopicRow(msgspec.Struct, frozen=True, kw_only=True):
    """One topic: its words, how many posts, how many of them negative, their course in time (0 to 1), their address."""

    terms: tuple[str, ...]
    n: int
    n_negative: int
    course: list[float]
    href: str


class Voice(msgspec.Struct, frozen=True, kw_only=True):
    """Somebody who speaks often or reaches many, with the newest of the posts that are counted."""

    newest: Post
    n: int
    quote: str
    href: str
    is_far: bool


class Sample(msgspec.Struct, frozen=True, kw_only=True):
    """What the newest posts of a period tell.

    Attributes
    ----------
    n : int
        How many were read.
    is_all : bool
        Whether that is every post of the period.
    """

    topics: list[TopicRow]
    voices: list[Voice]
    n: int
    is_all: bool


def sample_of(site: Site, base: PostFilter) -> Sample:
    """Read the newest posts of a filter (with a beginning and an end), and tell what is in them."""
    posts = site.reader.posts(base, limit=SAMPLE + 1)
    is_all = len(posts) <= SAMPLE
    posts = posts[:SAMPLE]
    wanted = base if is_all else msgspec.structs.replace(base, from_seq=posts[-1].seq)
    return Sample(topics=_topics(site, wanted, posts), voices=_voices(wanted, posts), n=len(posts), is_all=is_all)


def _topics(site: Site, wanted: PostFilter, posts: Sequence[Post]) -> list[TopicRow]:
    texts = TextBatch.of(pa.array([post.text for post in posts], pa.string()))
    own = {word for brand in site.settings.brands.values() for term in brand.terms for word in normalise(term).split()}
    found = topics_of(texts, _background(site, wanted), {word.strip("@#") for word in own})
    span = (min(post.event_at for post in posts), max(post.event_at for post in posts)) if posts else (0, 0)
    return [_topic(site, wanted, topic, span) for topic in found]


def _background(site: Site, wanted: PostFilter) -> Background:
    """What was said in the days before; of all brands together, as words are counted so."""
    until = (wanted.since or 0) // DAY_US * DAY_US
    since = until - _BEFORE_DAYS * DAY_US
    n = sum(cell.n for cell in site.reader.counts(resolution=3600, since=since, until=until))
    return Background(n, lambda words: site.reader.word_counts(words, since, until))


def _topic(site: Site, wanted: PostFilter, topic: Topic, span: tuple[int, int]) -> TopicRow:
    """Count a topic by the very search that its link opens: the index has its own idea of a word's borders."""
    narrow = msgspec.structs.replace(wanted, words=f'"{topic.terms[0]}"')
    posts = site.reader.posts(narrow, limit=SAMPLE)
    return TopicRow(
        terms=topic.terms, n=len(posts), n_negative=sum(post.sentiment == "negative" for post in posts),
        course=_course([post.event_at for post in posts], *span), href=posts_path(narrow),
    )  # fmt: skip


def _course(moments: Sequence[int], first: int, last: int) -> list[float]:
    """Return how many fell into each of equal stretches, as a share of the most."""
    bins = [0] * _BINS
    for at in moments:
        bins[max(0, min(_BINS - 1, (at - first) * _BINS // (last - first + 1)))] += 1
    return [n / max(1, *bins) for n in bins]


def _voices(wanted: PostFilter, posts: Sequence[Post]) -> list[Voice]:
    """Return who reaches most and who speaks most, each once."""
    spoken: dict[tuple[str, str], list[Post]] = defaultdict(list)
    for post in posts:
        if post.actor:
            spoken[post.channel, post.actor].append(post)
    far = sorted(spoken, key=lambda who: (-(spoken[who][0].actor_followers or 0), who))[:_VOICES]
    far = [who for who in far if spoken[who][0].actor_followers]
    often = sorted((who for who in spoken if who not in far), key=lambda who: (-len(spoken[who]), who))[:_VOICES]
    often = [who for who in often if len(spoken[who]) > 1]
    return [_voice(wanted, spoken[who], is_far=who in far) for who in (*far, *often)]


def _voice(wanted: PostFilter, posts: Sequence[Post], *, is_far: bool) -> Voice:
    newest = posts[0]
    href = posts_path(msgspec.structs.replace(wanted, actor=newest.actor, channel=newest.channel))
    return Voice(newest=newest, n=len(posts), quote=shorten(newest.text, _QUOTE_CHARS), href=href, is_far=is_far)
