"""Measure the table on the public sets, with 95 % intervals: `python tools/bench_table.py DATA -o bench/table.json`.

DATA is the folder of public sets. What is measured was frozen before: settings were chosen on texts held out and on our
own posts. Every judgement is a logistic regression on the table's vectors alone; its strength is chosen by
cross-validation on the training part. What both opinions together reach stands in bench/train.json.
"""

import argparse
import json
import os
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd
import pyarrow as pa
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import accuracy_score, f1_score
from sklearn.model_selection import GridSearchCV

from gehoor.core.clock import SECOND_US, SystemClock
from gehoor.core.text import TextBatch
from gehoor.understand.features import Features, features_of
from gehoor.understand.table import Table

__all__ = ["main"]

STRENGTHS = (3.0, 10.0, 30.0, 100.0)
N_RESAMPLES = 2_000
N_DRAWS = 5
Judge = Callable[[Any, Any, Any], Any]
Score = Callable[[Any, Any], float]


def _features(texts: list[str]) -> Features:
    return features_of(TextBatch.of(pa.array(texts, pa.string())))


def _dense(table: Table, texts: list[str]) -> npt.NDArray[np.float64]:
    return table.vectors(_features(texts)).astype(np.float64) / 127.0


def _judged(train: Any, labels: Any, test: Any) -> Any:
    model = LogisticRegression(max_iter=500)
    counts = pd.Series(labels).value_counts()
    if counts.min() < 3:
        return LogisticRegression(max_iter=500, C=30.0).fit(train, labels).predict(test)
    search = GridSearchCV(model, {"C": STRENGTHS}, cv=3).fit(train, labels)
    return search.predict(test)


def macro_f1(truth: Any, found: Any) -> float:
    """Return F1 averaged over the classes."""
    return float(f1_score(truth, found, average="macro"))


def interval(truth: Any, found: Any, score: Score) -> dict[str, float]:
    """Return a score and its 95 % interval by resampling the test rows."""
    truth, found = np.asarray(truth), np.asarray(found)
    chance = np.random.default_rng(0)
    draws = (chance.integers(0, len(truth), len(truth)) for _ in range(N_RESAMPLES))
    scores = [score(truth[at], found[at]) for at in draws]
    low, high = np.quantile(scores, [0.025, 0.975])
    return {"value": round(score(truth, found), 4), "low": round(low, 4), "high": round(high, 4), "n": len(truth)}


def _read(data: Path, name: str) -> pd.DataFrame:
    return pd.read_csv(data / f"{name}.csv.gz")


def transfer(table: Table, data: Path) -> dict[str, Any]:
    """Measure intents taught in English and asked in Dutch and German (xSID)."""
    english = _read(data, "intents/xsid_en_valid")
    found = {}
    for language in ("nl", "de"):
        asked = _read(data, f"intents/xsid_{language}_valid")
        # never judged by its own translation: those rows are left out of the teaching, fold by fold
        fold = np.arange(len(asked)) % 5
        answers = np.empty(len(asked), object)
        vectors, own = _dense(table, asked.text.tolist()), _dense(table, english.text.tolist())
        for k in range(5):
            same = set(asked.text_en[fold == k])
            kept = ~english.text.isin(same)
            answers[fold == k] = _judged(own[kept], english.label[kept], vectors[fold == k])
        found[f"xsid_en_to_{language}"] = interval(asked.label, answers, accuracy_score)
        all_taught = _judged(own, english.label, vectors)
        found[f"xsid_en_to_{language}_translations_taught"] = interval(asked.label, all_taught, accuracy_score)
    return found


def few_labels(table: Table, data: Path) -> dict[str, Any]:
    """Measure Banking77 with five labels a class, five draws."""
    train, test = _read(data, "intents/banking77_train"), _read(data, "intents/banking77_test")
    asked = _dense(table, test.text.tolist())
    hits = []
    for draw in range(N_DRAWS):
        some = train.groupby("label").sample(5, random_state=draw)
        model = LogisticRegression(max_iter=500, C=30.0).fit(_dense(table, some.text.tolist()), some.label)
        hits.append((model.predict(asked) == test.label).to_numpy())
    whole = np.mean(hits, axis=0)
    chance = np.random.default_rng(0)
    means = [whole[chance.integers(0, len(whole), len(whole))].mean() for _ in range(N_RESAMPLES)]
    low, high = np.quantile(means, [0.025, 0.975])
    known = {"value": round(float(whole.mean()), 4), "low": round(low, 4), "high": round(high, 4), "n": len(test)}
    return {"banking77_5_per_class": {**known, "draws": [round(float(np.mean(hit)), 4) for hit in hits]}}


def sentiment(table: Table, data: Path) -> dict[str, Any]:
    """Measure the tone of tweets (UMSAB), one model of both languages."""
    sets = {language: {part: _read(data, f"sentiment/umsab_{language}_{part}") for part in ("train", "val", "test")}
            for language in ("english", "german")}  # fmt: skip
    taught = pd.concat([parts[part] for parts in sets.values() for part in ("train", "val")])
    rows = _dense(table, taught.text.tolist())
    found = {}
    for language, parts in sets.items():
        answers = _judged(rows, taught.label, _dense(table, parts["test"].text.tolist()))
        found[f"umsab_{language}"] = interval(parts["test"].label, answers, macro_f1)
    return found


REFERENCES = {
    "xsid_en_to_nl": {"floor": 0.468, "prototype_128": 0.684, "prototype_256_cleared": 0.698, "encoder": 0.804},
    "xsid_en_to_de": {"floor": 0.434, "prototype_256": 0.736, "encoder": 0.812},
    "banking77_5_per_class": {"floor": 0.630, "prototype_128": 0.712},
    "umsab_english": {"floor": 0.515, "prototype": 0.633, "XLM-T": 0.706},
    "umsab_german": {"floor": 0.655, "prototype": 0.627, "XLM-T": 0.773},
}
"""Linear SVM on words and pieces of words; the prototypes of research; the encoder itself or the best published."""


def main() -> None:
    """Measure one table, or several, and write the figures."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("data", type=Path)
    parser.add_argument("-o", "--output", type=Path, required=True)
    parser.add_argument("--also", type=Path, action="append", default=[], help="folder of another table")
    options = parser.parse_args()
    measured = {}
    for folder in (None, *options.also):
        table = Table.load(folder)
        name = f"{table.dimensions} dimensions{'' if folder else ', shipped'}"
        measured[name] = {
            "digest": table.digest,
            "cosine_to_encoder_held_out": table.about.get("cosine_to_encoder_held_out"),
            **transfer(table, options.data),
            **few_labels(table, options.data),
            **sentiment(table, options.data),
        }
        print(name, json.dumps(measured[name], indent=1), flush=True)
    known = {
        "command": "python tools/bench_table.py DATA -o bench/table.json --also TABLE_256",
        "date": str(datetime.fromtimestamp(SystemClock().now() / SECOND_US, UTC).date()),
        "machine": f"{os.cpu_count()} cores, shared",
        "references": REFERENCES,
        "tables": measured,
    }
    options.output.write_text(json.dumps(known, indent=1) + "\n", "utf-8")


if __name__ == "__main__":
    main()
