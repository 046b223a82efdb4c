"""What was said in a conversation and what was done beside it, in one line of time."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import pairwise

import msgspec
from markupsafe import Markup

from gehoor.core.clock import DAY_US
from gehoor.core.desk import Conversation, DeskEvent, DeskNote, DeskReply, Message, OrderLine
from gehoor.core.reader import PostFilter
from gehoor.core.rights import Belonging
from gehoor.run.desk_watch import GEHOOR
from gehoor.web.cards import Card, cards_of
from gehoor.web.frame import Frame
from gehoor.web.inbox import called
from gehoor.web.money import money
from gehoor.web.safe import plain, shorten
from gehoor.web.speech import Speech

__all__ = ["Part", "Past", "history_of", "parts_of"]

_CARDS, _FILE = 12, 80
_TROUBLE = frozenset({"unknown", "failed"})


class Part(msgspec.Struct, frozen=True, kw_only=True):
    """One thing in the line of time.

    Attributes
    ----------
    kind : str
        `in`, `out` (ours), `note`, `did` (bought, tried), `gone` (its words are away).
    day : str
        What stands above it, where a day begins.
    attachments : tuple of str
        What came with a mail, by name and size: its bytes stay in the mailbox.
    take_back, approve, settle : str
        Key of an answer of ours that can be taken back, waits for this member's eyes, or is in doubt.
    """

    key: str
    kind: str
    at: int
    by: Markup
    text: Markup = Markup("")
    day: str = ""
    language: str | None = None
    url: str | None = None
    card: Card | None = None
    attachments: tuple[str, ...] = ()
    is_edited: bool = False
    is_new: bool = False
    state: str = ""
    state_text: Markup = Markup("")
    is_trouble: bool = False
    take_back: str = ""
    approve: str = ""
    settle: str = ""

    @property
    def is_ours(self) -> bool:
        """Tell whether it is an answer of ours."""
        return self.kind == "out"


class Past(msgspec.Struct, frozen=True):
    """A line of what was done at the desk."""

    at: int
    text: Markup


def parts_of(frame: Frame, found: Conversation, seen_seq: int | None = None) -> list[Part]:
    """Return all of a conversation in order; what came after `seen_seq` is new to who looks."""
    names = frame.site.team.names()
    heard = {message.id for message in found.messages if message.direction == "out"}
    cards = _cards(frame, found.messages)
    parts = [
        *(_message(frame, message, cards.get(message.seq), seen_seq) for message in found.messages),
        *(_note(frame, note, names) for note in found.notes),
        *(_reply(frame, reply, names, found) for reply in found.replies if _shows(reply, heard)),
        *_deeds(frame, found),
    ]
    return _with_days(frame, sorted(parts, key=lambda part: part.at))


def _cards(frame: Frame, messages: Sequence[Message]) -> dict[int, Card]:
    """Return the cards of the last messages of theirs: their words marked, and why they were judged so."""
    last = [one.seq for one in messages if one.direction == "in" and not one.was][-_CARDS:]
    reader = frame.site.reader
    posts = [post for seq in last for post in reader.posts(PostFilter(seq=seq), 1, before=seq + 1)]
    return {card.post.seq: card for card in cards_of(frame.site, posts)}


def _message(frame: Frame, message: Message, card: Card | None, seen_seq: int | None) -> Part:
    say, channel = frame.speech.say, frame.speech.word("channel", message.channel)
    is_ours = message.direction != "in"
    by = say("desk.by.us", channel=channel) if is_ours else channel
    is_gone = message.was in ("deleted", "older") or message.text is None
    kind = "gone" if is_gone else "out" if is_ours else "in"
    text = card.shown + Markup.escape(card.rest) if card is not None else Markup.escape(plain(message.text))
    return Part(
        key=str(message.seq), kind=kind, at=message.at, by=by, text=text, language=message.language, url=message.url,
        card=card, is_edited=message.was == "edited", is_new=seen_seq is not None and message.seq > seen_seq,
        attachments=() if is_gone else tuple(_attached(frame, message)),
    )  # fmt: skip


def _attached(frame: Frame, message: Message) -> Iterator[str]:
    """Yield what came with a mail: hostile names, as plain words."""
    known = msgspec.json.decode(message.properties) if message.properties else {}
    files = known.get("attachments") if isinstance(known, dict) else None
    for one in files if isinstance(files, list) else ():
        if isinstance(one, dict):
            size = one.get("size")
            name = shorten(plain(str(one.get("name") or one.get("type") or "?")), _FILE)
            yield f"{name} ({frame.speech.number(-(-size // 1_000))} kB)" if isinstance(size, int) else name


def _note(frame: Frame, note: DeskNote, names: Mapping[str, str]) -> Part:
    speech = frame.speech
    text = Markup.escape(plain(note.text))
    for member in note.mentions:
        name = Markup.escape(names.get(member, member))
        text = text.replace(f"@{name}", Markup("<b>@{}</b>").format(names.get(member, member)))
    by = speech.say("desk.by.note", name=called(note.said_by, names, speech))
    return Part(key=f"n{note.id}", kind="note", at=note.at, by=by, text=text)


def _shows(reply: DeskReply, heard: Iterable[str | None]) -> bool:
    """Tell whether an answer is shown as such: not while it is a draft, and not once the ledger heard it itself."""
    return reply.state not in ("draft", "taken_back") and not (reply.heard_as and reply.heard_as in heard)


def _reply(frame: Frame, reply: DeskReply, names: Mapping[str, str], found: Conversation) -> Part:
    speech, row = frame.speech, found.row
    of = Belonging(team=row.team if row else None, assignee=row.assignee if row else None)
    may_approve = reply.state == "asked" and reply.said_by != frame.member.id and frame.may("desk.approve", of)
    can_take_back = reply.state == "queued" and frame.now < reply.not_before
    by = speech.say("desk.by.member", name=called(reply.said_by, names, speech),
                    channel=speech.word("channel", reply.channel))  # fmt: skip
    return Part(
        key=f"r{reply.at}", kind="out", at=reply.at, by=by, text=Markup.escape(plain(reply.text)), state=reply.state,
        state_text=speech.word("desk.state", reply.state), is_trouble=reply.state in _TROUBLE,
        take_back=reply.key if can_take_back else "", approve=reply.key if may_approve else "",
        settle=reply.key if reply.state in _TROUBLE and frame.may("desk.answer", of) else "",
    )  # fmt: skip


def _deeds(frame: Frame, found: Conversation) -> list[Part]:
    """Return what they did while this went on: from a day before their first message."""
    since = min((message.at for message in found.messages), default=frame.now) - DAY_US
    return [
        Part(key=f"d{order.seq}", kind="did", at=order.at, by=frame.speech.say("desk.by.did"),
             text=deed(frame.speech, order))
        for order in found.orders
        if order.at >= since
    ]  # fmt: skip


def deed(speech: Speech, order: OrderLine) -> Markup:
    """Return in words what somebody did."""
    about = Markup(' <bdi class="xs mute">{}</bdi>').format(order.object) if order.object else ""
    what = Markup("<bdi>{}</bdi>{}").format(speech.word("event", order.event), about)
    if order.value is None:
        return what
    return Markup("{} <b class=n>{}</b>").format(what, money(speech, order.value, order.currency or ""))


def _with_days(frame: Frame, parts: Sequence[Part]) -> list[Part]:
    speech, now = frame.speech, frame.now
    days = [speech.local(part.at).date() for part in parts]
    begins = [True, *(before != after for before, after in pairwise(days))] if parts else []
    today = speech.local(now).date()
    return [
        msgspec.structs.replace(part, day=str(speech.say("desk.today")) if day == today else speech.day(part.at, now))
        if is_first
        else part
        for part, day, is_first in zip(parts, days, begins, strict=True)
    ]


def history_of(frame: Frame, events: Sequence[DeskEvent]) -> list[Past]:
    """Return what was done at the desk, newest first, in words."""
    names, speech = frame.site.team.names(), frame.speech
    return [Past(event.at, _told(event, names, speech)) for event in reversed(events)]


def _told(event: DeskEvent, names: Mapping[str, str], speech: Speech) -> Markup:
    detail = msgspec.json.decode(event.detail or "{}")
    tell = _by_itself if event.said_by == GEHOOR.id else _what
    what = tell(event.act, detail, names, speech) if isinstance(detail, dict) else Markup("")
    who, act = called(event.said_by, names, speech), speech.word("desk.act", event.act)
    return speech.say("desk.act" if what else "desk.act.plain", who=who, act=act, what=what)


def _by_itself(act: str, detail: Mapping[str, object], names: Mapping[str, str], speech: Speech) -> Markup:
    """Return what gehoor did by itself, and why."""
    if act == "given":
        because = [speech.say(f"desk.given.{one}") for one in _texts(detail.get("because"))]
        to = called(str(detail.get("to") or ""), names, speech)
        return speech.say("desk.given", name=to, why=Markup(", ").join(because))
    if act == "handed_over":
        return Markup.escape(called(str(detail.get("from") or ""), names, speech))
    if act == "due":
        return speech.say(f"desk.due.{detail.get('kind')}", target=speech.say(f"desk.due.{detail.get('target')}"))
    return Markup("")


def _what(act: str, detail: Mapping[str, object], names: Mapping[str, str], speech: Speech) -> Markup:
    """Return what an act was about, in words; nothing of what only machines read."""
    to = str(detail.get("to") or "")
    if act == "status":
        return speech.word("desk.status", str(detail.get("status")))
    if act == "assign":
        return Markup.escape(called(to, names, speech)) if to else speech.say("desk.assign.nobody")
    if act == "priority":
        return speech.say(f"desk.priority.{to or 0}")
    if act == "need":
        return speech.word("need", to or "none")
    put, taken = (_texts(detail.get(name)) if act == "label" else [] for name in ("add", "remove"))
    labels = Markup(", ").join([f"+ {one}" for one in put] + [f"− {one}" for one in taken])
    return Markup.escape(to) if act in ("team", "survey") else labels


def _texts(found: object) -> list[str]:
    return [plain(str(one)) for one in found] if isinstance(found, list) else []
