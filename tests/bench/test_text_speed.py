"""What reading texts and finding near duplicates costs, in µs of CPU a post, and how well it finds them.

`python -m pytest tests/bench/test_text_speed.py -s` prints the figures. The ceilings are three times what was measured
on a shared machine with two cores: they catch a loop in Python, not a busy neighbour.
"""

import csv
import gzip
import itertools
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pytest

from gehoor.core.text import TextBatch
from gehoor.sift.duplicate import NearDuplicates
from gehoor.sift.signature import GRAM, Signature

WINDOW, THRESHOLD, BATCH = 524_288, 0.8, 2_048
EXTRAS = ("😡", "http://t.co/a1B2c3", "#storing", "@klantenservice", "één", "…", "&amp;", "wáár?!", "RT", "niet")


@dataclass
class Prints:
    """Signatures of posts."""

    signature: npt.NDArray[np.uint8]
    has_signature: npt.NDArray[np.bool_]

    def __getitem__(self, rows: slice) -> "Prints":
        return Prints(self.signature[rows], self.has_signature[rows])


def prints_of(texts: list[str]) -> Prints:
    parts = [Signature().annotate(TextBatch.of(pa.array(part)))["signature"] for part in batches(texts)]
    column = pa.chunked_array(parts).combine_chunks()
    has = column.is_valid().to_numpy(zero_copy_only=False)
    return Prints(np.frombuffer(column.buffers()[1], np.uint8).reshape(-1, 64), has)


def batches(texts: list[str]) -> list[list[str]]:
    return [texts[at : at + BATCH] for at in range(0, len(texts), BATCH)]


def made_up(n: int, rng: np.random.Generator) -> list[str]:
    """Make posts of about 100 characters from 20,000 made-up words; every third has an emoji, a URL, a tag ..."""
    sizes = rng.integers(2, 11, 20_000)
    letters = rng.choice(list("eeeennnaaattiiooorrddsslgvhkmubpwjzc"), sizes.sum())
    words = ["".join(part) for part in np.split(letters, np.cumsum(sizes)[:-1])]
    common = (rng.pareto(1.0, (n, 16)) * 40).astype(int) % len(words)
    posts = [" ".join(words[i] for i in row) for row in common]
    return [f"{post} {EXTRAS[i % len(EXTRAS)]}" if i % 3 == 0 else post for i, post in enumerate(posts)]


def cost_us(n: int, work: Callable[[], object]) -> float:
    """Return the least CPU of three runs, in µs a post."""
    best = float("inf")
    for _ in range(3):
        before = time.process_time()
        work()
        best = min(best, time.process_time() - before)
    return best / n * 1e6


@pytest.mark.alone
def test_reading_texts_is_cheap(rng: np.random.Generator) -> None:
    posts = [pa.array(part) for part in batches(made_up(8 * BATCH, rng))]
    read = [TextBatch.of(part) for part in posts]
    n = 8 * BATCH
    figures = {
        "normalise, words, hashes": (cost_us(n, lambda: [TextBatch.of(part) for part in posts]), 21.0),
        "digest and signature": (cost_us(n, lambda: [Signature().annotate(part) for part in read]), 16.0),
        "n-grams 3-5 in words": (cost_us(n, lambda: [part.grams(3, 5) for part in read]), 12.0),
        "windows of 4": (cost_us(n, lambda: [part.windows(GRAM) for part in read]), 6.0),
    }
    print()
    for name, (us, ceiling) in figures.items():
        print(f"{name:28s} {us:5.1f} µs a post")
        assert us < ceiling, name


@pytest.mark.alone
def test_looking_up_in_a_full_window_is_cheap_and_finds_copies(rng: np.random.Generator) -> None:
    fresh, n = made_up(40_000, rng), 40_000
    role = rng.random(n)
    source = rng.integers(0, np.maximum(np.arange(n), 1))
    is_copy, is_edit = (role < 0.12) & (np.arange(n) > 0), (role > 0.9) & (np.arange(n) > 0)
    posts: list[str] = []
    for i, post in enumerate(fresh):
        posts.append(posts[source[i]] if is_copy[i] else one_word_changed(posts[source[i]], i) if is_edit[i] else post)
    prints, seqs = prints_of(posts), np.arange(WINDOW + 1, WINDOW + 1 + n)
    memory = NearDuplicates(WINDOW, THRESHOLD)
    past = Prints(rng.integers(0, 256, (WINDOW, 64), np.uint8), np.ones(WINDOW, np.bool_))
    memory.restore(np.arange(1, WINDOW + 1), past, np.zeros(WINDOW, np.int64))
    verdicts = np.zeros(n, np.int64)
    before = time.process_time()
    for at in range(0, n, BATCH):
        verdicts[at : at + BATCH] = memory.judge(seqs[at : at + BATCH], prints[slice(at, at + BATCH)])
    us = (time.process_time() - before) / n * 1e6
    found, is_new = verdicts > 0, ~(is_copy | is_edit)
    copies, edits, wrong = found[is_copy].mean(), found[is_edit].mean(), found[is_new].mean()
    print(
        f"\nlook-up, window of {WINDOW:,} full  {us:5.1f} µs a post; found {copies:.2%} of copies, {edits:.2%} of posts"
    )
    print(f"with one word changed; {wrong:.3%} of new posts taken for copies")
    assert us < 6
    assert copies > 0.99
    assert edits > 0.6
    assert wrong < 0.001


