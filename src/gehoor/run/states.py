"""Tells the pages how each source and receiver is doing, where that has changed."""

from collections.abc import Callable
from typing import Any, Protocol

import sqlalchemy as sa

from gehoor.core.broken import ASIDE, LOOP
from gehoor.core.clock import Clock
from gehoor.core.projector import Projector
from gehoor.core.reread import STATE
from gehoor.core.settings import Settings
from gehoor.core.store import put
from gehoor.core.tables import ledger as tables
from gehoor.run.loops import Loops
from gehoor.run.slow import SlowTier
from gehoor.run.sources import SourceTask

__all__ = ["States"]

_State = tuple[str, str, str | None, float]


class Teller(Protocol):
    """What must be known of an owner."""

    clock: Clock
    projector: Projector
    settings: Settings
    slow: SlowTier
    loops: Loops

    @property
    def tasks(self) -> list[SourceTask]:
        """Every source."""
        ...

    def on_writer(self, action: Callable[[], Any]) -> Any:
        """Run something between two commits."""
        ...


class States:
    """The table `source`: type, status, what it says, activities a minute.

    Parameters
    ----------
    owner : Teller
        Whose sources they are.
    """

    def __init__(self, owner: Teller) -> None:
        self._owner = owner
        self._known: dict[str, _State] = {}

    async def write(self) -> None:
        """Write what has changed since the last time."""
        now = self._owner.clock.now()
        states: dict[str, _State] = {
            task.name: (task.kind, task.status, task.message, round(task.per_minute(now), 1))
            for task in self._owner.tasks
        }
        states |= {name: (part.type, "running", None, 0.0) for name, part in self._owner.settings.receivers.items()}
        if (slow := self._owner.slow.state) is not None:
            states[STATE] = (slow.kind, slow.status, slow.message, 0.0)
        states |= {f"[{name}]": (LOOP, "waiting", why, 0.0) for name, why in self._owner.loops.broken().items()}
        fresh = {name: state for name, state in states.items() if self._known.get(name) != state}
        if fresh or self._known.keys() - states.keys():
            await self._owner.on_writer(lambda: self._put(fresh, [*states]))
        self._known = states

    def _put(self, fresh: dict[str, _State], names: list[str]) -> None:
        with self._owner.projector.engine.begin() as tx:
            gone = tables.source.c.name.not_in(names)
            tx.execute(sa.delete(tables.source).where(gone, tables.source.c.type != ASIDE))
            for name, (kind, status, message, per_minute) in fresh.items():
                values = {"type": kind, "status": status, "message": message, "per_minute": per_minute}
                put(tx, tables.source, name=name, **values)
