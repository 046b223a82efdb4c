"""What people decide of a conversation: whose it is, how it stands, what it is about, what they note beside it."""

from collections.abc import Callable, Mapping
from typing import Any

import sqlalchemy as sa

from gehoor.answer.conversations import Conversations
from gehoor.core.clock import DAY_US
from gehoor.core.desk import STATUSES
from gehoor.core.errors import SettingError
from gehoor.core.judgement import check_judgement
from gehoor.core.store import put
from gehoor.core.tables.desk import desk_note, desk_tie
from gehoor.run.desk_acting import Acting

__all__ = ["ACTS"]

_LONGEST_US = 400 * DAY_US
_WORDS, _LABEL = 20_000, 60


def _take(acting: Acting) -> dict[str, Any]:
    return _assign_to(acting, acting.ask.said_by)


def _assign(acting: Acting) -> dict[str, Any]:
    return _assign_to(acting, acting.ask.assignee or None)


def _assign_to(acting: Acting, assignee: str | None) -> dict[str, Any]:
    home = acting.home()
    if refused := acting.refusal(home):
        return refused
    before = acting.state(home)["assignee"]
    version = acting.write(home, "assign", {"from": before, "to": assignee}, assignee=assignee)
    return {"version": version, "before": {"assignee": before}}


def _team(acting: Acting) -> dict[str, Any]:
    home, team = acting.home(), acting.ask.team or None
    if refused := acting.refusal(home):
        return refused
    state = acting.state(home)
    # who had it is of the other team as a rule: it comes to this one as nobody's, for who is on duty there
    version = acting.write(home, "team", {"from": state["team"], "to": team}, team=team, assignee=acting.ask.assignee)
    return {"version": version, "before": {"team": state["team"], "assignee": state["assignee"]}}


def _status(acting: Acting) -> dict[str, Any]:
    home, status, until = acting.home(), acting.ask.status, acting.ask.until
    if status not in STATUSES:
        raise SettingError(f"A conversation is {', '.join(STATUSES)}; not {status[:20]!r}.")
    if status == "snoozed" and (until is None or not acting.now < until < acting.now + _LONGEST_US):
        raise SettingError("Say until when it sleeps: a moment that is still to come, within a year.")
    if refused := acting.refusal(home):
        return refused
    state = acting.state(home)
    wakes = until if status == "snoozed" else None
    detail = {"status": status, "seq": acting.seq, "until": wakes, "from": state["status"]}
    values = {"status": status, "status_at": acting.now, "status_seq": acting.seq, "snoozed_until": wakes}
    version = acting.write(home, "status", detail, **values)
    return {"version": version, "before": {"status": state["status"], "until": state["snoozed_until"]}}


def _label(acting: Acting) -> dict[str, Any]:
    home, ask = acting.home(), acting.ask
    before = [label for label in acting.state(home)["labels"].split("|") if label]
    add = [label.strip().replace("|", " ")[:_LABEL] for label in ask.add]
    labels = [label for label in before if label not in ask.remove]
    labels += [label for label in add if label and label not in labels]
    kept = f"|{'|'.join(labels)}|" if labels else ""
    version = acting.write(home, "label", {"add": add, "remove": list(ask.remove)}, labels=kept)
    return {"version": version, "before": {"labels": before}}


def _priority(acting: Acting) -> dict[str, Any]:
    home, wanted = acting.home(), acting.ask.priority
    if wanted not in (-1, 0, 1):
        raise SettingError("A conversation comes earlier (1), later (-1) or as we thought (0).")
    before = acting.state(home)["priority"]
    version = acting.write(home, "priority", {"from": before, "to": wanted}, priority=wanted)
    return {"version": version, "before": {"priority": before}}


def _need(acting: Acting) -> dict[str, Any]:
    home, wanted = acting.home(), acting.ask.need
    check_judgement("need", wanted)
    before = acting.state(home)["need"]
    row = acting.heard(home)
    detail = {"from": before, "to": wanted, "judged": row.need if row else None}
    version = acting.write(home, "need", detail, need=wanted or None)
    return {"version": version, "before": {"need": before or ""}}


