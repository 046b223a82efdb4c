"""What a conversation amounts to: the row that the inbox reads, from its posts as they stand."""

from collections.abc import Sequence
from typing import Any

from gehoor.answer.conversation_rows import Said
from gehoor.core.forget_desk import TALKS

__all__ = ["PUT_ROW", "row_of"]

PUT_ROW = f"INSERT OR REPLACE INTO conversation VALUES ({', '.join('?' * 24)})"


def row_of(id_: int, posts: Sequence[Said], closed_seq: int, offset: int) -> tuple[Any, ...] | None:
    """Return the row of a conversation, in the order of its table; None where nobody but us says anything.

    A talk is a message of theirs that was answered while it lasted: nobody waits after it.
    """
    if len(posts) == 1 and posts[0].direction == "in" and posts[0].channel not in TALKS:
        return _row_of_one(id_, posts[0], closed_seq, offset)
    heard = sorted(posts)
    ins = [post for post in heard if post.direction == "in"]
    if not ins:
        return None
    said = sorted(posts, key=lambda post: (post.at, post.seq))
    came = [post for post in said if post.direction == "in"]
    went = [post for post in said if (post.direction == "out" or post.channel in TALKS) and post.at >= came[0].at]
    waits = [post for post in came if not went or (post.at, post.seq) > (went[-1].at, went[-1].seq)]
    customer, last = ins[0].actor_key, came[-1]
    return (
        id_, customer, _last(post.name for post in ins if post.actor_key == customer), last.channel,
        _first(post.brand for post in ins), _last(post.language for post in ins), _last(post.intent for post in ins),
        _last(post.need for post in ins), max(post.urgency for post in waits or [last]), last.sentiment,
        max(post.reach for post in ins), any(post.is_direct for post in ins), all(post.is_backfill for post in ins),
        len(ins), len(said) - len(ins), came[0].at, went[0].at if went else None, last.at,
        went[-1].at if went else None, waits[0].at if waits else None, ins[-1].seq, heard[-1].seq, closed_seq, offset,
    )  # fmt: skip


def _row_of_one(id_: int, post: Said, closed_seq: int, offset: int) -> tuple[Any, ...]:
    """Return the same for a single message, as most conversations are when they are written: 3 us instead of 20."""
    return (
        id_, post.actor_key, post.name, post.channel, post.brand, post.language, post.intent, post.need, post.urgency,
        post.sentiment, post.reach, post.is_direct, post.is_backfill, 1, 0, post.at, None, post.at, None, post.at,
        post.seq, post.seq, closed_seq, offset,
    )  # fmt: skip


def _first(values: Any) -> Any:
    return next((value for value in values if value is not None), None)


def _last(values: Any) -> Any:
    return _first(reversed(list(values)))
