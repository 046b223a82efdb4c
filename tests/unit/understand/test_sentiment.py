import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from gehoor.core.settings import Settings
from gehoor.core.text import TextBatch
from gehoor.understand.sentiment import Sentiment
from tests.strategies import texts

SENTIMENT = Sentiment(Settings())


def sentiment(*posts: str | None, language: str | None = "nl") -> list[tuple[str | None, float | None]]:
    known = {"language": pa.array([language] * len(posts), pa.string())}
    columns = SENTIMENT.annotate(TextBatch.of(pa.array(posts, pa.string())), known)
    return list(zip(columns["sentiment"].to_pylist(), columns["sentiment_p"].to_pylist(), strict=True))


def label(post: str, language: str | None = "nl") -> str | None:
    return sentiment(post, language=language)[0][0]


def p_positive(post: str, language: str = "nl") -> float:
    """Return how far a post leans to the positive, from -1 to 1."""
    found, p = sentiment(post, language=language)[0]
    return {"negative": -1.0, "neutral": 0.0, "positive": 1.0}[found or "neutral"] * (p or 0.0)


@pytest.mark.parametrize(
    ("post", "language", "expected"),
    [
        ("Wat een waardeloze service", "nl", "negative"),
        ("Super fijn geholpen, dank jullie wel!", "nl", "positive"),
        ("Alweer storing, ik wacht al drie weken", "nl", "negative"),
        ("De winkel is open tot zes uur", "nl", "neutral"),
        ("Worst airline ever", "en", "negative"),
        ("The crew was brilliant", "en", "positive"),
        ("The store opens at six", "en", "neutral"),
        ("Leider wieder Verspätung, so ein Mist", "de", "negative"),
        ("Merci, service excellent", "fr", "positive"),
        ("Qué vergüenza, el peor servicio", "es", "negative"),
    ],
)
def test_words_of_each_language_count(post: str, language: str, expected: str) -> None:
    assert label(post, language) == expected


@pytest.mark.parametrize(
    ("post", "language"),
    [
        ("Ik ben niet blij", "nl"),
        ("Dit is geen goede service", "nl"),
        ("I am not happy", "en"),
        ("It isn't good", "en"),
    ],
)
def test_a_negation_turns_praise_round(post: str, language: str) -> None:
    assert label(post, language) == "negative"


@pytest.mark.parametrize("post", ["Geen klachten", "Niet slecht", "Zonder problemen geregeld"])
def test_a_denied_fault_is_no_complaint(post: str) -> None:
    assert label(post) != "negative"


@pytest.mark.parametrize(("post", "language"), [("Vreselijk mooi!", "nl"), ("Wat een verschrikkelijk leuk team", "nl")])
def test_a_hard_word_that_only_strengthens_is_praise(post: str, language: str) -> None:
    assert label(post, language) == "positive"


@pytest.mark.parametrize("post", ["Dat is de trein ook niet", "Mag ik geen hond meenemen?"])
def test_a_negation_alone_is_no_complaint(post: str) -> None:
    assert label(post) == "neutral"


def test_a_negation_does_not_reach_into_the_next_clause() -> None:
    assert p_positive("Ik kon het niet. Mooi is het wel") > p_positive("Ik vind het niet mooi")


def test_a_negation_does_not_reach_into_the_next_post() -> None:
    assert sentiment("ik wil dit niet", "blij") == [*sentiment("ik wil dit niet"), *sentiment("blij")]


def test_an_intensifier_strengthens_and_a_damper_weakens() -> None:
    strong, plain, weak = (p_positive(f"{word} handig") for word in ("ontzettend", "erop", "enigszins"))

    assert strong > plain > weak


def test_what_comes_after_but_counts_more() -> None:
    assert p_positive("Traag maar vriendelijk") > p_positive("Vriendelijk maar traag")


def test_emoji_count_in_any_language() -> None:
    assert [label("😡", code) for code in ("nl", "it", "und", None)] == ["negative"] * 4


def test_the_same_emoji_ten_times_is_one() -> None:
    assert sentiment("😊" * 10) == sentiment("😊")


def test_emoticons_count() -> None:
    assert (label("morgen weer :("), label("morgen weer :-)")) == ("negative", "positive")


def test_thanks_for_nothing_is_no_thanks() -> None:
    assert label("Thanks for nothing", "en") == "negative"


def test_a_word_counts_in_its_own_language_only() -> None:
    assert label("die", "nl") == "neutral"
    assert label("die", "en") != "positive"


def test_missing_text_has_no_sentiment() -> None:
    assert sentiment(None, "", "  ") == [(None, None)] * 3


def test_explaining_names_the_words_strongest_first() -> None:
    texts_ = TextBatch.of(pa.array(["Niet blij: traag en WAARDELOOS 😡 maar wel vriendelijk"]))
    (reasons,) = SENTIMENT.explain(texts_, {"language": pa.array(["nl"])})
    terms = dict(reasons[0].terms)

    assert terms["waardeloos"] > terms["traag"] > 0 > terms["vriendelijk"]
    assert list(terms.values()) == sorted(terms.values(), reverse=True)


@given(st.lists(st.none() | texts, min_size=1, max_size=8), st.sampled_from(["nl", "en", "und", "it", None]))
def test_a_post_sounds_the_same_alone_and_in_a_batch(posts: list[str | None], language: str | None) -> None:
    assert sentiment(*posts, language=language) == [sentiment(post, language=language)[0] for post in posts]
