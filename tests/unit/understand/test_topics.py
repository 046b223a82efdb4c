"""What a set of posts is about: the right words lead, the same posts give the same topics, nothing is too small."""

from collections.abc import Sequence

import pyarrow as pa
from hypothesis import given
from hypothesis import strategies as st

from gehoor.core.stopwords import STOPWORDS
from gehoor.core.text import TextBatch
from gehoor.understand.topics import Background, Topic, topics_of

LUGGAGE = ["mijn koffer is kwijt op schiphol", "koffer kwijt, wie helpt?", "alweer een koffer kwijt", "koffer gevonden"]
APP = ["de app laadt niet", "app blijft laden", "die app laadt weer niet", "jullie app!"]
LATE = ["the flight is delayed", "flight delayed again", "my flight was delayed by hours"]

WORDS = ("koffer", "kwijt", "app", "vlucht", "hotel", "stoel", "bus", "het", "the", "@klm", "#app", "123", "😡")


def _topics(texts: Sequence[str | None], **more: object) -> list[Topic]:
    return topics_of(TextBatch.of(pa.array(texts, pa.string())), **more)  # type: ignore[arg-type]


def test_each_subject_has_its_own_words() -> None:
    found = {topic.terms[0]: set(topic.terms) for topic in _topics(LUGGAGE + APP + LATE)}
    assert found == {"app": {"app", "laadt"}, "koffer": {"koffer", "kwijt"}, "delayed": {"delayed", "flight"}}


def test_a_topic_knows_the_posts_in_which_its_leading_word_stands() -> None:
    topics = _topics(APP + LUGGAGE)
    assert {topic.terms[0]: topic.posts for topic in topics} == {"app": (0, 1, 2, 3), "koffer": (4, 5, 6, 7)}


def test_what_is_new_leads_before_what_is_always_said() -> None:
    background = Background(1_000, lambda words: {word: 400 for word in words if word == "koffer"})
    topics = _topics(LUGGAGE + APP + LATE, background=background, most=1)
    assert [topic.terms[0] for topic in topics] != ["koffer"]


def test_the_brands_own_name_is_no_topic() -> None:
    posts = [f"noordvlucht {post}" for post in LUGGAGE + APP]
    topics = _topics(posts, ignore={"noordvlucht"})
    assert "noordvlucht" not in {term for topic in topics for term in topic.terms}


def test_too_few_posts_have_no_topic() -> None:
    assert _topics([]) == []
    assert _topics([None, ""]) == []
    assert _topics(["koffer kwijt", "koffer weg"]) == []


@given(st.lists(st.lists(st.sampled_from(WORDS), max_size=6), max_size=40), st.randoms(use_true_random=False))
def test_topics_are_lawful_and_do_not_depend_on_the_order_of_the_posts(posts: list[list[str]], chance: object) -> None:
    texts = [" ".join(post) for post in posts]
    topics = _topics(list(texts))
    assert len(topics) <= 8
    for topic in topics:
        assert 1 <= len(topic.terms) <= 4
        assert not set(topic.terms) & STOPWORDS
        assert all(topic.terms[0] in posts[i] or f"#{topic.terms[0]}" in posts[i] for i in topic.posts)
    assert [len(topic.posts) for topic in topics] == sorted((len(topic.posts) for topic in topics), reverse=True)
    again = list(texts)
    chance.shuffle(again)  # type: ignore[attr-defined]  # Hypothesis gives a Random
    assert [topic.terms for topic in _topics(list(again))] == [topic.terms for topic in topics]
