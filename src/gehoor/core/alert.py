"""What warn tells: something grows, since when, how strong, who began, who carries it."""

from collections.abc import Sequence
from typing import Any, Literal

import msgspec
import sqlalchemy as sa

from gehoor.core.store import put
from gehoor.core.tables.ledger import alert

__all__ = ["Alert", "Carrier", "Level", "Measure", "Quote", "alert_of", "judge_alert", "write_alert"]

Measure = Literal["posts", "authors", "negative", "help", "complaint", "question", "praise", "improvement", "leaving"]
"""What was counted: all posts about the brand, different people, posts of one tone or wish."""

Level = Literal[1, 2, 3]
"""1 notice, 2 warning, 3 crisis."""

_ROW = ("id", "brand", "measure", "level", "began_at", "detected_at", "ended_at", "verdict")


class Quote(msgspec.Struct, frozen=True, kw_only=True):
    """A post that shows what it is about. Hostile text, never markup. Empty once the post is deleted or forgotten."""

    seq: int
    actor: str | None
    actor_name: str | None
    channel: str
    event_at: int
    text: str
    url: str | None = None


class Carrier(msgspec.Struct, frozen=True, kw_only=True):
    """Somebody who said or passed on much of it: `n` of the burst's posts."""

    actor: str
    actor_name: str | None
    channel: str
    n: int


class Alert(msgspec.Struct, frozen=True, kw_only=True):
    """One burst. Times are microseconds UTC.

    Attributes
    ----------
    id : str
        Stable: the series and the moment it began; the same burst gets the same id after a crash or a rebuild.
    brand : str
        "" is everything together.
    began_at, detected_at, ended_at : int
        First bucket above what is normal; when we said so; when it was over (None: still going on).
    n, expected : int, float
        Posts since it began, and how many are normal for that time.
    peak_per_minute, normal_per_minute : float
    probability : float
        How sure we are that this is no ordinary day, 0 to 1.
    first : Quote, optional
        The first voice.
    quotes : sequence of Quote
        At most three, telling and different.
    carriers : sequence of Carrier
        At most five, most first.
    channels : dict
        Posts by channel.
    reach : int, optional
        Followers of those who spoke, where known; None where nobody's is.
    verdict : str, optional
        What a person said of it: `real`, `false`; None: nothing yet.
    """

    id: str
    brand: str
    measure: Measure
    level: Level
    began_at: int
    detected_at: int
    ended_at: int | None = None
    verdict: str | None = None
    n: int
    expected: float
    peak_per_minute: float
    normal_per_minute: float
    probability: float
    first: Quote | None = None
    quotes: Sequence[Quote] = ()
    carriers: Sequence[Carrier] = ()
    channels: dict[str, int] = {}
    reach: int | None = None


def write_alert(tx: sa.Connection, what: Alert) -> None:
    """Insert an alert, or bring the one with its id up to date; a person's verdict stays."""
    values: dict[str, Any] = {name: getattr(what, name) for name in _ROW if name != "verdict"}
    put(tx, alert, **values, data=msgspec.json.encode(what))


def judge_alert(tx: sa.Connection, id_: str, verdict: str) -> bool:
    """Note a person's verdict (`real`, `false`; empty takes it back); False when there is no such alert."""
    statement = sa.update(alert).where(alert.c.id == id_).values(verdict=verdict or None)
    return tx.execute(statement).rowcount == 1


def alert_of(row: sa.Row[Any]) -> Alert:
    """Return the alert of a row of the table."""
    return msgspec.structs.replace(msgspec.json.decode(row.data, type=Alert), verdict=row.verdict)
