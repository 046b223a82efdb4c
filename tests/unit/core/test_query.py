"""The grammar of the brand query: what is right becomes a tree, what is wrong is pointed at."""

import pickle

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gehoor.core.errors import SettingError
from gehoor.core.query import QueryError, parse, text_of
from gehoor.core.query.tree import And, Channel, Handle, Language, Near, Not, Or, Query, Tag, Term
from tests.strategies import texts

A, B, C = Term("a"), Term("b"), Term("c")


@pytest.mark.parametrize(
    ("text", "query"),
    [
        ("koffer", Term("koffer")),
        ("a b", And((A, B))),
        ("a AND b", And((A, B))),
        ("a OR b c", Or((A, And((B, C))))),
        ("(a OR b) c", And((Or((A, B)), C))),
        ("a (b c)", And((A, And((B, C))))),
        ("a NOT b", And((A, Not(B)))),
        ("a -b", And((A, Not(B)))),
        ("a -(b OR c)", And((A, Not(Or((B, C)))))),
        ('a -"b c"', And((A, Not(Term("b c"))))),
        ("a -lang:de", And((A, Not(Language("de"))))),
        ("a or b", And((A, Term("or"), B))),
        ("((a))", A),
        ('"mijn  koffer"', Term("mijn koffer")),
        ("“mijn koffer” „tas“ «weg»", And((Term("mijn koffer"), Term("tas"), Term("weg")))),
        ('"a"', A),
        ('"OR"', Term("OR")),
        ('":("', Term(":(")),
        ("air*", Term("air", is_prefix=True)),
        ('"air fran*"', Term("air fran", is_prefix=True)),
        ("@KLM #Storing", And((Handle("KLM"), Tag("Storing")))),
        ("@klm@mastodon.example", Handle("klm@mastodon.example")),
        ("@klm* #vertra*", And((Handle("klm", is_prefix=True), Tag("vertra", is_prefix=True)))),
        ('a NEAR/5 "b c"', Near(A, Term("b c"), 5)),
        ("a NEAR/5 b c", And((Near(A, B, 5), C))),
        ("-a NEAR/5 b c", And((Not(Near(A, B, 5)), C))),
        ("a LANG:NL channel:Mail", And((A, Language("nl"), Channel("mail")))),
        ("a lang:und", And((A, Language("und")))),
        (
            "C&A don't AT&T klm.nl air-france C++",
            And(tuple(map(Term, ["C&A", "don't", "AT&T", "klm.nl", "air-france", "C++"]))),
        ),
        ("Größe OR 荷物 OR 😡 OR 🇳🇱 OR 👍🏽", Or(tuple(map(Term, ("Größe", "荷物", "😡", "🇳🇱", "👍🏽"))))),
        ("a\n  OR\tb", Or((A, B))),
        ("a (NOT b OR lang:nl)", And((A, Or((Not(B), Language("nl")))))),
    ],
)
def test_what_is_right_becomes_a_tree_and_is_written_back(text: str, query: Query) -> None:
    assert parse(text) == query
    assert parse(text_of(query)) == query


@pytest.mark.parametrize(
    ("text", "position", "words"),
    [
        ("", 0, "The query is empty"),
        ("  \n ", 0, "The query is empty"),
        ("koffer OR", 7, "There is nothing to look for behind this OR."),
        ("koffer OR AND tas", 7, "behind this OR"),
        ("koffer -", 7, "nothing to look for behind this -"),
        ("a - b", 2, "stands right before"),
        ("a NOT", 2, "behind this NOT"),
        ("OR koffer", 0, "before this OR"),
        ("a (OR b)", 3, "before this OR"),
        ("a ()", 2, "nothing in these ( )"),
        ("a (b OR c", 2, "never closed"),
        ("a (", 2, "never closed"),
        ("a OR b) c", 6, "closes nothing"),
        (")", 0, "closes nothing"),
        ('a "b c', 2, "quotes are never closed"),
        ('a "  "', 2, "nothing between these quotes"),
        ("koffer, tas", 6, ", means nothing here"),
        ("waar?", 4, "? means nothing here"),
        ("10:30", 2, ": means nothing here"),
        ("&b", 0, "begins with a letter"),
        ("from:jan", 0, "There is no from:. Known: lang: and channel:."),
        ("a chanel:mail", 2, "Did you mean 'channel'?"),
        ("a lang:nederlands", 7, "a code of two letters"),
        ("a lang:(nl OR en)", 7, "a code of two letters"),
        ("a channel:", 9, "the name of one channel"),
        ("a https://acme.example/x", 2, "Links are not looked into"),
        ("a www.acme.example", 2, "Links are not looked into"),
        ("ai*", 0, "at least 3 letters"),
        ("a *", 2, "at least 3 letters"),
        ("a @*", 3, "at least 3 letters"),
        ("k*ffer", 1, "at the end of a word"),
        ('"air *"', 5, "at the end of a word"),
        ('"air* france"', 4, "at the end of a word"),
        ("@", 0, "right behind the @"),
        ("a #😡", 2, "letters and digits"),
        ("a NEAR b", 2, "such as NEAR/5"),
        ("a NEAR/x b", 2, "such as NEAR/5"),
        ("a NEAR/0 b", 2, "from 1 to 50"),
        ("a NEAR/51 b", 2, "from 1 to 50"),
        ("a NEAR/5 (b OR c)", 2, "between two words or phrases"),
        ("@a NEAR/5 b", 3, "between two words or phrases"),
        ("a NEAR/5 b NEAR/5 c", 11, "joins two words"),
        ('a NEAR/5 ":("', 9, "holds no word"),
        ("a NEAR/5", 2, "behind this NEAR/5"),
        ("NEAR/5 b", 0, "before this NEAR/5"),
        ("a \ud800", 2, "cannot be read"),
        ('a "\u200b"', 2, "Nothing can be seen of this"),
        ("-koffer", 0, "- alone would match nearly every post"),
        ("NOT (a OR b)", 0, "NOT alone would match"),
        ("-a -b", 0, "alone would match"),
        ("a OR NOT b", 5, "alone would match"),
        ("a OR (b OR -a)", 11, "alone would match"),
        ("lang:nl", 0, "lang: alone would match"),
        ("a OR channel:mail", 5, "channel: alone would match"),
        ("lang:nl -lang:de", 0, "lang: alone would match"),
        ("a " * 2_001, 4_000, "at most 2,000 terms"),
        ("(" * 21 + "a" + ")" * 21, 20, "at most 20 deep"),
        ("-" * 21 + "a", 20, "at most 20 deep"),
        ("a" * 201, 0, "longer than 200 characters"),
        ("a " * 10_001, 20_000, "at most 20,000 characters"),
    ],
)
def test_what_is_wrong_is_pointed_at(text: str, position: int, words: str) -> None:
    with pytest.raises(QueryError) as error:
        parse(text)
    assert error.value.position == position
    assert words in error.value.reason


