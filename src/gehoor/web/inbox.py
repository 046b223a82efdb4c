"""What the inbox shows: views, and a line for each conversation that waits, with the reason why it stands there."""

import re
from collections.abc import Mapping, Sequence
from typing import Literal
from urllib.parse import urlencode

import msgspec
from markupsafe import Markup

from gehoor.answer.priority import Why
from gehoor.core.clock import SECOND_US
from gehoor.core.desk import InboxRow
from gehoor.core.desk_query import ViewError
from gehoor.core.desk_reader import MOST_COUNTED, DeskReader
from gehoor.run.desk_rank import DeskRank, Ranked
from gehoor.run.desk_survey import CUSTOMER
from gehoor.web.case_shown import Folded, cases_of
from gehoor.web.desk_words import Clock, clock_of, short
from gehoor.web.frame import Frame
from gehoor.web.safe import shorten, tongue
from gehoor.web.speech import Speech

__all__ = [
    "MOST_FRESH", "PAGE", "PAST", "Inbox", "Line", "Tab", "called", "inbox_of", "lines_again", "n_fresh", "rank_of",
    "spoken", "why",
]  # fmt: skip

PAGE = 50
MOST_FRESH = 99
VIEWS: Mapping[str, str] = {
    "open": "is:open sort:priority",
    "mine": "is:open assignee:me sort:priority",
    "free": "is:open assignee:none sort:priority",
    "late": "is:late sort:waiting",
    "pending": "is:pending",
    "snoozed": "is:snoozed",
    "resolved": "is:resolved",
    "earlier": "is:earlier",
}
"""The views that everybody has, in the grammar of `core.desk_query`."""

PAST = ("earlier", "lapsed")
"""How a conversation stands for which nobody waits, though nobody closed it."""

Empty = Literal["none", "done", "search", "view"]
_QUOTE = 120
_ADDRESSED = re.compile(r"^\s*(@[\w.@-]+[\s:,]+)+")


class Tab(msgspec.Struct, frozen=True):
    """A view, where it is and how many it holds, in words; `n` is empty where nobody asks."""

    label: Markup
    href: str
    n: str
    is_shown: bool


class Line(msgspec.Struct, frozen=True, kw_only=True):
    """A conversation in the list."""

    id: int
    href: str
    name: str
    chip: Markup | None
    language: str | None
    quote: str
    why: Markup
    channel: Markup
    clock: Clock | None
    labels: tuple[str, ...]
    holder: str
    holder_name: str
    is_mine: bool
    is_shown: bool
    is_gone: bool
    is_waiting: bool
    past: Markup


class Inbox(msgspec.Struct, frozen=True, kw_only=True):
    """A page of the inbox.

    Attributes
    ----------
    cases : list
        What many say, a line each; their conversations are not among the rows.
    fresh, again, older : str
        Where to ask how many came since, for these very lines anew, and for the next page.
    empty : str
        Why there is nothing, where there is nothing.
    """

    views: list[Tab]
    cases: list[Folded]
    rows: list[Line]
    query: str
    saved: int | None
    fresh: str
    again: str
    older: str | None
    waits: Markup
    trouble: str
    empty: Empty


def rank_of(frame: Frame) -> DeskRank:
    """Return what ranks conversations here."""
    return DeskRank.of(frame.site.reader, frame.site.settings)


def inbox_of(frame: Frame, desk: DeskReader, shown: int | None = None) -> Inbox:
    """Return the page that an address asks for: a view, or a search; `shown` is the conversation that is open."""
    speech, query, name = frame.speech, frame.query.get("q", "").strip()[:200], frame.query.get("view", "")
    saved = {view.id: view for view in desk.views(frame.member)}
    number = int(name) if name.isdecimal() and int(name) in saved else None
    counts = desk.counts({view: VIEWS[view] for view in ("open", "mine", "free")}, frame.member)
    trouble, lines, after, cases = "", [], None, list[Folded]()
    try:
        cases, wanted = _folded(frame, desk)
        page = desk.inbox(wanted, frame.member, PAGE, frame.query.get("after"))
        lines, after = _lines(frame, page.rows, shown, is_ranked="sort:priority" in wanted), page.after
    except ViewError as error:
        trouble = str(error)
    tabs = [
        Tab(speech.say(f"inbox.view.{view}"), f"/inbox?view={view}", _counted(counts.get(view), speech),
            not query and number is None and view == (name if name in VIEWS else "open"))
        for view in VIEWS if view != "late" or frame.site.settings.desk.policies
    ]  # fmt: skip
    mine = [Tab(Markup.escape(view.name), f"/inbox?view={key}", "", key == number) for key, view in saved.items()]
    back = _back(frame)
    return Inbox(
        views=[*tabs, *mine], cases=[] if frame.query.get("after") else cases, rows=lines, query=query, saved=number,
        fresh=f"/inbox/fresh?{urlencode({**back, 'version': desk.version()})}",
        again=f"/inbox/rows?{urlencode(back)}", older=frame.here(after=after) if after else None,
        waits=_waits(counts.get("open", 0), speech), trouble=trouble, empty=_empty(query, name, desk, frame),
    )  # fmt: skip


def _counted(n: int | None, speech: Speech) -> str:
    """Return how many a view holds, to show; where nobody counted further it says so."""
    if n is None:
        return ""
    return f"{speech.number(min(n, MOST_COUNTED))}{'+' if n > MOST_COUNTED else ''}"


def _waits(n: int, speech: Speech) -> Markup:
    return speech.say("inbox.waits.many", n=MOST_COUNTED) if n > MOST_COUNTED else speech.say("inbox.waits", n=n)


