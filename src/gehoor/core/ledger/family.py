"""What a row takes from others: its campaign and its verdict on spam from its family, its language from its author."""

from collections.abc import Mapping
from typing import Any, NamedTuple

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from gehoor.core.labels import relabel
from gehoor.core.ledger.batch import Ints
from gehoor.core.ledger.habit import HABIT_P, language_of
from gehoor.core.ledger.keyed import Verdicts
from gehoor.core.ledger.resolve import STANDS
from gehoor.core.ledger.segments import Segments
from gehoor.core.record import kind_of

__all__ = ["with_family"]

_KIN = "seq, state, type, direction, spam, spam_p, campaign"
_NEW = ("type", "direction", "spam", "spam_p")
_OWN_REASON = "account"  # speaks of who said it, not of what was said


class _Kin(NamedTuple):
    """What matters of the row that a row repeats, or whose template it has."""

    type: str
    direction: str
    spam: str | None
    spam_p: float | None
    campaign: int | None

    @property
    def is_said(self) -> bool:
        return kind_of(self.type, self.direction) == "say"


def with_family(rows: pa.RecordBatch, verdicts: Verdicts, segments: Segments) -> pa.RecordBatch:
    """Return new rows with what follows from the verdicts of the ordered step on them.

    A copy is in the campaign of its original. What is spam is judged once for a whole campaign: a row is spam, or none,
    as the post it repeats or whose template it has, unless its own account is the reason. Cost: 5 us for each row
    that has kin.
    """
    taken: dict[int, dict[str, Any]] = {}
    _take_languages(taken, verdicts)
    campaigns = _take_from_kin(taken, rows, verdicts, segments)
    changed = {"campaign": pa.array(campaigns, pa.int64(), mask=campaigns == 0)} | _replaced(rows, taken)
    columns = [changed.get(name, rows.column(name)) for name in rows.schema.names]
    return pa.RecordBatch.from_arrays(columns, schema=rows.schema)


def _take_languages(taken: dict[int, dict[str, Any]], verdicts: Verdicts) -> None:
    for row in np.flatnonzero(verdicts.language).tolist():
        taken[row] = {"language": language_of(int(verdicts.language[row])), "language_p": HABIT_P}


def _take_from_kin(
    taken: dict[int, dict[str, Any]], rows: pa.RecordBatch, verdicts: Verdicts, segments: Segments
) -> Ints:
    """Return the campaign of each row, and note which rows are judged as their kin."""
    campaigns = verdicts.campaign.copy()
    kin_of = np.where(verdicts.duplicate_of == 0, campaigns, verdicts.duplicate_of)
    asking = np.flatnonzero(kin_of)
    if not len(asking):
        return campaigns
    seqs = rows.column("seq").to_numpy()
    kin = kin_of[asking]
    known = _known(segments, kin[kin < seqs[0]])
    places = np.searchsorted(seqs, kin)  # of kin in the same batch
    ours = _ours(rows, np.union1d(asking, places[kin >= seqs[0]]), campaigns)
    for row, seq, place in zip(asking.tolist(), kin.tolist(), places.tolist(), strict=True):
        other = known.get(seq) if seq < seqs[0] else ours[place]
        if verdicts.duplicate_of[row]:
            campaigns[row] = (other.campaign if other is not None else None) or seq
        judged = _as_kin(ours[row], other) if other is not None else {}
        if judged:
            taken[row] = taken.get(row, {}) | judged
            ours[row] = ours[row]._replace(**judged)
    return campaigns


def _known(segments: Segments, seqs: Ints) -> dict[int, _Kin]:
    found = segments.select(_KIN, np.unique(seqs).tolist())
    return {seq: _Kin(*kin) for seq, state, *kin in found if state == STANDS}


def _ours(rows: pa.RecordBatch, places: Ints, campaigns: Ints) -> dict[int, _Kin]:
    """Return what matters of new rows."""
    mine = rows.select(_NEW).take(pa.array(places))
    columns = (*(column.to_pylist() for column in mine.columns), campaigns[places].tolist())
    return {
        place: _Kin(type_, direction, spam, p, campaign or None)
        for place, type_, direction, spam, p, campaign in zip(places.tolist(), *columns, strict=True)
    }


def _as_kin(own: _Kin, kin: _Kin) -> dict[str, Any]:
    """Return what changes when a row is judged as its kin."""
    if kin.spam_p is not None and bool(own.spam) == bool(kin.spam):
        return {}
    if not (own.is_said and kin.is_said) or own.spam == _OWN_REASON:
        return {}
    return {"spam": kin.spam, "spam_p": kin.spam_p}


def _replaced(rows: pa.RecordBatch, taken: Mapping[int, Mapping[str, Any]]) -> dict[str, pa.Array]:
    """Return the columns in which rows take something, and their labels."""
    found: dict[str, pa.Array] = {}
    names = sorted({name for values in taken.values() for name in values})
    before = {name: rows.column(name).to_pylist() for name in (*names, "labels")} if names else {}
    for row, values in taken.items():
        before["labels"][row] = relabel(before["labels"][row], {name: before[name][row] for name in values}, values)
    for name in names:
        places = sorted(row for row, values in taken.items() if name in values)
        mask = np.zeros(rows.num_rows, np.bool_)
        mask[places] = True
        field = rows.schema.field(name)
        new = pa.array([taken[row][name] for row in places], field.type)
        found[name] = pc.replace_with_mask(rows.column(name), pa.array(mask), new)
    if names:
        found["labels"] = pa.array(before["labels"], pa.string())
    return found
