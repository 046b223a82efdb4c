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
from tests.bench.topic_streams import in_families, simulated

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
    "n_settings": 4,
    "without_splitting": {
        "first": "as it was frozen: NMI .887 and .8769, ARI .7189 and .7367, .83 and 1.05 x as many topics",
        "second": "the weight of a topic's size .25 for .5: NMI .8822 and .8691, ARI .7032 and .7231",
    },
    "with_splitting": {
        "third": "topics that are two are split: this one is kept",
        "fourth": "besides, what is merged must be 10 and not 3 times likelier: NMI .8887 and .8821, ARI .7005 and "
        ".7096, 1.15 and 1.33 x as many",
    },
    "chosen_on": "simulated streams whose topics share leading words (ARI .79 without, .89 with splitting, .96 with "
    "the fourth), Banking77, CLINC150",
    "kept": "the third, for its ARI on the five simulated streams below, on which nothing was chosen: .919; of the "
    "fourth .909, without splitting .911",
    "missed": "ARI of Tweets, .75: what splitting was made for is mended where it was simulated, and on Tweets it "
    "gains .007; merging less raises homogeneity to .90 and costs as much completeness. The interval reaches .787",
    "profile": "of Tweets, afterwards: 1,306,549 pairs of one topic are apart, 1,672,436 pairs of two are joined. 42 % "
    "of the first are one television show of 1,628 posts, named knockknocklive by 1,174 and knock knock live "
    "by 426, which share no word; 17 % are a second (Iran's nuclear deal: sanctions, Israel). 30 % of the "
    "second are one topic in which that deal and North Korea's nuclear test are joined. Without the posts of "
    "the three topics that lose most apart it is .749, without five .762. Four settings stand above (.703, "
    ".7189, .7005, and .7264, which is kept)",
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


def test_topics_that_share_leading_words_are_told_apart(scored: Callable[..., dict[str, float]]) -> None:
    stream = in_families(simulated(6), 6)
    found = scored(stream.topics, _topics_of(stream.posts))
    assert found["ari"] >= 0.85  # .75 without splitting
    assert found["nmi"] >= 0.93


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
        "interval_95": _interval(truth, found, ours, scored),
        "posts_per_s_of_cpu": round(len(rows) / seconds),
        "merged": report.n_merged,
        "target": dict(zip(("nmi", "ari"), TARGETS[name], strict=True)) | {"cluster_ratio": 1.5, "posts_per_s": 10_000},
    }
    assert ours["nmi"] > max(PUBLISHED[name].values())


def _interval(
    truth: Any, found: Any, ours: dict[str, float], scored: Callable[..., dict[str, float]]
) -> dict[str, list[float]]:
    """Return where the figures lie, 95 times of 100, if the subjects were others of the same kind.

    Half of the true topics are left out a hundred times; how far those figures lie from their own mean is how far ours
    may lie from the truth, since half a sample without replacement varies as a whole one does with it.
    """
    rng, names = np.random.default_rng(1), np.unique(truth)
    halves = [np.isin(truth, rng.choice(names, len(names) // 2, replace=False)) for _ in range(100)]
    again = [scored(truth[rows], found[rows]) for rows in halves]
    intervals = {}
    for key in ("nmi", "ari"):
        values = np.array([one[key] for one in again])
        edges = ours[key] + np.quantile(values - values.mean(), (0.025, 0.975))
        intervals[key] = [round(float(edge), 4) for edge in edges]
    return intervals
