"""Reads once what several questions at one moment are about: the newest posts of a brand."""

from pathlib import Path

import msgspec

from gehoor.core.post import Post, PostFilter
from gehoor.core.reader import Reader

__all__ = ["LatelyReader"]


class LatelyReader(Reader):
    """A reader that answers from what it just read, where that holds all that is asked for.

    The posts of a burst, of its last eight minutes and of its last two are the same two thousand in a storm, and are
    read once. Until `put_away` nothing new is looked for: use it for one look at a ledger that rests meanwhile.

    Parameters
    ----------
    root : Path
        The workspace.
    """

    def __init__(self, root: Path) -> None:
        super().__init__(root)
        self._lately: dict[PostFilter, tuple[int, int, list[Post]]] = {}

    def posts(self, wanted: PostFilter, limit: int = 50, before: int | None = None) -> list[Post]:
        """Return the newest posts that a filter lets through, newest first, `seq` smaller than `before`."""
        if wanted.since is None or wanted.until is None or before is not None:
            return super().posts(wanted, limit, before)
        ever = msgspec.structs.replace(wanted, since=None)
        since, most, kept = self._lately.get(ever, (wanted.since + 1, 0, []))
        holds = since <= wanted.since and limit <= most
        found = [post for post in kept if post.event_at >= wanted.since] if holds else []
        if holds and (len(kept) < most or len(found) >= limit):  # nothing was cut off, or nothing of what is wanted
            return found[:limit]
        found = super().posts(wanted, limit)
        if not holds:  # what reaches further back is kept
            self._lately[ever] = (wanted.since, limit, found)
        return list(found)

    def put_away(self) -> None:
        """Forget what was read: the next look is at a ledger that holds more."""
        self._lately.clear()
