"""The API of the desk, as it is read: conversations, what was said in one, notes and answers beside it; snippets."""

import asyncio
from typing import Annotated

from litestar import Response
from litestar.exceptions import NotFoundException
from litestar.params import QueryParameter

from gehoor.core.desk import URGENCIES, Conversation, InboxRow, Seen
from gehoor.web.api_routes import After, Limit, Number, reads, tagged
from gehoor.web.api_types import Line, Lines, Note, Reply, Said, Snippet, Whole, told
from gehoor.web.desk_of import desk_of
from gehoor.web.frame import Ask, Frame, frame_of

__all__ = ["API_DESK", "conversation_of", "found", "version_of"]

_WORDS = "In the inbox' grammar, such as `is:open channel:mail koffer`; nothing: what is open."

View = Annotated[str, QueryParameter(max_length=500, description=_WORDS)]


@reads("/conversations", "conversations")
def conversations(
    request: Ask,
    view: View = "",
    limit: Limit = 50,
    after: After = "",
) -> Lines:
    """List the conversations of a view, in its order."""
    frame = frame_of(request)
    page = desk_of(frame).inbox(view, frame.member, limit, after or None)
    return Lines(items=[_line(row) for row in page.rows], after=page.after)


@reads("/conversations/{conversation:int}", "conversations")
def conversation(request: Ask, conversation: Number) -> Response[Whole]:
    """Get a conversation, with all that was said and written beside it; its ETag is what acts name as If-Match."""
    whole = conversation_of(frame_of(request), conversation)
    row = _row(whole)
    answer = Whole(line=_line(row), messages=_messages(whole), notes=_notes(whole), replies=_replies(whole))
    return tagged(answer, version_of(row.seen))


@reads("/conversations/{conversation:int}/messages", "conversations")
def messages(request: Ask, conversation: Number) -> list[Said]:
    """List what was said, in the order in which it was."""
    return _messages(conversation_of(frame_of(request), conversation))


@reads("/conversations/{conversation:int}/notes", "conversations")
def notes(request: Ask, conversation: Number) -> list[Note]:
    """List the notes that only the team sees, oldest first."""
    return _notes(conversation_of(frame_of(request), conversation))


@reads("/conversations/{conversation:int}/replies", "conversations")
def replies(request: Ask, conversation: Number) -> list[Reply]:
    """List our answers and what became of them, oldest first; drafts of others are in it."""
    return _replies(conversation_of(frame_of(request), conversation))


@reads("/snippets", "conversations")
def snippets(request: Ask) -> list[Snippet]:
    """List the canned replies, by name and language."""
    return [told(one, Snippet) for one in desk_of(frame_of(request)).snippets()]


API_DESK = [conversations, conversation, messages, notes, replies, snippets]


def conversation_of(frame: Frame, id_: int) -> Conversation:
    """Return a conversation that is theirs to see.

    Raises
    ------
    NotFoundException
        There is none, or it is not.
    """
    whole = desk_of(frame).conversation(id_, frame.member)
    if whole is None or whole.row is None:
        raise NotFoundException
    return whole


async def found(frame: Frame, id_: int) -> Conversation:
    """Return a conversation that is theirs to see; see `conversation_of`."""
    return await asyncio.to_thread(conversation_of, frame, id_)


def version_of(seen: Seen) -> str:
    """Return what stands in an ETag: the last post, and the last act of the desk."""
    return f"{seen.last_seq}.{seen.version}"


def _row(whole: Conversation) -> InboxRow:
    if whole.row is None:
        raise NotFoundException
    return whole.row


def _line(row: InboxRow) -> Line:
    return told(row, Line, version=version_of(row.seen), urgency=URGENCIES[row.urgency])


def _messages(whole: Conversation) -> list[Said]:
    return [told(one, Said) for one in whole.messages]


def _notes(whole: Conversation) -> list[Note]:
    return [told(one, Note) for one in whole.notes]


def _replies(whole: Conversation) -> list[Reply]:
    return [told(one, Reply) for one in whole.replies]