def test_message_shows_the_line_and_a_caret_below_the_character() -> None:
    with pytest.raises(SettingError) as error:
        parse("koffer OR tas\n  🧳 “mijn tas” weg, kwijt\n")
    assert str(error.value).splitlines() == [
        ", means nothing here: write AND or OR, or put the words in quotes.",
        "    🧳 “mijn tas” weg, kwijt",
        "                     ^",
    ]


def test_message_of_a_long_line_shows_what_stands_around() -> None:
    with pytest.raises(QueryError) as error:
        parse("woord " * 100 + ", " + "woord " * 100)
    line, caret = error.value.picture().splitlines()
    assert line[caret.index("^")] == ","
    assert (line[0], line[-1]) == ("…", "…")
    assert len(line) < 80


def test_error_travels_to_another_process() -> None:
    error = QueryError("Nothing.", "a OR", 2)
    assert str(pickle.loads(pickle.dumps(error))) == str(error)  # noqa: S301  # our own bytes


_WORDS = st.sampled_from(
    ["koffer", "KLM", "don't", "C&A", "OR", "NEAR/5", "NEAR", "and", "😡", "荷物", "x_1", "lang:nl"]
)
_PHRASES = st.lists(_WORDS, min_size=1, max_size=3).map(" ".join) | st.sampled_from(
    [":(", "- x", "@klm", "(a)", "c'est"]
)
_TERMS = st.builds(Term, _PHRASES) | st.builds(Term, st.sampled_from(["air", "mijn kof"]), st.just(value=True))
_NAMES = st.sampled_from(["klm", "klm_fan", "Air-France", "klm@mastodon.example"])
_NEAR_TERMS = _TERMS.filter(lambda term: any(char.isalnum() for char in term.text))
_LEAVES = (
    _TERMS
    | st.builds(Handle, _NAMES, st.booleans())
    | st.builds(Tag, _NAMES)
    | st.builds(Near, _NEAR_TERMS, _NEAR_TERMS, st.integers(1, 50))
)
_FIELDS = st.builds(Language, st.sampled_from(["nl", "und"])) | st.builds(Channel, st.sampled_from(["mail", "x.y-z"]))


def _grown(parts: st.SearchStrategy[Query]) -> st.SearchStrategy[Query]:
    several = st.lists(parts, min_size=2, max_size=3).map(tuple)
    return st.builds(And, several) | st.builds(Or, several) | st.builds(Not, parts)


queries = st.recursive(_LEAVES | _FIELDS, _grown, max_leaves=8).map(lambda query: And((Term("koffer"), query)))


@given(queries)
def test_any_query_is_read_as_it_was_written(query: Query) -> None:
    assert parse(text_of(query)) == query


_ODD_PIECES = st.sampled_from(
    ['"', "“", "(", ")", "-", "*", "@", "#", ":", "AND", "OR", "NOT", "NEAR/3", "NEAR", "lang:", "lang:nl", "channel:x",
     "koffer", "air*", " ", "\n", "😡", "&amp;", "\u200d", "http://x.nl", "www.x.nl"]
)  # fmt: skip


@given(
    texts | st.text(max_size=60) | st.lists(_ODD_PIECES, max_size=12).map("".join) | st.lists(_ODD_PIECES).map(" ".join)
)
def test_any_text_is_a_query_or_an_error_with_a_place_in_it(text: str) -> None:
    try:
        query = parse(text)
    except QueryError as error:
        assert 0 <= error.position < max(1, len(text))
        assert error.reason in str(error)
    else:
        assert parse(text_of(query)) == query
