"""The closed grammar of the inbox's views, in Dutch and English: `is:open assignee:me channel:mail waiting:>2h koffer`.

In: what somebody typed. Out: a `ViewQuery`: conditions of SQL with their parameters, and the plain words that are left.
A view that says nothing of `is:` shows what is open. `-` before a word of the grammar turns it round.
"""

import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import NamedTuple

import msgspec

from gehoor.core.clock import DAY_US, SECOND_US
from gehoor.core.desk import URGENCIES
from gehoor.core.judgement import JUDGEMENTS
from gehoor.core.person_reader import person_of_name
from gehoor.core.query import QueryError
from gehoor.core.settings_desk import PUBLIC_DAYS

__all__ = ["CASED", "SORTS", "STATUS_SQL", "Asked", "ViewError", "ViewQuery", "read_view"]

Condition = tuple[str, tuple[object, ...]]

ViewError = QueryError
"""A view cannot be read: the message points at the character."""

STATUS_SQL = (
    "CASE WHEN c.last_in_seq <= c.closed_seq THEN 'resolved' WHEN d.conversation IS NULL AND c.is_backfill THEN "
    "'earlier' WHEN d.conversation IS NULL AND NOT c.is_direct AND c.n_out = 0 AND c.last_in_at < ? THEN 'lapsed' "
    "WHEN d.status IS NULL OR d.status IN ('open', 'resolved') OR c.last_in_seq > d.status_seq "
    "OR (d.status = 'snoozed' AND d.snoozed_until <= ?) THEN 'open' ELSE d.status END"
)
"""What a conversation is now, of what people said and what was heard since; takes `Asked.for_status`.

What was heard as back-fill alone waits for nobody, nor does what was said in public and nobody took up in time: any act
of the team takes it up.
"""

CASED = ("help", "complaint", "question", "improvement", "leaving")
"""The intents that make a case, as SQL reads them too: what asks something of us."""

_LIVE = "c.last_in_seq > c.closed_seq"
_WAITS = "coalesce(c.waiting_since, 1 << 51)"
_HOUR_US = 3_600 * SECOND_US
_AHEAD = f"coalesce(d.priority, 0) * {9 * _HOUR_US} + CASE c.urgency WHEN 0 THEN {-3 * _HOUR_US} WHEN 2 THEN " \
    f"{5 * _HOUR_US} WHEN 3 THEN {9 * _HOUR_US} ELSE 0 END"  # fmt: skip
SORTS: Mapping[str, str] = {
    "newest": "c.last_in_at",
    "waiting": f"-{_WAITS}",
    "priority": f"{_AHEAD} - {_WAITS}",
}
"""Orders of the inbox, each one number of which the largest comes first.

What is urgent comes so much waiting earlier, as `answer.priority` weighs it, and no more: nobody stays behind for ever.
"""

_KEYS = {
    "is": "is", "assignee": "assignee", "behandelaar": "assignee", "voor": "assignee", "team": "team", "label": "label",
    "channel": "channel", "kanaal": "channel", "need": "need", "onderwerp": "need", "brand": "brand", "merk": "brand",
    "waiting": "waiting", "wacht": "waiting", "story": "story", "verhaal": "story", "person": "person",
    "persoon": "person", "sort": "sort", "sorteer": "sort", "language": "language", "taal": "language",
    "urgency": "urgency", "spoed": "urgency", "intent": "intent", "wens": "intent", "sentiment": "sentiment",
    "toon": "sentiment", "case": "case", "zaak": "case",
}  # fmt: skip
_IS = {
    "open": "open", "pending": "pending", "wachtend": "pending", "snoozed": "snoozed", "uitgesteld": "snoozed",
    "resolved": "resolved", "opgelost": "resolved", "klaar": "resolved", "all": "all", "alles": "all",
    "direct": "direct", "public": "public", "openbaar": "public", "unanswered": "unanswered",
    "onbeantwoord": "unanswered", "failed": "failed", "mislukt": "failed", "earlier": "earlier", "eerder": "earlier",
    "lapsed": "lapsed", "verlopen": "lapsed", "late": "late", "laat": "late",
}  # fmt: skip
_SORTS = {
    "newest": "newest", "nieuwste": "newest", "waiting": "waiting", "wachtend": "waiting", "priority": "priority",
    "prioriteit": "priority",
}  # fmt: skip
_ME, _NOBODY = {"me", "mij", "ik"}, {"none", "niemand", "geen"}
_PIECE = re.compile(r'(-?)(?:([^\s:"]+):)?(?:"([^"]*)"|(\S+))')
_AGE = re.compile(r"([<>])(\d{1,6})(m|h|u|d)")
_UNIT_US = {"m": 60 * SECOND_US, "h": 3_600 * SECOND_US, "u": 3_600 * SECOND_US, "d": 86_400 * SECOND_US}
_MOST = 32


