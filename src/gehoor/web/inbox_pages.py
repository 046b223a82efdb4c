"""*Inbox*: who waits, one conversation beside it, and who it is; and what an open page asks for by itself."""

import asyncio
from typing import Any, cast

from litestar import Response, get, post
from litestar.exceptions import NotFoundException
from litestar.params import FromPath

from gehoor.core.desk import Conversation
from gehoor.core.errors import SettingError, TransientError
from gehoor.core.member import YOU, Member
from gehoor.core.person_reader import name_of_person
from gehoor.web.conversation import is_unchanged, shown_of
from gehoor.web.conversation_box import Kept
from gehoor.web.decisions import form_of
from gehoor.web.desk_of import desk_of
from gehoor.web.desk_presence import Presence
from gehoor.web.desk_repliers import answered_of
from gehoor.web.frame import Ask, Frame, frame_of
from gehoor.web.inbox import MOST_FRESH, inbox_of, lines_again, n_fresh
from gehoor.web.live import Live
from gehoor.web.money import money
from gehoor.web.people import initials
from gehoor.web.people_pages import show
from gehoor.web.person import person_of
from gehoor.web.posts import SIGNS
from gehoor.web.proposed import Proposed, proposed_of

__all__ = ["INBOX_PAGES", "KEYS", "desk_page", "found_of"]

KEYS = {
    "next": "j", "previous": "k", "reply": "r", "note": "n", "take": "a", "assign": "i", "snooze": "z", "resolve": "d",
    "to": "t", "correct": "e", "label": "l", "pick": "x", "undo": "u", "back": "h",
}  # fmt: skip
"""Each act with its key; who looks may choose others, which their browser keeps."""

_LONGEST = 20_000
_WINDOW = 40
_DIGITS = 18
_ORDERS = 6


@get("/inbox")
async def inbox_page(request: Ask) -> Response[str]:
    """Show the inbox in a view, or what a search finds."""
    return await desk_page(frame_of(request), None)


@get("/inbox/{conversation:int}")
async def conversation_page(request: Ask, conversation: FromPath[int]) -> Response[str]:
    """Show a conversation beside the inbox; only the conversation where the page asks for it."""
    frame = frame_of(request)
    return await desk_page(frame, await found_of(frame, conversation))


async def found_of(frame: Frame, conversation: int) -> Conversation:
    """Return a conversation that is theirs to see.

    Raises
    ------
    NotFoundException
        There is none, or it is not.
    """
    found = await asyncio.to_thread(desk_of(frame).conversation, conversation, frame.member)
    if found is None or found.row is None:
        raise NotFoundException
    return found


async def desk_page(frame: Frame, found: Conversation | None, kept: Kept | None = None) -> Response[str]:
    """Return the inbox, with a conversation open in it where there is one."""
    return await asyncio.to_thread(_page, frame, found, kept)


def _page(frame: Frame, found: Conversation | None, kept: Kept | None) -> Response[str]:
    desk = desk_of(frame)
    conversation = shown_of(frame, desk, found, kept) if found is not None else None
    place = "person" if frame.query.get("at") == "person" else "conversation"
    team = _team(frame)
    context: dict[str, Any] = {
        "conversation": conversation, "signs": SIGNS, "members": team, "teams": _teams(team), "keys": KEYS,
        "may_assign": frame.may("desk.assign") and len(team) > 1, "may_answer": frame.may("desk.note"),
        "writing": "", "looking": "", "told": frame.is_part, "at": place if conversation else "list",
    }  # fmt: skip
    if frame.is_part and conversation is not None:
        return frame.page("_conversation.html", "inbox", **context)
    return frame.page("inbox.html", "inbox", inbox=inbox_of(frame, desk, found.id if found else None), **context)


def _team(frame: Frame) -> list[Member]:
    """Return who may be given a conversation: who is there and answers."""
    return [one for one in frame.site.team.members() if one.is_active] or [YOU]


def _teams(members: list[Member]) -> list[str]:
    return sorted({one.team for one in members if one.team})


@get("/inbox/fresh", sync_to_thread=True)
def fresh(request: Ask) -> Response[str]:
    """Say how many conversations of a list are new, or have news, since it was made."""
    frame = frame_of(request)
    n = n_fresh(frame, desk_of(frame), frame.query.get("version", ""))
    kept = {name: value for name in ("view", "q") if (value := frame.query.get(name))}
    href = "/inbox" + frame.here(**{name: None for name in frame.query if name not in kept}).removeprefix(frame.path)
    return frame.page("_inbox_fresh.html", "inbox", n=n, most=MOST_FRESH, href=href)


