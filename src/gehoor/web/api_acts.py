"""The API of the desk, as it is written: acts, notes, answers and snippets, each in the name of the token's member."""

import asyncio
from collections.abc import Mapping
from typing import Annotated, Any

import msgspec
from litestar import Response
from litestar.exceptions import HTTPException
from litestar.params import HeaderParameter, JSONBody

from gehoor.core.desk import Conversation, Seen
from gehoor.core.errors import SettingError
from gehoor.core.rights import Right
from gehoor.web.api_desk import found, version_of
from gehoor.web.api_routes import Number, tagged, writes
from gehoor.web.api_trouble import Changed, Unsaid
from gehoor.web.api_types import Act, Done, NewNote, NewReply, NewSnippet, Queued, Snippet, micros, told
from gehoor.web.conversation_decisions import theirs
from gehoor.web.desk_of import desk_of
from gehoor.web.desk_repliers import answered_of
from gehoor.web.frame import Ask, Frame, frame_of

__all__ = ["API_ACTS"]

_RIGHTS: dict[str, Right] = dict.fromkeys(("label", "priority", "need", "talk"), "desk.note")
_MOVED = ("merge", "split", "talk")
_MAY_SEE = "The ETag of the conversation as you read it; with it, nothing is done when it changed since."
_KEY = "A name of your own for this answer: sent twice under one name, it leaves once."

IfMatch = Annotated[str, HeaderParameter(name="If-Match", max_length=60, description=_MAY_SEE)]
Once = Annotated[str, HeaderParameter(name="Idempotency-Key", max_length=200, description=_KEY)]


@writes("/conversations/{conversation:int}/acts", "conversations")
async def act(request: Ask, conversation: Number, data: JSONBody[Act], seen: IfMatch = "") -> Response[Done]:
    """Take, give, resolve, snooze, label, rank, merge or split a conversation, or note a talk in it."""
    frame = frame_of(request)
    whole = await found(frame, conversation)
    theirs(frame, whole, _right(frame, data))
    asked = {"conversation": whole.id, **_arguments(data)}
    if data.act == "merge":
        other = await found(frame, data.other)
        theirs(frame, other, "desk.answer")
        asked["other"] = other.id
    if seen:
        asked["version"] = _seen(seen, whole).version
    return await _done(frame, data.act, asked, whole)


@writes("/conversations/{conversation:int}/notes", "conversations")
async def note(request: Ask, conversation: Number, data: JSONBody[NewNote]) -> Response[Done]:
    """Write a note that only the team sees."""
    frame = frame_of(request)
    whole = await found(frame, conversation)
    theirs(frame, whole, "desk.note")
    mentions = [one.id for one in frame.site.team.members() if one.is_active and f"@{one.name}" in data.text]
    return await _done(frame, "note", {"conversation": whole.id, "text": data.text, "mentions": mentions}, whole)


@writes("/conversations/{conversation:int}/replies", "conversations", 202)
async def reply(
    request: Ask, conversation: Number, data: JSONBody[NewReply], seen: IfMatch = "", once: Once = ""
) -> Response[Queued]:
    """Answer a message. It leaves ten seconds later; until then the inbox can take it back.

    `If-Match` must say which conversation was read: an answer never passes a message that nobody read.
    """
    frame = frame_of(request)
    whole = await found(frame, conversation)
    theirs(frame, whole, "desk.answer")
    if not seen:
        raise Unsaid
    to = data.to or await asyncio.to_thread(_to, frame, whole)
    asked = {"conversation": whole.id, "text": data.text, "to_seq": to, "language": data.language,
             "seen": msgspec.to_builtins(_seen(seen, whole)), "once": once, "is_elsewhere": data.elsewhere}  # fmt: skip
    answer = await _asked(frame, "reply", asked)
    if answer.get("refused") == "other_words":
        raise HTTPException(status_code=409)
    version = f"{_last(whole)}.{answer['version']}"
    leaves = answer["not_before"] or None
    queued = told(_Answer(answer["key"], answer["state"], leaves), Queued, version=version)
    return tagged(queued, version, 202)


@writes("/snippets", "conversations")
async def keep_snippet(request: Ask, data: JSONBody[NewSnippet]) -> Snippet:
    """Keep a canned reply, in the place of the one of its name and language."""
    frame = frame_of(request)
    await _asked(frame, "snippet", {**msgspec.to_builtins(data), "need": data.need or ""})
    kept = (data.name.strip()[:80], data.language)
    known = {(one.name, one.language): one for one in desk_of(frame).snippets()}
    if kept not in known:
        raise SettingError("The canned reply was changed by somebody else just now.")
    return told(known[kept], Snippet)


API_ACTS = [act, note, reply, keep_snippet]


class _Answer(msgspec.Struct, frozen=True):
    key: str
    state: str
    leaves_at: int | None


def _right(frame: Frame, data: Act) -> Right:
    is_other = data.act == "assign" and data.assignee not in (None, frame.member.id)
    return "desk.assign" if is_other or data.act == "team" else _RIGHTS.get(data.act, "desk.answer")


def _arguments(data: Act) -> dict[str, Any]:
    """Return what the desk takes of an act."""
    known: dict[str, dict[str, Any]] = {
        "assign": {"assignee": data.assignee}, "team": {"team": data.team}, "priority": {"priority": data.priority},
        "status": {"status": data.status, "until": micros(data.until)}, "need": {"need": data.need},
        "label": {"add": data.add, "remove": data.remove}, "split": {"other": data.other},
        "talk": {"channel": data.channel, "text": data.text},
    }  # fmt: skip
    return known.get(data.act, {})


def _seen(tag: str, whole: Conversation) -> Seen:
    """Return what an If-Match says was seen; `*` is whatever is there now."""
    last, _, version = tag.strip().removeprefix("W/").strip('"').partition(".")
    if tag.strip() == "*" and whole.row is not None:
        return whole.row.seen
    if not (last.isdecimal() and version.isdecimal() and len(tag) <= 40):
        raise Changed
    return Seen(last_seq=int(last) % 2**62, version=int(version) % 2**62)


def _to(frame: Frame, whole: Conversation) -> int:
    """Return which message an answer goes to where none is named: as on the page."""
    last, _ = answered_of(frame.site, whole.messages)
    return last.seq if last is not None else 0


def _last(whole: Conversation) -> int:
    return whole.row.seen.last_seq if whole.row is not None else 0


async def _done(frame: Frame, act: str, arguments: Mapping[str, Any], whole: Conversation) -> Response[Done]:
    answer = await _asked(frame, act, arguments)
    if act in _MOVED:  # its messages are others now
        whole = await found(frame, answer.get("conversation", whole.id))
    version = version_of(Seen(last_seq=_last(whole), version=answer["version"]))
    return tagged(Done(version=version, conversation=whole.id), version)


async def _asked(frame: Frame, act: str, arguments: Mapping[str, Any]) -> dict[str, Any]:
    """Ask the owner for an act of the desk.

    Raises
    ------
    Changed
        Something came since it was seen.
    """
    answer = await frame.site.owner.call("desk", act=act, arguments={**arguments, "said_by": frame.member.id})
    if answer.get("refused") == "conversation_changed":
        raise Changed
    return dict(answer)
