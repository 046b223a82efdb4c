"""A text gets the same judgement whatever it travels with; and what does not fit together is refused."""

import subprocess
import sys
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gehoor.core.errors import ContractError
from gehoor.core.text import TextBatch
from gehoor.understand.checks import TEXTS
from gehoor.understand.features import BUCKETS, features_of
from gehoor.understand.head import MOST_DENSE, Head, Parts
from gehoor.understand.head_reasons import reasons_of
from gehoor.understand.heads import Heads, Judged
from tests.random_table import random_table
from tests.strategies import texts
from tests.unit.understand.random_heads import random_head


@cache
def _heads() -> Heads:
    seen = np.arange(BUCKETS) % 3 > 0
    heads = [random_head(), random_head("wish", 1, n_cues=2, seen=seen, familiar=0.8), random_head("need", 2)]
    return Heads(random_table(), heads)


def _batch(posts: list[str | None]) -> TextBatch:
    return TextBatch.of(pa.array(posts, pa.string()))


def _cues(posts: list[str | None]) -> npt.NDArray[np.int16]:
    return np.array([[len(post or "") % 50, 1] for post in posts], np.int16).reshape(len(posts), 2)


def _judge(posts: list[str | None]) -> Judged:
    return _heads().judge(_batch(posts), _cues(posts))


def _product(whole: npt.NDArray[Any] | None, scale: npt.NDArray[Any] | None) -> npt.NDArray[Any]:
    assert whole is not None
    assert scale is not None
    product: npt.NDArray[Any] = whole * scale
    return product


def _rows(judged: Judged) -> list[bytes]:
    columns: list[npt.NDArray[Any]] = [
        judged.vectors,
        *judged.label.values(),
        *judged.p.values(),
        *judged.logits.values(),
    ]
    return [b"|".join(column[i].tobytes() for column in columns) for i in range(len(judged.vectors))]


@settings(max_examples=40, deadline=None)
@given(st.lists(st.one_of(st.none(), texts, st.sampled_from(TEXTS)), min_size=1, max_size=6), st.data())
def test_a_text_has_the_same_judgement_in_any_batch_and_order(posts: list[str | None], data: st.DataObject) -> None:
    whole = _rows(_judge(posts))
    order = data.draw(st.permutations(range(len(posts))))
    assert _rows(_judge([posts[i] for i in order])) == [whole[i] for i in order]
    assert [_rows(_judge([post]))[0] for post in posts] == whole


_ELSEWHERE = """
import sys
from tests.unit.understand import test_heads as here
print(here._digest())
"""


def _digest() -> str:
    import hashlib

    return hashlib.sha256(b"\n".join(_rows(_judge(list(TEXTS))))).hexdigest()


def test_another_process_says_the_same(repository: Path) -> None:
    command = [sys.executable, "-c", _ELSEWHERE]
    other = subprocess.run(command, cwd=repository, capture_output=True, text=True, timeout=120, check=True)
    assert other.stdout.strip() == _digest()


def test_heads_together_say_what_each_says_alone() -> None:
    together = _judge(list(TEXTS))
    for head in _heads().heads:
        cues = _cues(list(TEXTS)) if head.cues is not None else None
        alone = Heads(_heads().table, [head]).judge(_batch(list(TEXTS)), cues)
        assert np.array_equal(alone.logits[head.task], together.logits[head.task])
        assert np.array_equal(alone.p[head.task], together.p[head.task])


def test_logits_are_what_the_weights_say() -> None:
    posts: list[str | None] = ["Waar blijft mijn koffer?", "Top geholpen, top", None]
    table, head = random_table(), random_head()
    features = features_of(_batch(posts))
    rows = table.rows(features).toarray().astype(np.float64)
    grams = rows @ _product(head.grams, head.gram_scale) / table.norms(features)[:, None]
    expected = grams + table.vectors(features) @ _product(head.vector, head.vector_scale) + head.bias
    assert np.allclose(Heads(table, [head]).judge(_batch(posts)).logits["mood"], expected, atol=1e-6)


def test_rounding_to_whole_numbers_keeps_the_weights() -> None:
    weights = np.random.default_rng(0).normal(size=(8, 3))
    head = Head.of("mood", ("a", "b", "c"), Parts(np.zeros(3), vector=weights))
    assert np.abs(_product(head.vector, head.vector_scale) - weights).max() < np.abs(weights).max() / MOST_DENSE


def test_no_texts_have_no_judgements() -> None:
    judged = _judge([])
    assert judged.vectors.shape == (0, 8)
    assert judged.label["mood"].shape == (0,)


def test_a_text_without_words_gets_what_the_bias_says() -> None:
    head = random_head()
    judged = Heads(random_table(), [head]).judge(_batch([None, "", "\u200b"]))
    assert np.array_equal(judged.logits["mood"], np.repeat(head.bias[None], 3, axis=0))


