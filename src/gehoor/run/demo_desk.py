"""The desk of the demo as its team left it: what was asked before the morning of the ash cloud is done."""

import sqlalchemy as sa

from gehoor.core.tables.conversation import conversation
from gehoor.run.desk import act_on_desk
from gehoor.run.workplace import Workplace

__all__ = ["clear_desk"]

_AT_ONCE = 500
_WHO = "demo"


async def clear_desk(owner: Workplace, before: int) -> int:
    """Resolve all conversations in which nothing was said since a moment (microseconds UTC); return how many."""
    table = conversation.c

    def waiting() -> list[int]:
        owner.projector.flush()
        mine = sa.select(table.id).where(table.last_in_at < before, table.last_in_seq > table.closed_seq)
        with owner.projector.engine.connect() as connection:
            return list(connection.execute(mine).scalars())

    found = await owner.on_writer(waiting)
    for first in range(0, len(found), _AT_ONCE):
        ids = found[first : first + _AT_ONCE]
        asked = {"said_by": _WHO, "conversations": ids, "act": "status", "arguments": {"status": "resolved"}}
        await act_on_desk(owner, "bulk", asked)
    return len(found)
