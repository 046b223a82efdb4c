"""What every process may ask of a workspace: posts, counts, words, sources, rejects. Reads only, never waits for the owner."""

from typing import Literal

import msgspec

__all__ = ["Cell", "Post", "PostFilter", "SourceState"]

Resolution = Literal[10, 60, 3600]
"""Seconds of one roll-up bucket."""


class Cell(msgspec.Struct, frozen=True, kw_only=True):
    """A count from the roll-ups. Dimensions that were not asked for are None.

    Attributes
    ----------
    at : int
        Start of the bucket, microseconds UTC.
    brand : str, optional
        "" is *all posts together*; a post about two brands counts under both, and once under "".
    n, n_copies : int
        Activities, and how many of them nearly repeat an earlier one.
    """

    at: int | None = None
    kind: str | None = None
    brand: str | None = None
    channel: str | None = None
    sentiment: str | None = None
    intent: str | None = None
    n: int
    n_copies: int


class PostFilter(msgspec.Struct, frozen=True, kw_only=True):
    """Which posts: every field narrows. Times are microseconds UTC, `since` included, `until` excluded.

    `words` is a full-text search: plain words, all of which must occur; "quotes" make a phrase.
    """

    words: str | None = None
    brand: str | None = None
    channel: str | None = None
    kind: str | None = None
    sentiment: str | None = None
    intent: str | None = None
    language: str | None = None
    source: str | None = None
    actor: str | None = None
    conversation: str | None = None
    since: int | None = None
    until: int | None = None
    duplicate_of: int | None = None
    seq: int | None = None


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
    duplicate_of: int | None
    event: str | None
    value: float | None
    currency: str | None
    is_backfill: bool


class SourceState(msgspec.Struct, frozen=True, kw_only=True):
    """How a source or receiver is doing.

    Attributes
    ----------
    status : str
        `running`, `waiting` (comes back by itself), `done` (a file read to its end), `stopped` (needs a person).
    lag_s : float, optional
        Age of the newest activity when it was heard, seconds; None before the first.
    """

    name: str
    type: str
    status: Literal["running", "waiting", "done", "stopped"]
    message: str | None
    last_heard_at: int | None
    lag_s: float | None
    n_stored: int
    n_seen: int
    n_rejected: int
    per_minute: float
