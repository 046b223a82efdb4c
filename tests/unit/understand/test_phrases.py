import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from gehoor.core.text import TextBatch
from gehoor.understand.phrases import Phrases, expand
from tests.strategies import texts


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


def test_handle_is_not_found_in_a_mail_address() -> None:
    assert found(["@acme", "acme"], "info@acme.example", "dag @acme") == [(0, "acme"), (1, "@acme"), (1, "acme")]


def test_stem_is_found_up_to_the_end_of_its_word() -> None:
    phrases = Phrases(["air"], ["air", "mijn koff"])
    batch = TextBatch.of(pa.array(["#airlines, chair: mijn koffers", "air"]))
    matches = phrases.find(batch)
    spans = zip(matches.phrase, matches.start, matches.end, strict=True)
    assert [(int(n), batch.data[start:end].tobytes().decode()) for n, start, end in spans] == [
        (1, "airlines"), (2, "mijn koffers"), (0, "air"), (1, "air"),
    ]  # fmt: skip


_FEW = ["koffer", "klm", "l", "l'avion", "don", "foto", "oslo en", "😡", "café", "x_1", ":(", "@klm", "in", "荷物"]
_FILLING = [f"vulling{n}" for n in range(1_100)]
_posts = st.none() | texts | st.lists(
    st.sampled_from([*_FEW, "@klm's", "#klm", "x@klm", "foto's", "l'avion's", "don't", "'", "#foto's", "vulling7"]),
    max_size=10,
).map(" ".join)  # fmt: skip


@given(st.lists(_posts, max_size=6))
def test_thousands_of_phrases_are_found_as_a_few_are(posts: list[str | None]) -> None:
    batch = TextBatch.of(pa.array(posts, pa.string()))
    few, many = _few.find(batch), _many.find(batch)
    assert few.phrase.tolist() == many.phrase[many.phrase < len(_FEW)].tolist()
    for name in ("start", "end", "post"):
        assert getattr(few, name).tolist() == getattr(many, name)[many.phrase < len(_FEW)].tolist()


_few, _many = Phrases(_FEW), Phrases([*_FEW, *_FILLING])