def test_what_is_not_sure_gets_the_label_for_that() -> None:
    logits = np.array([[3.0, 0.0, 0.0], [0.1, 0.0, 0.0]])
    sure = random_head(least_p=0.5, unknown_label="other")
    label, p = sure.judge(logits)
    assert [sure.labels[i] for i in label] == ["good", "other"]
    assert p[1] == pytest.approx(0.356, abs=0.001)
    foreign = random_head(least_p=0.5, unknown_label="unknown")
    assert [foreign.labels[i] for i in foreign.judge(logits)[0]] == ["good", "unknown"]


def test_out_of_scope_is_never_sure() -> None:
    head = random_head(unknown_label="other", is_scoped=True)
    label, p = head.judge(np.array([[0.0, 0.0, 5.0], [5.0, 0.0, 0.0]]))
    assert [head.labels[i] for i in label] == ["other", "good"]
    assert p[0] < 0.01
    assert p[1] > 0.9


def test_in_an_unseen_language_the_vector_judges_alone() -> None:
    table, head = random_table(), random_head()
    nowhere = head.with_facts(seen=np.zeros(BUCKETS, np.bool_), familiar=0.5)
    everywhere = head.with_facts(seen=np.ones(BUCKETS, np.bool_), familiar=0.5)
    vector = head.with_facts(grams=None, gram_scale=None)
    batch = _batch(["Waar blijft mijn koffer?"])
    logits = [Heads(table, [one]).judge(batch).logits["mood"] for one in (nowhere, vector, everywhere, head)]
    assert np.allclose(logits[0], logits[1])
    assert np.array_equal(logits[2], logits[3])


def test_processes_share_one_file_of_weights(tmp_path: Path) -> None:
    table, heads = random_table(), [random_head()]
    cached = Heads(table, heads, tmp_path)
    again = Heads(table, heads, tmp_path)
    assert len(list(tmp_path.iterdir())) == 1
    expected = _rows(Heads(table, heads).judge(_batch(list(TEXTS))))
    assert _rows(cached.judge(_batch(list(TEXTS)))) == _rows(again.judge(_batch(list(TEXTS)))) == expected
    Heads(table, [random_head(seed=5)], tmp_path)
    assert len(list(tmp_path.iterdir())) == 2


def test_reasons_are_the_words_that_decided() -> None:
    reasons = reasons_of(_heads(), _batch(["Mijn #koffer is weg!", None]), _cues(["a", None]), ("length", ""))
    terms = {term for reason in reasons[0] for term, _ in reason.terms}
    assert terms <= {"mijn", "#koffer", "koffer", "is", "weg", "length"}
    assert [reason.column for reason in reasons[0]] == ["mood", "wish", "need"]
    assert all(not reason.terms for reason in reasons[1] if reason.column != "wish")


def test_the_words_together_weigh_what_the_logits_say() -> None:
    table, head = random_table(), random_head().with_facts(vector=None, vector_scale=None)
    heads, batch = Heads(table, [head]), _batch(["koffer"])
    logits = heads.judge(batch).logits["mood"][0] - head.bias
    winner = int(heads.judge(batch).logits["mood"][0].argmax())
    ((term, weight),) = reasons_of(heads, batch)[0][0].terms
    assert term == "koffer"
    assert weight == pytest.approx(logits[winner] - logits.mean(), abs=0.001)


def test_cues_that_are_missing_are_said() -> None:
    with pytest.raises(ContractError, match="2 cues"):
        _heads().judge(_batch(["a"]))


def test_two_heads_for_one_task_are_refused() -> None:
    with pytest.raises(ContractError, match="task of its own"):
        Heads(random_table(), [random_head(), random_head()])


def test_heads_of_another_length_are_refused() -> None:
    with pytest.raises(ContractError, match="16 weights"):
        Heads(random_table(), [random_head(dimensions=16)])


@pytest.mark.parametrize(
    "facts",
    [
        {"classes": ("a", "a", "b")}, {"temperature": 0.0}, {"temperature": float("nan")}, {"least_p": 2.0},
        {"bias": np.zeros(2)}, {"bias": np.full(3, np.nan)}, {"grams": np.zeros((4, 3), np.int8)},
        {"vector": np.full((8, 3), 400, np.int16)}, {"cues": np.zeros((2, 3), np.int16)},
        {"seen": np.zeros(3, np.bool_)}, {"is_scoped": True, "unknown_label": "oos"}, {"task": ""},
    ],
)  # fmt: skip
def test_a_head_that_does_not_fit_together_is_refused(facts: dict[str, object]) -> None:
    with pytest.raises(ContractError):
        random_head().with_facts(**facts)
