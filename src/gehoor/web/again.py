"""How the slow reader does, for the pages that say it; nothing where there is none."""

import msgspec

from gehoor.core.clock import DAY_US
from gehoor.core.reread import ReaderState, n_read_since, state_of
from gehoor.web.site import Site

__all__ = ["Again", "again_of"]


class Again(msgspec.Struct, frozen=True, kw_only=True):
    """State of the slow reader, and how many posts it read today, a day being one in UTC as in its budget."""

    state: ReaderState
    n_today: int


def again_of(site: Site) -> Again | None:
    """Return what is to be said of the slow reader."""
    state = state_of(site.reader)
    if state is None:
        return None
    now = site.clock.now()
    return Again(state=state, n_today=n_read_since(site.reader, now - now % DAY_US))
