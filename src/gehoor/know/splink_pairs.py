"""Which records may be one person, as splink says it: where it is installed, it learns in place of `know.linking`."""

import logging
from collections.abc import Sequence
from itertools import combinations
from typing import Any

import numpy as np
import pyarrow as pa

from gehoor.core.errors import SettingError
from gehoor.know.base import Floats, Ints
from gehoor.know.comparing import Column

__all__ = ["splink_pairs"]

_RECALL = 0.7
_MOST_TRAINED = 3
_SEED = 1
_START = 3
_U_PAIRS = 1e6


def splink_pairs(given: Sequence[Column], least_p: float) -> tuple[Ints, Floats]:
    """Return pairs of records, shape (n, 2), the smaller first, and how probable each is one person.

    Parameters
    ----------
    given : sequence of Column
        At least two, normalised.
    least_p : float
        Less probable pairs are left out.

    Raises
    ------
    SettingError
        splink is not installed.

    Notes
    -----
    How often strangers agree is drawn at random, how often a person does is learned by expectation maximisation, for
    all columns but the one that the pairs were found by, in turns. Memory of its own, in DuckDB; seeded.
    Source: splink 5 (MIT), the model of Fellegi and Sunter (1969) with term frequencies.
    """
    try:
        from splink import Linker, SettingsCreator, block_on
        from splink.internals.duckdb.database_api import DuckDBAPI
    except ImportError:
        raise SettingError("splink is not installed: pip install 'gehoor[linking]'.") from None
    names = [f"c{place}" for place in range(len(given))]
    starts = [f"substr({name}, 1, {_START})" for name in names]
    both: list[Any] = [block_on(*pair) for pair in combinations(names, 2)]
    settings = SettingsCreator(
        "dedupe_only",
        comparisons=[_comparison(name, column) for name, column in zip(names, given, strict=True)],
        blocking_rules_to_generate_predictions=[
            *map(block_on, names),
            *(block_on(*pair) for pair in combinations(starts, 2)),
        ],
        retain_matching_columns=False,
    )
    linker = Linker(DuckDBAPI().register(_table(given, names)), settings, log_level=logging.ERROR)
    linker.training.estimate_probability_two_random_records_match(both, recall=_RECALL)
    linker.training.estimate_u_using_random_sampling(max_pairs=_U_PAIRS, seed=_SEED)
    for name in _most_telling(given, names):
        linker.training.estimate_parameters_using_expectation_maximisation(block_on(name), record_sample_proportion=1.0)
    found: Any = linker.inference.predict(threshold_match_probability=least_p)
    table = found.as_pyarrow_table()
    ends = [table[f"unique_id_{side}"].to_numpy().astype(np.int64) for side in "lr"]
    pairs = np.sort(np.column_stack(ends), axis=1)
    order = np.lexsort(pairs.T[::-1])
    return pairs[order], table["match_probability"].to_numpy()[order]


def _comparison(name: str, column: Column) -> Any:
    from splink import comparison_library as library

    made: Any = library.JaroWinklerAtThresholds(name, [0.92, 0.82])
    if column.kind == "digits":
        made = library.LevenshteinAtThresholds(name, [1, 2])
    return made.configure(term_frequency_adjustments=True)


def _table(given: Sequence[Column], names: Sequence[str]) -> pa.Table:
    """Return a column of texts each, empty ones as null."""
    columns: dict[str, pa.Array] = {"unique_id": pa.array(np.arange(len(given[0].codes)))}
    for name, column in zip(names, given, strict=True):
        codes = pa.array(column.codes, mask=column.codes < 0)
        columns[name] = pa.array(column.values, pa.string()).take(codes)
    return pa.table(columns)


def _most_telling(given: Sequence[Column], names: Sequence[str]) -> list[str]:
    """Return the columns in which agreement is rarest, and yet seen."""
    values = [len(column.values) if _repeats(column) else -1 for column in given]
    order = sorted(range(len(given)), key=lambda place: -values[place])
    return [names[place] for place in order[:_MOST_TRAINED] if values[place] > 0]


def _repeats(column: Column) -> bool:
    known = column.codes[column.codes >= 0]
    return len(column.values) < len(known)
