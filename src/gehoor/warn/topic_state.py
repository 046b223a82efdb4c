"""What is known of the topics that live: how often each word stands in each, and in all posts."""

import msgspec

__all__ = ["LiveTopic", "RecentPost", "TopicState"]


class LiveTopic(msgspec.Struct):
    """One topic while it lives.

    Attributes
    ----------
    size : float
        Posts, those of long ago counting less.
    n_terms : float
        Terms of those posts.
    last_us : int
        When the last one was said, microseconds UTC.
    n_since : int
        Posts since it was last asked whether it is two.
    split_from : int
        The topic of which it was once a part: these two are not merged again. 0 is none.
    terms : dict
        In how many of its posts each term stands.
    """

    size: float = 0.0
    n_terms: float = 0.0
    last_us: int = 0
    n_since: int = 0
    split_from: int = 0
    terms: dict[int, float] = {}


class RecentPost(msgspec.Struct, array_like=True):
    """A post that may yet move with a part of its topic: its topic, its terms, when it was said."""

    topic: int
    terms: list[int]
    at_us: int


class TopicState(msgspec.Struct):
    """All that `TopicStream` remembers; bounded, and the same whatever the batches.

    Attributes
    ----------
    n_posts, next_id : int
        Posts so far; the id of the next topic.
    n_terms : float
        Terms of all posts, those of long ago counting less.
    background : dict
        In how many posts each term stood.
    faded_us : int
        Until when everything was made to fade.
    topics : dict
        By id.
    touched : set
        Which of them got a post since they were last compared.
    recent : dict
        The newest posts, by the number that was given with them.
    """

    n_posts: int = 0
    next_id: int = 1
    n_terms: float = 0.0
    background: dict[int, float] = {}
    faded_us: int = 0
    topics: dict[int, LiveTopic] = {}
    touched: set[int] = set()
    recent: dict[int, RecentPost] = {}
