"""The bench's texts: shaped like a real stream, and the same for the same seed."""

import csv
import gzip
import re
from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import Any

import msgspec
import numpy as np
import pytest

from gehoor.core.errors import SettingError
from gehoor.core.page import RawPage
from gehoor.listen.plain import PlainDecoder
from gehoor.run.phrases import guess_language, vocabulary
from gehoor.run.texts import BENCH_START, bench_posts, splice_posts

N = 50_000


@cache
def _posts() -> list[dict[str, Any]]:
    return [msgspec.json.decode(line) for line in bench_posts(N, seed=7)]


def _differs_in_one_word(a: str, b: str) -> bool:
    left, right = a.split(" "), b.split(" ")
    return len(left) == len(right) and sum(x != y for x, y in zip(left, right, strict=True)) == 1


def test_the_same_seed_gives_the_same_bytes_and_another_seed_others() -> None:
    assert list(bench_posts(3_000, seed=1)) == list(bench_posts(3_000, seed=1))
    assert list(bench_posts(100, seed=1)) != list(bench_posts(100, seed=2))


def test_every_line_is_an_activity_in_the_plain_form() -> None:
    page = RawPage(source="bench", decoder="plain", payload=b"".join(bench_posts(5_000, seed=4)), received=BENCH_START)
    decoded = PlainDecoder().decode(page)
    assert decoded.rejects == []
    assert len(decoded.activities) == 5_000


def test_a_line_is_as_long_as_a_real_post() -> None:
    lengths = [len(line) for line in bench_posts(5_000, seed=3)]
    assert 560 < sum(lengths) / len(lengths) < 720


def test_an_eighth_of_the_texts_is_a_copy_and_the_rest_is_distinct() -> None:
    texts = [post["text"] for post in _posts()]
    n_distinct = len(set(texts))
    assert (N - n_distinct) / N == pytest.approx(0.12, abs=0.01)
    assert n_distinct / N >= 0.7


def test_a_tenth_of_the_texts_is_an_earlier_one_with_one_word_changed() -> None:
    shapes: dict[tuple[int, str], list[str]] = {}
    n_edited = 0
    for text in dict.fromkeys(post["text"] for post in _posts()[:20_000]):
        words = text.split(" ")
        half = len(words) // 2
        keys = [(0, " ".join(words[:half])), (1, " ".join(words[half:]))]
        n_edited += any(_differs_in_one_word(text, other) for key in keys for other in shapes.get(key, ()))
        for key in keys:
            shapes.setdefault(key, []).append(text)
    assert n_edited / 20_000 == pytest.approx(0.10, abs=0.015)


def test_a_third_answers_a_post_that_was_heard_on_the_same_channel() -> None:
    seen: set[tuple[str, str]] = set()
    n_replies = 0
    for post in _posts():
        if "in_reply_to" in post:
            n_replies += 1
            assert (post["channel"], post["in_reply_to"]) in seen
        seen.add((post["channel"], post["id"]))
    assert n_replies / N == pytest.approx(0.35, abs=0.01)
    assert len(seen) == N


def test_many_people_write_and_some_write_much() -> None:
    actors = [post["actor"] for post in _posts()]
    assert 30_000 < len(set(actors)) <= 60_000


def test_published_rises_at_the_rate_that_was_asked_for() -> None:
    posts = [msgspec.json.decode(line) for line in bench_posts(4_600, seed=5, rate=460.0)]
    moments = [post["published"] for post in posts]
    assert moments == sorted(moments)
    assert moments[0][:19] == "2026-04-14T12:00:00"
    assert moments[-1][:18] in {"2026-04-14T12:00:0", "2026-04-14T12:00:1"}


def test_there_are_more_than_a_hundred_thousand_words() -> None:
    known = {word for language in ("nl", "en") for word in vocabulary(language)}
    assert len(known) > 150_000
    said = {word for post in _posts() for word in re.findall(r"[^\W\d_]+", post["text"].lower())}
    assert len(said & known) > 60_000  # of 50,000 posts; a bench of 300,000 says nearly all of them


def test_the_language_of_a_made_post_can_be_told() -> None:
    guesses = [guess_language(post["text"]) for post in _posts()[:2_000]]
    assert guesses.count(None) / len(guesses) < 0.02
    assert guesses.count("nl") / len(guesses) == pytest.approx(0.55, abs=0.05)


def _jsonl(path: Path, texts: list[str]) -> None:
    path.write_bytes(b"".join(msgspec.json.encode({"text": text}) + b"\n" for text in texts))


def _csv(path: Path, texts: list[str]) -> None:
    with path.open("w", encoding="utf-8", newline="") as file:
        csv.writer(file).writerows([("id", "text"), *((n, text) for n, text in enumerate(texts))])


def _gzipped(path: Path, texts: list[str]) -> None:
    path.write_bytes(gzip.compress(b"".join(msgspec.json.encode({"message": text}) + b"\n" for text in texts)))


@pytest.mark.parametrize(("name", "write"), [("a.jsonl", _jsonl), ("a.csv", _csv), ("a.jsonl.gz", _gzipped)])
def test_a_spliced_text_is_made_of_two_halves(
    tmp_path: Path, name: str, write: Callable[[Path, list[str]], None]
) -> None:
    rng = np.random.default_rng(1)
    words = vocabulary("nl")
    texts = [f"ik heb een {words[i]} van de {words[j]} en" for i, j in rng.integers(0, 5_000, (500, 2))]
    write(tmp_path / name, texts)
    posts = [msgspec.json.decode(line)["text"] for line in splice_posts(tmp_path / name, 4_000, seed=1)]
    assert len(posts) == 4_000
    assert 0.7 < len(set(posts)) / 4_000 < 0.93
    assert sum("ik heb een" in post and "de " in post for post in posts) > 3_000


@pytest.mark.parametrize(
    ("content", "word"),
    [
        (b"", "fewer than two"),
        (b"[1]\n", "row 1: not an object"),
        (b'{"a":1}\n', "no column for the text"),
        (b'{"text":', "cannot be read"),
        (b'{"text":"\xff\xfe"}\n', "cannot be read"),
    ],
)
def test_a_file_that_cannot_be_spliced_is_named_with_the_reason(tmp_path: Path, content: bytes, word: str) -> None:
    path = tmp_path / "bad.jsonl"
    path.write_bytes(content)
    with pytest.raises(SettingError, match=word):
        list(splice_posts(path, 10, seed=1))


def test_a_file_that_is_not_there_is_named(tmp_path: Path) -> None:
    with pytest.raises(SettingError, match=r"nothing\.jsonl cannot be read"):
        splice_posts(tmp_path / "nothing.jsonl", 10, seed=1)
