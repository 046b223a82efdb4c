import pyarrow as pa
import pytest

from gehoor.core.text import TextBatch
from gehoor.understand.phrases import Phrases, expand


def found(phrases: list[str], *texts: str) -> list[tuple[int, str]]:
    looked_for = Phrases(phrases)
    matches = looked_for.find(TextBatch.of(pa.array(texts, pa.string())))
    return [(int(post), looked_for.phrases[n]) for post, n in zip(matches.post, matches.phrase, strict=True)]


@pytest.mark.parametrize(
    "text", ["acme", "ACME!", "(acme)", "@Acme", "#acme", "acme's app", "bij acme.", "👍acme👍", "ａｃｍｅ", "acme-app"]
)
def test_phrase_counts_as_a_whole_word_however_it_is_written(text: str) -> None:
    assert (0, "acme") in found(["Acme"], text)


@pytest.mark.parametrize("text", ["acmes", "pacme", "@acme_nl", "#acmeday", "acme2", "https://acme.example/", "ac me"])
def test_phrase_inside_another_word_does_not_count(text: str) -> None:
    assert found(["acme", "url"], text) == []


def test_overlapping_phrases_do_not_hide_each_other() -> None:
    assert found(["new york", "york times", "york"], "the New York Times") == [
        (0, "new york"),
        (0, "york times"),
        (0, "york"),
    ]


def test_phrase_does_not_run_from_one_post_into_the_next() -> None:
    assert found(["new york"], "something new", "york") == []


def test_phrase_with_signs_is_found() -> None:
    assert found(["C&A", "H&M", ":("], "c&amp;a is dicht :(", "h&mm") == [(0, "c&a"), (0, ":(")]


def test_outermost_keeps_the_longest_phrase_only() -> None:
    phrases = Phrases(["niet blij met", "blij met", "blij"])
    matches = phrases.find(TextBatch.of(pa.array(["niet blij met jullie", "blij"]))).outermost()

    assert [phrases.phrases[n] for n in matches.phrase] == ["niet blij met", "blij"]


def test_no_phrases_find_nothing() -> None:
    assert found(["", "  "], "wat dan ook") == []


def test_alternatives_multiply() -> None:
    assert expand("{wacht|zit} al {2|3} uur") == [
        "wacht al 2 uur", "wacht al 3 uur", "zit al 2 uur", "zit al 3 uur",
    ]  # fmt: skip
