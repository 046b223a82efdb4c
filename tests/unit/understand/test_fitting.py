"""What is fitted finds what is in the labels, the same each time, and judges in the stream as it did when held out."""

from collections.abc import Sequence

import numpy as np
import pyarrow as pa
import pytest

from gehoor.core.text import TextBatch
from gehoor.understand.calibration import Reliability, least_p_for
from gehoor.understand.confusion import Confusion, interval_of
from gehoor.understand.examples import Examples, folds_of
from gehoor.understand.features import features_of
from gehoor.understand.fitting import Fitted, fit_head
from gehoor.understand.heads import Heads
from gehoor.understand.learning_curve import learning_curve
from gehoor.understand.mixing import favour_of, fit_mix
from gehoor.understand.suspects import suspects
from gehoor.understand.teacher import Teacher
from tests.random_table import random_table

CLASSES = ("delivery", "invoice", "praise")
WORDS = (
    ["pakket", "bezorger", "levering", "kwijt", "track", "trace", "morgen", "vandaag", "straat", "deur"],
    ["factuur", "bedrag", "betalen", "rekening", "euro", "incasso", "afschrijving", "klopt", "tarief", "korting"],
    ["dank", "top", "geholpen", "vriendelijk", "blij", "super", "snel", "fijn", "lief", "geweldig"],
)


def _posts(n: int, seed: int = 0) -> tuple[list[str], list[int]]:
    generator = np.random.default_rng(seed)
    label = [int(x) for x in generator.integers(0, 3, n)]
    filler = ["ik", "jullie", "mijn", "de", "het", "een", "wel", "nog", "weer", "met", "van", "voor"]
    posts = [
        " ".join(generator.permutation([*generator.choice(filler, 5), *generator.choice(WORDS[x], 2)])) for x in label
    ]
    return posts, label


def _batch(posts: Sequence[str]) -> TextBatch:
    return TextBatch.of(pa.array(posts, pa.string()))


def _examples(n: int = 150, seed: int = 0) -> Examples:
    posts, label = _posts(n, seed)
    cues = np.array([[len(post), post.count("e")] for post in posts], np.int16)
    half = n // 2
    return Examples.of(
        [(_batch(posts[:half]), cues[:half]), (_batch(posts[half:]), cues[half:])], label, random_table()
    )


@pytest.fixture(scope="module")
def fitted() -> Fitted:
    """A head on 150 posts."""
    return fit_head(_examples(), "need", CLASSES)


def test_a_head_finds_what_is_in_the_labels(fitted: Fitted) -> None:
    posts, label = _posts(200, seed=1)
    cues = np.array([[len(post), post.count("e")] for post in posts], np.int16)
    judged = Heads(random_table(), [fitted.head]).judge(_batch(posts), cues)
    assert (judged.label["need"] == label).mean() > 0.9


def test_the_same_labels_give_the_same_head(fitted: Fitted) -> None:
    again = fit_head(_examples(), "need", CLASSES)
    for name in ("grams", "vector", "cues", "bias"):
        assert np.array_equal(getattr(again.head, name), getattr(fitted.head, name))


def test_held_out_accuracy_is_what_new_texts_get(fitted: Fitted) -> None:
    held_out = float((fitted.logits.argmax(axis=1) == _examples().label).mean())
    posts, label = _posts(600, seed=2)
    cues = np.array([[len(post), post.count("e")] for post in posts], np.int16)
    judged = Heads(random_table(), [fitted.head]).judge(_batch(posts), cues)
    assert abs(float((judged.label["need"] == label).mean()) - held_out) < 0.08


def test_progress_goes_up_to_one() -> None:
    shares: list[float] = []
    fit_head(_examples(60), "need", CLASSES, shares.append)
    assert shares == sorted(shares)
    assert shares[-1] == pytest.approx(1.0)


def test_a_head_is_fitted_on_what_it_will_see() -> None:
    posts, label = _posts(40)
    examples, table, features = _examples(40), random_table(), features_of(_batch(posts))
    assert np.array_equal(examples.vectors, table.vectors(features))
    rows = table.rows(features).toarray() / table.norms(features)[:, None]
    assert np.allclose(examples.rows.toarray(), rows)
    assert examples.label.tolist() == label


def test_texts_with_the_same_words_are_never_set_apart() -> None:
    posts = ["waar is mijn pakket", "Waar is mijn pakket", "dank", "factuur"] * 10
    examples = Examples.of([(_batch(posts), None)], [0, 0, 2, 1] * 10, random_table())
    fold = folds_of(examples, 5, np.random.default_rng(0))
    assert all(len(set(fold[examples.group == group])) == 1 for group in set(examples.group))


def test_every_class_is_spread_over_the_folds() -> None:
    examples = _examples(150)
    fold = folds_of(examples, 5, np.random.default_rng(0))
    counts = np.array([np.bincount(fold[examples.label == value], minlength=5) for value in range(3)])
    assert (np.ptp(counts, axis=1) <= 2).all()
    assert np.ptp(counts.sum(axis=0)) <= 6


