"""The box in which we answer: to whom, how much fits, and what is at hand to write with."""

from collections.abc import Sequence

import msgspec
from markupsafe import Markup

from gehoor.answer.drafts import filled
from gehoor.core.desk import Conversation, DeskReply, InboxRow, Message, Snippet
from gehoor.core.desk_reader import DeskReader
from gehoor.core.reply import asked_address
from gehoor.run.desk_drafts import variables_of
from gehoor.run.repliers import Limit
from gehoor.web.desk_repliers import Missing, ways_of
from gehoor.web.frame import Frame

__all__ = ["Addressee", "Box", "Canned", "Kept", "box_of", "handle_of"]

_UNSPOKEN = ("did:", "http://", "https://")  # ids that say nothing to people


class Canned(msgspec.Struct, frozen=True):
    """A canned reply, filled in for this person."""

    name: str
    text: str
    source: str


class Addressee(msgspec.Struct, frozen=True, kw_only=True):
    """Where an answer may go: the newest message from one account of theirs.

    Attributes
    ----------
    most : int, optional
        How many characters the channel takes.
    elsewhere : str
        Where the message asks to be answered, where that is not who wrote it; nobody checked that it is theirs.
    is_checked : bool
        A second pair of eyes looks before it leaves.
    """

    seq: int
    label: Markup
    most: int | None
    elsewhere: str
    is_checked: bool


class Box(msgspec.Struct, frozen=True, kw_only=True):
    """Where one writes.

    Attributes
    ----------
    to : Addressee, optional
        Where the answer goes, of all `addressees`; None where nothing can be answered.
    changed : str
        What changed since it was written, where that kept it from leaving.
    missing : str
        Why nothing can be answered here yet.
    """

    to: Addressee | None
    addressees: tuple[Addressee, ...]
    text: str
    language: str | None
    missing: Markup
    changed: Markup
    snippets: tuple[Canned, ...]


class Kept(msgspec.Struct, frozen=True, kw_only=True):
    """What somebody wrote and could not send, because of what came between.

    `seen_seq` is what they had read, `to` the message they chose to answer.
    """

    text: str = ""
    changed: Markup = Markup("")
    seen_seq: int | None = None
    to: int | None = None


def box_of(frame: Frame, desk: DeskReader, found: Conversation, row: InboxRow, kept: Kept) -> Box:
    """Return the box of a conversation: an answer goes to the newest message, unless somebody chose another."""
    ways = ways_of(frame.site, found.messages)
    addressees = tuple(_addressee(frame, row, one, way) for one, way in ways if not isinstance(way, str))
    first = addressees[0] if addressees else None
    return Box(
        to=next((one for one in addressees if one.seq == kept.to), first), addressees=addressees,
        text=kept.text or _unsent(found.replies, frame.member.id), language=row.language,
        missing=_missing(frame, ways, row), changed=kept.changed, snippets=_canned(frame, desk, found, row),
    )  # fmt: skip


def handle_of(message: Message) -> str:
    """Return the address or the account that wrote a message, as its channel knows it."""
    actor = message.actor or ""
    return message.actor_name or "" if actor.startswith(_UNSPOKEN) else actor


def _addressee(frame: Frame, row: InboxRow, message: Message, way: Limit) -> Addressee:
    channel = frame.speech.word("channel", message.channel)
    where = "desk.to.direct" if message.visibility == "direct" else "desk.to"
    asked = asked_address(message.properties, message.actor) if message.channel == "mail" else None
    return Addressee(
        seq=message.seq, label=frame.speech.say(where, channel=channel, to=handle_of(message)), most=way.most,
        elsewhere=asked or "", is_checked=frame.site.settings.desk.is_checked(message.channel, row.need),
    )  # fmt: skip


def _missing(frame: Frame, ways: Sequence[tuple[Message, Limit | Missing]], row: InboxRow) -> Markup:
    """Return why nothing can be answered."""
    message, way = ways[0] if ways else (None, "gone")
    channel = frame.speech.word("channel", message.channel if message else row.channel)
    return frame.speech.say(f"desk.missing.{way}", channel=channel) if isinstance(way, str) else Markup("")


def _unsent(replies: Sequence[DeskReply], member: str) -> str:
    """Return what this member wrote and did not send: a draft, or what they took back last."""
    mine = [reply for reply in replies if reply.said_by == member]
    return mine[-1].text if mine and mine[-1].state in ("draft", "taken_back") else ""


def _canned(frame: Frame, desk: DeskReader, found: Conversation, row: InboxRow) -> tuple[Canned, ...]:
    """Return the canned replies, in the person's language where there is one, filled in."""
    chosen: dict[str, Snippet] = {}
    for snippet in desk.snippets():
        if snippet.name not in chosen or snippet.language == row.language:
            chosen[snippet.name] = snippet
    near = sorted(chosen.values(), key=lambda one: (one.need != row.need, one.name.casefold()))
    known = variables_of(found, frame.member)
    return tuple(Canned(one.name, filled(one.text, known), f"s{one.id}") for one in near)
