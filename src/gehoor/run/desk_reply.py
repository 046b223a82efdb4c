"""Answers on their way out: written, approved, queued, taken back; each once, and to who wrote the message only."""

import hashlib
from collections.abc import Callable, Mapping
from typing import Any

import msgspec
import sqlalchemy as sa

from gehoor.core.clock import SECOND_US
from gehoor.core.errors import SettingError
from gehoor.core.outbox import again, emit, settle_entry
from gehoor.core.reply import Reply, asked_address, reply_channel
from gehoor.core.settings import Settings, load
from gehoor.core.store import put
from gehoor.core.tables.conversation import conversation_post
from gehoor.core.tables.desk import desk_note, desk_reply
from gehoor.core.tables.ledger import outbox
from gehoor.run.desk_acting import Acting, Ask
from gehoor.run.repliers import limit_of

__all__ = ["REPLIES", "UNDO_US", "addressed"]

UNDO_US = 10 * SECOND_US
"""As long an answer can be taken back."""

_COLUMNS = "seq, id, object, channel, heard_by, visibility, actor, actor_name, language, properties"
_BEFORE = 20
_MOST_WORDS = 100_000


def _reply(acting: Acting) -> dict[str, Any]:
    """Queue an answer; where the workspace wants a second pair of eyes, it waits for them."""
    return _written(acting, "queued")


def _ask(acting: Acting) -> dict[str, Any]:
    """Write an answer that somebody else is to approve."""
    return _written(acting, "asked")


def _written(acting: Acting, state: str) -> dict[str, Any]:
    home, ask = acting.home(), acting.ask
    if not ask.text.strip():
        raise SettingError("An answer has words.")
    if ask.once and (known := _known(acting, home)):
        return known
    row = acting.heard(home)
    seen = (ask.seen.last_seq, ask.seen.version) if ask.seen else None
    if row is None or seen != (row.last_seq, acting.state(home)["version"]):
        return acting.changed(home, seen[0] if seen else 0)
    reply, replier = addressed(acting, home)
    if load(acting.owner.root).desk.is_checked(reply.channel, acting.state(home)["need"] or row.need):
        state = "asked"
    key = _once_key(ask) if ask.once else f"reply/{home}/{ask.to_seq}/{seen[1]}"
    not_before = acting.now + UNDO_US if state == "queued" else 0
    if state == "queued" and not emit(acting.tx, key, replier, msgspec.json.encode(reply), not_before):
        return acting.changed(home, seen[0])
    values = {"conversation": home, "to_seq": ask.to_seq, "at": acting.now, "said_by": ask.said_by, "state": state,
              "approved_by": None, "not_before": not_before, "text": ask.text, "language": reply.language,
              "channel": reply.channel, "drafted_from": "|".join(ask.drafted_from)}  # fmt: skip
    put(acting.tx, desk_reply, key=key, **values)
    _drop_draft(acting, home)
    detail = {"key": key, "to_seq": ask.to_seq, "last_seq": row.last_seq, "elsewhere": ask.is_elsewhere}
    version = acting.write(home, "reply" if state == "queued" else "ask", detail)
    return {"key": key, "state": state, "not_before": not_before, "version": version}


def _once_key(ask: Ask) -> str:
    """Return the key of an answer that a program named; of each member their own names."""
    digest = hashlib.blake2b(f"{ask.said_by}/{ask.once}".encode("utf-8", "replace"), digest_size=12)
    return f"reply/once/{digest.hexdigest()}"


def _known(acting: Acting, home: int) -> dict[str, Any] | None:
    """Return what became of an answer that a program sends once more; None where it is the first time."""
    ask = acting.ask
    row = acting.tx.execute(sa.select(desk_reply).where(desk_reply.c.key == _once_key(ask))).first()
    if row is None:
        return None
    if (acting.home(row.conversation), row.text) != (home, ask.text):
        return {"refused": "other_words", "key": row.key}
    version = acting.state(home)["version"]
    return {"key": row.key, "state": row.state, "not_before": row.not_before, "version": version}