def _empty(query: str, view: str, desk: DeskReader, frame: Frame) -> Empty:
    if query:
        return "search"
    if any(desk.counts({"resolved": VIEWS["resolved"], "pending": VIEWS["pending"], "open": VIEWS["open"],
                        "snoozed": VIEWS["snoozed"]}, frame.member).values()):  # fmt: skip
        return "done" if view in ("", "open") else "view"
    return "none"


def _back(frame: Frame) -> dict[str, str]:
    """Return the part of the address that says which list this is."""
    return {name: value for name in ("view", "q") if (value := frame.query.get(name, ""))}


def _lines(frame: Frame, rows: Sequence[InboxRow], shown: int | None, *, is_ranked: bool = True) -> list[Line]:
    ranked = rank_of(frame).rank(rows, frame.now)
    if not is_ranked:
        places = {row.id: place for place, row in enumerate(rows)}
        ranked.sort(key=lambda one: places[one.row.id])
    names = frame.site.team.names()
    query = urlencode(_back(frame))
    return [_line(frame, one, names, f"?{query}" if query else "", shown) for one in ranked]


def _line(frame: Frame, ranked: Ranked, names: Mapping[str, str], query: str, shown: int | None) -> Line:
    row, speech = ranked.row, frame.speech
    holder = called(row.assignee, names, speech) if row.assignee else ""
    chip = row.need if row.need not in (None, "none", "general") else None
    return Line(
        id=row.id, href=f"/inbox/{row.id}{query}", name=row.name or str(speech.say("inbox.nobody")),
        chip=speech.word("need", chip).capitalize() if chip else None, language=tongue(row.language),
        quote=shorten(spoken(row.snippet), _QUOTE), why=why(ranked, speech, is_short=True),
        channel=speech.word("channel", row.channel), clock=clock_of(ranked, speech),
        labels=row.labels[:2], holder=short(holder), holder_name=holder, is_mine=row.assignee == frame.member.id,
        is_shown=row.id == shown, is_gone=row.status == "resolved", is_waiting=row.waiting_since is not None,
        past=speech.say(f"desk.status.{row.status}") if row.status in PAST else Markup(""),
    )  # fmt: skip


def called(member: str, names: Mapping[str, str], speech: Speech) -> str:
    """Return what a member of the team is called; *you*, where nobody has to log in; *the customer*, who is none."""
    return names.get(member) or (str(speech.say(f"desk.{member}")) if member in ("you", CUSTOMER) else member)


def spoken(text: str) -> str:
    """Return a text without the names at its beginning to which it is addressed.

    Examples
    --------
    >>> spoken("@noordvlucht @kustlijn Vlieg ik nog?")
    'Vlieg ik nog?'
    """
    return _ADDRESSED.sub("", text) or text


def why(ranked: Ranked, speech: Speech, *, is_short: bool = False) -> Markup:
    """Return why a conversation stands here, now, in at most three reasons; shorter where a clock stands beside it."""
    hidden = ("late", "left", "need") if is_short else ()
    words = [_reason(reason, speech) for reason in ranked.why if reason.kind not in hidden]
    joined = Markup(", ").join(words or [speech.say("desk.why.nothing")])
    return joined[:1].upper() + joined[1:] if is_short else joined


def _reason(reason: Why, speech: Speech) -> Markup:
    if reason.kind == "need":
        return speech.word("need", str(reason.value))
    value = int(reason.value)
    if reason.kind in ("late", "left", "waits"):
        return speech.say(f"desk.why.{reason.kind}", time=speech.lasting(abs(value) / SECOND_US))
    if reason.kind in ("said", "learned"):
        return speech.say(f"desk.why.{reason.kind}.{'higher' if value > 0 else 'lower'}")
    nth = value + (reason.kind == "years")  # who is known for eight years is in the ninth
    if reason.kind in ("years", "messages") and 2 <= nth <= 10:
        return speech.say(f"desk.why.{reason.kind}.nth", nth=speech.say(f"nth.{nth}"))
    return speech.say(f"desk.why.{reason.kind}", n=value)


def lines_again(frame: Frame, desk: DeskReader, ids: Sequence[int], shown: int | None) -> list[Line]:
    """Return these lines as they stand now, in the order in which they were; what left the list is left out."""
    page = desk.inbox(_folded(frame, desk)[1], frame.member, PAGE, frame.query.get("after"))
    lines = {line.id: line for line in _lines(frame, page.rows, shown)}
    return [lines[key] for key in ids if key in lines]


def n_fresh(frame: Frame, desk: DeskReader, version: str) -> int:
    """Return how many conversations came into this list since a version of the desk."""
    changed = set(desk.changed_since(version))
    if not changed:
        return 0
    known = {int(one) for one in frame.query.get("known", "").split("-") if one.isdecimal()}
    rows = desk.inbox(_folded(frame, desk)[1], frame.member, PAGE).rows
    return sum(row.id in changed and row.id not in known for row in rows)


def _folded(frame: Frame, desk: DeskReader) -> tuple[list[Folded], str]:
    """Return the cases that the list of an address folds, and the list without them; a search folds nothing."""
    wanted = _wanted(frame, desk)
    cases = [] if frame.query.get("q", "").strip() else cases_of(frame, desk, wanted)
    return cases, wanted + "".join(f" -case:{one.id}" for one in cases)


def _wanted(frame: Frame, desk: DeskReader) -> str:
    """Return in the grammar of views what the address asks for."""
    query, name = frame.query.get("q", "").strip()[:200], frame.query.get("view", "")
    if query or name in VIEWS:
        return query or VIEWS[name]
    return next((view.query for view in desk.views(frame.member) if str(view.id) == name), VIEWS["open"])
