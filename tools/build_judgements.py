"""Fit the heads that gehoor ships: `python tools/build_judgements.py --shared ../shared [TASK ...]`.

Trained on our own posts (data/voices, data/labelled: CC0) and, for spam, on four fifths of the SMS Spam Collection
(CC BY 4.0). What is chosen (strengths, the mixture, what is unknown) is chosen on trades that were held out: four folds
of three trades, Dutch and English together, and one of the assorted posts.
"""

import argparse
import csv
import gzip
import json
import re
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from gehoor.core.text import TextBatch
from gehoor.understand import cues, judgements
from gehoor.understand.calibration import Reliability, least_p_for
from gehoor.understand.examples import Examples
from gehoor.understand.fitting import N_FOLDS, Fitted, fit_on_folds
from gehoor.understand.head import Head
from gehoor.understand.model_folder import About, write_model
from gehoor.understand.table import Table

__all__ = ["CLASSES", "UNKNOWN", "build", "label_of", "own_posts", "sms"]

DATA = Path(judgements.__file__).parent / "data"
CLASSES: dict[str, tuple[str, ...]] = {
    "sentiment": ("negative", "neutral", "positive"),
    "intent": ("help", "complaint", "question", "praise", "improvement", "leaving", "other"),
    "need": (
        "delivery", "refund", "invoice", "payment", "outage", "product", "staff", "price", "app", "account",
        "cancellation", "contract", "booking", "information", "waiting", "safety", "privacy", "accessibility",
        "environment", "general",
    ),
    "actionability": ("answer", "aggregate", "none"),
    "urgency": ("low", "normal", "high", "critical"),
    "emotion": ("anger", "worry", "disappointment", "joy", "gratitude", "none"),
    "motive": ("price", "delivery", "staff", "range", "design", "ease", "energy", "trust", "society", "none"),
    "spam": ("ham", "spam"),
}  # fmt: skip
UNKNOWN: dict[str, tuple[str, float]] = {
    "sentiment": ("neutral", 0.72), "intent": ("other", 0.65), "need": ("general", 0.50),
    "actionability": ("none", 0.78), "urgency": ("normal", 0.68), "emotion": ("none", 0.57), "motive": ("none", 0.53),
}  # fmt: skip
"""What a head says when it is not sure, and how often it shall be right where it says something else."""

_URL = re.compile(r"(?:https?://|www\.)\S+")
_EVERY = 3

Post = dict[str, Any]


def own_posts() -> list[Post]:
    """Return all posts of our own."""
    files = [*sorted((DATA / "voices").glob("*.jsonl")), *sorted((DATA / "labelled").glob("*.jsonl"))]
    return [json.loads(line) for path in files for line in path.read_text("utf-8").splitlines()]


