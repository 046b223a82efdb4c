"""What the team does at the desk: each act in one transaction with its line, on the writer's thread."""

from collections.abc import Sequence
from functools import partial
from typing import Any

import msgspec
import sqlalchemy as sa

from gehoor.core.desk_query import Asked, read_view
from gehoor.core.errors import SettingError
from gehoor.core.forget_desk import TALKS
from gehoor.core.record import Activity
from gehoor.core.tables.desk import desk_snippet, desk_view
from gehoor.run.desk_acting import Acting, Ask
from gehoor.run.desk_acts import ACTS
from gehoor.run.desk_case import CASES
from gehoor.run.desk_reply import REPLIES
from gehoor.run.desk_send import SOURCE, page_of
from gehoor.run.desk_teach import teach_need
from gehoor.run.workplace import Workplace

__all__ = ["act_on_desk"]

_MOST_AT_ONCE = 500
_IN_BULK = {"take", "assign", "team", "status", "label", "priority", "need"}
_NAME, _WORDS = 80, 20_000


async def act_on_desk(owner: Workplace, act: str, arguments: dict[str, Any]) -> Any:
    """Do one act at the desk.

    Parameters
    ----------
    act : str
        `take assign team status label priority need note drop_note merge split join draft reply ask approve decline
        take_back retry settle talk bulk view snippet answer_case approve_case take_back_case pause_case go_on_case`.
    arguments : dict
        As `run.desk_acting.Ask` has them; `said_by` is the member who decides.

    Returns
    -------
    dict
        The `version` now and what stood there `before`, by which it is undone; or `refused`, with what changed since
        it was seen.

    Raises
    ------
    SettingError
        It cannot be done, in words.
    """
    try:
        ask = msgspec.convert(arguments, Ask)
    except msgspec.ValidationError as error:
        raise SettingError(f"The desk cannot read what is asked: {error}.") from None
    if act == "talk":
        return await _talk(owner, ask)
    done = await owner.on_writer(lambda: _act(owner, act, ask))
    said = [ask.need] if act == "need" else [ask.arguments.get("need")] if ask.act == "need" else []
    if said and not done.get("refused"):
        about = ask.conversations or (ask.conversation,)
        await owner.on_writer(partial(_teach, owner, about, said[0] or ""))
    return done


def _teach(owner: Workplace, about: Sequence[int], need: str) -> None:
    for conversation in about:
        teach_need(owner, conversation, need)


def _act(owner: Workplace, act: str, ask: Ask) -> Any:
    owner.projector.catch_up()  # what was heard until now is seen, so that no answer crosses a message
    with owner.projector.engine.begin() as tx:
        acting = Acting(owner, tx, ask)
        if act == "bulk":
            return _bulk(acting)
        if act in _KEPT:
            return _KEPT[act](acting)
        done = ACTS.get(act) or REPLIES.get(act) or CASES.get(act)
        if done is None:
            raise SettingError(
                f"The desk knows no {act!r}. Known: {', '.join((*ACTS, *REPLIES, *CASES, *_KEPT, 'bulk'))}."
            )
        if ask.version is not None and (refused := acting.refusal(acting.home())):
            return refused
        return done(acting)


def _bulk(acting: Acting) -> dict[str, Any]:
    """Do the same with several conversations: all or none of them; undone by what each returns."""
    ask = acting.ask
    if ask.act not in _IN_BULK or not 0 < len(ask.conversations) <= _MOST_AT_ONCE:
        raise SettingError(f"With 1 to {_MOST_AT_ONCE} conversations at once one can {', '.join(sorted(_IN_BULK))}.")
    done: list[dict[str, Any]] = []
    for conversation in dict.fromkeys(ask.conversations):
        one = {"said_by": ask.said_by, **ask.arguments, "conversation": conversation}
        each = Acting(acting.owner, acting.tx, msgspec.convert(one, Ask))
        done.append({"conversation": conversation, **ACTS[ask.act](each)})
    return {"done": done}


async def _talk(owner: Workplace, ask: Ask) -> dict[str, Any]:
    """Note what was said on the phone or at the counter: a message like any, heard by the ledger."""
    if ask.channel not in TALKS or not ask.text.strip():
        raise SettingError(f"A talk was on the {' or at the '.join(TALKS)}, and has words.")
    said: Activity = await owner.on_writer(lambda: _said(owner, ask))
    await owner.hear(page_of(said))
    return await owner.on_writer(lambda: _note_talk(owner, ask, said))  # type: ignore[no-any-return]  # any value