def one_word_changed(post: str, i: int) -> str:
    words = post.split(" ")
    words[i % len(words)] = "anders"
    return " ".join(words)


@pytest.mark.alone
def test_a_storm_of_one_text_costs_no_more(rng: np.random.Generator) -> None:
    prints = prints_of([f"{made_up(1, rng)[0]} {i % 3}" for i in range(3)] * 4_096)
    n = len(prints.signature)

    def judge() -> npt.NDArray[np.int64]:
        return NearDuplicates(16_384, THRESHOLD).judge(np.arange(1, n + 1), prints)

    us = cost_us(n, judge)
    print(f"\nlook-up, all copies of three   {us:5.1f} µs a post")
    assert np.count_nonzero(judge()) >= n - 3
    assert us < 6


# -- real posts: pairs of tweets whose 4-grams (lower case, single blanks) have a Jaccard similarity of 0.8 or more


def alike_pairs(texts: list[str]) -> set[tuple[int, int]]:
    """Return all pairs by brute force; a prefix filter leaves out only pairs that cannot reach 0.8."""
    sets = [{text[i : i + 4] for i in range(max(1, len(text) - 3))} for text in texts]
    seen: dict[str, int] = {}
    for gram in itertools.chain.from_iterable(sets):
        seen[gram] = seen.get(gram, 0) + 1
    index: dict[str, list[int]] = {}
    pairs = set()
    for i, mine in enumerate(sets):
        rare = sorted(mine, key=lambda gram: (seen[gram], gram))[: len(mine) // 5 + 1]
        for j in {j for gram in rare for j in index.get(gram, ())}:
            if 0.8 * (len(mine) + len(sets[j])) <= 1.8 * len(mine & sets[j]) + 1e-9:
                pairs.add((j, i))
        for gram in rare:
            index.setdefault(gram, []).append(i)
    return pairs


def family_pairs(families: list[int]) -> set[tuple[int, int]]:
    members: dict[int, list[int]] = {}
    for i, family in enumerate(families):
        members.setdefault(family, []).append(i)
    return {pair for several in members.values() for pair in itertools.combinations(several, 2)}


def f1(found: set[tuple[int, int]], truth: set[tuple[int, int]]) -> float:
    return 2 * len(found & truth) / (len(found) + len(truth))


def test_pairs_of_real_posts_are_found_better_than_exact_copies_alone(shared: Path) -> None:
    path = shared / "data" / "crisislex" / "t6_public_events.csv.gz"
    if not path.exists():
        pytest.skip(f"no {path}")
    events: dict[str, list[tuple[str, str]]] = {}
    with gzip.open(path, "rt", encoding="utf-8", newline="") as file:
        for row in csv.DictReader(file):
            events.setdefault(row["event"], []).append((row["published"], row["text"]))
    found: set[tuple[int, int]] = set()
    exact: set[tuple[int, int]] = set()
    truth: set[tuple[int, int]] = set()
    for number, event in enumerate(events.values()):
        texts = [text for _, text in sorted(event)]
        plain = [" ".join(text.lower().split()) for text in texts]
        seqs = np.arange(1, len(texts) + 1)
        verdicts = NearDuplicates(WINDOW, THRESHOLD).judge(seqs, prints_of(texts))
        families = np.where(verdicts == 0, seqs, verdicts).tolist()
        first = {text: i for i, text in reversed(list(enumerate(plain)))}
        for pairs, into in (
            (family_pairs(families), found),
            (family_pairs([first[text] for text in plain]), exact),
            (alike_pairs(plain), truth),
        ):
            into |= {(number * 1_000_000 + a, number * 1_000_000 + b) for a, b in pairs}
    print(f"\npair F1 on {len(events)} real streams: {f1(found, truth):.3f}; exact copies alone {f1(exact, truth):.3f}")
    assert f1(found, truth) >= 0.90
    assert f1(found, truth) > f1(exact, truth) + 0.1
