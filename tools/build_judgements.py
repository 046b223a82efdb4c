"""Fit the heads that gehoor ships: `python -m tools.build_judgements --shared ../shared [TASK ...]`.

Trained on our own posts (data/voices, data/labelled: CC0), on cleared texts of other registers (other_registers.py)
and, for spam, on four fifths of the SMS Spam Collection (CC BY 4.0). What is chosen (strengths, the mixture, what is
unknown) is chosen on trades that were held out: four folds of three trades, Dutch and English together, and one of the
assorted posts.
"""

import argparse
import json
import re
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from gehoor.core.settings import Settings
from gehoor.core.text import TextBatch
from gehoor.understand import cues, judgements
from gehoor.understand.calibration import Reliability, least_p_for
from gehoor.understand.examples import Examples
from gehoor.understand.fitting import N_FOLDS, Fitted, fit_on_folds
from gehoor.understand.head import Head
from gehoor.understand.intent import Intent
from gehoor.understand.mixing import favour_of
from gehoor.understand.model_folder import About, write_model
from gehoor.understand.sentiment import Sentiment
from gehoor.understand.table import Table
from gehoor.understand.tone import in_context, with_phrases
from tools.judgement_figures import figures_of, keep, macro_f1
from tools.other_registers import other_registers, rows_of, sms

__all__ = ["CLASSES", "UNKNOWN", "build", "label_of", "own_posts"]

DATA = Path(judgements.__file__).parent / "data"
BENCH = Path(__file__).resolve().parent.parent / "bench/judgements.json"
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
    "chatter": ("directed", "chatter"),
}  # fmt: skip
UNKNOWN: dict[str, tuple[str, float]] = {
    "sentiment": ("neutral", 0.70), "intent": ("other", 0.65), "need": ("general", 0.50),
    "actionability": ("none", 0.78), "urgency": ("normal", 0.66), "emotion": ("none", 0.57), "motive": ("none", 0.53),
}  # fmt: skip
"""What a head says when it is not sure, and how often it shall be right where it says something else."""

_URL = re.compile(r"(?:https?://|www\.)\S+")
_EVERY = 3
OTHERS = "CLINC150, MultiDoGO, home-assistant/intents, SMS Spam Collection: some of each, labelled by rule"

WIDENED = ("sentiment", "urgency", "emotion", "motive", "chatter")
"""What is learnt from other registers too; what somebody wants is not told any better by them."""

PLAIN_WEIGHT = {"sentiment": 2.0, "intent": 2.0}
"""What a plain post counts where its plainness misled: five points of intent on plain posts for one on trades."""

Post = dict[str, Any]


def own_posts() -> list[Post]:
    """Return all posts of our own."""
    files = [*sorted((DATA / "voices").glob("*.jsonl")), *sorted((DATA / "labelled").glob("*.jsonl"))]
    return [json.loads(line) for path in files for line in path.read_text("utf-8").splitlines()]


