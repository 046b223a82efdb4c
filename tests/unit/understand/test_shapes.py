"""The shape of a text is its own, whatever it travels with; and is that of capitals, digits, signs and blanks."""

import numpy as np
import numpy.typing as npt
import pyarrow as pa
from hypothesis import given, settings
from hypothesis import strategies as st

from gehoor.understand.checks import TEXTS
from gehoor.understand.shapes import SHAPES, shapes_of
from tests.strategies import texts


def _rows(posts: list[str | None]) -> npt.NDArray[np.float32]:
    rows: npt.NDArray[np.float32] = shapes_of(pa.array(posts, pa.string())).rows.toarray()
    return rows


@settings(max_examples=60, deadline=None)
@given(st.lists(st.one_of(st.none(), texts, st.sampled_from(TEXTS)), min_size=1, max_size=6), st.data())
def test_a_text_has_the_same_shape_in_any_batch_and_order(posts: list[str | None], data: st.DataObject) -> None:
    whole = _rows(posts)
    order = data.draw(st.permutations(range(len(posts))))
    assert np.array_equal(_rows([posts[i] for i in order]), whole[order])
    assert np.array_equal(np.concatenate([_rows([post]) for post in posts]), whole)


def test_words_and_numbers_are_all_alike() -> None:
    rows = _rows(["Hoi Jan, 5 euro!", "Dag Piet, 123 gulden!", "hoi jan, 5 euro!", "HOI Jan, 5 euro!"])
    assert np.array_equal(rows[0], rows[1])
    assert not np.array_equal(rows[0], rows[2])
    assert not np.array_equal(rows[0], rows[3])


def test_links_are_all_alike() -> None:
    rows = _rows(["zie https://example.org/a?b=C1", "kijk http://t.co/XyZ", "kijk dan"])
    assert np.array_equal(rows[0], rows[1])
    assert not np.array_equal(rows[0], rows[2])


def test_signs_in_a_row_count_to_three() -> None:
    rows = _rows(["wat?", "wat??", "wat???", "wat????????"])
    assert not np.array_equal(rows[0], rows[1])
    assert not np.array_equal(rows[1], rows[2])
    assert np.array_equal(rows[2], rows[3])


def test_missing_and_empty_texts_have_no_shape() -> None:
    shapes = shapes_of(pa.array([None, "", "\u200b", "a"], pa.string()))
    assert shapes.rows.shape == (4, SHAPES)
    assert np.diff(shapes.rows.indptr)[:2].tolist() == [0, 0]
    assert shapes.norms[:2].tolist() == [1.0, 1.0]


def test_no_texts_have_no_shapes() -> None:
    assert shapes_of(pa.array([], pa.string())).rows.shape == (0, SHAPES)


def test_the_norm_counts_each_occurrence() -> None:
    shapes = shapes_of(pa.array(["Waar blijft mijn koffer?", "Top!!"], pa.string()))
    assert np.allclose(np.sqrt(shapes.rows.toarray().sum(axis=1)), shapes.norms)