def test_a_part_that_says_nothing_is_not_mixed_in() -> None:
    generator = np.random.default_rng(0)
    label = generator.integers(0, 2, 500)
    good = np.eye(2)[label] * 2 + generator.normal(0, 1, (500, 2))
    mix = fit_mix({"good": good, "noise": generator.normal(0, 1, (500, 2))}, label, np.ones(500))
    assert mix.weights["good"] > 0.5
    assert mix.weights["noise"] < 0.15


def test_a_rare_class_is_favoured_where_it_would_never_be_given() -> None:
    generator = np.random.default_rng(0)
    label = (generator.random(2_000) < 0.08).astype(np.int64)
    logits = np.stack([np.full(2_000, 2.0), 1.8 * label + generator.normal(0, 0.6, 2_000)], axis=1)
    favour = favour_of(logits, label)
    assert favour[1] > favour[0] == 0
    assert not favour_of(logits[:100], label[:100]).any()


def test_the_learning_curve_rises(fitted: Fitted) -> None:
    steps: list[None] = []
    curve = learning_curve(_examples(), fitted, np.random.default_rng(0), lambda: steps.append(None))
    sizes = [n for n, _ in curve.points]
    assert sizes == sorted(sizes)
    assert curve.points[0][1] <= curve.points[-1][1] + 0.05
    assert 0 <= curve.gain(150, 300) < 1 - curve.points[-1][1] + 0.01
    assert len(steps) == 4


def test_wrong_labels_are_suspected() -> None:
    posts, label = _posts(150)
    wrong = [3, 50, 99]
    for place in wrong:
        label[place] = (label[place] + 1) % 3
    fitted = fit_head(Examples.of([(_batch(posts), None)], label, random_table()), "need", CLASSES)
    p = np.exp(fitted.logits)
    p /= p.sum(axis=1, keepdims=True)
    assert set(wrong) <= {suspect.place for suspect in suspects(p, np.array(label), 10)}


def test_an_interval_holds_the_figure() -> None:
    generator = np.random.default_rng(0)
    label = generator.integers(0, 3, 400)
    given = np.where(generator.random(400) < 0.8, label, 0)
    low, high = interval_of(label, given, 3, "accuracy")
    assert low < Confusion.of(label, given, 3).accuracy < high
    assert high - low < 0.1


def test_confusion_names_the_worst_mistake() -> None:
    confusion = Confusion.of(np.array([0, 0, 0, 1, 2]), np.array([0, 2, 2, 1, 2]), 3)
    assert confusion.mistaken_for(0) == (2, 2)
    assert confusion.mistaken_for(1) is None
    assert confusion.recall.tolist() == pytest.approx([1 / 3, 1, 1])


def test_reliability_of_nothing_is_no_error() -> None:
    assert Reliability.of(np.zeros(0), np.zeros(0, np.bool_)).error == 0.0
    assert least_p_for(np.zeros(0), np.zeros(0, np.bool_), 0.9) is None


def test_equal_probabilities_are_answered_together_or_not_at_all() -> None:
    p, is_right = np.array([0.7, 0.7, 0.7, 0.4]), np.array([True, False, False, False])
    assert least_p_for(p, is_right, 0.9) is None
    assert least_p_for(p, is_right, 0.3) == 0.7


def test_a_teacher_is_never_told_what_is_held_out() -> None:
    examples, asked = _examples(150), _examples(80, seed=3)
    generator = np.random.default_rng(0)
    centres = generator.normal(0, 1, (3, 16))
    near = [centres[part.label] + generator.normal(0, 0.3, (len(part), 16)) for part in (examples, asked)]
    vectors, asked_vectors = ((values / 50 + 0.2).astype(np.float32) for values in near)  # small, in one corner
    teacher = Teacher(examples.label, vectors, asked.with_labels(np.full(80, -1), np.ones(80)), asked_vectors)
    lesson = teacher.lesson(np.flatnonzero(examples.label < 2))
    assert set(lesson.label) == {0, 1}
    whole = teacher.lesson(np.arange(150))
    truth = {row.tobytes(): int(value) for row, value in zip(asked.vectors, asked.label, strict=True)}
    right = [truth[row.tobytes()] == value for row, value in zip(whole.vectors, whole.label.tolist(), strict=True)]
    assert np.mean(right) > 0.9
    assert 40 < len(whole) < 60
    assert (whole.weight < 1).all()


def test_a_teacher_helps_where_labels_are_few() -> None:
    examples, asked = _examples(24), _examples(400, seed=3)
    sure = [np.eye(3)[part.label].astype(np.float32) for part in (examples, asked)]
    teacher = Teacher(examples.label, sure[0], asked.with_labels(np.full(400, -1), np.ones(400)), sure[1])
    posts, label = _posts(300, seed=5)
    cues = np.array([[len(post), post.count("e")] for post in posts], np.int16)
    right = []
    for given in (None, teacher):
        head = fit_head(examples, "need", CLASSES, teacher=given).head
        judged = Heads(random_table(), [head]).judge(_batch(posts), cues)
        right.append(float((judged.label["need"] == label).mean()))
    assert right[1] > right[0]
