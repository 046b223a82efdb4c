"""What posts have in common, who goes against them, and who acts together."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from gehoor.warn.acting_together import acting_together
from gehoor.warn.counter_movement import counter_movement, stance_of
from gehoor.warn.thought import thought_of

_DAY_S = 86_400


@pytest.mark.parametrize(
    ("texts", "thought"),
    [
        (
            [
                "Noordvlucht laat ons gewoon op de grond slapen!!", "RT @jan: Noordvlucht laat ons gewoon op de grond",
                "ze laten je op de grond slapen, noordvlucht laat ons gewoon op de grond slapen https://t.example/1",
            ],
            "Noordvlucht laat ons gewoon op de grond",
        ),
        (
            [
                "There's glass in the peanut butter", "Warning: glass in the peanut butter, throw it away",
                "@acme glass in the peanut butter?! really", "my kid found GLASS IN THE PEANUT BUTTER",
            ],
            "glass in the peanut butter",
        ),
        (
            ["Mijn pindakaas zit vol glas", "Glas gevonden in pindakaas", "pas op, glas! pindakaas van Acme"],
            "pindakaas … glas",
        ),
        (["Mooi weer vandaag", "De trein is laat"], ""),
        (["een enkele post"], ""),
        ([], ""),
    ],
)  # fmt: skip
def test_thought_is_the_shortest_wording_that_most_share(texts: list[str], thought: str) -> None:
    assert thought_of(texts) == thought


def test_words_that_everybody_uses_give_way_to_those_that_tell() -> None:
    texts = ["acme app vastgelopen scherm", "vastgelopen scherm acme app", "de acme app en een vastgelopen scherm"]
    assert thought_of(texts, {"acme": 0.9, "app": 0.8}) == "vastgelopen scherm"


@given(st.lists(st.text(max_size=80), max_size=8))
def test_any_texts_have_a_thought_or_none(texts: list[str]) -> None:
    thought = thought_of(texts)
    words = [word.casefold() for word in thought.replace(" … ", " ").split()]
    assert all(any(word in text.casefold() for text in texts) for word in words)


@pytest.mark.parametrize(
    ("text", "sentiment", "stance"),
    [
        ("Kom op, het valt best mee hoor", "positive", "defends"),
        ("Leave them alone, they're doing their best", "neutral", "defends"),
        ("They say it's overblown. It is not, I lost everything", "negative", None),
        ("Gestrand? Wij bieden een slaapplek aan in Oslo", "neutral", "helps"),
        ("Happy to help anyone stuck at the station", "positive", "helps"),
        ("Wij ruimen zaterdag samen op, opruimactie om 10 uur", "positive", "mends"),
        ("That picture has been debunked", "neutral", "mends"),
        ("Is het nu opgelost?", "neutral", None),
        ("Wanneer is het opgelost? Dit kan echt niet.", "negative", None),
        ("Waarom duurt dat zo lang? Het is nu opgelost.", "neutral", "mends"),
        ("Het is nog niet opgelost", "negative", None),
        ("Mijn koffer is weg", "negative", None),
    ],
)
def test_stance_is_what_the_words_say(text: str, sentiment: str, stance: str | None) -> None:
    assert stance_of(text, sentiment) == stance


def test_counter_movement_names_the_posts_of_each_kind() -> None:
    found = counter_movement(["valt wel mee", "weg ermee", "valt reuze mee", "happy to help"], [None] * 4)
    assert (found.defends, found.helps, found.mends) == ([2], [3], [])


def _crowd(rng: np.random.Generator, n: int) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Return what n accounts do in a day, each when it likes: 20 things, the popular ones oftener."""
    actor = np.repeat(np.arange(n), 20)
    did = np.minimum(rng.zipf(1.5, len(actor)), 500)
    return actor, did, rng.integers(0, _DAY_S, len(actor))


def test_who_does_the_same_at_the_same_moments_is_found_and_nobody_else() -> None:
    rng = np.random.default_rng(3)
    actor, did, at = _crowd(rng, 300)
    moments = rng.integers(0, _DAY_S, 8)
    for member in range(1_000, 1_006):
        actor = np.append(actor, np.full(8, member))
        did = np.append(did, np.arange(600, 608))
        at = np.append(at, moments + rng.integers(0, 100, 8))
    found = acting_together(actor, did, at)
    assert [sorted(group.actors) for group in found] == [list(range(1_000, 1_006))]
    assert set(found[0].did) <= set(range(600, 608))


def test_what_everybody_does_at_once_is_news_and_no_group() -> None:
    actor = np.arange(500)
    assert acting_together(actor, np.ones(500, np.int64), np.zeros(500, np.int64)) == []


def test_nobody_is_no_group() -> None:
    assert acting_together(*np.zeros((3, 0), np.int64)) == []
