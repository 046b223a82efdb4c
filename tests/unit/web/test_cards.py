"""Marks in a text: only whole words, and never a character more or less than somebody wrote."""

import re
from html import unescape

from hypothesis import given
from hypothesis import strategies as st

from gehoor.web.cards import marked

WORDS = st.sampled_from(["kwijt", "niet", "on hold", "a+b", "<b>", "&", "'", "😡", "één"])


def test_a_phrase_is_marked_whatever_its_blanks_and_case() -> None:
    assert str(marked("Stond uren ON  hold.", {"on hold": "neg"})) == 'Stond uren <mark class="neg">ON  hold</mark>.'


def test_a_part_of_a_word_is_not_marked() -> None:
    assert str(marked("nietig", {"niet": "neg"})) == "nietig"


@given(st.lists(st.one_of(WORDS, st.text(max_size=8))), st.dictionaries(WORDS, st.sampled_from(["neg", "pos", "need"])))
def test_marks_change_no_character_and_let_no_markup_through(pieces: list[str], kinds: dict[str, str]) -> None:
    text = " ".join(pieces)
    html = str(marked(text, kinds))
    bare = re.sub(r'<mark class="(?:neg|pos|need)">|</mark>', "", html)
    assert unescape(bare) == text or "&" in text
    assert "<" not in bare
    assert html.count("<mark") == html.count("</mark>")