def linked(text: str, number: int) -> str:
    """Return a text with links in every third, spam or not: a link is no spam, and the rules of `sift` weigh it."""
    bare = _URL.sub("", text)
    links = " https://x.example/a" * (1 + number % 4 // 3 * 2)
    return bare + links if number % _EVERY == 0 else bare


def customers(shared: Path) -> list[Post]:
    """Return what customers wrote to services, none of it spam: one in five of two cleared collections."""
    rows = [row for name in ("text/service_english", "intents/banking77_train") for row in rows_of(shared, name)[::5]]
    return [{"text": row["text"], "language": "en", "spam": False} for row in rows]


def label_of(post: Post, task: str) -> str | None:
    """Return what a post is labelled with, None where the task does not apply or nobody knows."""
    if task == "spam":
        return "spam" if post["spam"] else "ham"
    if task == "chatter":
        return "chatter" if post["intent"] == "other" else "directed"
    wish, _, need = (post["intent"] or "").partition("/")
    return {"intent": wish or None, "need": need or None}.get(task, post.get(task))


def fold_of(posts: Sequence[Post]) -> npt.NDArray[np.int64]:
    """Return the fold in which each post is held out: trades stay whole, what has none is dealt out."""
    trades = sorted({post["trade"] for post in posts if has_trade(post) and post["trade"] != "assorted"})
    folds = {trade: number * (N_FOLDS - 1) // len(trades) for number, trade in enumerate(trades)}
    folds["assorted"] = N_FOLDS - 1
    return np.array([folds[post["trade"]] if has_trade(post) else i % N_FOLDS for i, post in enumerate(posts)])


def has_trade(post: Post) -> bool:
    """Tell whether a post is held out with its trade: plain posts are of any, and other registers of none."""
    return bool(post.get("trade", "plain") != "plain")


def weight_of(post: Post, task: str) -> float:
    """Return how much a post counts."""
    if post.get("trade") == "plain":
        return PLAIN_WEIGHT.get(task, 1.0)
    return float(post.get("weight", 1.0))


def examples_of(posts: Sequence[Post], label: Sequence[int], table: Table) -> Examples:
    """Turn posts into numbers, as the row stages would."""
    texts = TextBatch.of(pa.array([post["text"] for post in posts], pa.string()))
    spoken = [post["language"] if post["language"] in ("nl", "en") else "und" for post in posts]
    return Examples.of([(texts, cues.Cues().of(texts, {"language": pa.array(spoken, pa.string())}))], label, table)


def in_its_context(fitted: Fitted, examples: Examples, posts: Sequence[Post]) -> Fitted:
    """Return the fit of the sentiment as the product lets other heads weigh in it, with its temperature anew."""
    fold, own = fold_of(posts), np.flatnonzero(examples.weight >= 1.0)
    directed = np.array([CLASSES["chatter"].index(label_of(post, "chatter") or "") for post in posts])
    asked = examples.with_labels(directed, examples.weight)
    p_chatter = shares(fit_on_folds(asked, "chatter", CLASSES["chatter"], fold).logits[own])[:, 1]
    wish = np.array([CLASSES["intent"].index(label_of(posts[i], "intent") or "") for i in own.tolist()])
    told = examples.take(own)
    wished = fit_on_folds(told.with_labels(wish, told.weight), "intent", CLASSES["intent"], fold[own])
    wished = with_its_phrases(wished, told.with_labels(wish, told.weight))
    p_intent = shares(wished.logits / wished.head.temperature)
    logits = fitted.logits.copy()
    logits[own] = in_context(fitted.logits[own], p_chatter, p_intent, told.cues)
    return settled(fitted, logits, examples)


def with_its_phrases(fitted: Fitted, examples: Examples) -> Fitted:
    """Return the fit of the intent with the say that the product gives to phrase lists."""
    return settled(fitted, with_phrases(fitted.logits, examples.cues), examples)


def settled(fitted: Fitted, logits: npt.NDArray[np.float64], examples: Examples) -> Fitted:
    """Return a fit with other logits: its temperature and what rare classes get are chosen anew."""
    own = np.flatnonzero(examples.weight >= 1.0)
    told = examples.take(own)
    losses = {t: fit_loss(logits[own] / t, told) for t in np.arange(0.8, 2.6, 0.1)}
    temperature = round(float(min(losses, key=losses.__getitem__)), 2)
    head = fitted.head.with_facts(favour=favour_of(logits[own], told.label), temperature=temperature)
    return replace(fitted, head=head, logits=logits)


def shares(logits: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
    """Return the probabilities behind logits."""
    odds = np.exp(logits - logits.max(axis=1, keepdims=True))
    return np.asarray(odds / odds.sum(axis=1, keepdims=True))


def fit_loss(logits: npt.NDArray[np.float64], examples: Examples) -> float:
    """Return the mean of -log p of the labels."""
    shifted = logits - logits.max(axis=1, keepdims=True)
    log_p = shifted[np.arange(len(logits)), examples.label] - np.log(np.exp(shifted).sum(axis=1))
    return float(-(log_p * examples.weight).sum() / examples.weight.sum())


def finished(task: str, fitted: Fitted, examples: Examples) -> Head:
    """Return the head with what it says when it is not sure: chosen on trades that it did not see."""
    head = fitted.head.with_facts(languages=("nl", "en"))
    if task not in UNKNOWN:
        return head
    own = examples.weight >= 1.0
    label, p = head.judge(fitted.logits[own])
    unknown, wanted = UNKNOWN[task]
    least_p = least_p_for(p.astype(np.float64), label == examples.label[own], wanted)
    return head.with_facts(unknown_label=unknown, least_p=least_p or 0.0)


def figures(task: str, head: Head, fitted: Fitted, posts: Sequence[Post], truth: npt.NDArray[np.int64]) -> Post:
    """Return how right a head is on trades that it did not see, with the floors."""
    given, p = head.judge(fitted.logits)
    own = np.array([has_trade(post) for post in posts])
    mine = [post for post, is_own in zip(posts, own, strict=True) if is_own]
    groups: dict[str, Sequence[str]] = {
        "language": [post["language"] for post in mine],
        "channel": [post["channel"] for post in mine],
        "trade": [post["trade"] for post in mine],
    }
    floors = {"lexicon": lexicon(task, mine)} if task in ("sentiment", "intent") else {}
    is_right, is_answered = (given == truth)[own], (p >= head.least_p)[own]
    sure = Reliability.of(p[own].astype(np.float64), is_right)
    return figures_of(truth[own], given[own], len(head.classes), groups, floors) | {
        "macro_f1_answering_all": macro_f1(
            truth[own], head.with_facts(least_p=0.0).judge(fitted.logits)[0][own], len(head.classes)
        ),
        "least_p": head.least_p,
        "answered": round(float(is_answered.mean()), 3),
        "accuracy_of_answered": round(float(is_right[is_answered].mean()), 3),
        "calibration_error": round(sure.error, 3),
    }


def lexicon(task: str, posts: Sequence[Post]) -> npt.NDArray[np.int64]:
    """Return what word lists alone say: the judgements of gehoor 0.1."""
    texts = TextBatch.of(pa.array([post["text"] for post in posts], pa.string()))
    known = {"language": pa.array([post["language"] for post in posts], pa.string())}
    known |= Sentiment(Settings()).annotate(texts, known)
    known |= Intent(Settings()).annotate(texts, known)
    return np.array([CLASSES[task].index(label) for label in known[task].to_pylist()])


def build(task: str, shared: Path, table: Table) -> dict[str, Any]:
    """Fit one head, write its folder, and return its figures."""
    posts = [post for post in own_posts() if label_of(post, task) in CLASSES[task]]
    data: list[Post] = [{"name": "voices and labelled", "licence": "CC0-1.0", "n_rows": len(posts)}]
    if task in WIDENED:
        others = [post for post in other_registers(shared) if label_of(post, task) is not None]
        data.append({"name": OTHERS, "licence": "CC-BY-3.0, CDLA-Permissive-1.0, CC-BY-4.0", "n_rows": len(others)})
        posts += others
    elif task == "spam":
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
    weight = np.array([weight_of(post, task) for post in posts])
    examples = examples_of(posts, label, table).with_labels(np.array(label), weight)
    fitted = fit_on_folds(examples, task, CLASSES[task], fold_of(posts))
    if task == "sentiment":
        fitted = in_its_context(fitted, examples, posts)
    elif task == "intent":
        fitted = with_its_phrases(fitted, examples)
    head = finished(task, fitted, examples)
    found = figures(task, head, fitted, posts, examples.label)
    mixture = {name: round(weight, 3) for name, weight in fitted.recipe.mix.weights.items()}
    about = {"held_out_trades": found, "strengths": fitted.recipe.strengths, "mixture": mixture}
    write_model(judgements.SHIPPED / task, head, table, About(data=tuple(data), figures=about))
    keep(BENCH, "held_out_trades", {task: found})
    return found


def main() -> None:
    """Fit the heads that are named, or all of them."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("tasks", nargs="*", metavar="TASK", help=f"of {', '.join(CLASSES)}")
    parser.add_argument("--shared", type=Path, required=True, help="the folder of development data")
    given = parser.parse_args()
    table = Table.load()
    for task in given.tasks or CLASSES:
        print(task, build(task, given.shared, table)["macro_f1"], flush=True)


if __name__ == "__main__":
    main()
