"""How fast the answers to a case leave: one after the other, so that no channel takes us for a machine that floods."""

import sqlalchemy as sa

from gehoor.core.case import PAUSED, key_before
from gehoor.core.clock import SECOND_US
from gehoor.run.desk_reply import UNDO_US

__all__ = ["Pace", "hold", "leave_crossed", "waiting_keys"]

_LAST = (
    "SELECT max(not_before) FROM outbox WHERE channel = ? AND state = 'waiting' AND key >= 'reply/case/' "
    "AND key < 'reply/case0' AND not_before < ?"
)
_WAITING = "SELECT key, channel FROM outbox WHERE key >= ? AND key < ? AND state = 'waiting' ORDER BY not_before, key"
_FOLLOW = (
    "UPDATE desk_reply SET not_before = (SELECT o.not_before FROM outbox o WHERE o.key = desk_reply.key) "
    "WHERE key >= ? AND key < ? AND state = 'queued' AND EXISTS (SELECT 1 FROM outbox o WHERE o.key = desk_reply.key)"
)
_CROSSED = (
    "SELECT r.key FROM desk_reply r LEFT JOIN conversation c ON c.id = r.conversation WHERE r.state = 'queued' "
    "AND r.key >= 'reply/case/' AND r.key < 'reply/case0' AND r.not_before <= ? AND (c.id IS NULL "
    "OR c.waiting_since IS NULL OR c.last_in_seq > r.to_seq OR EXISTS (SELECT 1 FROM desk_reply h "
    "WHERE h.conversation = r.conversation AND h.key <> r.key AND h.at >= r.at "
    "AND h.state IN ('asked', 'queued', 'sent', 'unknown')))"
)


class Pace:
    """Gives answers to cases their moments, behind those of the same replier that wait already.

    Parameters
    ----------
    tx : sqlalchemy.Connection
        In whose transaction they are put in the outbox.
    now : int
        Microseconds UTC.
    per_minute : int
        `[desk] case_per_minute`.
    """

    def __init__(self, tx: sa.Connection, now: int, per_minute: int) -> None:
        self._tx, self._now, self._step = tx, now, 60 * SECOND_US // per_minute
        self._next: dict[str, int] = {}

    def next(self, replier: str) -> int:
        """Return when the next answer leaves, by a replier: never before it can no longer be taken back."""
        first = self._now + UNDO_US
        if replier not in self._next:
            last = self._tx.exec_driver_sql(_LAST, (replier, PAUSED)).scalar()
            self._next[replier] = first if last is None else max(first, last + self._step)
        at = self._next[replier]
        self._next[replier] = at + self._step
        return at

    def spread(self, case: int) -> int:
        """Give all that waits of a case new moments; return how many those are."""
        before = key_before(case)
        hold(self._tx, case)  # what waits of this case is not ahead of itself
        rows = self._tx.exec_driver_sql(_WAITING, (before, before + "~")).all()
        for key, channel in rows:
            self._tx.exec_driver_sql("UPDATE outbox SET not_before = ? WHERE key = ?", (self.next(channel), key))
        self._tx.exec_driver_sql(_FOLLOW, (before, before + "~"))
        return len(rows)


def hold(tx: sa.Connection, case: int) -> int:
    """Let nothing of a case leave; return how many answers wait then."""
    before = key_before(case)
    values = (PAUSED, before, before + "~")
    n = tx.exec_driver_sql(
        "UPDATE outbox SET not_before = ? WHERE key >= ? AND key < ? AND state = 'waiting'", values
    ).rowcount
    tx.exec_driver_sql(_FOLLOW, (before, before + "~"))
    return n


def waiting_keys(tx: sa.Connection, case: int) -> set[str]:
    """Return the answers to a case that nobody tried to send yet."""
    before = key_before(case)
    sql = "SELECT key FROM outbox WHERE key >= ? AND key < ? AND state = 'waiting' AND n_tries = 0"
    return {row[0] for row in tx.exec_driver_sql(sql, (before, before + "~"))}


def leave_crossed(tx: sa.Connection, now: int) -> int:
    """Take back what is due of cases where somebody wrote, or was answered by hand, while it waited for its turn."""
    n = 0
    for (key,) in tx.exec_driver_sql(_CROSSED, (now,)).all():
        sql = "DELETE FROM outbox WHERE key = ? AND state = 'waiting' AND n_tries = 0"
        if tx.exec_driver_sql(sql, (key,)).rowcount:
            tx.exec_driver_sql("UPDATE desk_reply SET state = 'taken_back' WHERE key = ?", (key,))
            n += 1
    return n
