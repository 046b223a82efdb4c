"""Whether people were helped: what they say when asked, how their next message sounds, and whether they came back."""

from collections.abc import Iterable, Sequence
from typing import Any, Literal

import msgspec
import sqlalchemy as sa

from gehoor.core.interval import Share, share_of
from gehoor.core.reader import Reader
from gehoor.core.topic import seqs_of_topic
from gehoor.run.stories import Story
from gehoor.run.story_rows import MOST_SAID

__all__ = ["Answered", "By", "Helped", "said_in_words", "satisfaction"]

By = Literal["", "need", "channel"]

_GOOD = 4
_MOST_WORDS, _MOST_FOUND = 50, 5_000
_SILENT_DAYS_US = 14 * 86_400_000_000

_PERIOD = "c.n_out > 0 AND c.last_out_at BETWEEN :since AND :until"
_ROWS = (
    "SELECT c.id, coalesce(d.need, c.need) AS need, c.channel, s.score, s.asked_at IS NOT NULL AS was_asked, "
    "d.status = 'resolved' AS was_resolved, c.last_in_seq > d.status_seq AS came_back, c.last_in_at, c.last_out_at, "
    "(SELECT p.sentiment FROM conversation_post p WHERE p.conversation = c.id AND p.direction = 'in' AND p.was = '' "
    "AND p.at > c.first_out_at ORDER BY p.at LIMIT 1) AS next, (SELECT count(*) FROM conversation_post p "
    "WHERE p.conversation = c.id AND p.direction = 'in' AND p.intent = 'complaint' AND p.was = '') AS complaints "
    "FROM conversation c LEFT JOIN desk_conversation d ON d.conversation = c.id "
    "LEFT JOIN (SELECT conversation, max(score) AS score, max(asked_at) AS asked_at FROM desk_survey "
    "GROUP BY conversation) s ON s.conversation = c.id "
    f"WHERE {_PERIOD}"
)
_SAID = (
    "SELECT p.conversation, p.seq, p.at, p.brand FROM conversation c JOIN conversation_post p ON p.conversation = c.id "
    f"WHERE {_PERIOD} AND p.direction = 'in' AND p.was = ''"
)


class Helped(msgspec.Struct, frozen=True, kw_only=True):
    """How people were helped who got an answer in a period: of all, or of one need, channel or story.

    Never of one member.

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
    return Answered(reader, since, until, now).by(by)


class Answered:
    """The conversations in which we answered in a period, looked up once. Times: microseconds UTC."""

    def __init__(self, reader: Reader, since: int, until: int, now: int) -> None:
        self._reader, self._period, self._now = reader, {"since": since, "until": until}, now
        self._rows = reader.stored(sa.text(_ROWS).bindparams(**self._period))

    def by(self, by: By = "") -> list[Helped]:
        """Return how people were helped, of all or of each need or channel, the most conversations first."""
        groups: dict[str, list[Any]] = {}
        for row in self._rows:
            groups.setdefault(getattr(row, by) or "" if by else "", []).append(row)
        return sorted((_helped(name, group, self._now) for name, group in groups.items()), key=lambda one: -one.n)

    def by_story(self, known: Iterable[Story]) -> list[Helped]:
        """Return how people were helped who said something in a story, named by its id, the most conversations first.

        Who spoke in two stories counts in both. Cost: 3 us a message, and 1 ms a story.
        """
        rows = {row.id: row for row in self._rows}
        said = self._reader.stored(sa.text(_SAID).bindparams(**self._period)) if rows else []
        found = []
        for story in known if said else ():
            mine = {one.conversation for one in _of_story(self._reader, story, said)} & rows.keys()
            if mine:
                found.append(_helped(story.id, [rows[id_] for id_ in sorted(mine)], self._now))
        return sorted(found, key=lambda one: -one.n)


def _of_story(reader: Reader, story: Story, said: Sequence[Any]) -> Iterable[Any]:
    base, seqs = story.base, None
    if base.topic is not None:
        seqs = set(seqs_of_topic(reader, base.topic, MOST_SAID))
    elif base.words is not None:
        seqs = {post.seq for post in reader.posts(base, _MOST_FOUND)}
    return [one for one in said if (_is_said_in(story, one) if seqs is None else one.seq in seqs)]


def _is_said_in(story: Story, one: Any) -> bool:
    return story.since <= one.at < story.until and (not story.brand or one.brand == story.brand)


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