def _said(owner: Workplace, ask: Ask) -> Activity:
    """Return the talk, in answer to the last message of the person, whoever of the team notes it."""
    owner.projector.catch_up()
    with owner.projector.engine.begin() as tx:
        acting = Acting(owner, tx, ask)
        row = acting.heard(acting.home())
    if row is None:
        raise SettingError("Nothing is left of this conversation: there is nobody to note a talk of.")
    names = "seq, channel, actor, actor_name"
    last = owner.projector.ledger.segments.select(names, [row.last_in_seq])
    _, channel, actor, name = last[0] if last else (0, ask.channel, None, None)
    now = owner.clock.now()
    return Activity(
        id=f"talk/{row.id}/{ask.said_by}/{now}",
        published=now,
        received=now,
        channel=ask.channel,
        heard_by=SOURCE,
        visibility="direct",
        actor=f"{channel}:{actor}" if actor else None,
        actor_name=name,
        text=ask.text.strip()[:_WORDS],
    )


def _note_talk(owner: Workplace, ask: Ask, said: Activity) -> dict[str, Any]:
    """Put the talk with the conversation from which it was noted."""
    owner.projector.catch_up()
    with owner.projector.engine.begin() as tx:
        seq = tx.exec_driver_sql(
            "SELECT max(seq) FROM conversation_post WHERE channel = ? AND at = ?", (said.channel, said.published)
        ).scalar()
        acting = Acting(owner, tx, msgspec.structs.replace(ask, other=seq or 0))
        home = acting.home()
        if seq is not None and acting.home(seq) != home:
            return ACTS["merge"](acting)
        return {"conversation": home, "version": acting.write(home, "talk", {"channel": said.channel})}


def _view(acting: Acting) -> dict[str, Any]:
    """Keep a view of the inbox, or drop one."""
    ask, table = acting.ask, desk_view
    if ask.drop is not None:
        mine = sa.or_(table.c.owner == ask.said_by, table.c.owner.is_(None))
        acting.tx.execute(sa.delete(table).where(table.c.id == ask.drop, mine))
        acting.note(0, "view", {"dropped": ask.drop})
        return {}
    read_view(ask.query, Asked(ask.said_by, acting.now))
    values = {"name": ask.name.strip()[:_NAME], "query": ask.query, "at": acting.now}
    owner = None if ask.is_everybodys else ask.said_by
    if not values["name"]:
        raise SettingError("A view has a name.")
    done = acting.tx.execute(sa.insert(table).values(**values, owner=owner)).inserted_primary_key
    acting.note(0, "view", {"name": values["name"]})
    return {"id": int(done[0]) if done else 0}


def _snippet(acting: Acting) -> dict[str, Any]:
    """Keep a canned reply in one language, in the place of the one of that name; or drop one."""
    ask, table = acting.ask, desk_snippet
    if ask.drop is not None:
        acting.tx.execute(sa.delete(table).where(table.c.id == ask.drop))
        acting.note(0, "snippet", {"dropped": ask.drop})
        return {}
    name, language, text = ask.name.strip()[:_NAME], ask.language or "", ask.text.strip()[:_WORDS]
    if not (name and language and text):
        raise SettingError("A canned reply has a name, a language and words.")
    same = sa.and_(table.c.name == name, table.c.language == language)
    known = acting.tx.execute(sa.select(table.c.id).where(same)).scalar()  # keeps its number: its use is counted by it
    acting.tx.execute(sa.delete(table).where(same))
    values = {"name": name, "language": language, "need": ask.need or None, "text": text, "acts": ask.acts}
    acting.tx.execute(sa.insert(table).values(**values, at=acting.now, **({"id": known} if known else {})))
    acting.note(0, "snippet", {"name": name, "language": language})
    return {"name": name}


def _export(acting: Acting) -> dict[str, Any]:
    """Note that somebody took conversations along as a file, and how many."""
    acting.note(0, "export", {"n": acting.ask.id or 0})
    return {}


_KEPT = {"view": _view, "snippet": _snippet, "export": _export}
