"""What others reach on trades that were held out, learning from the same labels: so what is in them, and in us.

`GEHOOR_RECORD=1 python -m pytest tests/bench/test_rivals.py -m proof -s` keeps the figures in `bench/judgements.json`,
beside those of our heads (`held_out_trades`). Two ways, each a try at what heads may reach: words and pieces of words
without hashing, and the vectors of an encoder hundreds of times as slow. And how far more labels carry, from a quarter
to all.
"""

import json
import os
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import pytest
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_union
from sklearn.svm import LinearSVC

from gehoor.understand.encoder import Encoder
from gehoor.understand.mixing import favour_of, fit_mix
from gehoor.understand.solving import fit_part, logits_of
from gehoor.understand.table import Table
from gehoor.understand.unconverged import unconverged
from tools.build_judgements import CLASSES, examples_of, fold_of, has_trade, label_of, own_posts, weight_of
from tools.judgement_figures import interval, keep, macro_f1

TARGET = {"sentiment": 0.80, "intent": 0.75}
REASON = (
    "below the target for want of labels: twice as many brought nine to ten points from a quarter to a half and seven "
    "from a half to all, so it asks some four times as many posts, written and labelled by hand; with the same labels "
    "the vectors of an encoder that is hundreds of times as slow reach .66 and .57. Our own parts reach .69 and .61 on "
    "own posts alone, always answering; the heads that are shipped reach .66 and .59 always answering: they also read "
    "other registers, take plain posts as they are, and .66 and .55 are left where they may say that they do not know"
)

I64 = npt.NDArray[np.int64]
Told = Callable[[I64, I64], I64]


def held_out(posts: Sequence[dict[str, Any]], label: I64, told: Told, share: float = 1.0) -> I64:
    """Return what is said of each post by what learnt from a share of the posts of other trades."""
    fold, given, rng = fold_of(posts), np.zeros_like(label), np.random.default_rng(0)
    for number in np.unique(fold):
        others = np.flatnonzero(fold != number)
        shown = np.sort(rng.choice(others, round(share * len(others)), replace=False))
        asked = np.flatnonzero(fold == number)
        given[asked] = told(shown, asked)
    return given


def words(posts: Sequence[dict[str, Any]], label: I64) -> Told:
    """Return a support vector machine over words, pairs of words and pieces of words."""
    counted = make_union(
        TfidfVectorizer(ngram_range=(1, 2), sublinear_tf=True),
        TfidfVectorizer(analyzer="char_wb", ngram_range=(2, 5), sublinear_tf=True),
    )
    rows = counted.fit_transform([post["text"] for post in posts]).tocsr()
    return lambda shown, asked: LinearSVC(C=0.3, random_state=0).fit(rows[shown], label[shown]).predict(rows[asked])


def meanings(vectors: npt.NDArray[np.float32], label: I64, weight: npt.NDArray[np.float64]) -> Told:
    """Return a logistic regression over the vectors of the encoder."""
    rows = (vectors - vectors.mean(axis=0)) / vectors.std()

    def told(shown: I64, asked: I64) -> I64:
        model = LogisticRegression(C=0.01, max_iter=400).fit(rows[shown], label[shown], weight[shown])
        return np.asarray(model.predict(rows[asked]))

    return told


def own_words(posts: Sequence[dict[str, Any]], label: I64, task: str) -> I64:
    """Return what a head of ours would say, without context, that read no other registers and always answers."""
    examples = examples_of(posts, label.tolist(), Table.load())
    fold, logits = fold_of(posts), {}
    for part, strength in (("grams", 0.3), ("joint", 0.1)):
        logits[part] = np.zeros((len(posts), len(CLASSES[task])))
        for number in np.unique(fold):
            asked = np.flatnonzero(fold == number)
            with unconverged():
                linear = fit_part(examples.take(np.flatnonzero(fold != number)), part, len(CLASSES[task]), strength)
            logits[part][asked] = logits_of(linear, examples.take(asked))
    mixed = fit_mix(logits, label, np.ones(len(label))).of(logits)
    return np.asarray((mixed + favour_of(mixed, label)).argmax(axis=1))


def rivals(task: str, posts: Sequence[dict[str, Any]], vectors: npt.NDArray[np.float32]) -> dict[str, Any]:
    """Return macro-F1 on held-out trades, with intervals, of each rival."""
    label = np.array([CLASSES[task].index(label_of(post, task) or "") for post in posts])
    weight = np.array([weight_of(post, task) for post in posts])
    own = np.flatnonzero([has_trade(post) for post in posts])
    by_words, n = words(posts, label), len(CLASSES[task])
    said = {
        f"svm_{name}": held_out(posts, label, by_words, share)
        for name, share in (("quarter_of_labels", 0.25), ("half_of_labels", 0.5), ("all_labels", 1.0))
    }
    said["encoder_e5_small"] = held_out(posts, label, meanings(vectors, label, weight))
    said["ours_on_own_posts_alone"] = own_words(posts, label, task)
    truth = label[own]
    found: dict[str, Any] = {"target": TARGET[task], "reason": REASON}
    for name, given in said.items():
        mine = given[own]

        def score(rows: I64, mine: I64 = mine) -> float:
            return macro_f1(truth[rows], mine[rows], n)

        found[name] = {"macro_f1": score(np.arange(len(own))), "interval": interval(score, len(own))}
    return found


@pytest.mark.proof
@pytest.mark.timeout(3_000)
def test_what_others_learn_from_the_same_labels(repository: Path) -> None:
    posts = own_posts()
    vectors = Encoder().vectors([post["text"] for post in posts])
    found = {task: rivals(task, posts, vectors) for task in TARGET}
    print(json.dumps(found, indent=2))
    if os.environ.get("GEHOOR_RECORD"):
        keep(repository / "bench/judgements.json", "rivals_on_held_out_trades", found)
    assert all(found[task]["svm_all_labels"]["macro_f1"] > 0.4 for task in TARGET)
