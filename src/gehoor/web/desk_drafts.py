"""What could be answered, as it stands above the box: words to correct, each with where they come from."""

import asyncio

import msgspec
from litestar import Response, get, post
from litestar.params import FromPath
from markupsafe import Markup

from gehoor.answer.drafts import Draft
from gehoor.answer.private import BLANK
from gehoor.core.desk import Conversation
from gehoor.core.desk_reader import DeskReader
from gehoor.core.errors import RejectedRecord, SettingError, TransientError
from gehoor.run.desk_drafts import drafts_for, fill
from gehoor.run.desk_endpoint import ENDPOINT, written
from gehoor.web.conversation_decisions import theirs
from gehoor.web.desk_repliers import answered_of
from gehoor.web.frame import Ask, Frame, frame_of
from gehoor.web.inbox_pages import found_of

__all__ = ["DESK_DRAFTS", "From", "Offer"]


class From(msgspec.Struct, frozen=True):
    """Where words come from; no address: a canned reply of ours."""

    text: Markup
    href: str = ""


class Offer(msgspec.Struct, frozen=True, kw_only=True):
    """Words that somebody may answer with; in `marked` what is still to be filled in stands out."""

    text: str
    marked: Markup
    source: str
    sources: tuple[From, ...]


@get("/inbox/{conversation:int}/drafts")
async def drafts(request: Ask, conversation: FromPath[int]) -> Response[str]:
    """Show what could be answered; nothing where nothing is good enough."""
    frame = frame_of(request)
    found = await found_of(frame, conversation)
    theirs(frame, found, "desk.answer")
    return await asyncio.to_thread(_page, frame, found, None)


@post("/inbox/{conversation:int}/drafts", status_code=200)
async def written_draft(request: Ask, conversation: FromPath[int]) -> Response[str]:
    """Have the language model that was set up draft an answer, because somebody asks for it."""
    frame = frame_of(request)
    found = await found_of(frame, conversation)
    theirs(frame, found, "desk.answer")
    reader, clock = frame.site.reader, frame.site.clock
    earlier = await asyncio.to_thread(drafts_for, reader, DeskReader(reader, clock), found, frame.member)
    _, way = await asyncio.to_thread(answered_of, frame.site, found.messages)
    most = None if isinstance(way, str) else way.most
    try:
        draft = await written(frame.site.settings.desk.drafter, clock, found, earlier, most)
    except (TransientError, SettingError, RejectedRecord):
        draft = None
    return await asyncio.to_thread(_page, frame, found, [draft, *earlier] if draft else earlier, is_away=draft is None)


def _page(frame: Frame, found: Conversation, drafts: list[Draft] | None, *, is_away: bool = False) -> Response[str]:
    desk = DeskReader(frame.site.reader, frame.site.clock)
    names = {f"s{one.id}": one.name for one in desk.snippets()}
    if drafts is None:
        drafts = drafts_for(frame.site.reader, desk, found, frame.member)
    has_model = frame.site.settings.desk.drafter.address is not None
    is_written = any(ENDPOINT in draft.sources for draft in drafts)
    return frame.page(
        "_drafts.html", "inbox", offers=[_offer(frame, found, draft, names) for draft in drafts], id=found.id,
        language=found.row.language if found.row else None, can_ask=has_model and not is_written, is_away=is_away,
    )  # fmt: skip


def _offer(frame: Frame, found: Conversation, draft: Draft, names: dict[str, str]) -> Offer:
    text = fill(draft, found, frame.member)
    marked = Markup.escape(text).replace(BLANK, Markup("<mark>{}</mark>").format(BLANK))
    told = tuple(_from(frame, source, number, names) for number, source in enumerate(draft.sources, 1))
    return Offer(text=text, marked=marked, source="|".join(draft.sources), sources=told)


def _from(frame: Frame, source: str, number: int, names: dict[str, str]) -> From:
    if source == ENDPOINT:
        return From(frame.speech.say("desk.offer.model"))
    if source.startswith("s"):
        return From(frame.speech.say("desk.offer.canned", name=names.get(source, "")))
    return From(frame.speech.say("desk.offer.answer", n=number), f"/inbox/{source[1:]}")


DESK_DRAFTS = [drafts, written_draft]
