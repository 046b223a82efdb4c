"""Fitting finds the weights that least squares has, keeps to a prior, and frees vectors of their language."""

import numpy as np
import pyarrow as pa
import pytest
from scipy import sparse

from gehoor.core.text import TextBatch
from gehoor.understand.features import BUCKETS, Features, features_of
from gehoor.understand.fit_table import Fit, agreement, fit_weights, idf_of, packed
from gehoor.understand.ridge import ridge
from gehoor.understand.space import Space
from gehoor.understand.table import Table

POSTS = [
    "waar blijft mijn koffer",
    "mijn koffer is kwijt",
    "de app laadt niet",
    "fijne vlucht gehad",
    "dank voor de hulp",
]


def _features(posts: list[str]) -> Features:
    return features_of(TextBatch.of(pa.array(posts, pa.string())))


def test_conjugate_gradients_end_where_the_normal_equations_do() -> None:
    generator = np.random.default_rng(0)
    rows = generator.normal(size=(40, 12)).astype(np.float32)
    targets = generator.normal(size=(40, 3)).astype(np.float32)
    exact = np.linalg.solve(rows.T @ rows + 0.7 * np.eye(12), rows.T @ targets)
    assert ridge(sparse.csr_array(rows), targets, 0.7, steps=30) == pytest.approx(exact, abs=1e-4)


def test_rows_of_nought_have_no_weights() -> None:
    assert not ridge(sparse.csr_array((4, 6), dtype=np.float32), np.ones((4, 2), np.float32), 1.0).any()


def test_rarer_features_count_for_more_and_unseen_ones_for_most() -> None:
    features = _features(POSTS)
    idf = idf_of(features).astype(int)
    koffer, app, unseen = (int(_features([word]).bucket[0]) for word in ("koffer", "app", "zeppelin"))
    assert idf[koffer] < idf[app] < idf[unseen]


def test_a_feature_that_stands_twice_in_a_text_counts_as_one_text() -> None:
    assert np.array_equal(idf_of(_features(["kwijt kwijt", "en"])), idf_of(_features(["kwijt kwijt kwijt", "en"])))


def _table(features: Features, targets: np.ndarray[tuple[int, ...], np.dtype[np.float32]]) -> Table:
    idf = idf_of(features)
    blank, scale = packed(np.zeros((BUCKETS, targets.shape[1]), np.float32))
    rows = Table(idf, blank, scale).rows(features)
    nibbles, scale = packed(fit_weights(rows, targets, Fit(penalty=10.0)))
    return Table(idf, nibbles, scale)


def test_a_table_says_of_a_text_what_it_was_taught() -> None:
    generator = np.random.default_rng(1)
    targets = generator.normal(size=(len(POSTS), 8)).astype(np.float32)
    targets /= np.linalg.norm(targets, axis=1, keepdims=True)
    features = _features(POSTS)
    assert agreement(_table(features, targets), features, targets) > 0.95


def test_weights_stay_at_the_prior_where_the_texts_say_nothing() -> None:
    features = _features(POSTS)
    prior = np.random.default_rng(2).normal(size=(BUCKETS, 2)).astype(np.float32)
    ones = np.ones(len(features.bucket), np.float32)
    rows = sparse.csr_array((ones, features.bucket, features.first.astype(np.int32)), shape=(len(POSTS), BUCKETS))
    weights = fit_weights(rows, np.ones((len(POSTS), 2), np.float32), Fit(), prior)
    is_used = np.isin(np.arange(BUCKETS), features.bucket)
    assert np.array_equal(weights[~is_used], prior[~is_used])
    assert (weights[is_used] != prior[is_used]).any()


def test_packed_weights_are_close_to_what_they_were() -> None:
    weights = np.random.default_rng(3).normal(size=(BUCKETS, 4)).astype(np.float32)
    nibbles, scale = packed(weights)
    found = nibbles.values() * scale
    assert (found * weights).sum() / np.linalg.norm(found) / np.linalg.norm(weights) > 0.98


def test_a_text_and_its_translation_meet_in_the_space_of_the_table() -> None:
    generator = np.random.default_rng(4)
    meaning = generator.normal(size=(300, 12))
    meaning[:, 10:] = 0.0
    dutch, english = meaning + 5.0 * np.eye(12)[10], meaning + 5.0 * np.eye(12)[11]
    vectors = np.concatenate([dutch, english]).astype(np.float32)
    vectors /= np.linalg.norm(vectors, axis=1, keepdims=True)
    space = Space.of(vectors, ["nl"] * 300 + ["en"] * 300, 10)
    targets = space.targets(vectors, 10)
    assert (targets[:300] * targets[300:]).sum(axis=1).mean() > 0.9
    assert np.linalg.norm(targets, axis=1) == pytest.approx(np.ones(600), abs=1e-5)
