"""Whether people were helped: what they say when asked, how their next message sounds, and whether they came back."""

from collections.abc import Iterable
from typing import Any, Literal

import msgspec
import sqlalchemy as sa

from gehoor.core.interval import Share, share_of
from gehoor.core.reader import Reader

__all__ = ["By", "Helped", "said_in_words", "satisfaction"]

By = Literal["", "need", "channel"]

_GOOD = 4
_MOST_WORDS = 50
_SILENT_DAYS_US = 14 * 86_400_000_000

_ROWS = (
    "SELECT c.id, {by} AS name, s.score, s.asked_at IS NOT NULL AS was_asked, "
    "d.status = 'resolved' AS was_resolved, c.last_in_seq > d.status_seq AS came_back, c.last_in_at, c.last_out_at, "
    "(SELECT p.sentiment FROM conversation_post p WHERE p.conversation = c.id AND p.direction = 'in' AND p.was = '' "
    "AND p.at > c.first_out_at ORDER BY p.at LIMIT 1) AS next, (SELECT count(*) FROM conversation_post p "
    "WHERE p.conversation = c.id AND p.direction = 'in' AND p.intent = 'complaint' AND p.was = '') AS complaints "
    "FROM conversation c LEFT JOIN desk_conversation d ON d.conversation = c.id "
    "LEFT JOIN (SELECT conversation, max(score) AS score, max(asked_at) AS asked_at FROM desk_survey "
    "GROUP BY conversation) s ON s.conversation = c.id "
    "WHERE c.n_out > 0 AND c.last_out_at BETWEEN :since AND :until"
)
_BY: dict[By, str] = {"": "''", "need": "coalesce(d.need, c.need)", "channel": "c.channel"}


class Helped(msgspec.Struct, frozen=True, kw_only=True):
    """How people were helped who got an answer in a period; of all, or of one need or channel. Never of one member.

    Attributes
    ----------
    n : int
        Conversations in which we answered.
    satisfied : Share
        Of who said it when asked, those who gave 4 or 5.
    sounds_well : Share
        Of who wrote again after our first answer, those who did not sound negative.
    came_back : Share
        Of what was resolved, what they opened again.
    silent : Share
        Of who complained and got an answer, those who said nothing more in fourteen days: helped, or given up.
    """

    name: str
    n: int
    n_asked: int
    satisfied: Share
    sounds_well: Share
    came_back: Share
    silent: Share


def satisfaction(reader: Reader, since: int, until: int, now: int, by: By = "") -> list[Helped]:
    """Return how people were helped, the most conversations first. Times: microseconds UTC.

    Notes
    -----
    Cost: 10 us a conversation in the period. Blind to who was never answered: the clocks tell of those.
    """
    rows = reader.stored(sa.text(_ROWS.format(by=_BY[by])).bindparams(since=since, until=until))
    groups: dict[str, list[Any]] = {}
    for row in rows:
        groups.setdefault(row.name or "", []).append(row)
    return sorted((_helped(name, group, now) for name, group in groups.items()), key=lambda one: -one.n)


def _helped(name: str, rows: list[Any], now: int) -> Helped:
    old = [row for row in rows if row.complaints and now - row.last_out_at >= _SILENT_DAYS_US]
    return Helped(
        name=name,
        n=len(rows),
        n_asked=sum(bool(row.was_asked) for row in rows),
        satisfied=_share(row.score >= _GOOD for row in rows if row.score is not None),
        sounds_well=_share(row.next != "negative" for row in rows if row.next is not None),
        came_back=_share(bool(row.came_back) for row in rows if row.was_resolved),
        silent=_share(row.last_in_at < row.last_out_at for row in old),
    )


def _share(found: Iterable[bool]) -> Share:
    told = list(found)
    return share_of(sum(told), len(told))


def said_in_words(reader: Reader, since: int, until: int) -> list[tuple[int, int, str]]:
    """Return what people said of it in their own words, newest first: conversation, score, hostile text."""
    sql = (
        "SELECT conversation, score, words FROM desk_survey WHERE words IS NOT NULL "
        "AND answered_at BETWEEN :since AND :until ORDER BY answered_at DESC LIMIT :most"
    )
    rows = reader.stored(sa.text(sql).bindparams(since=since, until=until, most=_MOST_WORDS))
    return [(row.conversation, row.score, row.words) for row in rows]
