"""Queries over batches: each operator by example, and all of them against a plain evaluator, post by post."""

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from gehoor.core.query import parse
from gehoor.core.query.tree import And, Channel, Handle, Language, Near, Not, Or, Query, Tag, Term
from gehoor.core.text import TextBatch, normalise
from gehoor.understand.queries import Queries
from tests.strategies import texts


def does_match(text: str, post: str | None, language: str | None = None, channel: str | None = None) -> bool:
    known = {"language": pa.array([language], pa.string()), "channel": pa.array([channel], pa.string())}
    found, _ = Queries({"q": parse(text)}).match(TextBatch.of(pa.array([post], pa.string())), known)
    return len(found) == 1


@pytest.mark.parametrize(
    ("query", "post"),
    [
        ("koffer", "Waar is mijn KOFFER?"),
        ("koffer", "@koffer"),
        ("koffer", "#Koffer"),
        ("koffer", "koffer's wiel"),
        ("KLM", "bij klm."),
        ("Größe", "die GRÖSSE? die GRÖßE"),
        ("荷物", "荷物 が届きません"),
        ("😡", "echt niet😡😡"),
        ("👍🏽", "👍 top"),
        ("C&A", "bij c&amp;a gekocht"),
        ('"mijn koffer"', "mijn   Koffer is weg"),
        ('":("', "te laat :( weer"),
        ("nooit", "nooooooit meer"),
        ("koffer weg", "weg is mijn koffer"),
        ("koffer OR tas", "een tas"),
        ("koffer -tas", "een koffer"),
        ("koffer -(tas jas)", "koffer en tas"),
        ("koffer* weg", "de kofferband is weg"),
        ("koffer*", "koffer"),
        ("koffer*", "#kofferkwijt"),
        ('"mijn koff*"', "Mijn koffers"),
        ("@klm", "dag @KLM, waar"),
        ("@klm*", "dag @KLM_fan"),
        ("#klm", "dag #KLM"),
        ("@klm@mastodon.example", "dag @klm@mastodon.example"),
        ("koffer NEAR/2 weg", "koffer echt weg"),
        ("koffer NEAR/2 weg", "weg die koffer"),
        ("koffer NEAR/1 weg", "#koffer weg"),
        ('"mijn koffer" NEAR/2 "helemaal kwijt"', "helemaal kwijt, ook mijn koffer"),
        ("koffer* NEAR/1 weg", "kofferwagentje weg"),
        ("koffer NEAR/1 koffer", "koffer koffer"),
        ("koffer NEAR/1 weg", "koffer een twee weg koffer weg"),
        ("koffer lang:nl", "koffer"),
        ("koffer channel:Mail", "koffer"),
        ("koffer -lang:de", "koffer"),
        ("koffer (lang:de OR lang:nl)", "koffer"),
        ("koffer (-tas OR lang:de)", "koffer"),
    ],
)
def test_post_that_a_query_asks_for_is_found(query: str, post: str) -> None:
    assert does_match(query, post, "nl", "mail")


@pytest.mark.parametrize(
    ("query", "post"),
    [
        ("koffer", "koffers"),
        ("koffer", "dekoffer"),
        ("koffer", "@koffer_fan"),
        ("koffer", "https://acme.example/koffer"),
        ("koffer", None),
        ("air*", "chair"),
        ("@klm", "klm #klm"),
        ("@klm", "info@klm.example"),
        ("@klm", "@klm_fan"),
        ("#klm", "klm @klm"),
        ("#klm", "#klmday"),
        ('"mijn koffer"', "koffer mijn"),
        ("koffer weg", "koffer"),
        ("koffer OR tas", "jas"),
        ("koffer -tas", "koffer en tas"),
        ("koffer -tas*", "koffer en tassen"),
        ("koffer NEAR/2 weg", "koffer is nu weg"),
        ("koffer NEAR/5 koffer", "een koffer"),
        ('"new york" NEAR/3 york', "new york"),
        ("koffer lang:de", "koffer"),
        ("koffer channel:mastodon", "koffer"),
        ("koffer -lang:nl", "koffer"),
        ("koffer -channel:mail", "koffer"),
    ],
)
def test_post_that_a_query_does_not_ask_for_is_left_out(query: str, post: str | None) -> None:
    assert not does_match(query, post, "nl", "mail")


