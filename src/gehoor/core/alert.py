"""What warn tells: something grows, since when, how strong, who began, who carries it."""

from collections.abc import Sequence
from typing import Any, Literal, get_args

import msgspec
import sqlalchemy as sa

from gehoor.core.store import put
from gehoor.core.tables.ledger import alert

__all__ = [
    "ROLES",
    "Alert",
    "Carrier",
    "Crisis",
    "Earlier",
    "Factor",
    "Lead",
    "Level",
    "Measure",
    "Quote",
    "Role",
    "SharedLink",
    "acknowledge_alert",
    "alert_of",
    "judge_alert",
    "snooze_alert",
    "write_alert",
]

Measure = Literal[
    "posts", "authors", "negative", "help", "complaint", "question", "praise", "improvement", "leaving", "silence"
]  # fmt: skip
"""What was counted: all posts about the brand, different people, posts of one tone or wish; or that none came."""

Level = Literal[1, 2, 3]
"""1 notice, 2 warning, 3 crisis."""

Role = Literal["press", "official", "staff", "supplier", "competitor", "customer", "critic", "fan"]
"""Who somebody is to us."""

ROLES: tuple[Role, ...] = get_args(Role)

FactorName = Literal["burst", "negativity", "spread", "reach", "who"]

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
    role: Role | None = None


class Factor(msgspec.Struct, frozen=True):
    """One reason why it is grave, or not: `value` 0 to 1 (None: unknown), `share` of the whole score, 0 to 1."""

    name: FactorName
    value: float | None
    share: float


class Crisis(msgspec.Struct, frozen=True):
    """How grave it is, 0 to 1, and what makes it so; see `warn.crisis`."""

    score: float
    factors: Sequence[Factor]


class Lead(msgspec.Struct, frozen=True):
    """What stood out most when it began: one channel, motive, need, word or link. The last two are hostile text."""

    kind: Literal["channel", "motive", "need", "term", "link"]
    value: str


class SharedLink(msgspec.Struct, frozen=True, kw_only=True):
    """A link that goes round: as somebody wrote it (hostile text), and how many people shared it."""

    url: str
    n_people: int


class Earlier(msgspec.Struct, frozen=True, kw_only=True):
    """What became of an alert of before about the same brand."""

    id: str
    began_at: int
    ended_at: int
    level: Level
    peak_per_minute: float


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
    n_people : int
        Different people among its newest posts.
    roles : dict
        How many of those people have which role, as far as it is known.
    crisis : Crisis, optional
        How grave it is; None in alerts of before this was told.
    rose_at : int, optional
        When it reached its level; None: at once.
    earlier : sequence of Earlier
        At most three, the newest first.
    lead : Lead, optional
        What stood out most when it began, where something did.
    beside : str, optional
        The alert that lasted when this came up: another matter, known by its leading word, and a story of its own.
    need : str, optional
        The need that alone stands out, where all else said of the brand is as ever: only posts with it are counted.
    links : sequence of SharedLink
        At most three, each shared by at least three people.
    acknowledged_at, snoozed_at, snoozed_until : int, optional
        When a person said that they look after it; when they asked for silence, and until when.
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
    n_people: int = 0
    roles: dict[Role, int] = {}
    crisis: Crisis | None = None
    rose_at: int | None = None
    earlier: Sequence[Earlier] = ()
    lead: Lead | None = None
    links: Sequence[SharedLink] = ()
    beside: str | None = None
    need: str | None = None
    acknowledged_at: int | None = None
    snoozed_at: int | None = None
    snoozed_until: int | None = None

    @property
    def words(self) -> str | None:
        """The search for its posts, where it came up beside another; None: all posts of its time are meant."""
        return f'"{self.lead.value}"' if self.beside is not None and self.lead is not None else None

    @property
    def outstanding(self) -> list[Carrier]:
        """Which of the carriers stand out: with more than twice the posts that the others have on average."""
        n_people = self.n_people or len(self.carriers)
        n = (sum(self.channels.values()) if self.n_people else 0) or sum(one.n for one in self.carriers)
        return [one for one in self.carriers if one.n > 2 * max(1.0, (n - one.n) / max(1, n_people - 1))]

    @property
    def false_alarms_per_week(self) -> float:
        """How many alarms a week as strong as this come by chance; see `warn.base.Detector`."""
        return max(0.0, (1 - self.probability) / self.probability) if self.probability > 0 else float("inf")


def write_alert(tx: sa.Connection, what: Alert) -> None:
    """Insert an alert, or bring the one with its id up to date; a person's verdict stays."""
    values: dict[str, Any] = {name: getattr(what, name) for name in _ROW if name != "verdict"}
    put(tx, alert, **values, data=msgspec.json.encode(what))


def judge_alert(tx: sa.Connection, id_: str, verdict: str) -> bool:
    """Note a person's verdict (`real`, `false`; empty takes it back); False when there is no such alert."""
    statement = sa.update(alert).where(alert.c.id == id_).values(verdict=verdict or None)
    return tx.execute(statement).rowcount == 1


def acknowledge_alert(tx: sa.Connection, id_: str, at: int | None) -> bool:
    """Note that somebody looks after an alert (None: nobody does); False when there is no such alert."""
    statement = sa.update(alert).where(alert.c.id == id_).values(acknowledged_at=at)
    return tx.execute(statement).rowcount == 1


def snooze_alert(tx: sa.Connection, id_: str, at: int, until: int | None) -> bool:
    """Ask for silence about an alert until a moment (None: no longer); False when there is no such alert."""
    values = {"snoozed_at": at if until is not None else None, "snoozed_until": until}
    return tx.execute(sa.update(alert).where(alert.c.id == id_).values(values)).rowcount == 1


def alert_of(row: sa.Row[Any]) -> Alert:
    """Return the alert of a row of the table."""
    return msgspec.structs.replace(
        msgspec.json.decode(row.data, type=Alert), verdict=row.verdict, acknowledged_at=row.acknowledged_at,
        snoozed_at=row.snoozed_at, snoozed_until=row.snoozed_until,
    )  # fmt: skip
