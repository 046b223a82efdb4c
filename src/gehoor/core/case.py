"""Cases: conversations of many people whose last message asks the same of us, counted when somebody looks."""

from collections import Counter
from collections.abc import Sequence
from typing import Any

import msgspec
import sqlalchemy as sa

from gehoor.core.desk import InboxRow
from gehoor.core.desk_query import CASED
from gehoor.core.desk_reader import DeskReader
from gehoor.core.member import Member
from gehoor.core.reader import Reader
from gehoor.core.tables.desk import desk_event, desk_reply
from gehoor.core.topic import Topic, topic_of

__all__ = ["ANSWERED", "LEAST", "MOST", "PAUSED", "Case", "CaseReader", "LeftOut", "key_before"]

LEAST = 5
"""Fewer conversations about the same are no case."""

MOST = 1_000
"""So many conversations of a case are answered at once."""

PAUSED = 1 << 60
"""The `not_before` of what is paused."""

_FOLDED = 8
_NEWEST = sa.text(
    "SELECT coalesce(t.merged_into, t.id) AS topic, count(*) AS n FROM (SELECT last_in_seq FROM conversation "
    f"WHERE last_in_seq > closed_seq AND intent IN {CASED} ORDER BY last_in_at DESC LIMIT 5000) c "
    "JOIN topic_post p ON p.seq = c.last_in_seq JOIN topic t ON t.id = p.topic "
    "GROUP BY 1 HAVING count(*) >= :least ORDER BY n DESC, 1 LIMIT :most"
)

ANSWERED = sa.text(
    "SELECT r.conversation FROM desk_reply r JOIN conversation c ON c.id = r.conversation "
    "WHERE r.state IN ('asked', 'queued', 'sent', 'unknown', 'failed') AND r.to_seq >= c.last_in_seq "
    "AND c.waiting_since IS NOT NULL"
)
"""The conversations that still wait, though somebody wrote an answer to their last message."""


class LeftOut(msgspec.Struct, frozen=True):
    """A conversation that an answer for all did not go to, and why.

    `changed`: something was said or done since it was seen; `language`: no text in theirs; `way`: nothing of ours
    answers there, or the text is too long.
    """

    conversation: int
    why: str


class Case(msgspec.Struct, frozen=True, kw_only=True):
    """One case, as a member may see it. Times: microseconds UTC.

    Attributes
    ----------
    rows : list of InboxRow
        The conversations that wait for an answer and have none on its way, newest first; at most `MOST`.
    n_open : int
        All that are open, those that were answered as well; more than 1,000 are 1,001.
    replies : Counter
        By state, the answers to this case that were not taken back.
    waits_until : int, optional
        When the last of what waits leaves; `PAUSED`: it is paused.
    asked_by : str
        Who wrote what waits for a second pair of eyes; "" where nothing does.
    left_out : tuple of LeftOut
        Of the last answer for all.
    as_of : str
        To be handed back with an answer: what changed since is left out.
    """

    topic: Topic
    rows: list[InboxRow]
    n_open: int
    replies: Counter[str]
    asked_by: str
    waits_until: int | None
    left_out: tuple[LeftOut, ...]
    as_of: str

    @property
    def n_written(self) -> int:
        """How many answers there are, on their way or arrived."""
        return self.replies.total()

    @property
    def is_paused(self) -> bool:
        """Whether nothing leaves until somebody says so."""
        return self.waits_until == PAUSED


class CaseReader:
    """Answers questions about cases; reads only.

    Parameters
    ----------
    reader : Reader
        Of the workspace.
    desk : DeskReader
        Which says what a member may see.
    """

    def __init__(self, reader: Reader, desk: DeskReader) -> None:
        self._reader, self._desk = reader, desk

    def cases_in(self, view: str, member: Member) -> list[tuple[Topic, int]]:
        """Return the topics of which a view holds five conversations or more, and how many, most first.

        Cost: 10 ms with 5,000 open conversations; of more, the newest 5,000 are looked at.
        """
        numbers = [row.topic for row in self._reader.stored(_NEWEST.bindparams(least=LEAST, most=_FOLDED))]
        counts = self._desk.counts({str(number): f"{view} case:{number}" for number in numbers}, member)
        found = [(topic_of(self._reader, number), counts[str(number)]) for number in numbers]
        return sorted(((one, n) for one, n in found if one is not None and n >= LEAST), key=lambda pair: -pair[1])

    def case(self, number: int, member: Member) -> Case | None:
        """Return the case of a topic; None where there is no such topic."""
        as_of = self._desk.version()  # before the rest is read: what comes in between counts as come since
        topic = topic_of(self._reader, number)
        if topic is None:
            return None
        view = f"is:open case:{topic.id}"
        page = self._desk.inbox(f"{view} is:unanswered", member, MOST)
        written = self._written(topic.id)
        waits = [row.not_before for row in written if row.state == "queued"]
        answered = self._answered()
        return Case(
            topic=topic,
            rows=[row for row in page.rows if row.id not in answered],
            n_open=self._desk.counts({"open": view}, member)["open"],
            replies=Counter(row.state for row in written),
            asked_by=next((row.said_by for row in written if row.state == "asked"), ""),
            waits_until=max(waits, default=None),
            left_out=self._left_out(topic.id),
            as_of=as_of,
        )

    def _written(self, number: int) -> Sequence[sa.Row[Any]]:
        table, before = desk_reply, key_before(number)
        mine = sa.and_(table.c.key >= before, table.c.key < before + "~", table.c.state != "taken_back")
        columns = (table.c.conversation, table.c.state, table.c.not_before, table.c.at, table.c.said_by)
        return self._reader.stored(sa.select(*columns).where(mine).order_by(table.c.at, table.c.key))

    def _answered(self) -> set[int]:
        """Return the conversations to whose last message an answer is on its way, or may have left."""
        return {row.conversation for row in self._reader.stored(ANSWERED)}

    def _left_out(self, number: int) -> tuple[LeftOut, ...]:
        table = desk_event
        mine = sa.and_(table.c.conversation == 0, table.c.act == "answer_case")
        named = sa.func.json_extract(table.c.detail, "$.case") == number
        last = sa.select(table.c.detail).where(mine, named).order_by(table.c.id.desc()).limit(1)
        rows = self._reader.stored(last)
        told = msgspec.json.decode(rows[0][0])["left_out"] if rows else []
        return tuple(LeftOut(conversation, why) for conversation, why in told)


def key_before(number: int) -> str:
    """Return how the keys of all answers to a case begin.

    Examples
    --------
    >>> key_before(12)
    'reply/case/12/'
    """
    return f"reply/case/{number}/"
