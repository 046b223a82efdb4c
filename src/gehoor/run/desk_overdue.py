"""Which open conversations are later than was promised, by the very clocks that their rings show."""

import threading
from collections.abc import Sequence
from typing import Any

import sqlalchemy as sa

from gehoor.answer.calendar import NEVER
from gehoor.answer.sla_clock import due_at
from gehoor.core.clock import SECOND_US
from gehoor.core.desk_query import Asked, read_view
from gehoor.core.reader import Reader
from gehoor.core.settings import Settings
from gehoor.run.desk_clocks import DeskClocks
from gehoor.run.desk_rank import promised_of

__all__ = ["Overdue"]

_AT_ONCE = 1_000
_GROUPS_US = 600 * SECOND_US
"""So long a person stays in the segments in which they were last found."""
_ROWS = (
    "SELECT c.id, c.actor_key, c.channel, c.urgency, 'open' AS status, c.changed, coalesce(d.version, 0) AS version "
    "FROM conversation c LEFT JOIN desk_conversation d ON d.conversation = c.id WHERE "
)


class Overdue:
    """Tells which conversations are late; what it reckoned holds until they get a message, lose one, or are acted on.

    Parameters
    ----------
    reader : Reader
        Of the workspace.

    Notes
    -----
    Cost: 0.7 s the first time with 12,000 that are open, then 60 us for each that changed and 4 us for each other.
    """

    def __init__(self, reader: Reader) -> None:
        self.reader, self._lock = reader, threading.Lock()
        self._promised: object = None
        self._since = 0
        self._due: dict[int, tuple[tuple[int, int], int]] = {}

    def late(self, settings: Settings, now: int) -> list[int]:
        """Return the open conversations whose promise has passed at a moment (microseconds UTC)."""
        promised = promised_of(settings)
        policies, calendar = promised
        if not policies:
            return []
        with self._lock:
            is_old = any(one.groups for one in policies) and not 0 <= now - self._since < _GROUPS_US
            if promised is not self._promised or is_old:
                self._promised, self._since, self._due = promised, now, {}
            rows = self._open(settings, now)
            new = [row for row in rows if self._due.get(row.id, (None, 0))[0] != (row.changed, row.version)]
            clocks = DeskClocks(self.reader, policies, calendar)
            for start in range(0, len(new), _AT_ONCE):
                batch = new[start : start + _AT_ONCE]
                running = clocks.running(batch, now)
                due = dict(zip(running, due_at(list(running.values()), calendar).tolist(), strict=True))
                self._due |= {row.id: ((row.changed, row.version), due.get(row.id, NEVER)) for row in batch}
            here = {row.id for row in rows}
            self._due = {id_: kept for id_, kept in self._due.items() if id_ in here}
            return [row.id for row in rows if self._due[row.id][1] < now]

    def _open(self, settings: Settings, now: int) -> Sequence[Any]:
        asked = Asked("", now, settings.desk.public_days)
        ((sql, values),) = read_view("is:open", asked).conditions
        parts = (_ROWS + sql).split("?")
        named = "".join(f"{part}:v{place}" for place, part in enumerate(parts[:-1])) + parts[-1]
        return self.reader.stored(sa.text(named).bindparams(**{f"v{at}": value for at, value in enumerate(values)}))