def sms(shared: Path, *, held: bool) -> list[Post]:
    """Return the text messages that are trained on, or the fifth that is held out: as in bench/spam.json."""
    with gzip.open(shared / "data/spam/sms_spam.csv.gz", "rt", encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    order = np.random.default_rng(0).permutation(len(rows))
    cut = len(rows) * 4 // 5
    return [
        {"text": rows[i]["text"], "language": "en", "trade": f"sms-{i % N_FOLDS}", "spam": rows[i]["label"] == "spam"}
        for i in (order[cut:] if held else order[:cut])
    ]


def linked(text: str, number: int) -> str:
    """Return a text with links in every third, spam or not: a link is no spam, and the rules of `sift` weigh it."""
    bare = _URL.sub("", text)
    links = " https://x.example/a" * (1 + number % 4 // 3 * 2)
    return bare + links if number % _EVERY == 0 else bare


def customers(shared: Path) -> list[Post]:
    """Return what customers wrote to services, none of it spam: one in five of two cleared collections."""
    texts: list[str] = []
    for name in ("text/service_english", "intents/banking77_train"):
        with gzip.open(shared / f"data/{name}.csv.gz", "rt", encoding="utf-8") as file:
            texts += [row["text"] for row in csv.DictReader(file)][::5]
    return [
        {"text": text, "language": "en", "trade": f"sms-{i % N_FOLDS}", "spam": False} for i, text in enumerate(texts)
    ]


def label_of(post: Post, task: str) -> str | None:
    """Return what a post is labelled with, None where the task does not apply."""
    if task == "spam":
        return "spam" if post["spam"] else "ham"
    wish, _, need = post["intent"].partition("/")
    return {"intent": wish, "need": need or None}.get(task, post.get(task))


def fold_of(posts: Sequence[Post]) -> npt.NDArray[np.int64]:
    """Return the fold in which each post is held out: trades stay whole."""
    trades = sorted({post["trade"] for post in posts if not post["trade"].startswith(("assorted", "sms-"))})
    folds = {trade: number * (N_FOLDS - 1) // len(trades) for number, trade in enumerate(trades)}
    folds |= {"assorted": N_FOLDS - 1} | {f"sms-{number}": number for number in range(N_FOLDS)}
    return np.array([folds[post["trade"]] for post in posts])


def examples_of(posts: Sequence[Post], label: Sequence[int], table: Table) -> Examples:
    """Turn posts into numbers, as the row stages would."""
    texts = TextBatch.of(pa.array([post["text"] for post in posts], pa.string()))
    spoken = [post["language"] if post["language"] in ("nl", "en") else "und" for post in posts]
    return Examples.of([(texts, cues.Cues().of(texts, {"language": pa.array(spoken, pa.string())}))], label, table)


def finished(task: str, fitted: Fitted, examples: Examples) -> tuple[Head, dict[str, Any]]:
    """Return the head with what it says when it is not sure, and its figures on trades that it did not see."""
    head = fitted.head.with_facts(languages=("nl", "en"))
    label, p = head.judge(fitted.logits)
    is_right = label == examples.label
    figures: dict[str, Any] = {
        "held_out_trades": {
            "n": len(examples),
            "accuracy": round(float(is_right.mean()), 3),
            "macro_f1": macro_f1(examples.label, label, len(head.classes)),
            "calibration_error": round(Reliability.of(p.astype(np.float64), is_right).error, 3),
        },
        "strengths": fitted.recipe.strengths,
        "mixture": {name: round(weight, 3) for name, weight in fitted.recipe.mix.weights.items()},
    }
    if task in UNKNOWN:
        unknown, wanted = UNKNOWN[task]
        least_p = least_p_for(p.astype(np.float64), is_right, wanted)
        head = head.with_facts(unknown_label=unknown, least_p=least_p or 0.0)
        given, p = head.judge(fitted.logits)
        is_answered = p >= head.least_p
        figures["held_out_trades"] |= {
            "macro_f1_with_unknown": macro_f1(examples.label, given, len(head.classes)),
            "least_p": head.least_p,
            "answered": round(float(is_answered.mean()), 3),
            "accuracy_of_answered": round(float((given == examples.label)[is_answered].mean()), 3),
        }
    return head, figures


def macro_f1(truth: npt.NDArray[np.int64], given: npt.NDArray[np.int64], n_classes: int) -> float:
    """Return the mean F1 over the classes, to three digits."""
    right = np.bincount(truth[truth == given], minlength=n_classes)
    either = np.bincount(truth, minlength=n_classes) + np.bincount(given, minlength=n_classes)
    return round(float((2 * right / np.maximum(either, 1)).mean()), 3)


def build(task: str, shared: Path, table: Table) -> dict[str, Any]:
    """Fit one head, write its folder, and return its figures."""
    posts = [post for post in own_posts() if label_of(post, task) in CLASSES[task]]
    data: list[Post] = [{"name": "voices and labelled", "licence": "CC0-1.0", "n_rows": len(posts)}]
    if task == "spam":
        messages = sms(shared, held=False)
        cited = "SMS Spam Collection (Almeida, Gomez Hidalgo, Yamakami 2011), four fifths"
        data.append({"name": cited, "licence": "CC-BY-4.0", "n_rows": len(messages)})
        others = customers(shared)
        data += [
            {
                "name": "MultiDoGO, what customers wrote, a fifth",
                "licence": "CDLA-Permissive-1.0",
                "n_rows": len(others),
            },
            {"name": "Banking77, training part, a fifth: counted above", "licence": "CC-BY-4.0"},
        ]
        posts = [post | {"text": linked(post["text"], i)} for i, post in enumerate(posts + messages + others)]
    label = [CLASSES[task].index(label_of(post, task) or "") for post in posts]
    examples = examples_of(posts, label, table)
    fitted = fit_on_folds(examples, task, CLASSES[task], fold_of(posts))
    head, figures = finished(task, fitted, examples)
    write_model(judgements.SHIPPED / task, head, table, About(data=tuple(data), figures=figures))
    return figures


def main() -> None:
    """Fit the heads that are named, or all of them."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("tasks", nargs="*", metavar="TASK", help=f"of {', '.join(CLASSES)}")
    parser.add_argument("--shared", type=Path, required=True, help="the folder of development data")
    given = parser.parse_args()
    table = Table.load()
    for task in given.tasks or CLASSES:
        print(task, json.dumps(build(task, given.shared, table)), flush=True)


if __name__ == "__main__":
    main()
