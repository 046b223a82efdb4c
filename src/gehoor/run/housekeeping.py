"""What an owner does once a minute: retention, pruning, compaction."""

import asyncio
from typing import TYPE_CHECKING

import numpy as np

from gehoor.core.clock import DAY_US
from gehoor.core.errors import StoreError
from gehoor.core.history_rewrite import compact
from gehoor.core.rollup import Rollup
from gehoor.core.sqlite import is_disk_full

if TYPE_CHECKING:
    from gehoor.run.owner import Owner

__all__ = ["tidy"]

_FINE_DAYS = 3


async def tidy(owner: "Owner") -> None:
    """Drop the segments and 10-second counts that are too old; make one file of each closed day of the history."""
    today = owner.clock.now() // DAY_US
    await owner.on_writer(lambda: _retain(owner, today))
    if not owner.compacts:
        return
    try:
        # yesterday may still get a part from rows that were waiting at midnight
        await asyncio.to_thread(compact, owner.root, before=str(np.datetime64(today - 1, "D")))
    except StoreError:
        owner.compacts = False  # this file system cannot exchange folders: days keep their parts
    except OSError as error:
        if not is_disk_full(error):
            raise
        # the days stay as they are; a minute later there may be room


def _retain(owner: "Owner", today: int) -> None:
    owner.projector.ledger.segments.drop_before(today - owner.settings.retention.ledger_days)
    for projection in owner.projector.projections:
        if isinstance(projection, Rollup):
            with owner.projector.engine.begin() as tx:
                projection.prune(tx, (today - _FINE_DAYS) * DAY_US)
