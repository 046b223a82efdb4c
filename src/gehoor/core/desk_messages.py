"""The words of a conversation: its messages from the ledger, what the person did, and where words stand."""

from collections.abc import Collection, Iterable, Sequence
from typing import Any

import msgspec
import sqlalchemy as sa

from gehoor.core.desk import Message, OrderLine
from gehoor.core.person_reader import Account
from gehoor.core.post import PostFilter
from gehoor.core.reader import Reader

__all__ = ["messages_of", "orders_of", "rows_at", "snippet", "snippets_of"]

_WIDTH = 140
_ORDERS = 20
_COLUMNS = "seq, id, channel, visibility, actor, actor_name, text, url, media, language, properties"


def rows_at(reader: Reader, columns: str, seqs: Iterable[int]) -> list[Any]:
    """Return columns of rows of the ledger, `seq` first; what it let go of is left out."""
    wanted, found = sorted(set(seqs), reverse=True), []
    for segment in reversed(reader.segments()):
        here = [seq for seq in wanted if seq >= segment.first_seq]
        wanted = wanted[len(here) :]
        if here:
            found += segment.select(columns, here)
    return found


def snippet(text: str | None, words: Collection[str] = ()) -> str:
    """Return the first words of a text, or those round the first of some words, on one line.

    Examples
    --------
    >>> snippet("Dag, mijn koffer is weg", ["koffer"])
    'Dag, mijn koffer is weg'
    """
    line = " ".join((text or "").split())
    small = line.lower()
    at = next((place for word in words if (place := small.find(word.lower())) > _WIDTH // 2), 0)
    first = max(0, at - _WIDTH // 3)
    cut = line[first : first + _WIDTH]
    return ("…" if first else "") + cut + ("…" if first + _WIDTH < len(line) else "")


def snippets_of(reader: Reader, seqs: Iterable[int], words: Collection[str] = ()) -> dict[int, str]:
    """Return the snippets of some posts."""
    return {seq: snippet(text, words) for seq, text in rows_at(reader, "seq, text", seqs)}


def messages_of(reader: Reader, posts: Sequence[sa.Row[Any]]) -> list[Message]:
    """Return the messages of rows of `conversation_post`, in order; of what went nothing is shown but that it was."""
    rows = {row[0]: row for row in rows_at(reader, _COLUMNS, (post.seq for post in posts if not post.was))}
    return [_message(post, rows.get(post.seq)) for post in posts]


def _message(post: sa.Row[Any], row: Any) -> Message:
    kept = (None,) * 11 if row is None else tuple(row)
    _, id_, channel, visibility, actor, name, text, url, media, language, properties = kept
    return Message(
        seq=post.seq,
        id=id_,
        at=post.at,
        direction=post.direction,
        channel=channel or post.channel,
        visibility=visibility or ("direct" if post.is_direct else "public"),
        actor=actor,
        actor_key=post.actor_key,
        actor_name=name or post.name,
        text=text,
        url=url,
        media=tuple(msgspec.json.decode(media)) if media else (),
        language=language or post.language,
        intent=post.intent,
        need=post.need,
        sentiment=post.sentiment,
        urgency=post.urgency,
        properties=properties,
        was=post.was or ("" if row is not None else "older"),
    )


def orders_of(reader: Reader, accounts: Sequence[Account]) -> list[OrderLine]:
    """Return what a person did last, newest first: what has a name, such as *Order Completed*."""
    wanted = [PostFilter(actor=account.actor, channel=account.channel, kind="do") for account in accounts]
    posts = [post for mine in wanted for post in reader.posts(mine, _ORDERS) if post.event]
    about = dict(rows_at(reader, "seq, object", (post.seq for post in posts)))
    lines = [
        OrderLine(seq=one.seq, at=one.event_at, event=one.event or "", object=about.get(one.seq), value=one.value,
                  currency=one.currency)
        for one in posts
    ]  # fmt: skip
    return sorted(lines, key=lambda line: line.at, reverse=True)[:_ORDERS]
