"""One answer to everybody of a case: written, approved, paused and taken back as one, sent to each once and in time."""

import re
from collections.abc import Callable, Mapping
from typing import Any, NamedTuple

import msgspec
import sqlalchemy as sa

from gehoor.answer.drafts import filled
from gehoor.core.case import ANSWERED, MOST, PAUSED, key_before
from gehoor.core.errors import SettingError
from gehoor.core.outbox import emit
from gehoor.core.reply import Reply
from gehoor.core.settings import Settings, load
from gehoor.core.store import put
from gehoor.core.tables.desk import desk_event, desk_reply
from gehoor.run.case_pace import Pace, hold, waiting_keys
from gehoor.run.desk_acting import Acting
from gehoor.run.desk_reply import addressed

__all__ = ["CASES", "words_to"]

_ORDER = re.compile(r"\{order\}")
_EMPTY_NAME = re.compile(r"[ \t]+([,.!?])")
_UNSPOKEN = ("@", "did:")


class _Wanted(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What is said to all: texts by language, as of when the case was seen, and the name under which it is said."""

    case: int
    texts: dict[str, str] = {}
    as_of: str = ""
    agent: str = ""


class _Known(NamedTuple):
    """What holds for all: the settings, and as of when the case was seen."""

    settings: Settings
    since: tuple[int, int]


class _Ready(NamedTuple):
    """An answer that can leave."""

    acting: Acting
    key: str
    reply: Reply
    replier: str
    is_checked: bool


def words_to(text: str, name: str | None, agent: str) -> str:
    """Return the words to one person; who has no name that people say is called by none.

    Examples
    --------
    >>> words_to("Dag {name}, sorry.", "An", "Jan"), words_to("Dag {name}, sorry.", "@an@example.org", "Jan")
    ('Dag An, sorry.', 'Dag, sorry.')
    """
    called = "" if name is None or name.startswith(_UNSPOKEN) or "://" in name else name
    known = {"name": called, "naam": called, "agent": agent, "me": agent, "ik": agent}
    said = filled(text, known).strip()
    return said if called else _EMPTY_NAME.sub(r"\1", said)


def _answer(acting: Acting) -> dict[str, Any]:
    """Write one answer to each conversation as it was seen; those that changed since are left out and named."""
    wanted = _wanted(acting)
    texts = {language: text.strip() for language, text in wanted.texts.items() if text.strip()}
    if not texts:
        raise SettingError("An answer has words.")
    if any(_ORDER.search(text) for text in texts.values()):
        raise SettingError("An answer to all knows {name} and {agent}; not {order}.")
    wanted = msgspec.structs.replace(wanted, texts=texts)
    settings, since = load(acting.owner.root), _since(wanted.as_of)
    answered = {row[0] for row in acting.tx.execute(ANSWERED)}
    ready, left = list[_Ready](), list[tuple[int, str]]()
    for id_ in list(dict.fromkeys(acting.ask.conversations))[:MOST]:
        found = "changed" if id_ in answered else _ready(acting, wanted, id_, _Known(settings, since))
        if isinstance(found, str):
            left.append((id_, found))
        else:
            ready.append(found)
    is_checked = any(one.is_checked for one in ready)
    pace = Pace(acting.tx, acting.now, settings.desk.case_per_minute)
    for one in ready:
        _write(one, 0 if is_checked else pace.next(one.replier), is_checked=is_checked)
    acting.note(0, "answer_case", {"case": wanted.case, "n": len(ready), "left_out": left})
    return {"n": len(ready), "state": "asked" if is_checked else "queued", "left_out": left}


def _ready(acting: Acting, wanted: _Wanted, id_: int, known: _Known) -> _Ready | str:
    """Return the answer to one conversation, or why it gets none."""
    one = Acting(acting.owner, acting.tx, msgspec.structs.replace(acting.ask, conversation=id_, conversations=()))
    home = one.home()
    row = one.heard(home)
    if (
        row is None
        or home != id_
        or row.waiting_since is None
        or _changed(one, row, known.since)
        or not _is_of(one, row)
    ):
        return "changed"
    text = wanted.texts.get(row.language or "und")
    if text is None:
        return "language"
    said = words_to(text, row.name, wanted.agent)
    one.ask = msgspec.structs.replace(one.ask, to_seq=row.last_in_seq, text=said, language=row.language)
    try:
        reply, replier = addressed(one, home, known.settings)
    except SettingError:
        return "way"
    state = one.state(home)
    key = f"{key_before(wanted.case)}{home}/{row.last_in_seq}/{state['version']}"
    is_checked = known.settings.desk.is_checked(reply.channel, state["need"] or row.need)
    return _Ready(one, key, reply, replier, is_checked)


def _is_of(acting: Acting, row: Any) -> bool:
    """Tell whether the last message of a conversation is of the case, now."""
    case = acting.ask.arguments["case"]
    sql = (
        "SELECT 1 FROM topic_post p JOIN topic t ON t.id = p.topic WHERE p.seq = ? AND coalesce(t.merged_into, t.id) = "
        "(SELECT coalesce(merged_into, id) FROM topic WHERE id = ?)"
    )
    return acting.tx.exec_driver_sql(sql, (row.last_in_seq, case)).first() is not None


def _changed(acting: Acting, row: Any, since: tuple[int, int]) -> bool:
    """Tell whether something was said or done in a conversation since a version of the desk."""
    last = sa.select(sa.func.max(desk_event.c.id)).where(desk_event.c.conversation == row.id)
    return row.changed > since[0] or (acting.tx.execute(last).scalar() or 0) > since[1]


def _write(one: _Ready, not_before: int, *, is_checked: bool) -> None:
    """Write one answer, and let it wait for its turn or for a second pair of eyes."""
    acting, reply = one.acting, one.reply
    if not is_checked:
        emit(acting.tx, one.key, one.replier, msgspec.json.encode(reply), not_before)
    values = {"conversation": reply.conversation, "to_seq": acting.ask.to_seq, "at": acting.now,
              "said_by": acting.ask.said_by, "state": "asked" if is_checked else "queued", "approved_by": None,
              "not_before": not_before, "text": reply.text, "language": reply.language, "channel": reply.channel,
              "drafted_from": ""}  # fmt: skip
    put(acting.tx, desk_reply, key=one.key, **values)
    detail = {"key": one.key, "to_seq": acting.ask.to_seq}
    acting.write(reply.conversation, "ask" if is_checked else "reply", detail)


def _approve(acting: Acting) -> dict[str, Any]:
    """Let all answers of a colleague to a case leave, but those past which something came."""
    wanted = _wanted(acting)
    rows, left, n = _rows(acting, wanted.case, "asked"), list[tuple[int, str]](), 0
    if any(row.said_by == acting.ask.said_by for row in rows):
        raise SettingError("Somebody else approves it: four eyes see more than two.")
    settings = load(acting.owner.root)
    pace = Pace(acting.tx, acting.now, settings.desk.case_per_minute)
    for row in rows:
        asked = msgspec.structs.replace(
            acting.ask, conversation=row.conversation, to_seq=row.to_seq, text=row.text, language=row.language
        )
        one = Acting(acting.owner, acting.tx, asked)
        if not _stands(one, row):
            _set(acting, row.key, state="taken_back")
            left.append((row.conversation, "changed"))
            continue
        reply, replier = addressed(one, row.conversation, settings)
        reply, not_before = msgspec.structs.replace(reply, said_by=row.said_by), pace.next(replier)
        emit(acting.tx, row.key, replier, msgspec.json.encode(reply), not_before)
        _set(acting, row.key, state="queued", approved_by=acting.ask.said_by, not_before=not_before)
        one.write(row.conversation, "approve", {"key": row.key})
        n += 1
    acting.note(0, "answer_case", {"case": wanted.case, "n": n, "left_out": left})
    return {"n": n, "state": "queued", "left_out": left}


def _stands(acting: Acting, row: Any) -> bool:
    """Tell whether a conversation is as it was when its answer was written."""
    heard = acting.heard(row.conversation)
    is_waiting = heard is not None and heard.waiting_since is not None and heard.last_in_seq == row.to_seq
    written = int(row.key.rpartition("/")[2])
    return is_waiting and acting.state(row.conversation)["version"] == written + 1


def _take_back(acting: Acting) -> dict[str, Any]:
    """Keep all answers to a case from leaving: until the first left, or while it is paused what is left of it."""
    wanted = _wanted(acting)
    rows = [*_rows(acting, wanted.case, "queued"), *_rows(acting, wanted.case, "asked")]
    waiting = waiting_keys(acting.tx, wanted.case)
    gone = [row for row in rows if row.state == "queued" and row.key not in waiting]
    begun = rows and _has_left(acting, wanted.case, max(row.at for row in rows))
    is_paused = any(row.not_before == PAUSED for row in rows)
    if (gone or begun) and not is_paused:
        return {"refused": "on_its_way", "n": 0}
    mine = [row for row in rows if row not in gone]
    for row in mine:
        acting.tx.exec_driver_sql("DELETE FROM outbox WHERE key = ?", (row.key,))
        _set(acting, row.key, state="taken_back")
        acting.write(row.conversation, "take_back", {"key": row.key})
    return {"n": len(mine)}


def _has_left(acting: Acting, case: int, at: int) -> bool:
    left = [row for state in ("sent", "unknown", "failed") for row in _rows(acting, case, state)]
    return any(row.at == at for row in left)


def _pause(acting: Acting) -> dict[str, Any]:
    """Let nothing of a case leave until somebody says so."""
    return {"n": hold(acting.tx, _wanted(acting).case)}


def _go_on(acting: Acting) -> dict[str, Any]:
    """Let what was paused leave, at its pace."""
    pace = Pace(acting.tx, acting.now, load(acting.owner.root).desk.case_per_minute)
    return {"n": pace.spread(_wanted(acting).case)}


def _wanted(acting: Acting) -> _Wanted:
    try:
        return msgspec.convert(acting.ask.arguments, _Wanted)
    except msgspec.ValidationError as error:
        raise SettingError(f"The desk cannot read what is asked: {error}.") from None


def _since(as_of: str) -> tuple[int, int]:
    heard, _, act = as_of.partition(".")
    if not (heard.isdecimal() and act.isdecimal()):
        raise SettingError("Say as of when the case was seen.")
    return int(heard), int(act)


def _rows(acting: Acting, case: int, state: str) -> list[Any]:
    """Return the answers to a case that are in a state, in the order in which they leave."""
    table, before = desk_reply, key_before(case)
    mine = sa.and_(table.c.key >= before, table.c.key < before + "~", table.c.state == state)
    return list(acting.tx.execute(sa.select(table).where(mine).order_by(table.c.not_before, table.c.key)))


def _set(acting: Acting, key: str, **values: Any) -> None:
    acting.tx.execute(sa.update(desk_reply).where(desk_reply.c.key == key).values(**values))


CASES: Mapping[str, Callable[[Acting], dict[str, Any]]] = {
    "answer_case": _answer, "approve_case": _approve, "take_back_case": _take_back, "pause_case": _pause,
    "go_on_case": _go_on,
}  # fmt: skip
