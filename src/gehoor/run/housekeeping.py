"""What an owner does once a minute: retention, pruning, compaction."""

import asyncio

import numpy as np

from gehoor.core.clock import DAY_US
from gehoor.core.errors import StoreError
from gehoor.core.history_rewrite import compact
from gehoor.core.rollup import Rollup
from gehoor.core.sqlite import is_disk_full
from gehoor.run.workplace import Workplace

__all__ = ["tidy"]

_FINE_DAYS = 3


async def tidy(place: Workplace, keep_days: int, *, may_compact: bool) -> bool:
    """Drop the segments and 10-second counts that are too old; make one file of each closed day of the history.

    Returns
    -------
    bool
        Whether days can be compacted here: not where the file system cannot exchange folders.
    """
    today = place.clock.now() // DAY_US
    await place.on_writer(lambda: _retain(place, today, keep_days))
    if may_compact:
        try:
            # yesterday may still get a part from rows that were waiting at midnight
            await asyncio.to_thread(compact, place.root, before=str(np.datetime64(today - 1, "D")))
        except StoreError:
            return False
        except OSError as error:
            if not is_disk_full(error):
                raise
            # the days stay as they are; a minute later there may be room
    return may_compact


def _retain(place: Workplace, today: int, keep_days: int) -> None:
    place.projector.ledger.segments.drop_before(today - keep_days)
    for projection in place.projector.projections:
        if isinstance(projection, Rollup):
            with place.projector.engine.begin() as tx:
                projection.prune(tx, (today - _FINE_DAYS) * DAY_US)
