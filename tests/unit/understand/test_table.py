"""The table gives each text one vector, whatever it travels with; and says when it is not what it should be."""

import json
from functools import cache
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gehoor.core.errors import SettingError
from gehoor.core.text import TextBatch
from gehoor.understand.array_folder import MANIFEST, write_array_folder
from gehoor.understand.checks import TEXTS
from gehoor.understand.features import Features, features_of
from gehoor.understand.nibbles import Nibbles
from gehoor.understand.table import LENGTH, Table, similar
from tests.random_table import random_table
from tests.strategies import texts


@cache
def _table() -> Table:
    return random_table()


def _features(posts: list[str | None]) -> Features:
    return features_of(TextBatch.of(pa.array(posts, pa.string())))


def _vectors(posts: list[str | None]) -> npt.NDArray[np.int8]:
    return _table().vectors(_features(posts))


@settings(max_examples=60, deadline=None)
@given(st.lists(st.one_of(st.none(), texts, st.sampled_from(TEXTS)), min_size=1, max_size=8), st.data())
def test_a_text_has_the_same_vector_in_any_batch_and_order(posts: list[str | None], data: st.DataObject) -> None:
    whole = _vectors(posts)
    order = data.draw(st.permutations(range(len(posts))))
    assert np.array_equal(_vectors([posts[i] for i in order]), whole[order])
    assert np.array_equal(np.concatenate([_vectors([post]) for post in posts]), whole)


def test_a_vector_is_as_long_as_it_should_be_or_nought() -> None:
    vectors = _vectors(list(TEXTS)).astype(float)
    lengths = np.linalg.norm(vectors, axis=1)
    assert lengths[[2, 3, 4]].tolist() == [0.0, 0.0, 0.0]
    known = lengths[lengths > 0]
    assert len(known) > 10
    assert np.abs(known - LENGTH).max() < 2


def test_one_product_for_everything_gives_the_same_vectors() -> None:
    features, table = _features(list(TEXTS)), _table()
    product = table.rows(features) @ table.weights.astype(np.float32)
    assert np.array_equal(table.rounded(product), table.vectors(features))


def test_norm_counts_each_occurrence_and_is_never_nought() -> None:
    features, table = _features(["aaa bbb", ""]), _table()
    expected = np.sqrt(np.square(table.idf[features.bucket].astype(float)).sum())
    assert table.norms(features).tolist() == [expected, 1.0]


def test_a_text_of_a_megabyte_has_a_vector() -> None:
    assert np.abs(_vectors(["waar blijft mijn koffer " * 50_000])).max() > 0


def test_a_batch_without_texts_has_no_vectors() -> None:
    assert _vectors([]).shape == (0, 8)


def test_what_is_saved_is_what_is_loaded(tmp_path: Path) -> None:
    table = _table()
    table.save(tmp_path / "table", {"texts": ["ours"]})
    loaded = Table.load(tmp_path / "table")
    assert loaded.digest == table.digest
    assert np.array_equal(loaded.weights, table.weights)
    assert loaded.about["texts"] == ["ours"]


def test_digest_differs_when_one_weight_does() -> None:
    assert random_table(seed=1).digest != _table().digest


def test_a_table_that_does_not_fit_is_refused(tmp_path: Path) -> None:
    random_table().save(tmp_path, {})
    about = json.loads((tmp_path / MANIFEST).read_text())
    write_array_folder(tmp_path, about, {"idf": np.zeros(3, np.uint8), "scale": np.zeros(2, np.float32)})
    with pytest.raises(SettingError, match="do not fit"):
        Table.load(tmp_path)


def test_nibbles_round_to_the_nearest_multiple_of_a_step() -> None:
    values = np.array([[7.0, -3.2, 0.4, 0.0], [126.0, -126.0, 18.0, 60.0], [0.0, 0.0, 0.0, 0.0]])
    assert Nibbles.of(values).values().tolist() == [[7, -3, 0, 0], [126, -126, 18, 54], [0, 0, 0, 0]]


@given(st.integers(0, 2**32 - 1))
def test_nibbles_are_wrong_by_less_than_a_step(seed: int) -> None:
    values = np.random.default_rng(seed).uniform(-126, 126, (5, 6))
    assert np.abs(Nibbles.of(values).values() - values).max() <= 126 / 7 * 2.5


def test_similar_leads_with_the_same_text_and_ends_with_nothing() -> None:
    vectors = _vectors(["mijn koffer is kwijt", "", "de app doet het niet", "mijn koffer is kwijt"])
    index, cosine = similar(vectors, vectors[3], k=9)
    assert index[:2].tolist() == [0, 3]
    assert cosine[:2] == pytest.approx([1.0, 1.0])
    assert cosine[index.tolist().index(1)] == 0.0


def test_similar_gives_as_many_as_are_asked_for() -> None:
    index, cosine = similar(_vectors(["a1", "b2", "c3"]), _vectors(["a1"])[0], k=2)
    assert len(index) == len(cosine) == 2