def test_near_does_not_reach_into_the_next_post() -> None:
    batch = TextBatch.of(pa.array(["mijn koffer", "weg ermee", "koffer weg"]))
    post, _ = Queries({"q": parse("koffer NEAR/50 weg")}).match(batch, {})
    assert post.tolist() == [2]


def test_without_their_columns_fields_match_nothing() -> None:
    batch = TextBatch.of(pa.array(["koffer"]))
    queries = Queries({"a": parse("koffer lang:nl"), "b": parse("koffer channel:mail"), "c": parse("koffer -lang:nl")})
    assert queries.match(batch, {})[1].tolist() == [2]


def test_pairs_come_by_post_and_by_name() -> None:
    queries = Queries({"z": parse("koffer"), "b": parse("koffer -tas"), "a": parse("tas OR koffer")})
    post, query = queries.match(TextBatch.of(pa.array(["koffer tas", None, "koffer"])), {})
    pairs = [(int(i), queries.names[j]) for i, j in zip(post, query, strict=True)]
    assert pairs == [(0, "a"), (0, "z"), (2, "a"), (2, "b"), (2, "z")]


def test_no_queries_and_no_posts_match_nothing() -> None:
    assert Queries({}).match(TextBatch.of(pa.array(["koffer"])), {})[0].tolist() == []
    assert Queries({"q": parse("koffer -tas")}).match(TextBatch.of(pa.array([], pa.string())), {})[0].tolist() == []


def test_explaining_shows_the_terms_that_speak_for_a_match() -> None:
    queries = Queries({"q": parse("koffer* (weg OR -kwijt) -tas")})
    batch = TextBatch.of(pa.array(["Koffers zijn weg", "koffer", "koffer tas", "weg"]))
    assert queries.explain(batch, {}) == [["koffers", "weg"], ["koffer"], [], []]


# -- against a plain evaluator ----------------------------------------------------------------------------------------

Span = tuple[int, int]


class Plain:
    """One post, read letter by letter; nothing shared with what it is held against but the normalised text."""

    def __init__(self, post: str | None, language: str | None, channel: str | None) -> None:
        batch = TextBatch.of(pa.array([post], pa.string()))
        self.text = batch.data.tobytes()[:-1]
        self.spans: list[Span] = list(zip(batch.word_starts.tolist(), batch.word_ends.tolist(), strict=True))
        self.language, self.channel = language, channel

    def does_match(self, query: Query) -> bool:
        match query:
            case And(parts):
                return all(map(self.does_match, parts))
            case Or(parts):
                return any(map(self.does_match, parts))
            case Not(part):
                return not self.does_match(part)
            case Near(left, right, n):
                return self._is_near(self._places(left), self._places(right), n)
            case Language() | Channel():
                return self._is_there(query)
        return bool(self._places(query))

    def _is_there(self, field: Language | Channel) -> bool:
        if isinstance(field, Language):
            return (self.language or "").lower() == field.code
        return (self.channel or "").lower() == field.name

    def _places(self, word: Query) -> list[Span]:
        match word:
            case Term(text, is_prefix):
                return self._found(text, is_prefix=is_prefix)
            case Handle(name, is_prefix):
                return self._found(f"@{name}", is_prefix=is_prefix)
            case Tag(name, is_prefix):
                return self._found(f"#{name}", is_prefix=is_prefix)
        raise AssertionError(word)

    def _found(self, words: str, *, is_prefix: bool) -> list[Span]:
        wanted = normalise(words).strip().encode()
        starts = [at for at in range(len(self.text)) if self.text.startswith(wanted, at)]
        ends = [self._end(at + len(wanted)) if is_prefix else at + len(wanted) for at in starts]
        return [span for span in zip(starts, ends, strict=True) if self._begins(span[0]) and self._stops(span[1])]

    def _inside(self, at: int) -> list[Span]:
        """Return the words that a place splits in two."""
        return [(start, end) for start, end in self.spans if start < at < end]

    def _begins(self, at: int) -> bool:
        if any(end == at for _, end in self.spans) and self.text[at : at + 1] in {b"@", b"#"}:
            return any(start == at for start, _ in self.spans)
        return all(start + 1 == at and self.text[start : start + 1] in {b"@", b"#"} for start, _ in self._inside(at))

    def _stops(self, at: int) -> bool:
        return not self._inside(at) or self.text[at : at + 1] == b"'"

    def _end(self, at: int) -> int:
        return max([at, *(end for _, end in self._inside(at))])

    def _is_near(self, left: list[Span], right: list[Span], n: int) -> bool:
        return any(0 < self._gap(a, b) <= n or 0 < self._gap(b, a) <= n for a in left for b in right)

    def _gap(self, one: Span, other: Span) -> int:
        """Return how many words after `one` ends `other` begins; the word of a tag is the tag."""
        ends = sorted({end for _, end in self.spans})
        last = [n for n, end in enumerate(ends) if max(s for s, e in self.spans if e == end) < one[1]][-1]
        first = next(n for n, end in enumerate(ends) if end > other[0])
        return first - last


