"""The data set of our own: complete labels, sixteen trades, both languages, and nobody said twice."""

import re
from collections import Counter
from functools import cache
from pathlib import Path

import msgspec
import pytest

import gehoor.understand

FOLDER = Path(gehoor.understand.__file__).parent / "data" / "voices"
WISHES = {"help", "complaint", "question", "praise", "improvement", "leaving"}
LABELS: dict[str, set[object]] = {
    "language": {"nl", "en", "mixed"},
    "channel": {"post", "comment", "mail", "review"},
    "sentiment": {"negative", "neutral", "positive"},
    "actionability": {"answer", "aggregate", "none"},
    "urgency": {"low", "normal", "high", "critical"},
    "emotion": {"anger", "worry", "disappointment", "joy", "gratitude", "none"},
    "motive": {
        "price", "delivery", "staff", "range", "design", "ease", "energy", "trust", "society", "none",
    },
    "spam": {True, False},
}  # fmt: skip


@cache
def _voices() -> list[dict[str, object]]:
    lines = [line for path in sorted(FOLDER.glob("*.jsonl")) for line in path.read_bytes().splitlines()]
    return [msgspec.json.decode(line) for line in lines]


def test_each_trade_speaks_both_languages_often_enough() -> None:
    counts = Counter((voice["trade"], str(voice["id"]).split("-")[-2]) for voice in _voices())
    assert len({trade for trade, _ in counts}) == 16
    assert min(counts.values()) >= 125
    assert sum(n for (_, language), n in counts.items() if language == "nl") >= 1_500
    assert sum(n for (_, language), n in counts.items() if language == "en") >= 1_500


@pytest.mark.parametrize("column", LABELS)
def test_each_voice_has_a_known_label(column: str) -> None:
    assert {voice[column] for voice in _voices()} == LABELS[column]


def test_each_intent_is_a_wish_and_a_need_or_other() -> None:
    intents = {str(voice["intent"]) for voice in _voices()}
    assert {intent.partition("/")[0] for intent in intents} == WISHES | {"other"}
    assert 15 <= len({intent.partition("/")[2] for intent in intents if intent != "other"}) <= 25


def test_no_voice_is_there_twice() -> None:
    masked = [re.sub(r"[@#]\w+|\d+", "", str(voice["text"]).lower()) for voice in _voices()]
    assert len(set(masked)) == len(masked) == len({voice["id"] for voice in _voices()})


def test_no_plain_post_is_both_told_and_asked() -> None:
    told = {voice["text"] for path in (FOLDER.parent / "labelled").glob("plain_*.jsonl") for voice in _posts(path)}
    asked = {voice["text"] for voice in _posts(Path(__file__).parents[2] / "data/understand/plain_cc0.jsonl")}
    assert len(told) == 624
    assert len(asked) == 211
    assert not told & asked


def _posts(path: Path) -> list[dict[str, object]]:
    return [msgspec.json.decode(line) for line in path.read_bytes().splitlines()]
