"""What understanding a post costs, in µs of CPU, and how often it is right.

`python -m pytest tests/bench/test_understand.py -s` prints the figures; with `GEHOOR_RECORD=1` they also land in
`bench/understand.json`. Ceilings are about three times what was measured on a shared machine with two cores.

Two sets of our own (CC0). `intent_cc0.jsonl`: written before the phrase lists were, half of it set aside while tuning;
but one hand wrote both, so it shows that nothing is broken, not how well strangers are understood.
`other_hand_cc0.jsonl`: lines of the demo, which another hand wrote (much of it irony), labelled before the answers were
seen; part `tune` was looked at afterwards. That is the honest figure, together with the real tweets in the shared data.
On 80 more posts of strangers to English-speaking brands, which may not be kept here, intent was right in 56 % (65 %
where two labels would do; majority 30 %). VADER itself reaches .560 where we stand at .58 on the English tweets.
"""

import csv
import gzip
import json
import os
import re
import time
from collections.abc import Iterator, Sequence
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pytest

from gehoor.core.clock import SystemClock
from gehoor.core.settings import Brand as Terms
from gehoor.core.settings import Settings
from gehoor.core.text import TextBatch
from gehoor.understand.base import Analyzer
from gehoor.understand.brand import Brand
from gehoor.understand.intent import LABELS as INTENTS
from gehoor.understand.intent import Intent
from gehoor.understand.language import Language
from gehoor.understand.sentiment import LABELS as SENTIMENTS
from gehoor.understand.sentiment import Sentiment

BATCH, N_POSTS, N_TERMS = 2_048, 8_192, 2_000
CEILINGS_US = {"language": 24.0, "brand": 9.0, "sentiment": 9.0, "intent": 9.0}

KEYWORDS = (
    (r"opzeg|opgezegd|cancel", "leaving"),
    (r"bedankt|dank|thank|top|great", "praise"),
    (r"slecht|worst|terrible|waardeloos|belachelijk", "complaint"),
    (r"tip|suggest|zou fijn|would be", "improvement"),
    (r"\bhelp|hulp", "help"),
    (r"\?", "question"),
)
"""The simple rival: the first keyword wins."""

Columns = dict[str, pa.Array]


@pytest.fixture(scope="module")
def figures(repository: Path) -> Iterator[dict[str, Any]]:
    """Collect what is measured; print it in the end, and keep it if asked to."""
    found: dict[str, Any] = {}
    yield found
    day = str(np.datetime64(SystemClock().now(), "us").astype("datetime64[D]"))
    text = json.dumps({"machine": "2 cores, shared", "date": day, **found}, indent=2)
    print(text)
    if os.environ.get("GEHOOR_RECORD"):
        (repository / "bench").mkdir(exist_ok=True)
        (repository / "bench/understand.json").write_text(text + "\n", "utf-8")


def labelled(repository: Path, name: str) -> list[dict[str, str]]:
    lines = (repository / f"tests/data/understand/{name}_cc0.jsonl").read_text("utf-8").splitlines()
    return [json.loads(line) for line in lines]


@pytest.fixture(scope="module")
def posts(repository: Path) -> list[dict[str, str]]:
    """Our own labelled posts."""
    return labelled(repository, "intent")


@cache
def analyzers() -> tuple[Analyzer, ...]:
    settings = Settings()
    return Language(settings), Sentiment(settings), Intent(settings)


def understood(texts: Sequence[str], language: str | None = None) -> dict[str, list[Any]]:
    """Return all columns of the texts; with `language` given, that is what the texts are known to be in."""
    batch = TextBatch.of(pa.array(texts, pa.string()))
    known: Columns = {"language": pa.array([language] * len(texts), pa.string())}
    for analyzer in analyzers()[0 if language is None else 1 :]:
        known |= analyzer.annotate(batch, known)
    return {name: values.to_pylist() for name, values in known.items()}


def macro_f1(truth: Sequence[str], given: Sequence[str], labels: Sequence[str]) -> float:
    pairs = list(zip(truth, given, strict=True))
    shares = [2 * pairs.count((x, x)) / max(1, list(truth).count(x) + list(given).count(x)) for x in labels]
    return round(sum(shares) / len(labels), 3)


def majority(truth: Sequence[str]) -> list[str]:
    return [max(sorted(set(truth)), key=list(truth).count)] * len(truth)


