"""Who is at which conversation now: kept in memory only, and gone soon after they left."""

from collections.abc import Iterator

import msgspec

from gehoor.core.clock import SECOND_US
from gehoor.core.member import Member

__all__ = ["Presence", "Present"]

_GONE_US = 45 * SECOND_US
_WRITES_US = 20 * SECOND_US
_MOST = 4_096


class Present(msgspec.Struct, frozen=True, kw_only=True):
    """Somebody who has a conversation open, in one window."""

    window: str
    member: str
    name: str
    seen_at: int
    wrote_at: int

    def is_writing(self, now: int) -> bool:
        """Tell whether they typed a moment ago."""
        return now - self.wrote_at < _WRITES_US


class Presence:
    """Knows who looks at what; one for all pages of a process, used from its one event loop."""

    def __init__(self) -> None:
        self._at: dict[int, dict[str, Present]] = {}
        self._where: dict[str, int] = {}

    def note(self, conversation: int, window: str, member: Member, now: int, *, is_writing: bool) -> bool:
        """Note that a window shows a conversation; return whether that is news for others."""
        moved = self._where.get(window) != conversation
        if moved:
            self.leave(window)
        self._forget(now)
        here = self._at.setdefault(conversation, {})
        before = here.get(window)
        was_writing = before is not None and before.is_writing(now)
        wrote_at = now if is_writing else before.wrote_at if before is not None else -_WRITES_US
        here[window] = Present(window=window, member=member.id, name=member.name, seen_at=now, wrote_at=wrote_at)
        self._where[window] = conversation
        return moved or (is_writing and not was_writing)

    def leave(self, window: str) -> bool:
        """Note that a window went elsewhere or was closed; return whether it was anywhere."""
        conversation = self._where.pop(window, None)
        if conversation is None:
            return False
        here = self._at.get(conversation, {})
        here.pop(window, None)
        if not here:
            self._at.pop(conversation, None)
        return True

    def others(self, conversation: int, window: str, now: int) -> list[Present]:
        """Return who else has it open, in other windows, by name; each member once, as a writer if they write."""
        here = [one for one in self._at.get(conversation, {}).values() if now - one.seen_at < _GONE_US]
        mine = {one.member for one in here if one.window == window}
        found: dict[str, Present] = {}
        for one in sorted(here, key=lambda one: one.wrote_at):
            if one.window != window and one.member not in mine:
                found[one.member] = one
        return sorted(found.values(), key=lambda one: one.name)

    def _forget(self, now: int) -> None:
        """Forget who left without a word; where there are too many windows, who was seen longest ago."""
        if len(self._where) < _MOST:
            return
        for window in [one.window for one in self._stale(now)] or list(self._where)[: _MOST // 2]:
            self.leave(window)

    def _stale(self, now: int) -> Iterator[Present]:
        for here in self._at.values():
            yield from (one for one in here.values() if now - one.seen_at >= _GONE_US)