class Asked(NamedTuple):
    """Who asks, when (microseconds UTC), and after how many days what was said in public lapses.

    `late` tells which conversations are later than was promised: who asks knows the policies.
    """

    member: str
    now: int
    public_days: int = PUBLIC_DAYS
    late: Callable[[], Iterable[int]] | None = None

    @property
    def for_status(self) -> tuple[int, int]:
        """What `STATUS_SQL` takes."""
        return self.now - self.public_days * DAY_US, self.now


class ViewQuery(NamedTuple):
    """A view that was read. `c` is the table `conversation`, `d` its row of `desk_conversation`, which may be null."""

    conditions: list[Condition]
    words: str
    sort: str
    has_status: bool


class _Piece(NamedTuple):
    text: str
    """The whole view."""
    at: int
    value: str
    asked: Asked


def read_view(text: str, asked: Asked) -> ViewQuery:
    """Read a view.

    Raises
    ------
    ViewError
        What cannot be read, with the character and what is known there.

    Examples
    --------
    >>> read_view("is:all kanaal:mail koffer kwijt", Asked("jan", 0))
    ViewQuery(conditions=[('c.channel = ?', ('mail',))], words='koffer kwijt', sort='newest', has_status=True)
    """
    reading = _Reading(text, asked)
    pieces = list(_PIECE.finditer(text.replace("\0", " ")))
    if len(pieces) > _MOST:
        raise ViewError(f"A view has at most {_MOST} words.", text, pieces[_MOST].start())
    for found in pieces:
        reading.take(found)
    return ViewQuery(reading.conditions, " ".join(reading.words), reading.sort, reading.has_status)


class _Reading:
    """A view while it is read."""

    def __init__(self, text: str, asked: Asked) -> None:
        self._text, self._asked = text, asked
        self.conditions: list[Condition] = []
        self.words: list[str] = []
        self.sort, self.has_status = "newest", False

    def take(self, found: re.Match[str]) -> None:
        minus, key, quoted, plain = found.groups()
        if key is None:
            self.words.append(found.group())
            return
        known = _KEYS.get(key.lower())
        if known is None:
            keys = ", ".join(sorted(set(_KEYS.values())))
            reason = f"There is no {key}: here. Known: {keys}. Put quotes round plain words."
            raise ViewError(reason, self._text, found.start())
        value, at = (plain, found.start(4)) if quoted is None else (quoted, found.start(3))
        piece = _Piece(self._text, at, value, self._asked)
        if known == "sort":
            self.sort = _one_of(piece, _SORTS)
            return
        self.has_status |= known == "is" and _IS.get(value.lower()) in _STATUS
        for sql, values in _READ[known](piece):
            self.conditions.append((f"NOT coalesce({sql}, 0)" if minus else sql, values))


# -- what each word means ---------------------------------------------------------------------------------------------


def _is(piece: _Piece) -> Iterator[Condition]:
    kind = _one_of(piece, _IS)
    if kind in ("open", "pending", "snoozed", "lapsed"):
        yield f"({_LIVE} AND {STATUS_SQL} = '{kind}')", piece.asked.for_status
    elif kind == "earlier":
        yield f"({_LIVE} AND {STATUS_SQL} IN ('earlier', 'lapsed'))", piece.asked.for_status
    elif kind == "resolved":
        yield "c.last_in_seq <= c.closed_seq", ()
    elif kind in ("direct", "public"):
        yield f"c.is_direct = {int(kind == 'direct')}", ()
    elif kind == "unanswered":
        yield "c.waiting_since IS NOT NULL", ()
    elif kind == "late":
        yield "c.id IN (SELECT value FROM json_each(?))", (_late(piece),)
    elif kind == "failed":
        sql = "c.id IN (SELECT p.conversation FROM desk_reply r JOIN conversation_post p ON p.seq = r.conversation "
        yield sql + "WHERE r.state IN ('failed', 'unknown'))", ()


def _late(piece: _Piece) -> str:
    if piece.asked.late is None:
        raise ViewError("What is late is not known here: ask the pages, or the API.", piece.text, piece.at)
    return msgspec.json.encode(list(piece.asked.late())).decode()


