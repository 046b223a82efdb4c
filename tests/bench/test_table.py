"""What the table is worth, where the public sets are at hand: intents taught in English only and asked in Dutch.

All figures, with intervals: `python tools/bench_table.py DATA -o bench/table.json`.
"""

import csv
import gzip
import time
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pytest
from sklearn.linear_model import LogisticRegression

from gehoor.core.text import TextBatch
from gehoor.understand.features import features_of
from gehoor.understand.table import Table

FLOOR_NL, FLOOR_DE = 0.468, 0.434  # a linear SVM on pieces of words


def _vectors(texts: list[str]) -> npt.NDArray[np.int8]:
    return Table.load().vectors(features_of(TextBatch.of(pa.array(texts, pa.string()))))


def _rows(shared: Path, language: str) -> list[dict[str, str]]:
    path = shared / f"data/intents/xsid_{language}_valid.csv.gz"
    if not path.exists():
        pytest.skip(f"{path.name} is not at hand")
    with gzip.open(path, "rt", encoding="utf-8", newline="") as lines:
        return list(csv.DictReader(lines))


@pytest.mark.parametrize(("language", "floor"), [("nl", FLOOR_NL), ("de", FLOOR_DE)])
def test_what_is_taught_in_english_is_known_in_dutch_and_german(shared: Path, language: str, floor: float) -> None:
    asked = _rows(shared, language)
    meant = {row["text_en"] for row in asked[::2]}
    taught = [row for row in _rows(shared, "en") if row["text"] not in meant]  # none by its own translation
    model = LogisticRegression(C=10.0 / 127**2, max_iter=500)
    model.fit(_vectors([row["text"] for row in taught]), [row["label"] for row in taught])
    found = model.predict(_vectors([row["text"] for row in asked[::2]]))
    right = float(np.mean(found == np.array([row["label"] for row in asked[::2]])))
    assert right >= floor + 0.2


@pytest.mark.alone
def test_a_vector_costs_less_than_a_tenth_of_a_millisecond() -> None:
    texts = ["Waar blijft mijn pakket, ik wacht al drie dagen en niemand neemt op"] * 4_096
    table = Table.load()
    features = features_of(TextBatch.of(pa.array(texts, pa.string())))
    started = time.process_time()
    table.vectors(features)
    assert (time.process_time() - started) / len(texts) < 100e-6
