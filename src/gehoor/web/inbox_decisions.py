"""What somebody writes in a conversation, and what they do with several at once, or with views."""

import asyncio
from collections.abc import Mapping, Sequence
from typing import Any

import msgspec
from litestar import Response, post
from litestar.params import FromPath
from litestar.response import Redirect

from gehoor.answer.private import BLANK
from gehoor.core.desk import Conversation, Seen
from gehoor.core.desk_reader import DeskReader
from gehoor.core.errors import SettingError
from gehoor.web.conversation_box import Kept
from gehoor.web.conversation_decisions import ask_desk, path_of, theirs
from gehoor.web.decisions import form_of, redirect
from gehoor.web.desk_words import until
from gehoor.web.done import Done
from gehoor.web.frame import Ask, Frame, frame_of
from gehoor.web.inbox_pages import desk_page, found_of
from gehoor.web.snippet_pages import acts_of

__all__ = ["INBOX_DECISIONS"]

_LONGEST = 20_000
_MOST_AT_ONCE = 500
_MOST_UNDONE = 25  # what a cookie holds
_NAME = 40
_DIGITS = 18
_MOST_SOURCES = 10
_NOT_SAID = {"refused": "desk.changed.refused", "away": "done.away"}


@post("/inbox/{conversation:int}/reply", status_code=200)
async def reply(request: Ask, conversation: FromPath[int]) -> Response[str] | Redirect:
    """Let an answer leave, unless something came that was not read yet: then that is shown, and the words stay."""
    frame, form = frame_of(request), await form_of(request)
    found = await found_of(frame, conversation)
    theirs(frame, found, "desk.answer")
    text, seen, to = form.get("text", "").strip()[:_LONGEST], _seen(form.get("seen", "")), form.get("to", "")
    if not text or seen is None or not to.isdecimal() or len(to) > _DIGITS:
        return redirect(path_of(frame, form, conversation), Done(what="refused"))
    kept = Kept(text=text, seen_seq=seen.last_seq, to=int(to))
    if BLANK in text:
        why = frame.speech.say("desk.changed.blank", blank=BLANK)
        return await desk_page(frame, found, msgspec.structs.replace(kept, changed=why))
    sources = [one for one in form.get("from", "").split("|") if one][:_MOST_SOURCES]
    asked = {"conversation": conversation, "to_seq": int(to), "text": text, "seen": seen, "drafted_from": sources,
             "is_elsewhere": bool(form.get(f"elsewhere-{to}"))}  # fmt: skip
    told, answer = await ask_desk(frame, "reply", asked, Done(what="desk_sent"))
    if told.what != "desk_sent" or answer.get("refused"):
        return await _changed(frame, await found_of(frame, conversation), told, kept)
    path = path_of(frame, form, conversation)
    if answer.get("state") == "asked":
        return redirect(path, Done(what="desk_asked"))
    undo = await _besides(frame, conversation, sources, resolve=bool(form.get("resolve")))
    undo |= {"key": answer["key"], **({"view": form["view"]} if form.get("view") else {})}
    return redirect(path, Done(what="desk_sent", undo_path=f"/inbox/{conversation}/take_back", undo_form=undo))


async def _besides(frame: Frame, conversation: int, sources: Sequence[str], *, resolve: bool) -> dict[str, str]:
    """Do what the macros do besides from which an answer was made; return what takes it back with the answer."""
    desk = DeskReader(frame.site.reader, frame.site.clock)
    chosen = [acts_of(one) for one in await asyncio.to_thread(desk.snippets) if f"s{one.id}" in sources]
    found = (await found_of(frame, conversation)).row
    labels = [one.label for one in chosen if one.label and (found is None or one.label not in found.labels)]
    undo = {}
    if labels:
        await ask_desk(frame, "label", {"conversation": conversation, "add": labels}, Done(what="desk_labelled"))
        undo["unlabel"] = labels[0]
    if resolve or any(one.resolve for one in chosen):
        asked = {"conversation": conversation, "status": "resolved"}
        await ask_desk(frame, "status", asked, Done(what="desk_resolved"))
        undo["reopen"] = "yes"
    return undo