def _note(acting: Acting) -> dict[str, Any]:
    home, ask = acting.home(), acting.ask
    text = ask.text.strip()[:_WORDS]
    if not text:
        raise SettingError("A note has words.")
    mentions = f"|{'|'.join(ask.mentions)}|" if ask.mentions else ""
    values = {"conversation": home, "at": acting.now, "said_by": ask.said_by, "text": text, "mentions": mentions}
    done = acting.tx.execute(sa.insert(desk_note).values(**values)).inserted_primary_key
    id_ = int(done[0]) if done else 0
    return {"id": id_, "version": acting.write(home, "note", {"note": id_, "mentions": list(ask.mentions)})}


def _drop_note(acting: Acting) -> dict[str, Any]:
    """Take a note back; only who wrote it may."""
    home, ask = acting.home(), acting.ask
    mine = sa.and_(desk_note.c.id == ask.id, desk_note.c.said_by == ask.said_by)
    text = acting.tx.execute(sa.select(desk_note.c.text).where(mine)).scalar()
    if text is None:
        raise SettingError("That is no note of yours.")
    acting.tx.execute(sa.delete(desk_note).where(mine))
    return {"version": acting.write(home, "drop_note", {"note": ask.id}), "before": {"text": text}}


def _merge(acting: Acting) -> dict[str, Any]:
    """Put two conversations together; what was decided of the one that is named first holds."""
    home, other = acting.home(), acting.home(acting.ask.other)
    if home == other:
        raise SettingError("They are one conversation already.")
    state = acting.state(home)
    put(acting.tx, desk_tie, conversation=other, into=home, at=acting.now)
    acting.note(other, "merge", {"into": home})
    now = _placed_anew(acting, (home, other))
    values = {name: state[name] for name in state if name not in ("conversation", "version")}
    version = acting.write(now, "merge", {"other": other}, **values)
    return {"conversation": now, "version": version, "before": {"other": other}}


def _split(acting: Acting) -> dict[str, Any]:
    """Take apart what people put together; or let a message, and what answers it, be a conversation of its own."""
    home, other = acting.home(), acting.ask.other
    tied = acting.tx.execute(sa.select(desk_tie.c.into).where(desk_tie.c.conversation == other)).scalar()
    if tied is not None and tied != other:
        acting.tx.execute(sa.delete(desk_tie).where(desk_tie.c.conversation == other))
    elif tied is None and acting.home(other) == home:
        put(acting.tx, desk_tie, conversation=other, into=other, at=acting.now)
    else:
        raise SettingError("That is no message of this conversation.")
    now = _placed_anew(acting, (home,))
    version = acting.write(now, "split", {"other": other})
    return {"conversation": acting.home(other), "version": version, "before": {"other": other}}


def _join(acting: Acting) -> dict[str, Any]:
    """Take back that a message is a conversation of its own."""
    home, other = acting.home(), acting.ask.other
    acting.tx.execute(sa.delete(desk_tie).where(desk_tie.c.conversation == other, desk_tie.c.into == other))
    now = _placed_anew(acting, (home, acting.home(other)))
    return {"conversation": now, "version": acting.write(now, "join", {"other": other})}


def _placed_anew(acting: Acting, homes: tuple[int, ...]) -> int:
    projector = acting.owner.projector
    for projection in projector.projections:
        if isinstance(projection, Conversations):
            projection.decided(acting.tx, projector.ledger.last_seq, homes)
    return acting.home(homes[0])


ACTS: Mapping[str, Callable[[Acting], dict[str, Any]]] = {
    "take": _take, "assign": _assign, "team": _team, "status": _status, "label": _label, "priority": _priority,
    "need": _need, "note": _note, "drop_note": _drop_note, "merge": _merge, "split": _split, "join": _join,
}  # fmt: skip
