"""How well near duplicates are found among 10,048 tweets of one flood, against brute force.

`GEHOOR_RECORD=1 python -m pytest tests/bench/test_pairs.py -m proof -s` keeps the figures in `bench/pairs.json`. Truth
is every pair of posts whose sets of four characters have a Jaccard similarity of .8 or more; on both sides what hangs
together is one family. Threshold and signature were not chosen on these posts.
"""

import csv
import gzip
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pytest
from scipy import sparse
from scipy.sparse.csgraph import connected_components

from gehoor.sift.duplicate import NearDuplicates
from tests.bench.recording import recorded
from tests.bench.test_text_speed import THRESHOLD, WINDOW, alike_pairs, prints_of

EVENT, REACH, DRAWS = "2013_Queensland_Floods", 0.93, 1_000

I64 = npt.NDArray[np.int64]


def families(pairs: I64, n: int) -> I64:
    """Return the family of each of n posts, from pairs of them, shape (m, 2)."""
    joined = sparse.coo_array((np.ones(len(pairs)), (pairs[:, 0], pairs[:, 1])), shape=(n, n))
    return np.asarray(connected_components(joined, directed=False)[1], np.int64)


def together(family: I64, group: I64) -> I64:
    """Return by group how many pairs of posts are of one family; no family is in two groups."""
    names, n = np.unique(family, return_counts=True)
    of_group = np.zeros(len(names), np.int64)
    of_group[np.searchsorted(names, family)] = group
    return np.bincount(of_group, n * (n - 1) / 2, int(group.max()) + 1).astype(np.int64)


def pair_f1(truth: I64, found: I64) -> dict[str, object]:
    """Return F1 of pairs with its 95 % interval, over what hangs together by either."""
    n = len(truth)
    links = [np.stack([np.unique(one, return_index=True)[1][one], np.arange(n)], axis=1) for one in (truth, found)]
    group = families(np.concatenate(links), n)
    both = np.unique(np.stack([truth, found]), axis=1, return_inverse=True)[1].ravel()
    right, true, said = (together(one, group) for one in (both, truth, found))

    def score(rows: I64) -> float:
        return float(2 * right[rows].sum() / (true[rows].sum() + said[rows].sum()))

    every, rng = np.arange(len(right)), np.random.default_rng(0)
    low, high = np.quantile([score(rng.choice(every, len(every))) for _ in range(DRAWS)], [0.025, 0.975])
    return {
        "pair_f1": round(score(every), 4), "interval_95": [round(float(low), 4), round(float(high), 4)],
        "precision": round(float(right.sum() / said.sum()), 4), "recall": round(float(right.sum() / true.sum()), 4),
    }  # fmt: skip


def of_alike(texts: Sequence[str]) -> I64:
    """Return the family of each text by brute force."""
    return families(np.array(sorted(alike_pairs(list(texts))), np.int64).reshape(-1, 2), len(texts))


@pytest.mark.proof
@pytest.mark.timeout(600)
def test_near_duplicates_of_a_flood_are_found_as_brute_force_finds_them(repository: Path, shared: Path) -> None:
    path = shared / "data/crisislex/t6_public_events.csv.gz"
    if not path.exists():
        pytest.skip(f"no {path}")
    with gzip.open(path, "rt", encoding="utf-8", newline="") as file:
        rows = sorted((row["published"], row["text"]) for row in csv.DictReader(file) if row["event"] == EVENT)
    texts = [text for _, text in rows]
    plain = [" ".join(text.lower().split()) for text in texts]
    truth, seqs = of_alike(plain), np.arange(1, len(texts) + 1)
    verdicts = NearDuplicates(WINDOW, THRESHOLD).judge(seqs, prints_of(texts))
    found = np.unique(np.where(verdicts == 0, seqs, verdicts), return_inverse=True)[1]
    copies = np.unique(plain, return_inverse=True)[1]
    with recorded(repository, "pairs") as figures:
        figures["event"], figures["posts"], figures["reach"] = EVENT, len(texts), REACH
        figures["ours"] = ours = pair_f1(truth, found)
        figures["exact_copies"] = floor = pair_f1(truth, copies)
    assert float(str(ours["pair_f1"])) > float(str(floor["pair_f1"])) + 0.1