def _assignee(piece: _Piece) -> Iterator[Condition]:
    if piece.value.lower() in _NOBODY:
        yield "d.assignee IS NULL", ()
    else:
        yield "d.assignee = ?", (piece.asked.member if piece.value.lower() in _ME else piece.value,)


def _team(piece: _Piece) -> Iterator[Condition]:
    if piece.value.lower() in _NOBODY:
        yield "d.team IS NULL", ()
    else:
        yield "d.team = ?", (piece.value,)


def _label(piece: _Piece) -> Iterator[Condition]:
    yield "instr(d.labels, ?) > 0", (f"|{piece.value}|",)


def _need(piece: _Piece) -> Iterator[Condition]:
    yield "coalesce(d.need, c.need) = ?", (_judged(piece, "need"),)


def _judgement(name: str) -> Callable[[_Piece], Iterator[Condition]]:
    def read(piece: _Piece) -> Iterator[Condition]:
        yield f"c.{name} = ?", (_judged(piece, name),)

    return read


def _plain(name: str) -> Callable[[_Piece], Iterator[Condition]]:
    def read(piece: _Piece) -> Iterator[Condition]:
        yield f"c.{name} = ?", (piece.value,)

    return read


def _urgency(piece: _Piece) -> Iterator[Condition]:
    yield "c.urgency = ?", (URGENCIES.index(_one_of(piece, {name: name for name in URGENCIES})),)


def _waiting(piece: _Piece) -> Iterator[Condition]:
    found = _AGE.fullmatch(piece.value)
    if found is None:
        raise ViewError("Write how long as >2h, <30m or >1d.", piece.text, piece.at)
    sign, number, unit = found.groups()
    since = piece.asked.now - int(number) * _UNIT_US[unit]
    yield f"c.waiting_since {'<' if sign == '>' else '>'} ?", (since,)


def _story(piece: _Piece) -> Iterator[Condition]:
    number = piece.value.removeprefix("topic/")
    if not number.isdecimal() or len(number) > 18:
        raise ViewError("A story is named by its number: story:12.", piece.text, piece.at)
    topics = "SELECT id FROM topic WHERE id = ? OR merged_into = ?"
    sql = "SELECT p.conversation FROM topic_post t JOIN conversation_post p ON p.seq = t.seq WHERE t.topic IN "
    yield f"c.id IN ({sql} ({topics}))", (int(number), int(number))


def _case(piece: _Piece) -> Iterator[Condition]:
    """Hold where they ask something of us and the last message is of a topic: praise waits for no common answer."""
    if not piece.value.isdecimal() or len(piece.value) > 18:
        raise ViewError("A case is named by the number of its topic: case:12.", piece.text, piece.at)
    topics = "SELECT id FROM topic WHERE id = ? OR merged_into = ?"
    sql = f"c.intent IN {CASED} AND EXISTS (SELECT 1 FROM topic_post t WHERE t.seq = c.last_in_seq AND t.topic IN "
    yield f"({sql}({topics})))", (int(piece.value), int(piece.value))


def _person(piece: _Piece) -> Iterator[Condition]:
    person = person_of_name(piece.value)
    if person is None:
        raise ViewError("A person is named by 16 digits and letters, as on their page.", piece.text, piece.at)
    mine = "SELECT actor_key FROM person_actor WHERE person = (SELECT person FROM person_actor WHERE actor_key = ?)"
    yield f"(c.actor_key = ? OR c.actor_key IN ({mine}))", (person, person)


_STATUS = {"open", "pending", "snoozed", "resolved", "earlier", "lapsed", "all"}
_READ: Mapping[str, Callable[[_Piece], Iterator[Condition]]] = {
    "is": _is, "assignee": _assignee, "team": _team, "label": _label, "need": _need, "channel": _plain("channel"),
    "brand": _plain("brand"), "language": _plain("language"), "intent": _judgement("intent"),
    "sentiment": _judgement("sentiment"), "urgency": _urgency, "waiting": _waiting, "story": _story, "person": _person,
    "case": _case,
}  # fmt: skip


def _one_of(piece: _Piece, known: Mapping[str, str]) -> str:
    found = known.get(piece.value.lower())
    if found is None:
        names = ", ".join(sorted(set(known.values())))
        raise ViewError(f"{piece.value[:40]!r} is no word here. Known: {names}.", piece.text, piece.at)
    return found


def _judged(piece: _Piece, task: str) -> str:
    return _one_of(piece, {name: name for name in JUDGEMENTS[task] if name})
