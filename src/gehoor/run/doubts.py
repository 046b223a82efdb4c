"""Replies of which nobody knows whether they left: looked up on their channel, and never sent again blindly."""

from collections.abc import Collection, Mapping
from functools import partial
from typing import Literal, NamedTuple

import sqlalchemy as sa

from gehoor.core.clock import SECOND_US
from gehoor.core.outbox import Entry, entries, resolve
from gehoor.listen.base import Replier
from gehoor.run.desk_send import outcome as note_outcome
from gehoor.run.sending import Outcome, look_up, pause_us
from gehoor.run.workplace import Workplace

__all__ = ["Doubts"]

_LOOK_AFTER_S = 5.0  # a server that was slow to answer may still be putting it there


class _Doubt(NamedTuple):
    entry: Entry
    look_at: int
    n_looks: int = 1


class Doubts:
    """What is to be looked up, and when.

    Only the loop of the owner changes it. A new one knows nothing, and reads from the outbox what a crash left.

    Parameters
    ----------
    place : Workplace
        The owner.
    repliers : mapping
        By channel, as the outbox names them.
    """

    def __init__(self, place: Workplace, repliers: Mapping[str, Replier]) -> None:
        self._place, self._repliers = place, repliers
        self._doubts: dict[str, _Doubt] = {}

    def read(self, tx: sa.Connection) -> list[Entry]:
        """Return what stands as `unknown` in the outbox, of the repliers that there are."""
        return [entry for entry in entries(tx, ("unknown",)) if entry.channel in self._repliers]

    def add(self, entry: Entry, wait_s: float = _LOOK_AFTER_S) -> None:
        """Have an entry looked up."""
        self._doubts[entry.key] = _Doubt(entry, self._place.clock.now() + round(wait_s * SECOND_US))

    def due(self, channels: Collection[str]) -> list[Entry]:
        """Return what is to be looked up now on some channels."""
        now = self._place.clock.now()
        return [one.entry for one in self._doubts.values() if one.look_at <= now and one.entry.channel in channels]

    async def clear(self, entry: Entry) -> None:
        """Look an entry up, and note what was found: `sent`; `waiting` again; `unknown`, and a person decides."""
        outcome = await look_up(self._repliers[entry.channel], entry)
        is_open = await self._place.on_writer(partial(self._note, entry, outcome))
        doubt = self._doubts.pop(entry.key)
        if is_open and outcome.state == "later":
            look_at = self._place.clock.now() + pause_us(doubt.n_looks, outcome)
            self._doubts[entry.key] = _Doubt(entry, look_at, doubt.n_looks + 1)

    def _note(self, entry: Entry, outcome: Outcome) -> bool:
        """Note what was found, here and at the desk; False when a person decided in the meantime."""
        found: Literal["sent", "waiting", "unknown"]
        found = "sent" if outcome.state == "sent" else "waiting" if outcome.state == "absent" else "unknown"
        with self._place.projector.engine.begin() as tx:
            is_open = resolve(tx, entry.key, found, outcome.words)
            if is_open:
                note_outcome(tx, entry.key, found, outcome.words, outcome.delivery)
            return is_open
