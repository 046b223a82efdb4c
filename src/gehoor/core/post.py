"""A committed activity as pages and scripts show it, and the filter that finds it."""

import msgspec

__all__ = ["Post", "PostFilter"]


class PostFilter(msgspec.Struct, frozen=True, kw_only=True):
    """Which posts: every field narrows. Times are microseconds UTC, `since` included, `until` excluded.

    `words` is a full-text search: plain words, all of which must occur; "quotes" make a phrase. `from_seq` is the
    oldest offset that is meant: what was heard before it is left out. `campaign` is the `seq` of the first post of one;
    `topic` the id of one, with all that were merged into it.
    """

    words: str | None = None
    brand: str | None = None
    channel: str | None = None
    kind: str | None = None
    sentiment: str | None = None
    intent: str | None = None
    need: str | None = None
    actionability: str | None = None
    urgency: str | None = None
    emotion: str | None = None
    motive: str | None = None
    language: str | None = None
    source: str | None = None
    actor: str | None = None
    conversation: str | None = None
    since: int | None = None
    until: int | None = None
    duplicate_of: int | None = None
    campaign: int | None = None
    topic: int | None = None
    is_copy: bool | None = None
    seq: int | None = None
    from_seq: int | None = None


class Post(msgspec.Struct, frozen=True, kw_only=True):
    """A committed activity as pages and scripts show it; hostile text, never markup."""

    seq: int
    id: str
    type: str
    channel: str
    source: str | None
    direction: str
    published: int | None
    received: int
    event_at: int
    actor: str | None
    actor_name: str | None
    actor_followers: int | None
    text: str | None
    url: str | None
    in_reply_to: str | None
    conversation: str | None
    language: str | None
    language_p: float | None
    brands: tuple[str, ...]
    sentiment: str | None
    sentiment_p: float | None
    intent: str | None
    intent_p: float | None
    need: str | None
    need_p: float | None
    actionability: str | None
    actionability_p: float | None
    urgency: str | None
    urgency_p: float | None
    emotion: str | None
    emotion_p: float | None
    motive: str | None
    motive_p: float | None
    duplicate_of: int | None
    campaign: int | None
    spam: str | None
    spam_p: float | None
    event: str | None
    value: float | None
    currency: str | None
    is_backfill: bool
