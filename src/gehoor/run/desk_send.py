"""What became of an answer: noted beside it, and heard like anything else that was said."""

from functools import partial
from typing import Any

import msgspec
import sqlalchemy as sa

from gehoor.core.message import Delivery
from gehoor.core.outbox import State
from gehoor.core.page import RawPage
from gehoor.core.record import Activity
from gehoor.core.tables.desk import desk_reply
from gehoor.run.workplace import Workplace

__all__ = ["SOURCE", "hear_answers", "outcome", "page_of", "sync_replies"]

SOURCE = "desk"
"""As which source the ledger hears what is said at the desk."""

_AT_ONCE = 100

_FOLLOW = (
    "UPDATE desk_reply SET state = (SELECT o.state FROM outbox o WHERE o.key = desk_reply.key) "
    "WHERE state IN ('queued', 'unknown') AND EXISTS (SELECT 1 FROM outbox o WHERE o.key = desk_reply.key "
    "AND o.state IN ('sent', 'failed', 'unknown'))"
)


def outcome(tx: sa.Connection, key: str, state: State, words: str, delivery: Delivery | None) -> None:
    """Note beside an answer what became of it, in the transaction that settles its entry of the outbox.

    Parameters
    ----------
    key : str
        That of the entry; nothing happens where it is no answer of the desk.
    words : str
        What the channel said, or why it is not there.
    delivery : Delivery, optional
        Of what was sent: with the `id` by which it is known there from now on.
    """
    values: dict[str, Any] = {"state": "queued" if state == "waiting" else state, "receipt": words}
    if delivery is not None:
        values |= {"receipt": delivery.url or words, "heard_as": delivery.id}
    tx.execute(sa.update(desk_reply).where(desk_reply.c.key == key).values(values))


def sync_replies(tx: sa.Connection) -> int:
    """Bring answers in line with the outbox, after a crash left some of them being sent; return how many changed."""
    return tx.exec_driver_sql(_FOLLOW).rowcount


async def hear_answers(owner: Workplace) -> int:
    """Hear the answers that arrived, each once, also across a crash and where the channel brings them by itself.

    Returns
    -------
    int
        How many were heard now.
    """
    pages: list[tuple[str, RawPage]] = await owner.on_writer(lambda: _unheard(owner))
    for key, page in pages:
        await owner.hear(page)
        await owner.on_writer(partial(_note_heard, owner, key))
    return len(pages)


def _unheard(owner: Workplace) -> list[tuple[str, RawPage]]:
    table = desk_reply
    with owner.projector.engine.begin() as tx:
        sent = sa.select(table).where(table.c.state == "sent", table.c.heard_at.is_(None)).limit(_AT_ONCE)
        rows = tx.execute(sent).all()
    ids = _ids(owner, [row.to_seq for row in rows])
    return [(row.key, _page(row, ids.get(row.to_seq, (None, "direct")))) for row in rows]


def _note_heard(owner: Workplace, key: str) -> None:
    with owner.projector.engine.begin() as tx:
        heard = sa.update(desk_reply).where(desk_reply.c.key == key)
        tx.execute(heard.values(heard_at=owner.clock.now()))


def _ids(owner: Workplace, seqs: list[int]) -> dict[int, tuple[str | None, str]]:
    """Return under which name, and how visibly, messages were said."""
    rows = owner.projector.ledger.segments.select("seq, id, object, visibility", seqs)
    return {seq: (object_ or id_, visibility) for seq, id_, object_, visibility in rows if id_}


def _page(row: Any, to: tuple[str | None, str]) -> RawPage:
    parent, visibility = to
    said = Activity(
        id=row.heard_as or row.key,
        published=row.not_before or row.at,
        received=row.not_before or row.at,
        channel=row.channel,
        heard_by=SOURCE,
        direction="out",
        visibility=visibility,  # type: ignore[arg-type]  # as the ledger has it
        text=row.text,
        language=row.language,
        in_reply_to=parent,
    )
    return page_of(said)


def page_of(said: Activity) -> RawPage:
    """Return an activity of ours as a page."""
    line = msgspec.json.encode(said)
    options = {"channel": said.channel}
    return RawPage(
        source=SOURCE, decoder="plain", payload=line, received=said.received, options=options, relevance="skip"
    )
