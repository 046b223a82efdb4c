"""The numbers of a staged batch as numpy views, and which of its rows are new."""

from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from gehoor.core.ledger.habit import languages_of
from gehoor.core.ledger.memory import Mutated, Recent
from gehoor.core.ledger.resolve import Stand

__all__ = ["Numbers", "first_of_each", "suspects"]

Ints = npt.NDArray[np.int64]
Mask = npt.NDArray[np.bool_]


def _ints(column: pa.Array) -> Ints:
    if pa.types.is_timestamp(column.type):
        column = column.cast(pa.int64())
    return np.ascontiguousarray(column.fill_null(0).to_numpy(zero_copy_only=False), dtype=np.int64)


class Numbers(NamedTuple):
    """Columns of a batch that the owner works with; `published` is 0 where the channel gave none."""

    types: npt.NDArray[Any]
    rev: Ints
    published: Ints
    key: Ints
    object_key: Ints
    actor_key: Ints
    digest: Ints
    has_digest: Mask
    signature: npt.NDArray[np.uint8]
    has_signature: Mask
    language: npt.NDArray[np.int16]
    is_doubtful: Mask
    template: Ints
    campaign: Ints

    @classmethod
    def of(cls, batch: pa.RecordBatch) -> "Numbers":
        """Read the numbers of a batch of `ACTIVITY` + `ANNOTATION` columns."""
        signature = batch.column("signature")
        has_signature = pc.is_valid(signature).to_numpy(zero_copy_only=False)
        filled = signature.fill_null(b"\0" * 64) if signature.null_count else signature
        language, is_doubtful = languages_of(batch)
        raw = np.frombuffer(filled.buffers()[1], np.uint8)[filled.offset * 64 : (filled.offset + len(filled)) * 64]
        return cls(
            types=np.array(batch.column("type").to_pylist(), dtype=object),
            rev=_ints(batch.column("rev")),
            published=_ints(batch.column("published")),
            key=_ints(batch.column("key")),
            object_key=_ints(batch.column("object_key")),
            actor_key=_ints(batch.column("actor_key")),
            digest=_ints(batch.column("text_digest")),
            has_digest=pc.is_valid(batch.column("text_digest")).to_numpy(zero_copy_only=False),
            signature=raw.reshape(-1, 64),
            has_signature=has_signature,
            language=language,
            is_doubtful=is_doubtful,
            template=_ints(batch.column("template")),
            campaign=np.zeros(batch.num_rows, np.int64),
        )

    def take(self, mask: Mask) -> "Numbers":
        """Return the rows where mask is true."""
        return self if bool(mask.all()) else Numbers(**{name: getattr(self, name)[mask] for name in self._fields})

    def only(self, mask: Mask) -> "Numbers":
        """Return the same rows, of which those where mask is false are like nothing and tell nothing."""
        return self._replace(
            has_digest=self.has_digest & mask,
            has_signature=self.has_signature & mask,
            language=np.where(mask, self.language, np.int16(0)),
            is_doubtful=self.is_doubtful & mask,
            template=np.where(mask, self.template, 0),
        )

    def stands(self, seqs: Ints) -> list[Stand]:
        """Return the rows as `Stand`s with their new offsets."""
        columns = (seqs, self.types, self.rev, self.key, self.object_key)
        rows = zip(*(column.tolist() for column in columns), strict=True)
        return [Stand(seq, type_, rev, key, object_key, 0) for seq, type_, rev, key, object_key in rows]


def first_of_each(keys: Ints) -> Mask:
    """Tell which rows are the first with their key in the batch."""
    first = np.zeros(len(keys), np.bool_)
    first[np.unique(keys, return_index=True)[1]] = True
    return first


def suspects(numbers: Numbers, mutated: Mutated, recent: Recent) -> set[int]:
    """Return the digests for which committed rows must be looked at.

    Those that the batch itself edits, deletes or undoes; those of rows that come after their own edit or deletion;
    and of posts whose object was heard of already.
    """
    mutates = np.isin(numbers.types, ("Update", "Delete", "Undo"))
    mutated.add(numbers.object_key[mutates])
    late = mutated.may_have(numbers.object_key)
    undone = mutated.may_have(numbers.key)
    again = recent.has(numbers.object_key) & (numbers.types == "Create") if not mutates.all() else late
    found = numbers.object_key[mutates | late | again].tolist() + numbers.key[undone].tolist()
    values, counts = np.unique(numbers.object_key[numbers.types == "Create"], return_counts=True)
    return set(found) | set(values[counts > 1].tolist())
