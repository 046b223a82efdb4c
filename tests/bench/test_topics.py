"""Topics of streams of short posts: agreement with the true ones, how many too many, and posts a second.

`python -m pytest tests/bench/test_topics.py -s -m ""` prints the figures; with `GEHOOR_RECORD=1` they also land in
`bench/topics.json`. The setting was chosen by random search on five simulated streams like those of `topic_streams`
and on the questions of Banking77 and CLINC150, checked on five other simulated streams, and fixed before Tweets and
News were opened.
"""

import gzip
import json
import runpy
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from gehoor.run.topics import topics
from gehoor.warn.topic_stream import Split, TopicStream
from tests.bench.recording import recorded
from tests.bench.topic_streams import simulated

TARGETS = {"tweets": (0.88, 0.75), "news": (0.86, 0.62)}
PUBLISHED = {
    "tweets": {"MStream": 0.844, "MStreamF": 0.823, "DTM": 0.801, "OSDM": 0.839},
    "news": {"MStream": 0.834, "MStreamF": 0.797, "DTM": 0.793},
}
FLOOR = {
    "what": "one pass, TF-IDF centroid, threshold .10 (chosen on these very streams): 60 lines; 1.9 x too many topics",
    "nmi": {"tweets": 0.880, "news": 0.846},
    "ari": 0.72,
}
SCORED = {
    "n_settings": 2,
    "kept": "the first, as it was frozen; of the second only the weight of a topic's size differed (.25 for .5)",
    "second_nmi_ari": {"tweets": [0.8822, 0.7032], "news": [0.8691, 0.7231]},
    "missed": "ARI of Tweets: too much stands together (homogeneity .86, completeness .91); the second attempt, "
    "stricter about joining large topics, found more topics (1.08 x) and no better borders",
}
"""How often Tweets and News were scored, and what came of it."""


@pytest.fixture(scope="module")
def figures(repository: Path) -> Iterator[dict[str, Any]]:
    with recorded(repository, "topics") as found:
        found["floor"], found["published_nmi"], found["scored"] = FLOOR, PUBLISHED, SCORED
        yield found


@pytest.fixture(scope="module")
def scored(shared: Path) -> Callable[..., dict[str, float]]:
    return runpy.run_path(str(shared / "bench" / "cluster_score.py"))["figures"]  # type: ignore[no-any-return]  # a script


def _topics_of(posts: list[list[int]]) -> list[int]:
    stream = TopicStream()
    found = [stream.add(terms, second, second) for second, terms in enumerate(posts)]
    stream.settle()
    changes, into = stream.changes(), dict[int, int]()
    for one in changes:
        if isinstance(one, Split):
            for post in one.posts:
                found[post] = one.topic
        else:
            into[one.topic] = one.into
    final = []
    for topic in found:
        while topic in into:
            topic = into[topic]  # noqa: PLW2901  # followed to its end
        final.append(topic)
    return final


def test_simulated_topics_are_found(scored: Callable[..., dict[str, float]]) -> None:
    stream = simulated(103)
    found = scored(stream.topics, _topics_of(stream.posts))
    assert found["nmi"] >= 0.84
    assert found["ari"] >= 0.65
    assert found["cluster_ratio"] <= 2


@pytest.mark.proof
def test_figures_of_simulated_streams(figures: dict[str, Any], scored: Callable[..., dict[str, float]]) -> None:
    figures["simulated"] = {}
    for seed in range(100, 105):  # none of these was looked at when the setting was chosen
        stream = simulated(seed)
        found = scored(stream.topics, _topics_of(stream.posts))
        figures["simulated"][str(seed)] = {
            name: round(found[name], 3) for name in ("nmi", "ari", "cluster_ratio", "posts")
        }
    assert np.mean([one["nmi"] for one in figures["simulated"].values()]) >= 0.9


@pytest.mark.proof
@pytest.mark.parametrize("name", TARGETS)
def test_public_streams(
    name: str, shared: Path, tmp_path: Path, figures: dict[str, Any], scored: Callable[..., dict[str, float]]
) -> None:
    with gzip.open(shared / "data" / "short_text_streams" / f"{name}.jsonl.gz", "rt", encoding="utf-8") as file:
        rows = [json.loads(line) for line in file]
    source = tmp_path / "posts.jsonl"
    lines = [
        {"id": str(row["Id"]), "published": 1_776_000_000 + n, "text": row["textCleaned"]} for n, row in enumerate(rows)
    ]
    source.write_text("".join(json.dumps(line) + "\n" for line in lines), encoding="utf-8")
    before = time.process_time()
    report = topics(source, tmp_path / "out.csv")
    seconds = time.process_time() - before
    found = np.loadtxt(tmp_path / "out.csv", delimiter=",", skiprows=1, dtype=str)[:, 1]
    truth = np.array([row["clusterNo"] for row in rows], dtype=str)
    ours = scored(truth, found)
    figures[name] = {
        **{key: round(float(value), 4) for key, value in ours.items()},
        "interval_95": _interval(truth, found, scored),
        "posts_per_s_of_cpu": round(len(rows) / seconds),
        "merged": report.n_merged,
        "target": dict(zip(("nmi", "ari"), TARGETS[name], strict=True)) | {"cluster_ratio": 1.5, "posts_per_s": 10_000},
    }
    assert ours["nmi"] > max(PUBLISHED[name].values())


def _interval(truth: Any, found: Any, scored: Callable[..., dict[str, float]]) -> dict[str, list[float]]:
    """Return where the figures lie when posts are drawn again, 95 times of 100."""
    rng = np.random.default_rng(1)
    drawn = [rng.choice(len(truth), len(truth) // 2, replace=False) for _ in range(100)]
    again = [scored(truth[rows], found[rows]) for rows in drawn]
    return {
        key: [round(float(edge), 4) for edge in np.quantile([one[key] for one in again], (0.025, 0.975))]
        for key in ("nmi", "ari")
    }