def read(shared: Path, name: str) -> list[dict[str, str]]:
    with gzip.open(shared / f"data/{name}.csv.gz", "rt", encoding="utf-8") as file:
        return list(csv.DictReader(file))


@cache
def bare_lexicon(path: Path) -> dict[tuple[str, str], float]:
    with path.open(encoding="utf-8") as file:
        return {(row["language"], row["word"]): float(row["score"]) for row in csv.DictReader(file)}


def plain_sum(repository: Path, text: str, language: str) -> str:
    """Judge by the sign of the sum of the carried lexicon: no negation, emoji or words of our own."""
    lexicon = bare_lexicon(repository / "src/gehoor/understand/data/lexicon.csv")
    total = sum(lexicon.get((language, word), 0.0) for word in re.findall(r"[\w']+", text.lower()))
    return SENTIMENTS[1 + (total > 0) - (total < 0)]


def spliced(posts: list[dict[str, str]], rng: np.random.Generator) -> list[str]:
    """Return posts made of two halves each, of one language: no shared data needed, few repeats."""
    halves = [post["text"].split() for post in posts]
    left, right = rng.integers(0, len(halves), (2, N_POSTS))
    return [
        " ".join(halves[a][: 1 + len(halves[a]) // 2] + halves[b][len(halves[b]) // 2 :])
        for a, b in zip(left, right, strict=True)
    ]


def terms_of(texts: list[str], rng: np.random.Generator) -> dict[str, Terms]:
    """Return 400 brands with five terms each: one in ten a word of the texts, the others made up."""
    letters = np.array(list("abcdefghijklmnopqrstuvwxyz"))
    made_up = ["".join(row) for row in rng.choice(letters, (N_TERMS, 7))]
    words = rng.choice(
        sorted({word for text in texts for word in text.lower().split() if len(word) > 5}), N_TERMS // 10
    )
    terms = [*words, *made_up[len(words) :]]
    return {f"brand-{n}": Terms(terms=tuple(terms[n::400])) for n in range(400)}


def cost_us(analyzer: Analyzer, batches: list[TextBatch], known: list[Columns]) -> float:
    """Return the least of three runs, and let the next analyzer know what this one found."""
    costs = []
    for _ in range(3):
        start = time.process_time()
        found = [analyzer.annotate(batch, columns) for batch, columns in zip(batches, known, strict=True)]
        costs.append(time.process_time() - start)
    for columns, new in zip(known, found, strict=True):
        columns.update(new)
    return round(min(costs) * 1e6 / sum(map(len, batches)), 2)


def costs_us(texts: list[str], rng: np.random.Generator) -> dict[str, float]:
    batches = [TextBatch.of(pa.array(texts[at : at + BATCH])) for at in range(0, N_POSTS, BATCH)]
    known: list[Columns] = [{"language": pa.nulls(len(batch), pa.string())} for batch in batches]
    language, sentiment, intent = analyzers()
    brand = Brand(Settings(brands=terms_of(texts, rng)))
    return {each.name: cost_us(each, batches, known) for each in (language, brand, sentiment, intent)}


@pytest.mark.alone
def test_each_analyzer_keeps_its_budget(
    posts: list[dict[str, str]], rng: np.random.Generator, figures: dict[str, Any]
) -> None:
    costs = figures["us_per_spliced_post"] = costs_us(spliced(posts, rng), rng)

    assert {name: cost for name, cost in costs.items() if cost > CEILINGS_US[name]} == {}


@pytest.mark.alone
def test_each_analyzer_keeps_its_budget_on_real_posts(
    shared: Path, rng: np.random.Generator, figures: dict[str, Any]
) -> None:
    texts = [row["text"] for row in read(shared, "webcare/twcs_inbound_requests")][:N_POSTS]
    costs = figures["us_per_real_post"] = costs_us(texts, rng)

    assert {name: cost for name, cost in costs.items() if cost > CEILINGS_US[name]} == {}


@pytest.mark.alone
def test_one_huge_post_costs_no_more_than_a_page_of_small_ones() -> None:
    start = time.process_time()
    understood(["Waar blijft mijn koffer? " * 100_000])

    assert time.process_time() - start < 1.0


@pytest.mark.parametrize(
    ("name", "column", "least"),
    [("language/twitter_lid5_train", "label", 0.98), ("text/home_sentences", "language", 0.99)],
)
def test_language_is_right_on_real_posts(
    shared: Path, figures: dict[str, Any], *, name: str, column: str, least: float
) -> None:
    rows = read(shared, name)
    given = np.array(understood([row["text"] for row in rows])["language"])
    right = given == np.array([row[column] for row in rows])
    is_told = given != "und"
    figures[name] = {"accuracy": round(right[is_told].mean(), 4), "und": round(1 - is_told.mean(), 4)}

    assert right[is_told].mean() >= least
    assert is_told.mean() >= 0.95


@pytest.mark.parametrize(("code", "least"), [("nl", 0.75), ("en", 0.70)])
def test_sentiment_of_our_own_posts_beats_majority_and_plain_lexicon(
    repository: Path, posts: list[dict[str, str]], figures: dict[str, Any], *, code: str, least: float
) -> None:
    held = [post for post in posts if post["language"] == code and post["part"] == "held"]
    truth = [post["sentiment"] for post in held]
    ours = macro_f1(truth, understood([post["text"] for post in held])["sentiment"], SENTIMENTS)
    plain = macro_f1(truth, [plain_sum(repository, post["text"], code) for post in held], SENTIMENTS)
    most = macro_f1(truth, majority(truth), SENTIMENTS)
    figures[f"sentiment_own_{code}"] = {"macro_f1": ours, "plain_lexicon": plain, "majority": most, "posts": len(held)}

    assert ours > max(plain, most)
    assert ours >= least


@pytest.mark.parametrize(
    ("name", "code", "floor"),
    [("english", "en", 0.515), ("german", "de", 0.50)],  # 0.515: an SVM trained on the set; German's is 0.655
)
def test_sentiment_of_tweets_without_training_on_them(
    repository: Path, shared: Path, figures: dict[str, Any], *, name: str, code: str, floor: float
) -> None:
    rows = read(shared, f"sentiment/umsab_{name}_test")
    truth, texts = [row["label"] for row in rows], [row["text"] for row in rows]
    ours = macro_f1(truth, understood(texts, code)["sentiment"], SENTIMENTS)
    plain = macro_f1(truth, [plain_sum(repository, text, code) for text in texts], SENTIMENTS)
    most = macro_f1(truth, majority(truth), SENTIMENTS)
    figures[f"sentiment_umsab_{name}"] = {"macro_f1": ours, "plain_lexicon": plain, "majority": most}

    assert ours > max(plain, most)
    assert ours >= floor


@pytest.mark.parametrize(("name", "least"), [("intent", 0.85), ("other_hand", 0.40)])
def test_intent_beats_majority_and_keywords(
    repository: Path, figures: dict[str, Any], *, name: str, least: float
) -> None:
    held = [post for post in labelled(repository, name) if post["part"] == "held"]
    truth, texts = [post["intent"] for post in held], [post["text"] for post in held]
    given = understood(texts)["intent"]
    keyword = [next((intent for rule, intent in KEYWORDS if re.search(rule, x.lower())), "other") for x in texts]
    figures[f"intent_{name}"] = {
        "macro_f1": (ours := macro_f1(truth, given, INTENTS)),
        "keywords": (rival := macro_f1(truth, keyword, INTENTS)),
        "majority": (most := macro_f1(truth, majority(truth), INTENTS)),
        "accuracy": round(float(np.mean([a == b for a, b in zip(truth, given, strict=True)])), 3),
        "posts": len(held),
    }

    assert ours > max(rival, most)
    assert ours >= least


def test_sentiment_of_another_hand_beats_majority_and_plain_lexicon(repository: Path, figures: dict[str, Any]) -> None:
    held = [post for post in labelled(repository, "other_hand") if post["part"] == "held"]
    truth = [post["sentiment"] for post in held]
    ours = macro_f1(truth, understood([post["text"] for post in held])["sentiment"], SENTIMENTS)
    plain = macro_f1(truth, [plain_sum(repository, post["text"], post["language"]) for post in held], SENTIMENTS)
    most = macro_f1(truth, majority(truth), SENTIMENTS)
    figures["sentiment_other_hand"] = {"macro_f1": ours, "plain_lexicon": plain, "majority": most, "posts": len(held)}

    assert ours > max(plain, most)