_POOL = [
    "koffer",
    "in",
    "oslo",
    "klm",
    "niet",
    "my",
    "koff",
    "weg",
    "the",
    "en ik",
    "don't",
    "don",
    "😡",
    "ａｃｍｅ",
    "café",
]
_words = st.sampled_from(_POOL) | texts.map(lambda text: " ".join(text.split())[:9].strip()).filter(
    lambda text: any(char.isalnum() for char in normalise(text)) and "<url>" not in normalise(text)
)
_terms = st.builds(Term, _words) | st.builds(Term, _words.filter(lambda text: len(text) > 2), st.just(value=True))
_names = st.sampled_from(["klm", "noordvlucht", "koffer"])
_fields = st.builds(Language, st.sampled_from(["nl", "de"])) | st.builds(Channel, st.sampled_from(["mail", "x"]))
_leaves = (
    _terms
    | _terms
    | st.builds(Handle, _names, st.booleans())
    | st.builds(Tag, _names, st.booleans())
    | st.builds(Near, _terms, _terms, st.integers(1, 6))
    | _fields
)


def _grown(parts: st.SearchStrategy[Query]) -> st.SearchStrategy[Query]:
    several = st.lists(parts, min_size=2, max_size=4).map(tuple)
    return st.builds(And, several) | st.builds(Or, several) | st.builds(Not, parts)


_posts = st.none() | texts | st.lists(
    st.sampled_from([*_POOL, "#koffer", "@klm", "#klm's", "x@klm.nl", "koffers", ",", "-", "https://klm.nl", "#", "'"]),
    max_size=12,
).map(" ".join)  # fmt: skip
_row = st.tuples(_posts, st.sampled_from([None, "nl", "de", "NL"]), st.sampled_from([None, "mail", "X"]))


@given(st.lists(st.recursive(_leaves, _grown, max_leaves=6), min_size=1, max_size=5), st.lists(_row, max_size=8))
def test_a_batch_gives_what_reading_each_post_gives(
    queries: list[Query], rows: list[tuple[str | None, str | None, str | None]]
) -> None:
    posts, languages, channels = zip(*rows, strict=True) if rows else ((), (), ())
    known = {"language": pa.array(languages, pa.string()), "channel": pa.array(channels, pa.string())}
    compiled = Queries({f"q{n}": query for n, query in enumerate(queries)})
    post, query = compiled.match(TextBatch.of(pa.array(posts, pa.string())), known)
    found = np.zeros((len(rows), len(queries)), np.bool_)
    found[post, query] = True
    assert found.tolist() == [[Plain(*row).does_match(each) for each in queries] for row in rows]
