"""Forgets what the desk holds of an actor: marks of what they said, notes, answers, drafts and surveys beside it."""

import sqlalchemy as sa

from gehoor.core.tables.conversation import conversation_post
from gehoor.core.tables.desk import desk_note, desk_reply, desk_survey
from gehoor.core.tables.ledger import outbox

__all__ = ["TALKS", "answers_to", "conversations_of", "forget_desk"]

TALKS = ("phone", "counter")
"""Where a talk was that somebody noted; its actor is called `channel:actor` after the account it was noted for."""


def conversations_of(tx: sa.Connection, actor_key: int) -> list[int]:
    """Return every name, then or now, of the conversations in which an actor speaks; before their posts are taken back.

    A conversation in which others speak as well is theirs too: what stands beside it may be about either.
    """
    table = conversation_post
    theirs = sa.select(table.c.conversation).where(table.c.actor_key == actor_key)
    return [row.seq for row in tx.execute(sa.select(table.c.seq).where(table.c.conversation.in_(theirs)))]


def answers_to(tx: sa.Connection, actor_key: int) -> list[int]:
    """Return what we said to an actor: answers to their posts, and all of ours where nobody else but they spoke."""
    table = conversation_post
    theirs = sa.select(table.c.object_key).where(table.c.actor_key == actor_key)
    homes = sa.select(table.c.conversation).where(table.c.actor_key == actor_key)
    others = sa.select(table.c.conversation).where(
        table.c.direction == "in", table.c.actor_key.is_distinct_from(actor_key), table.c.conversation.in_(homes)
    )
    alone = sa.and_(table.c.conversation.in_(homes), table.c.conversation.not_in(others))
    ours = sa.select(table.c.seq).where(table.c.direction == "out", sa.or_(table.c.parent_key.in_(theirs), alone))
    return [row.seq for row in tx.execute(ours)]


def forget_desk(tx: sa.Connection, actor_key: int, names: list[int]) -> int:
    """Erase what people wrote beside some conversations, and the marks of an actor; return how many rows went.

    What was done (`desk_event`) stays: it holds no words of customers. Answers that wait do not leave any more.
    """
    n = 0
    for start in range(0, len(names), 500):
        some = names[start : start + 500]
        keys = sa.select(desk_reply.c.key).where(desk_reply.c.conversation.in_(some))
        n += tx.execute(sa.delete(outbox).where(outbox.c.key.in_(keys))).rowcount
        asked = sa.select(sa.literal("survey/") + sa.cast(desk_survey.c.id, sa.Text)).where(
            desk_survey.c.conversation.in_(some)
        )
        n += tx.execute(sa.delete(outbox).where(outbox.c.key.in_(asked))).rowcount
        for table in (desk_reply, desk_note, desk_survey):
            n += tx.execute(sa.delete(table).where(table.c.conversation.in_(some))).rowcount
    mine = conversation_post.c.actor_key == actor_key
    return n + tx.execute(sa.delete(conversation_post).where(mine)).rowcount
