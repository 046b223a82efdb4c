"""What an owner does once a minute: retention, pruning, compaction; now and then who speaks of the same."""

from contextlib import suppress

import numpy as np

from gehoor.core.clock import DAY_US
from gehoor.core.errors import StoreError
from gehoor.core.ledger.dropped import empty_before
from gehoor.core.past import closed_days, take_back
from gehoor.core.rollup import Rollup
from gehoor.core.settings import Retention
from gehoor.run.communities import renew_communities
from gehoor.run.compact_child import compact_in_child
from gehoor.run.linking_night import renew_proposals
from gehoor.run.loyalty import renew_loyalty
from gehoor.run.mirror.calendars import renew_calendars
from gehoor.run.mirror.night import renew_mirror
from gehoor.run.mirror.schedule import go_round
from gehoor.run.past_child import find_in_child, rewrite_in_child
from gehoor.run.people_night import renew_people
from gehoor.run.workplace import Workplace
from gehoor.warn.topics import Topics

__all__ = ["tidy"]

_FINE_DAYS = 3


async def tidy(place: Workplace, keep: Retention, *, may_compact: bool) -> bool:
    """Drop the segments and 10-second counts that are too old; make one file of each closed day of the history.

    Returns
    -------
    bool
        Whether days can be compacted here: not where the file system cannot exchange folders.
    """
    today = place.clock.now() // DAY_US
    await place.on_writer(lambda: _retain(place, today, keep))
    with suppress(StoreError):  # a full disk: it is done again the next time
        await _reach_back(place)
    if may_compact:
        # yesterday may still get a part from rows that were waiting at midnight
        may_compact = await compact_in_child(place.root, str(np.datetime64(today - 1, "D")))
    await renew_communities(place)
    await renew_people(place)
    await renew_proposals(place)
    await renew_loyalty(place)
    await renew_calendars(place)
    await renew_mirror(place)
    await go_round(place)
    return may_compact


async def _reach_back(place: Workplace) -> None:
    """Let edits, deletions and late arrivals of closed days reach what only the history holds."""
    closed = await place.on_writer(lambda: closed_days(place.projector))
    if closed is None:
        return
    found = await find_in_child(place.root, closed)
    done = await place.on_writer(lambda: take_back(place.root, place.projector, closed, found))
    if done.n_taken_back or done.n_repeats:
        await rewrite_in_child(place.root)


def _retain(place: Workplace, today: int, keep: Retention) -> None:
    segments = place.projector.ledger.segments
    segments.drop_before(today - keep.ledger_days)
    empty_before(segments, today - keep.dropped_days)
    for projection in place.projector.projections:
        if isinstance(projection, Rollup):
            with place.projector.engine.begin() as tx:
                projection.prune(tx, (today - _FINE_DAYS) * DAY_US)
        elif isinstance(projection, Topics) and segments.all:
            with place.projector.engine.begin() as tx:
                projection.prune(tx, segments.all[0].first_seq)