async def _undo_besides(frame: Frame, conversation: int, form: Mapping[str, str]) -> None:
    """Take back what was done with an answer that was taken back."""
    if form.get("unlabel"):
        asked = {"conversation": conversation, "remove": [form["unlabel"]]}
        await ask_desk(frame, "label", asked, Done(what="desk_unlabelled"))
    if form.get("reopen"):
        await ask_desk(frame, "status", {"conversation": conversation, "status": "open"}, Done(what="desk_opened"))


async def _changed(frame: Frame, found: Conversation, told: Done, kept: Kept) -> Response[str]:
    """Show why an answer did not leave, with its words kept in the box."""
    came = [one for one in found.messages if one.seq > (kept.seen_seq or 0)]
    why = "desk.changed" if any(one.direction == "in" for one in came) else "desk.changed.us"
    if told.what in _NOT_SAID:
        why = _NOT_SAID[told.what]
    return await desk_page(frame, found, msgspec.structs.replace(kept, changed=frame.speech.say(why)))


@post("/inbox/{conversation:int}/note", status_code=303)
async def note(request: Ask, conversation: FromPath[int]) -> Redirect:
    """Keep a note that only the team sees; who is named with @ is called."""
    frame, form = frame_of(request), await form_of(request)
    theirs(frame, await found_of(frame, conversation), "desk.note")
    text, path = form.get("text", "").strip()[:_LONGEST], path_of(frame, form, conversation)
    if not text:
        return redirect(path, Done(what="refused"))
    mentions = [one.id for one in frame.site.team.members() if one.is_active and f"@{one.name}" in text]
    asked = {"conversation": conversation, "text": text, "mentions": mentions}
    told, _ = await ask_desk(frame, "note", asked, Done(what="desk_noted"))
    return redirect(path, told)


@post("/inbox/{conversation:int}/take_back", status_code=303)
async def take_back(request: Ask, conversation: FromPath[int]) -> Redirect:
    """Keep an answer from leaving, as long as it has not; its words come back into the box."""
    return await _key_act(request, conversation, "take_back", Done(what="desk_back"))


@post("/inbox/{conversation:int}/approve", status_code=303)
async def approve(request: Ask, conversation: FromPath[int]) -> Redirect:
    """Let an answer of a colleague leave."""
    return await _key_act(request, conversation, "approve", Done(what="desk_sent"))


@post("/inbox/{conversation:int}/decline", status_code=303)
async def decline(request: Ask, conversation: FromPath[int]) -> Redirect:
    """Hand an answer back to the colleague who wrote it, and say why."""
    form = await form_of(request)
    why = form.get("text", "").strip()[:_LONGEST]
    return await _key_act(request, conversation, "decline", Done(what="desk_declined"), text=why)


@post("/inbox/{conversation:int}/settle", status_code=303)
async def settle(request: Ask, conversation: FromPath[int]) -> Redirect:
    """Say of an answer in doubt that it arrived, or let it leave once more: somebody looked."""
    form = await form_of(request)
    if form.get("arrived"):
        return await _key_act(request, conversation, "settle", Done(what="desk_settled"), arrived=True)
    return await _key_act(request, conversation, "retry", Done(what="retried"))


async def _key_act(request: Ask, conversation: int, act: str, done: Done, **more: Any) -> Redirect:
    frame, form = frame_of(request), await form_of(request)
    found = await found_of(frame, conversation)
    theirs(frame, found, "desk.approve" if act in ("approve", "decline") else "desk.answer")
    key = form.get("key", "")
    if key not in {one.key for one in found.replies}:
        raise SettingError("There is no such answer in this conversation.")
    told, answer = await ask_desk(frame, act, {"key": key, **more}, done)
    if answer is not None and answer.get("refused"):
        told = Done(what="desk_left" if act == "take_back" else "refused")
    elif act == "take_back" and told.what == "desk_back":
        await _undo_besides(frame, conversation, form)
    return redirect(path_of(frame, form, conversation), told)


