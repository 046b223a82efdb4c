"""A file's past as a story: every activity in the order and at the moment in which it is lived again."""

import asyncio
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import IO

import msgspec
import numpy as np
import numpy.typing as npt

from gehoor.core import registry
from gehoor.core.clock import SECOND_US, StillClock
from gehoor.core.errors import RejectedRecord, SettingError
from gehoor.core.page import RawPage
from gehoor.core.record import Activity
from gehoor.listen.file import FileOptions, FileSource

__all__ = ["Story", "read_story", "story_moments"]

Ints = npt.NDArray[np.int64]

_NEAR_US = 3_600 * SECOND_US
_FEW = 0.01
_RETELLS = frozenset(("Update", "Delete", "Undo"))
_encode = msgspec.json.Encoder().encode


def story_moments(published: Ints) -> tuple[Ints, Ints]:
    """Return the order in which lines are lived again, and the moment of each line in that order.

    A file that was kept as it came (at most one line in a hundred is more than an hour older than one before it) keeps
    its order: a late arrival comes late again. Any other file, such as an export with the newest first, is put in the
    order of its moments.

    Parameters
    ----------
    published : ndarray of int64
        Microseconds UTC of each line; 0 where it tells none of its own, which takes that of the line before it.

    Examples
    --------
    >>> story_moments(np.array([30, 0, 20]) * 3_600_000_000)[0].tolist()
    [2, 0, 1]
    """
    n = len(published)
    last = np.maximum.accumulate(np.where(published != 0, np.arange(n), -1))
    own = np.where(last >= 0, published[np.maximum(last, 0)], published[published != 0][:1].sum())
    reached = np.maximum.accumulate(own)
    if not n or np.mean(reached - own > _NEAR_US) <= _FEW:
        return np.arange(n), reached
    order = np.argsort(own, kind="stable")
    return order, own[order]


class Story:
    """All activities of a file, in a nameless file that goes with this object, ready to be told from any line on.

    Attributes
    ----------
    moments : ndarray of int64
        When each line is lived again, microseconds UTC, rising.
    rejects : list of RawPage
        Items that cannot be read, each as a page of its own: they end in the rejects like those of any source.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self.moments: Ints = np.empty(0, np.int64)
        self.rejects: list[RawPage] = []
        self._file: IO[bytes] = tempfile.TemporaryFile()  # noqa: SIM115  # it lives as long as the story
        self._lengths: list[int] = []
        self._published: list[int] = []
        self._starts: Ints = np.empty(0, np.int64)
        self._ends: Ints = np.empty(0, np.int64)

    def __len__(self) -> int:
        return len(self.moments)

    def add(self, activity: Activity) -> None:
        """Take up the next activity of the file."""
        line = _encode(_plain(activity)) + b"\n"
        self._file.write(line)
        self._lengths.append(len(line))
        # an edit tells when its post was made, not when it was edited: it is lived where it stands
        is_own = activity.type not in _RETELLS
        self._published.append((activity.published or 0) if is_own else 0)

    def finish(self) -> None:
        """Put everything in its order."""
        order, self.moments = story_moments(np.array(self._published, np.int64))
        ends = np.cumsum(np.array(self._lengths, np.int64))
        self._starts, self._ends = (ends - np.array(self._lengths, np.int64))[order], ends[order]
        self._lengths, self._published = [], []

    def lines(self, first: int, end: int) -> bytes:
        """Return lines of the story in the plain form, one after another."""
        return b"".join(self._lines(first, end))

    def _lines(self, first: int, end: int) -> Iterator[bytes]:
        # neighbours in the story are neighbours in the file, nearly always: read as far as they are
        while first < end:
            jumps = np.flatnonzero(self._starts[first + 1 : end] != self._ends[first : end - 1])
            until = first + int(jumps[0]) + 1 if len(jumps) else end
            self._file.seek(int(self._starts[first]))
            yield self._file.read(int(self._ends[until - 1] - self._starts[first]))
            first = until

    def close(self) -> None:
        """Let go of the file."""
        self._file.close()


def _plain(activity: Activity) -> dict[str, object]:
    """Return an activity as the plain form has it: when it was heard is for the new life to say."""
    fields = msgspec.structs.asdict(activity)
    return {name: value for name, value in fields.items() if name != "received" and value is not None and value != ()}


async def _tell(story: Story, source: str, on_share: Callable[[float], None] | None) -> None:
    decoders = {name: registry.load("decoders", name)() for name in registry.names("decoders")}
    size = max(1, story.path.stat().st_size)
    n_bytes = 0
    async for page in FileSource(source, FileOptions(path=story.path), StillClock(0)).read(None):
        try:
            decoded = decoders[page.decoder].decode(page)
        except RejectedRecord:
            story.rejects.append(page)
            continue
        for activity in decoded.activities:
            story.add(activity)
        for reject in decoded.rejects:
            story.rejects.append(msgspec.structs.replace(page, payload=reject.raw, position=reject.position))
        n_bytes += len(page.payload)
        if on_share is not None:
            on_share(min(1.0, n_bytes / size))


def read_story(path: Path, source: str, on_share: Callable[[float], None] | None = None) -> Story:
    """Read a file once, in any form that the file source reads, and put it in the order of its past.

    Parameters
    ----------
    source : str
        The name under which it will be heard.
    on_share : callable, optional
        Told how much is read, 0 to 1 (of a packed file it is a guess).

    Raises
    ------
    SettingError
        The file cannot be read, or holds nothing that says when it was published.
    """
    story = Story(path)
    asyncio.run(_tell(story, source, on_share))
    story.finish()
    if not len(story) or not story.moments[-1]:
        story.close()
        raise SettingError(
            f"{path} holds no activity with a moment (`published`), so there is no past to live again. "
            "Try: gehoor check, or gehoor add file."
        )
    return story