def addressed(acting: Acting, home: int, settings: Settings | None = None) -> tuple[Reply, str]:
    """Return the answer to a message of this conversation, to its channel, account and actor and no other.

    Raises
    ------
    SettingError
        It cannot be answered from here, or the text is too long.
    """
    table, ask = conversation_post, acting.ask
    mine = sa.select(table.c.seq, table.c.direction).where(table.c.conversation == home, table.c.was == "")
    posts = acting.tx.execute(mine.order_by(table.c.at, table.c.seq)).all()
    if ask.to_seq not in {post.seq for post in posts if post.direction == "in"}:
        raise SettingError("That message is gone, or is not of this conversation: answer one that is there.")
    segments = acting.owner.projector.ledger.segments
    rows = {row[0]: row for row in segments.select(_COLUMNS, [post.seq for post in posts])}
    to = rows.get(ask.to_seq)
    if to is None:
        raise SettingError("That message is older than what the ledger keeps: it cannot be answered from here.")
    _, id_, object_, channel, heard_by, visibility, actor, name, language, properties = to
    before = [row[2] or row[1] for seq, row in rows.items() if row[3] == channel and seq <= ask.to_seq]
    reply = Reply(
        conversation=home,
        channel=channel,
        to=object_ or id_,
        to_actor=actor,
        to_name=name,
        address=_elsewhere(ask, asked_address(properties, actor)),
        before=tuple(before[-_BEFORE:]),
        title=_title(properties),
        text=ask.text,
        language=ask.language or language,
        visibility=visibility,
        at=acting.now,
        said_by=ask.said_by,
    )
    return reply, _replier(acting, reply, heard_by, settings or load(acting.owner.root))


def _elsewhere(ask: Ask, asked: str | None) -> str | None:
    """Return the address that the answered message itself asked for, where somebody chose it."""
    if ask.is_elsewhere and asked is None:
        raise SettingError("That message asked for no other address: answer who wrote it.")
    return asked if ask.is_elsewhere else None


def _title(properties: str | None) -> str | None:
    """Return the subject of what is answered, where it has one."""
    said = msgspec.json.decode(properties) if properties else {}
    subject = said.get("subject") if isinstance(said, dict) else None
    return subject if isinstance(subject, str) else None


def _replier(acting: Acting, reply: Reply, heard_by: str | None, settings: Settings) -> str:
    """Return what the outbox calls the replier of a message: that of the account that heard it."""
    limit = limit_of(settings, reply.channel, heard_by, acting.owner.clock)
    length = limit.length(reply.text)
    if limit.most is not None and length > limit.most:
        raise SettingError(f"That is {length - limit.most} characters too long: {reply.channel} takes {limit.most}.")
    return reply_channel(limit.replier)


def _approve(acting: Acting) -> dict[str, Any]:
    """Let an answer of a colleague leave, unless something came since it was written."""
    home, row = _of_key(acting, "asked")
    if row.said_by == acting.ask.said_by:
        raise SettingError("Somebody else approves it: four eyes see more than two.")
    asked = _asked(acting, row)
    newer = acting.changed(home, asked.last_seq or row.to_seq)
    if newer["new"]:
        return newer
    wanted = {"to_seq": row.to_seq, "text": row.text, "language": row.language}
    acting.ask = msgspec.structs.replace(acting.ask, **wanted, is_elsewhere=asked.elsewhere)
    reply, replier = addressed(acting, home)
    reply, not_before = msgspec.structs.replace(reply, said_by=row.said_by), acting.now + UNDO_US
    if not emit(acting.tx, row.key, replier, msgspec.json.encode(reply), not_before):
        return acting.changed(home, row.to_seq)
    _set(acting, row.key, state="queued", approved_by=acting.ask.said_by, not_before=not_before)
    version = acting.write(home, "approve", {"key": row.key})
    return {"key": row.key, "state": "queued", "not_before": not_before, "version": version}


def _decline(acting: Acting) -> dict[str, Any]:
    """Hand an answer back to who wrote it, with a note that says why."""
    home, row = _of_key(acting, "asked")
    ask = acting.ask
    if row.said_by == ask.said_by:
        raise SettingError("It is your own: take it back instead.")
    if not ask.text.strip():
        raise SettingError("Say why, so that whoever wrote it can go on.")
    _set(acting, row.key, state="taken_back")
    note = {"conversation": home, "at": acting.now, "said_by": ask.said_by, "text": ask.text.strip()[:_MOST_WORDS]}
    acting.tx.execute(sa.insert(desk_note).values(**note, mentions=f"|{row.said_by}|"))
    version = acting.write(home, "decline", {"key": row.key, "to": row.said_by})
    return {"key": row.key, "version": version}


