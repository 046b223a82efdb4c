"""What was heard, a day of arrival at a time, in the few columns that the mirror counts: history, and ledger's tail."""

from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from gehoor.core.clock import DAY_US, SECOND_US
from gehoor.core.history_read import Voids, open_parts
from gehoor.core.reader import Reader

__all__ = ["OPEN", "ROWS", "Heard", "local_days", "midnight"]

Ints = npt.NDArray[np.int64]

OPEN = "open"
"""What the history does not hold yet: the last minute."""

_HOUR_US = 3_600 * SECOND_US
_BATCH = 65_536
_AT_ONCE = 16_384

_TAKEN = (
    "seq", "type", "direction", "visibility", "spam", "event_at", "channel", "actor_key", "object_key", "parent_key",
    "duplicate_of", "text_digest", "brands", "language", "place", "need", "motive", "intent", "sentiment",
    "actionability", "views", "event", "brand",
)  # fmt: skip
ROWS = pa.schema(
    [
        ("seq", pa.int64()), ("type", pa.string()), ("direction", pa.string()), ("visibility", pa.string()),
        ("spam", pa.string()), ("at_us", pa.int64()), ("channel", pa.string()), ("actor_key", pa.int64()),
        ("object_key", pa.int64()), ("parent_key", pa.int64()), ("duplicate_of", pa.int64()),
        ("text_digest", pa.int64()), ("brands", pa.list_(pa.string())), ("language", pa.string()),
        ("region", pa.string()), ("need", pa.string()), ("motive", pa.string()), ("intent", pa.string()),
        ("sentiment", pa.string()), ("actionability", pa.string()), ("views", pa.int64()), ("event", pa.string()),
        ("order_brand", pa.string()), ("day", pa.int32()),
    ]
)  # fmt: skip
"""A row of `core.record.LEDGER` as the mirror reads it; `day`: of the event, in the zone of the workspace."""


class Heard:
    """What was heard, as of one moment: what stands in the history, and after it what stands in the ledger.

    Parameters
    ----------
    root : Path
        The workspace.
    reader : Reader
        Of the workspace.
    zone : ZoneInfo
        In which days begin.
    """

    def __init__(self, root: Path, reader: Reader, zone: ZoneInfo) -> None:
        self._folder, self._reader, self._zone = root / "history", reader, zone
        self._voids = Voids(root)

    def stamps(self) -> dict[str, str]:
        """Return for each day of arrival what tells whether its rows changed: offsets, and how many stand."""
        found = {}
        for folder in sorted(self._folder.glob("date=*")):
            first, last, n = 1 << 62, 0, 0
            for file, start, end in open_parts(folder, self._voids):
                first, last = min(first, start), max(last, end)
                n += file.metadata.num_rows - len(self._voids.void_in(start, end))
            if last:
                found[folder.name.removeprefix("date=")] = f"{first}-{last}-{n}-{self._zone.key}"
        return found | {OPEN: f"{self._reader.head()}"}

    def rows(self, day: str) -> Iterator[pa.RecordBatch]:
        """Yield the rows of a day of arrival (ISO, or `OPEN`) that count, in batches of `ROWS`."""
        if day == OPEN:
            yield from self._tail()
            return
        for file, _, last in open_parts(self._folder / f"date={day}", self._voids):
            names = [name for name in _TAKEN if name in file.schema_arrow.names]
            for batch in file.iter_batches(batch_size=_BATCH, columns=names):
                mask = self._voids.standing(batch.column("seq").to_numpy(), last)
                yield self._narrow(batch if mask.all() else batch.filter(pa.array(mask)))

    def _tail(self) -> Iterator[pa.RecordBatch]:
        committed = self._voids.committed or 0
        for segment in self._reader.segments():
            after = max(committed, segment.first_seq - 1)
            while (batch := segment.read(after, 1 << 62, _AT_ONCE)).num_rows:
                after = batch.column("seq")[-1].as_py()
                yield self._narrow(batch)

    def _narrow(self, batch: pa.RecordBatch) -> pa.RecordBatch:
        at = batch.column("event_at").cast(pa.int64())
        days = pa.array(local_days(at.to_numpy(), self._zone).astype(np.int32))
        known = set(batch.schema.names)
        columns = [
            batch.column(name).cast(field.type) if name in known else pa.nulls(batch.num_rows, field.type)
            for name, field in zip(_TAKEN, ROWS, strict=False)
        ]
        return pa.RecordBatch.from_arrays([*columns, days], schema=ROWS)


def local_days(at: Ints, zone: ZoneInfo) -> Ints:
    """Return the day since 1970 on which each moment (microseconds UTC) is, by the clocks of a zone.

    Examples
    --------
    >>> local_days(np.array([0, 23 * 3_600_000_000]), ZoneInfo("Europe/Amsterdam")).tolist()
    [0, 1]
    """
    hours, place = np.unique(at // _HOUR_US, return_inverse=True)
    offsets = [_offset_us(int(hour), zone) for hour in hours]
    return np.asarray((at + np.array(offsets, np.int64)[place]) // DAY_US)


def _offset_us(hour: int, zone: ZoneInfo) -> int:
    offset = datetime.fromtimestamp(hour * 3_600, zone).utcoffset()
    return int(offset.total_seconds()) * SECOND_US if offset is not None else 0


def midnight(day: int, zone: ZoneInfo) -> int:
    """Return when a day (since 1970) begins in a zone, microseconds UTC.

    Examples
    --------
    >>> midnight(1, ZoneInfo("Europe/Amsterdam")) // 3_600_000_000
    23
    """
    noon = datetime.fromtimestamp(day * 86_400 + 43_200, ZoneInfo("UTC"))
    start = datetime(noon.year, noon.month, noon.day, tzinfo=zone)
    return round(start.timestamp()) * SECOND_US
