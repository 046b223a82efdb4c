"""A hidden layer tells what no line parts, and says the same in any batch."""

from pathlib import Path

import numpy as np
import pyarrow as pa
import pytest
from scipy import sparse

from gehoor.core.errors import ContractError
from gehoor.core.text import TextBatch
from gehoor.understand.examples import Examples
from gehoor.understand.features import BUCKETS
from gehoor.understand.head import Head, Parts
from gehoor.understand.heads import Heads
from gehoor.understand.hidden import UNITS, Hidden
from gehoor.understand.model_folder import About, read_model, write_model
from gehoor.understand.shapes import SHAPES
from gehoor.understand.solving import fit_part, logits_of, usable_parts
from gehoor.understand.unconverged import unconverged
from tests.random_table import random_table


def _ring(n: int) -> Examples:
    """Return vectors of two dimensions, labelled by whether their parts have one sign."""
    vectors = np.random.default_rng(0).integers(-90, 91, (n, 2)).astype(np.int8)
    label = (vectors[:, 0].astype(np.int64) * vectors[:, 1] > 0).astype(np.int64)
    shapes = sparse.csr_array((np.ones(n), (np.arange(n), np.zeros(n, np.int64))), shape=(n, SHAPES))
    none = sparse.csr_array((n, BUCKETS))
    return Examples(none, vectors, np.zeros((n, 0), np.int16), shapes, label, np.ones(n), np.arange(n))


def _right(examples: Examples, part: str) -> float:
    return float((logits_of(fit_part(examples, part, 2, 1_000.0), examples).argmax(axis=1) == examples.label).mean())


def test_what_no_line_parts_is_told() -> None:
    examples = _ring(2_000)

    with unconverged():
        assert _right(examples, "hidden") > 0.95
    assert _right(examples, "vector") < 0.7


def test_it_is_tried_where_there_are_examples_enough() -> None:
    assert "hidden" in usable_parts(_ring(1_000))
    assert "hidden" not in usable_parts(_ring(999))


def test_a_vector_has_the_same_logits_in_any_batch() -> None:
    rng = np.random.default_rng(1)
    vectors = rng.integers(-127, 128, (300, 128)).astype(np.int8)
    layers = rng.normal(0, 0.02, (128, UNITS)), rng.normal(0, 1, (UNITS, 5))
    start = rng.normal(0, 0.1, UNITS)
    hidden = Hidden.of(layers, start, vectors)
    exact = np.maximum(vectors @ layers[0] + start, 0) @ layers[1]
    whole = hidden.logits(vectors)

    assert np.array_equal(whole, np.concatenate([hidden.logits(vectors[i : i + 1]) for i in range(300)]))
    assert np.array_equal(whole[::-1], hidden.logits(vectors[::-1]))
    assert np.corrcoef(whole.ravel(), exact.ravel())[0, 1] > 0.99
    assert np.array_equal(hidden.times(2.0).logits(vectors), 2 * whole)


def test_layers_that_do_not_fit_are_refused() -> None:
    one = np.ones(3)
    with pytest.raises(ContractError):
        Hidden(np.zeros((2, 3), np.int16), one, one, np.zeros((4, 2), np.int16), np.ones(2))
    with pytest.raises(ContractError):
        Hidden(np.full((2, 3), 256, np.int16), one, one, np.zeros((3, 2), np.int16), np.ones(2))


def test_a_head_with_a_hidden_layer_comes_back_as_it_was_written(tmp_path: Path) -> None:
    rng = np.random.default_rng(2)
    table, texts = random_table(), TextBatch.of(pa.array(["waar is mijn koffer", "dank"]))
    d = table.dimensions
    layers = rng.normal(0, 0.02, (d, 7)), rng.normal(0, 1, (7, 3))
    hidden = Hidden.of(layers, rng.normal(0, 0.1, 7), rng.integers(-127, 128, (50, d)).astype(np.int8))
    head = Head.of("need", ("a", "b", "c"), Parts(np.zeros(3)), hidden=hidden)
    write_model(tmp_path / "model", head, table, About())
    judged = Heads(table, [head]).judge(texts)

    assert np.array_equal(judged.logits["need"], hidden.logits(judged.vectors))
    again = Heads(table, [read_model(tmp_path / "model").head]).judge(texts)
    assert np.array_equal(again.logits["need"], judged.logits["need"])
