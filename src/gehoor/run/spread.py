"""Foresees how large cascades become, from a file of their first minutes: `gehoor spread`."""

import math
from pathlib import Path

import msgspec
import numpy as np
import pyarrow as pa

from gehoor.core.errors import SettingError
from gehoor.run.cascades_file import Cascades, read_cascades
from gehoor.run.result_file import result_file
from gehoor.warn.base import Floats
from gehoor.warn.cascade_growth import CascadeGrowth
from gehoor.warn.cascade_prior import simulated_cascades

__all__ = ["COLUMNS", "SpreadReport", "spread"]

COLUMNS: dict[str, str] = {
    "cascade": "as it stands in the file",
    "predicted_size": "how many posts it will have in the end, the first one included",
    "size_low": "with `size_high`: where that lies, eight times in ten",
    "size_high": "see `size_low`",
    "observed_size": "how many it had in the observed minutes",
}
"""What comes out, a row a cascade, in the order in which they first occur."""

_SCHEMA = pa.schema(
    [
        ("cascade", pa.string()), ("predicted_size", pa.float64()), ("size_low", pa.float64()),
        ("size_high", pa.float64()), ("observed_size", pa.int64()),
    ]
)  # fmt: skip
_MOST_MINUTES = 60 * 24 * 365.0
_LEAST_SEEN, _LEAST_CASCADES = 6, 30
_MOST_CASCADES = 5_000
_N_SIMULATED, _SEED = 500, 1
_ROWS = 4_096


class SpreadReport(msgspec.Struct, frozen=True):
    """What was read, and how far it can be believed.

    Attributes
    ----------
    rows, cascades : int
        Read; written.
    learned_from : int
        Cascades that were learned from; 0: none of yours, but simulated ones.
    msle, median_ape : float
        How wrong it was on each of those when it learned from the others: mean squared error of log2 of the size, and
        median error as a share of the size.
    no_growth_msle, no_growth_median_ape : float
        The same for saying that nothing more will come.
    notes : list of str
        What was left out, and every warning.
    """

    rows: int
    cascades: int
    learned_from: int
    msle: float
    median_ape: float
    no_growth_msle: float
    no_growth_median_ape: float
    notes: list[str]


def spread(source: Path, output: Path, observed_minutes: float, fit: Path | None = None) -> SpreadReport:
    """Write how large each cascade of a file will become.

    Parameters
    ----------
    source : Path
        CSV or JSON lines with the columns cascade and minute (since its first post), a post a row.
    output : Path
        `.csv`, `.parquet` or `.jsonl`, with `COLUMNS`.
    observed_minutes : float
        How many minutes of each are known; rows behind them are left out.
    fit : Path, optional
        Others of the same kind, their whole lives. Without it, simulated ones teach: `warn.cascade_prior`.

    Raises
    ------
    SettingError
        With file, row and column where a file is not as it should be; nothing is written then.

    Notes
    -----
    Cost: 10 s of CPU for 650 cascades to learn from, and 0.3 ms a cascade.
    """
    if not (math.isfinite(observed_minutes) and 0 < observed_minutes <= _MOST_MINUTES):
        raise SettingError(f"--observed-minutes: {observed_minutes:g} is not between 0 and {_MOST_MINUTES:,.0f}.")
    notes: list[str] = []
    with result_file(output, _SCHEMA, source) as result:
        cascades = read_cascades(source)
        others = _teachers(fit, observed_minutes, notes)
        known = _known(cascades, observed_minutes, notes)
        model = CascadeGrowth(observed_minutes)
        model.fit(others or _simulated(observed_minutes))
        for start in range(0, len(known), _ROWS):
            part = slice(start, start + _ROWS)
            result.write(_batch(cascades.names[part], known[part], model))
    return _report(model, cascades, len(others), notes)


def _teachers(fit: Path | None, observed: float, notes: list[str]) -> list[Floats]:
    """Return the lives that can be learned from; none where there are too few."""
    if fit is None:
        notes.append(
            "Nothing to learn from (--fit): simulated cascades teach, which know nothing of yours. Take the intervals "
            "seriously."
        )
        return []
    lives = read_cascades(fit).minutes
    if not any(life[-1] > observed for life in lives):
        raise SettingError(
            f"{fit}: no row is later than minute {observed:g}. Whole lives are needed, to learn what comes behind it."
        )
    usable = [life for life in lives if (life <= observed).sum() >= _LEAST_SEEN]
    if len(usable) < _LEAST_CASCADES:
        notes.append(
            f"Too little to learn from: {len(usable)} cascades of {fit} have {_LEAST_SEEN} posts in the first "
            f"{observed:g} minutes, {_LEAST_CASCADES} are needed. Simulated cascades teach instead."
        )
        return []
    if len(usable) > _MOST_CASCADES:
        notes.append(f"{len(usable):,} cascades to learn from: the last {_MOST_CASCADES:,} of the file are used.")
    return usable[-_MOST_CASCADES:]


def _simulated(observed: float) -> list[Floats]:
    lives = simulated_cascades(np.random.default_rng(_SEED), _N_SIMULATED)
    return [life for life in lives if (life <= observed).sum() >= min(_LEAST_SEEN, observed)]


def _known(cascades: Cascades, observed: float, notes: list[str]) -> list[Floats]:
    """Return what is known of each in the observed minutes: at least its first post."""
    known = [minutes[minutes <= observed] for minutes in cascades.minutes]
    if n_later := cascades.n_rows - sum(len(minutes) for minutes in known):
        notes.append(f"{n_later:,} rows later than --observed-minutes: left out.")
    if n_unseen := sum(not len(minutes) for minutes in known):
        notes.append(f"{n_unseen:,} cascades without a post in the observed minutes: taken for their first post alone.")
    if n_late := sum(len(minutes) > 0 and minutes[0] > 0 for minutes in known):
        notes.append(f"{n_late:,} cascades do not begin at minute 0: their first post is counted only where it stands.")
    return [minutes if len(minutes) else np.zeros(1) for minutes in known]


def _batch(names: list[str], known: list[Floats], model: CascadeGrowth) -> pa.RecordBatch:
    foreseen = model.predict(known)
    columns = [pa.array(names, pa.string()), *(pa.array(np.round(values, 2)) for values in foreseen)]
    columns.append(pa.array([len(minutes) for minutes in known], pa.int64()))
    return pa.RecordBatch.from_arrays(columns, schema=_SCHEMA)


def _report(model: CascadeGrowth, cascades: Cascades, learned_from: int, notes: list[str]) -> SpreadReport:
    grown = model.expected_ + model.missed_
    return SpreadReport(
        rows=cascades.n_rows,
        cascades=len(cascades.names),
        learned_from=learned_from,
        msle=model.msle_,
        median_ape=model.median_ape_,
        no_growth_msle=float((grown**2).mean()),
        no_growth_median_ape=float(np.median(1 - 2.0**-grown)),
        notes=notes,
    )
