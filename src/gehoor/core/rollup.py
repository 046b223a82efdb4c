"""The roll-ups: how much was said, per 10 seconds, minute and hour, so that no page scans history for a number."""

from collections import defaultdict
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc
import sqlalchemy as sa

from gehoor.core.clock import SECOND_US, Clock
from gehoor.core.errors import ContractError
from gehoor.core.record import kind_of
from gehoor.core.settings import Settings
from gehoor.core.store import put
from gehoor.core.tables.ledger import mark, rollup

__all__ = ["Rollup"]

Ints = npt.NDArray[np.int64]

_ADD = (
    "INSERT INTO rollup VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT DO UPDATE SET "
    "n = n + excluded.n, n_copies = n_copies + excluded.n_copies"
)
_DROP = (
    "DELETE FROM rollup WHERE resolution = ? AND at = ? AND kind = ? AND brand = ? AND channel = ? AND sentiment = ? "
    "AND intent = ? AND n = 0"
)
_FINE, _COARSE = 10, (60, 3600)
_FLOOR = "rollup_floor"
_BITS = 13  # per dimension: 8,191 brands, channels ... ; five dimensions fit one int64 with 11 bits left


class _Codes:
    """Small numbers for the values of a dimension; 0 is the empty value."""

    def __init__(self, name: str) -> None:
        self.values = [""]
        self._code = {"": 0}
        self._name = name

    def of(self, value: str | None) -> int:
        if not value:
            return 0
        code = self._code.get(value)
        if code is None:
            code = self._code[value] = len(self.values)
            self.values.append(value)
            if code >= 1 << _BITS:
                raise ContractError(f"More than {code} different values of {self._name}: is it a free text by mistake?")
        return code

    def column(self, column: pa.Array) -> Ints:
        encoded = column.dictionary_encode()
        codes = np.array([self.of(value) for value in encoded.dictionary.to_pylist()] + [0], np.int64)
        indices = encoded.indices.fill_null(len(codes) - 1).to_numpy(zero_copy_only=False)
        return np.asarray(codes[indices])


class Rollup:
    """Counts activities by bucket, kind, brand, channel, sentiment and intent; copies apart.

    A post about two brands counts under both, and once under "", which is all posts together. Back-fill counts in
    minutes and hours only; 10 seconds are for what is heard as it happens, and `prune` drops them after some days.
    Order-free: equal to a recount of what stands in the ledger. Cost: 0.6 us a row.
    """

    name = "rollup"
    is_in_store = True

    def __init__(self, settings: Settings, clock: Clock) -> None:
        del settings, clock  # it counts whatever comes
        self._kinds, self._brands, self._channels = _Codes("kind"), _Codes("brand"), _Codes("channel")
        self._tones, self._intents = _Codes("sentiment"), _Codes("intent")
        self._n: defaultdict[tuple[int, int], list[int]] = defaultdict(lambda: [0, 0])
        self._floor = 0

    def apply(self, batch: pa.RecordBatch, sign: int) -> None:
        """Add (sign +1) or subtract (-1) what these rows count."""
        parts = (batch.column("type"), batch.column("direction"), batch.column("spam").fill_null(""))
        named = pc.binary_join_element_wise(*parts, " ").dictionary_encode()
        kinds = [kind_of(*value.split(" ")) for value in named.dictionary.to_pylist()]
        combo = np.array([self._kinds.of(kind) for kind in kinds], np.int64)[named.indices.to_numpy()]
        columns = ((self._channels, "channel"), (self._tones, "sentiment"), (self._intents, "intent"))
        for codes, name in columns:
            combo = (combo << _BITS) | codes.column(batch.column(name))
        seconds = batch.column("event_at").cast(pa.int64()).to_numpy() // SECOND_US
        # the lowest bit tells back-fill, which has no 10-second cells
        bucket = (seconds // _FINE << 1) | batch.column("is_backfill").to_numpy(zero_copy_only=False)
        is_copy = pc.is_valid(batch.column("duplicate_of")).to_numpy(zero_copy_only=False)
        lists = batch.column("brands").fill_null([])
        parents = pc.list_parent_indices(lists).to_numpy()
        brands = self._brands.column(lists.flatten())
        rows = np.concatenate([np.arange(len(combo)), parents])
        cells = (combo[rows] << _BITS) | np.concatenate([np.zeros(len(combo), np.int64), brands])
        self._add(cells, bucket[rows], is_copy[rows], sign)

    def _add(self, cells: Ints, buckets: Ints, is_copy: npt.NDArray[np.bool_], sign: int) -> None:
        order = np.lexsort((buckets, cells))
        cells, buckets, is_copy = cells[order], buckets[order], is_copy[order]
        edges = np.flatnonzero((np.diff(cells) != 0) | (np.diff(buckets) != 0)) + 1
        starts = np.concatenate([np.zeros(min(1, len(cells)), np.int64), edges])
        ends = np.append(starts[1:], len(cells))
        copies = np.append(0, np.cumsum(is_copy))
        rows = zip(cells[starts].tolist(), buckets[starts].tolist(), (ends - starts).tolist(),
                   (copies[ends] - copies[starts]).tolist(), strict=True)  # fmt: skip
        for cell, bucket, n, n_copies in rows:
            counts = self._n[cell, bucket]
            counts[0] += sign * n
            counts[1] += sign * n_copies

    def _names(self, cell: int) -> tuple[str, str, str, str, str]:
        low = (1 << _BITS) - 1
        codes = [(cell >> (_BITS * place)) & low for place in range(4, -1, -1)]
        kind, channel, tone, intent, brand = codes
        return (
            self._kinds.values[kind], self._brands.values[brand], self._channels.values[channel],
            self._tones.values[tone], self._intents.values[intent],
        )  # fmt: skip

    def flush(self, tx: sa.Connection, offset: int, *, everything: bool) -> int:
        """Add the counts since the last flush to the table."""
        del everything
        sums = self._sums()
        rows = [(*key, *counts) for key, counts in sums.items() if counts != [0, 0]]
        if rows:
            tx.exec_driver_sql(_ADD, rows)
        less = [key for key, counts in sums.items() if counts[0] < 0]
        if less:
            tx.exec_driver_sql(_DROP, less)
        self._n.clear()
        return offset

    def _sums(self) -> dict[tuple[Any, ...], list[int]]:
        """Return the counts since the last flush by row of the table."""
        sums: defaultdict[tuple[Any, ...], list[int]] = defaultdict(lambda: [0, 0])
        for (cell, bucket), (n, n_copies) in self._n.items():
            names = self._names(cell)
            at = (bucket >> 1) * _FINE
            is_coarse = bucket & 1 or at * SECOND_US < self._floor
            for resolution in _COARSE if is_coarse else (_FINE, *_COARSE):
                counts = sums[resolution, at // resolution * resolution * SECOND_US, *names]
                counts[0] += n
                counts[1] += n_copies
        return sums

    def prune(self, tx: sa.Connection, before: int) -> None:
        """Drop the 10-second cells before a moment (microseconds), for good."""
        tx.execute(sa.delete(rollup).where(rollup.c.resolution == _FINE, rollup.c.at < before))
        put(tx, mark, name=_FLOOR, value=before)
        self._floor = before

    def load(self, tx: sa.Connection, offset: int) -> None:
        """Nothing but the floor is kept in memory."""
        del offset
        self._n.clear()
        self._floor = tx.execute(sa.select(mark.c.value).where(mark.c.name == _FLOOR)).scalar() or 0

    def clear(self, tx: sa.Connection, first: int) -> None:
        """Empty the table."""
        del first
        self._n.clear()
        tx.execute(sa.delete(rollup))