@get("/inbox/rows", sync_to_thread=True)
def rows(request: Ask) -> Response[str]:
    """Show these lines as they stand now, in the order in which they were."""
    frame = frame_of(request)
    ids = [int(one) for one in frame.query.get("ids", "").split("-") if one.isdecimal()][:200]
    shown = frame.query.get("shown", "")
    lines = lines_again(frame, desk_of(frame), ids, int(shown) if shown.isdecimal() else None)
    return frame.page("_inbox_rows.html", "inbox", inbox={"rows": lines})


@get("/inbox/{conversation:int}/thread")
async def thread(request: Ask, conversation: FromPath[int]) -> Response[str]:
    """Show what was said, with what came since; the box stays as it is."""
    frame = frame_of(request)
    if not frame.query.get("force") and await asyncio.to_thread(is_unchanged, frame, conversation):
        return Response("", status_code=204)
    found = await found_of(frame, conversation)
    seen = frame.query.get("seen", "").partition(".")[0]
    kept = Kept(seen_seq=int(seen) if seen.isdecimal() else None)
    shown = await asyncio.to_thread(shown_of, frame, desk_of(frame), found, kept)
    return frame.page("_conversation_thread.html", "inbox", conversation=shown, signs=SIGNS)


@get("/inbox/{conversation:int}/person")
async def person(request: Ask, conversation: FromPath[int]) -> Response[str]:
    """Show who it is: what they are worth, and what they did; the owner notes the look."""
    frame = frame_of(request)
    found = await found_of(frame, conversation)
    shown = await asyncio.to_thread(shown_of, frame, desk_of(frame), found)
    view = known = None
    proposed: list[Proposed] = []
    if found.person is not None and frame.may("see.person"):
        try:
            view = await show(frame, name_of_person(found.person))
            known = await asyncio.to_thread(person_of, frame.site.reader, view, frame.speech, frame.now)
            keys = [account.actor_key for account in view.accounts]
            proposed = await asyncio.to_thread(proposed_of, frame.site.reader, keys, frame.now, frame.site.root)
        except (TransientError, SettingError):
            view = known = None
    currency = known.currency if known else ""
    return frame.page(
        "_conversation_person.html", "inbox", conversation=shown, view=view, person=known, initials=initials,
        proposed=proposed, orders=found.orders[:_ORDERS],
        money=lambda value: money(frame.speech, value, currency),
    )  # fmt: skip


@post("/inbox/{conversation:int}/here", status_code=204)
async def here(request: Ask, conversation: FromPath[int]) -> None:
    """Note that somebody looks at a conversation, writes in it, or leaves it."""
    frame, form = frame_of(request), await form_of(request)
    presence, window, now = _presence(request), form.get("window", "")[:_WINDOW], _monotonic()
    if form.get("left"):
        is_news = presence.leave(window)
    else:
        await found_of(frame, conversation)
        is_news = presence.note(conversation, window, frame.member, now, is_writing=bool(form.get("writing")))
    if is_news:
        await cast(Live, request.app.state.live).tell_desk()


@get("/inbox/{conversation:int}/who")
async def who(request: Ask, conversation: FromPath[int]) -> Response[str]:
    """Say who else is here, and who writes."""
    frame, now = frame_of(request), _monotonic()
    await found_of(frame, conversation)
    others = _presence(request).others(conversation, frame.query.get("window", "")[:_WINDOW], now)
    names = [(one.name or str(frame.speech.say("desk.you")), one.is_writing(now)) for one in others]
    writing = ", ".join(name for name, is_writing in names if is_writing)
    looking = ", ".join(name for name, _ in names)
    return frame.page("_desk_who.html", "inbox", writing=writing, looking=looking)


@post("/inbox/{conversation:int}/length", status_code=200)
async def length(request: Ask, conversation: FromPath[int]) -> dict[str, int | None]:
    """Count a text as the channel of the conversation does."""
    frame, form = frame_of(request), await form_of(request)
    found = await found_of(frame, conversation)
    to = form.get("to", "")
    chosen = int(to) if to.isdecimal() and len(to) <= _DIGITS else None
    _, way = await asyncio.to_thread(answered_of, frame.site, found.messages, chosen)
    text = form.get("text", "")[:_LONGEST]
    return {"n": len(text), "most": None} if isinstance(way, str) else {"n": way.length(text), "most": way.most}


INBOX_PAGES = [inbox_page, conversation_page, fresh, rows, thread, person, here, who, length]


def _presence(request: Ask) -> Presence:
    return cast(Presence, request.app.state.presence)


def _monotonic() -> int:
    """Return a time of this process, microseconds: who is there does not follow a clock that is set."""
    return round(asyncio.get_running_loop().time() * 1_000_000)
