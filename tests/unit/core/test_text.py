"""The shared feature pass: what people write, in words, whatever they put into it."""

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from gehoor.core.hashing import hash_words
from gehoor.core.text import READ_CHARS, TextBatch, normalise
from tests.strategies import texts

HOSTILE = st.text(
    st.sampled_from(
        "aAbBeéİßςΣ'’´`@#_<>\"&;:/.w htps123 \n\t\0\xa0\u200b\u200d\ufe0f\u202e\u2028😡👍🏽🇳🇱עربक्ेไทย漢字…ﷺ\u0301"
    ),
    max_size=40,
)
PIECES = st.lists(
    st.sampled_from(("http://", "https://t.co/x", "www.", "&amp;", "&#x202e;", "@a", "#b", " ", "aaa", "é"))
)
ANY = st.one_of(st.none(), texts, HOSTILE, PIECES.map("".join))


def batch(*rows: str | None) -> TextBatch:
    return TextBatch.of(pa.array(rows, pa.string()))


def words(text: str) -> list[str]:
    return batch(text).words_of(0)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Goed  geholpen,\n\tdank!", "goed geholpen, dank!"),
        ("  om de rand  ", "om de rand"),
        ("R&amp;B &lt;3 &euro;5 &nosuch; AT&T", "r&b <3 €5 &nosuch; at&t"),
        ("ｆｕｌｌ ﬁn ①", "full fin 1"),
        ("Zooooo moooi, 10000 keer!!!!", "zoo mooi, 10000 keer!!!!"),
        ("foto’s foto´s foto`s", "foto's foto's foto's"),
        ("\u202eo\u200bm\u00adge\ufeffkeerd\0\x07", "omgekeerd"),
        ("👍🏽 ❤️", "👍 ❤"),
        ("kijk: HTTP://T.co/AbC?x=1&amp;y, ja", "kijk: <url> ja"),
        ("(https://a.nl) www.b.nl http:// www. wwww.c", "(<url> <url> http:// ww. ww.c"),
        ("http://a.nl/漢字http://b.nl", "<url>漢字<url>"),
        ("e\u0301te\u0301 ÉTÉ", "été été"),
        ("ΟΔΟΣ οδος İ", "οδοσ οδοσ i"),
        ("tja…", "tja."),
        ("", ""),
    ],
)
def test_text_is_normalised(text: str, expected: str) -> None:
    assert normalise(text) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("I don't, 'zeg' 'ie", ["i", "don't", "zeg", "ie"]),
        ("@KLM_nl #Vertraagd ##x", ["@klm_nl", "#vertraagd", "vertraagd", "#x", "x"]),
        ("a@b.nl C# @@y", ["a", "b", "nl", "c", "@y"]),
        ("mooi😡😡weer🇳🇱!", ["mooi", "😡", "😡", "weer", "🇳🇱"]),
        ("👨‍👩‍👧", ["👨", "👩", "👧"]),
        ("zie http://t.co/x.", ["zie", "<url>"]),
        ("<url>", ["url"]),
        ("हिन्दी שלום", ["हिन्दी", "שלום"]),
        ("...!?", []),
    ],
)
def test_words_are_what_people_mean(text: str, expected: list[str]) -> None:
    assert words(text) == expected


def test_missing_and_empty_texts_have_no_words() -> None:
    three = batch(None, "", "ja")
    assert len(three) == 3
    assert np.diff(three.first_word).tolist() == [0, 0, 1]
    assert three.raw.null_count == 1
    assert len(batch()) == 0


@given(st.lists(ANY, max_size=8))
def test_a_text_has_the_same_features_in_any_batch(rows: list[str | None]) -> None:
    together = batch(*rows)
    hashes, first = together.windows(4)
    grams, post = together.grams(2, 4)
    for i, row in enumerate(rows):
        alone = batch(row)
        mine = slice(together.first_word[i], together.first_word[i + 1])
        assert together.normalised(i) == alone.normalised(0)
        assert together.words_of(i) == alone.words_of(0)
        assert together.words[mine].tolist() == alone.words.tolist()
        assert hashes[first[i] : first[i + 1]].tolist() == alone.windows(4)[0].tolist()
        assert grams[post == i].tolist() == alone.grams(2, 4)[0].tolist()


@given(st.lists(ANY, max_size=8))
def test_the_data_is_one_line_a_text_and_words_stand_where_they_say(rows: list[str | None]) -> None:
    some = batch(*rows)
    assert some.data.tobytes().count(b"\n") == len(rows)
    assert some.data.tobytes().decode().split("\n")[:-1] == [some.normalised(i) for i in range(len(rows))]
    told = [some.word(j) for j in range(len(some.words))]
    assert told == [word for i in range(len(rows)) for word in some.words_of(i)]
    assert some.words.tolist() == hash_words(told).tolist()
    assert all(some.first_word[p] <= j < some.first_word[p + 1] for j, p in enumerate(some.word_post))


@given(ANY.filter(bool))
def test_grams_are_the_runs_inside_words(text: str) -> None:
    one = batch(text)
    alone = [w for j, w in enumerate(one.words_of(0)) if not (j and one.words_of(0)[j - 1] == f"#{w}")]
    spans = [w[k : k + n] for n in (3, 4) for w in alone for k in range(len(w) - n + 1)]
    assert one.grams(3, 4)[0].tolist() == hash_words(spans).tolist()


def test_windows_are_shared_by_texts_that_share_characters() -> None:
    hashes, first = batch("abcdabcd", "xabcd", "abc", "ab\tcd http://t.co/x", "ab  CD http://t.co/x").windows(4)
    assert np.diff(first).tolist() == [5, 2, 0, 16, 16]
    assert hashes[0] == hashes[4] == hashes[6]
    assert len(np.unique(hashes[:5])) == 4
    assert hashes[first[3] : first[4]].tolist() == hashes[first[4] :].tolist()


@given(st.lists(ANY, max_size=8))
def test_blanks_round_a_text_do_not_change_its_digest(rows: list[str | None]) -> None:
    digests, has_text = batch(*rows).digests()
    again, _ = batch(*[row and f" {row}\u200b\n" for row in rows]).digests()
    assert digests.tolist() == again.tolist()
    assert has_text.tolist() == [bool(normalise(row or "")) for row in rows]


@given(ANY.filter(bool))
def test_a_normalised_text_holds_nothing_invisible(text: str) -> None:
    plain = normalise(text)
    assert plain == plain.strip()
    assert "  " not in plain
    assert not set(plain) & set("\0\n\t\u200b\u200d\ufe0f\u202e\u2028\xa0\x7f")


def test_a_megabyte_is_read_as_far_as_promised() -> None:
    text = "Lange brief. " * 80_000
    assert batch(text).normalised(0) == batch(text[:READ_CHARS]).normalised(0)
    assert len(batch("ﷺ" * 500_000).normalised(0)) <= READ_CHARS


def test_a_tower_of_accents_does_not_hold_the_process() -> None:
    tower = "e" + "\u0301\u0316" * 8_000 + "n"
    assert normalise(tower) == normalise("e" + "\u0301\u0316" * 4 + "n")


def test_different_words_have_different_hashes_in_every_bit(rng: np.random.Generator) -> None:
    letters = rng.integers(97, 123, (250_000, 9), np.uint32)
    many = {row.tobytes().decode("utf-32-le") for row in np.unique(letters, axis=0)}
    hashes = hash_words(sorted(many))
    assert len(np.unique(hashes)) == len(many)
    assert len(np.unique(hashes & np.uint64(0xFFF))) == 4_096
