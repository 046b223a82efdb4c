"""How alike two records are, column by column, and which pairs are worth a look."""

from collections.abc import Sequence
from itertools import combinations
from typing import NamedTuple

import duckdb
import numpy as np
import numpy.typing as npt
import pyarrow as pa

from gehoor.know.base import Ints

__all__ = ["ALIKE", "EXACT", "MISSING", "N_LEVELS", "OTHER", "SWAPPED", "Column", "candidates", "levels"]

EXACT, NEAR, ALIKE, OTHER, SWAPPED = range(5)
N_LEVELS = 5
MISSING = -1
_LARGEST = 60
_A_RECORD = 100

Levels = npt.NDArray[np.int8]
Blocks = tuple[Ints, Ints, Ints]


class Column(NamedTuple):
    """What all records have under one name, normalised."""

    name: str
    kind: str
    """`given_name`, `surname`, `text`, or `digits` (dates, numbers, phones: compared sign by sign)."""
    codes: Ints
    """Shape (n_records,): the place of its value in `values`; -1 where there is none."""
    values: list[str]


def candidates(columns: Sequence[Column], n_records: int) -> Ints:
    """Return the pairs that agree in something rare: one value, or how two begin or end.

    Rare values come first, until there are 100 pairs a record; what more than 60 records share is never a reason.

    Returns
    -------
    ndarray, shape (n_pairs, 2)
        Record numbers, the smaller first; each pair once, sorted.
    """
    keys = [column.codes for column in columns]
    for is_start in (True, False):
        parts = [_parts(column, is_start=is_start) for column in columns]
        keys += parts
        for one, other in combinations(parts, 2):
            keys.append(np.where((one < 0) | (other < 0), -1, one * (int(other.max(initial=0)) + 1) + other))
    names = [column for column in columns if column.kind in ("given_name", "surname")]
    if len(names) == 2:
        keys.append(_either_way(*names))
    packed = _rarest_first([_blocks(key) for key in keys], n_records)
    return np.column_stack([packed // n_records, packed % n_records])


def _rarest_first(blocks: list[Blocks], n_records: int) -> Ints:
    """Return pairs as one number each: of the smallest blocks first, until there are enough."""
    packed, total = [np.zeros(0, np.int64)], 0
    for width in range(2, _LARGEST + 1):
        for order, start, size in blocks:
            pairs = _within(order[start[size == width][:, None] + np.arange(width)])
            packed.append(pairs[:, 0] * n_records + pairs[:, 1])
            total += len(pairs)
        if total > _A_RECORD * n_records:
            break
    return np.unique(np.concatenate(packed))


def _parts(column: Column, *, is_start: bool) -> Ints:
    """Return a number for how each value begins, or ends: three letters, four digits."""
    size = 4 if column.kind == "digits" else 3
    texts = [value[:size] if is_start else value[-size:] for value in column.values]
    _, code = np.unique(np.array([*texts, ""]), return_inverse=True)
    return np.asarray(np.where(column.codes < 0, -1, code[column.codes]))


def _either_way(given: Column, surname: Column) -> Ints:
    """Return a number for the two names of each record, whichever is called the first."""
    texts = []
    for one, other in zip(given.codes.tolist(), surname.codes.tolist(), strict=True):
        pair = sorted(["" if one < 0 else given.values[one], "" if other < 0 else surname.values[other]])
        texts.append(" ".join(pair) if pair[0] else "")
    names, code = np.unique(np.array(texts), return_inverse=True)
    return np.asarray(np.where(names[code] == "", -1, code))


def _blocks(key: Ints) -> Blocks:
    """Return records in the order of their keys, and where in it each key begins and how often it occurs."""
    order = np.argsort(key, kind="stable")
    order = order[key[order] >= 0]
    _, start, size = np.unique(key[order], return_index=True, return_counts=True)
    return order, start, size


def _within(blocks: Ints) -> Ints:
    """Return all pairs inside blocks of the same size, shape (n_blocks, size)."""
    left, right = np.triu_indices(blocks.shape[1], 1)
    return np.sort(np.column_stack([blocks[:, left].ravel(), blocks[:, right].ravel()]), axis=1)


def levels(columns: Sequence[Column], pairs: Ints) -> Levels:
    """Say of each pair how alike the two are in each column.

    Returns
    -------
    ndarray, shape (n_pairs, n_columns)
        `EXACT`; near (one sign differs, is more, less, or changed places with the next); `ALIKE` (Jaro-Winkler from
        .88 on, numbers: two such differences); `OTHER`; `SWAPPED` under the given name, where the names changed
        places (the surname is `MISSING` then); `MISSING` where one has none.

    Notes
    -----
    Cost: 2 us a distinct pair of values. Source: Damerau (1964); Winkler (1990).
    """
    found = np.column_stack([_column_levels(column, pairs) for column in columns])
    place = {column.kind: at for at, column in enumerate(columns) if column.kind in ("given_name", "surname")}
    if len(place) == 2:
        given, surname = place["given_name"], place["surname"]
        is_swapped = _is_swapped(columns[given], columns[surname], pairs)
        is_swapped &= (found[:, given] == OTHER) & (found[:, surname] == OTHER)
        found[is_swapped, given], found[is_swapped, surname] = SWAPPED, MISSING
    return found


def _is_swapped(given: Column, surname: Column, pairs: Ints) -> npt.NDArray[np.bool_]:
    at = {value: code for code, value in enumerate(surname.values)}
    as_surname = np.array([*(at.get(value, -2) for value in given.values), -2])[given.codes]
    left, right = pairs.T
    crossed = (as_surname[left] == surname.codes[right]) & (as_surname[right] == surname.codes[left])
    return np.asarray(crossed)


def _column_levels(column: Column, pairs: Ints) -> Levels:
    one, other = np.sort(column.codes[pairs], axis=1).T
    found = np.full(len(pairs), MISSING, np.int8)
    found[(one >= 0) & (one == other)] = EXACT
    rows = np.flatnonzero((one >= 0) & (one != other))
    if len(rows):
        width = len(column.values)
        distinct, back = np.unique(one[rows] * width + other[rows], return_inverse=True)
        values = pa.array(column.values, pa.string())
        table = pa.table({"one": values.take(distinct // width), "other": values.take(distinct % width)})
        found[rows] = _alike(table, column.kind)[back]
    return found


def _alike(table: pa.Table, kind: str) -> Levels:
    further = (
        "damerau_levenshtein(one, other) = 2" if kind == "digits" else "jaro_winkler_similarity(one, other) >= .88"
    )
    with duckdb.connect(":memory:", config={"threads": 1, "autoinstall_known_extensions": False}) as base:
        base.execute("SET enable_progress_bar = false")  # it would draw across whatever is on the terminal
        base.register("pairs", table)
        told = base.execute(
            "SELECT CASE WHEN damerau_levenshtein(one, other) <= 1 AND least(length(one), length(other)) > 2 "
            f"THEN {NEAR} WHEN {further} THEN {ALIKE} ELSE {OTHER} END::TINYINT AS level FROM pairs"
        ).fetchnumpy()["level"]
    return np.asarray(told, np.int8)