@post("/inbox/bulk", status_code=303)
async def bulk(request: Ask) -> Redirect:
    """Do one thing with several conversations, or take that back for all of them."""
    frame, form = frame_of(request), await request.form()
    back = str(form.get("back", ""))
    path = back if back.startswith("/inbox") else "/inbox"
    if form.get("undo"):
        return redirect(path, await _put_back(frame, str(form["undo"])))
    ids = [int(one) for one in form.getall("ids", []) if isinstance(one, str) and one.isdecimal()][:_MOST_AT_ONCE]
    asked = _bulk(frame, str(form.get("act", "")), str(form.get("assignee", "")))
    if not ids or not asked:
        return redirect(path, Done(what="refused"))
    await _check_all(frame, ids, str(asked["act"]))
    told, done = await ask_desk(frame, "bulk", {"conversations": ids, **asked}, Done(what="desk_several"))
    if told.what == "desk_several":
        told = _told(len(ids), asked["act"], done, path)
    return redirect(path, told)


def _told(n: int, act: str, done: Mapping[str, Any], back: str) -> Done:
    """Return what is told of several; where they are few enough for a cookie, with the way back."""
    before = [[act, one["conversation"], one.get("before", {})] for one in done["done"]]
    if n > _MOST_UNDONE:
        return Done(what="desk_several", name=str(n))
    form = {"undo": msgspec.json.encode(before).decode(), "back": back}
    return Done(what="desk_several", name=str(n), undo_path="/inbox/bulk", undo_form=form)


async def _put_back(frame: Frame, text: str) -> Done:
    try:
        before = msgspec.json.decode(text, type=list[tuple[str, int, dict[str, str | int | None]]])
    except msgspec.DecodeError:
        raise SettingError("Nothing says what is taken back.") from None
    told = Done(what="put_back")
    for act, conversation, values in before[:_MOST_UNDONE]:
        if act in ("take", "assign", "status") and told.what == "put_back":
            await _check_all(frame, [conversation], act)
            asked = {"conversation": conversation, **values}
            told, _ = await ask_desk(frame, "assign" if act == "take" else act, asked, told)
    return told


async def _check_all(frame: Frame, ids: Sequence[int], act: str) -> None:
    """Refuse what is not theirs to do with each of some conversations."""
    for one in ids:
        theirs(frame, await found_of(frame, one), "desk.assign" if act == "assign" else "desk.answer")


def _bulk(frame: Frame, act: str, assignee: str) -> dict[str, Any]:
    known: dict[str, dict[str, Any]] = {
        "take": {"act": "take", "arguments": {}},
        "assign": {"act": "assign", "arguments": {"assignee": assignee}} if assignee else {},
        "resolve": {"act": "status", "arguments": {"status": "resolved"}},
        "snooze": {
            "act": "status",
            "arguments": {"status": "snoozed", "until": until("tomorrow", frame.now, frame.speech)},
        },
    }
    return known.get(act, {})


@post("/inbox/views", status_code=303)
async def views(request: Ask) -> Redirect:
    """Keep a search as a view of one's own, or drop one."""
    frame, form = frame_of(request), await form_of(request)
    if form.get("drop", "").isdecimal():
        told, _ = await ask_desk(frame, "view", {"drop": int(form["drop"])}, Done(what="desk_view_dropped"))
        return redirect("/inbox", told)
    name, query = form.get("name", "").strip()[:_NAME], form.get("query", "").strip()[:200]
    if not name or not query:
        return redirect("/inbox", Done(what="refused"))
    told, kept = await ask_desk(frame, "view", {"name": name, "query": query}, Done(what="desk_view_kept", name=name))
    number = kept.get("id") if kept else None
    return redirect(f"/inbox?view={number}" if number else "/inbox", told)


INBOX_DECISIONS = [reply, note, take_back, approve, decline, settle, bulk, views]


def _seen(text: str) -> Seen | None:
    last, _, version = text.partition(".")
    if not (last.isdecimal() and version.isdecimal()):
        return None
    return Seen(last_seq=int(last), version=int(version))