class _Asked(msgspec.Struct, frozen=True):
    """What stands in the line of an answer that waits for somebody else: the last message seen, and where it goes."""

    last_seq: int = 0
    elsewhere: bool = False


def _asked(acting: Acting, row: Any) -> _Asked:
    sql = "SELECT detail FROM desk_event WHERE act = 'ask' AND conversation = ? AND json_extract(detail, '$.key') = ?"
    found = acting.tx.exec_driver_sql(sql, (row.conversation, row.key)).scalar()
    return msgspec.json.decode(found, type=_Asked) if found else _Asked()


def _take_back(acting: Acting) -> dict[str, Any]:
    """Keep an answer from leaving; where it is on its way already, say so."""
    home, row = _of_key(acting, "queued", "asked")
    mine = sa.and_(outbox.c.key == row.key, outbox.c.state == "waiting", outbox.c.n_tries == 0)
    taken = acting.tx.execute(sa.delete(outbox).where(mine)).rowcount
    if row.state == "queued" and not taken:
        return {"refused": "on_its_way", "key": row.key}
    _set(acting, row.key, state="taken_back")
    version = acting.write(home, "take_back", {"key": row.key})
    return {"key": row.key, "text": row.text, "to_seq": row.to_seq, "version": version}


def _retry(acting: Acting) -> dict[str, Any]:
    """Send once more what failed, or may have arrived: a person looked and decides so."""
    home, row = _of_key(acting, "failed", "unknown")
    if not again(acting.tx, row.key):
        raise SettingError("It is not in the outbox any more: write it anew.")
    _set(acting, row.key, state="queued")
    return {"key": row.key, "version": acting.write(home, "retry", {"key": row.key})}


def _settle(acting: Acting) -> dict[str, Any]:
    """Note what a person found: it arrived, or it did not."""
    home, row = _of_key(acting, "failed", "unknown")
    state: Any = "sent" if acting.ask.arrived else "failed"
    settle_entry(acting.tx, row.key, state, f"{acting.ask.said_by} looked.")
    _set(acting, row.key, state=state)
    return {"key": row.key, "version": acting.write(home, "settle", {"key": row.key, "state": state})}


def _draft(acting: Acting) -> dict[str, Any]:
    """Keep what somebody is writing; nothing: let go of it."""
    home, ask = acting.home(), acting.ask
    _drop_draft(acting, home)
    if not ask.text.strip():
        return {}
    row = acting.heard(home)
    values = {"conversation": home, "to_seq": ask.to_seq, "at": acting.now, "said_by": ask.said_by, "state": "draft",
              "not_before": 0, "text": ask.text[:_MOST_WORDS], "language": ask.language,
              "channel": row.channel if row else "", "drafted_from": "|".join(ask.drafted_from)}  # fmt: skip
    put(acting.tx, desk_reply, key=_draft_key(acting, home), **values)
    return {"key": _draft_key(acting, home)}


def _draft_key(acting: Acting, home: int) -> str:
    return f"draft/{home}/{acting.ask.said_by}"


def _drop_draft(acting: Acting, home: int) -> None:
    acting.tx.execute(sa.delete(desk_reply).where(desk_reply.c.key == _draft_key(acting, home)))


def _of_key(acting: Acting, *states: str) -> tuple[int, Any]:
    row = acting.tx.execute(sa.select(desk_reply).where(desk_reply.c.key == acting.ask.key)).first()
    if row is None or row.state not in states:
        said = "there is none" if row is None else f"it is {row.state}"
        raise SettingError(f"That cannot be done with this answer now: {said}.")
    return acting.home(row.conversation), row


def _set(acting: Acting, key: str, **values: Any) -> None:
    acting.tx.execute(sa.update(desk_reply).where(desk_reply.c.key == key).values(**values))


REPLIES: Mapping[str, Callable[[Acting], dict[str, Any]]] = {
    "reply": _reply, "ask": _ask, "approve": _approve, "take_back": _take_back, "retry": _retry, "settle": _settle,
    "draft": _draft, "decline": _decline,
}  # fmt: skip
