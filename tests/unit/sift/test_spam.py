"""Spam is told by what it does, with its reasons; anger, thanks and questions are never spam."""

from typing import Any

import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from gehoor.core.record import ANNOTATION
from gehoor.core.text import TextBatch
from gehoor.sift.spam import REASONS, Spam
from gehoor.sift.spam_terms import SpamTerms
from tests.strategies import texts

SPAM = Spam()


def known_of(rows: list[dict[str, Any]]) -> dict[str, pa.Array]:
    plain = {"type": "Create", "direction": "in", "actor_name": None, "actor_followers": None}
    types = {"actor_followers": pa.int64()}
    return {
        name: pa.array([row.get(name, value) for row in rows], types.get(name, pa.string()))
        for name, value in plain.items()
    }


def judged(*rows: str | None, **given: Any) -> list[tuple[str | None, float | None]]:
    columns = SPAM.annotate(TextBatch.of(pa.array(rows, pa.string())), known_of([given] * len(rows)))
    return list(zip(columns["spam"].to_pylist(), columns["spam_p"].to_pylist(), strict=True))


def reason_of(text: str, **given: Any) -> str | None:
    return judged(text, **given)[0][0]


@pytest.mark.parametrize(
    "text",
    [
        "Klik hier en krijg 50 gratis spins bij dit casino: https://x.example/a",
        "Snel geld verdienen vanuit huis? Stuur mij een DM, zonder risico!",
        "Gefeliciteerd, u heeft gewonnen! Claim uw prijs via https://x.example/prijs",
        "Mijn bitcoin was weg, maar deze hacker helped me recover everything. Contact him on WhatsApp +4477000900123",
        "I recovered my lost crypto thanks to this recovery expert, contact her on Telegram t.me/fixer",
        "Double your bitcoin today! Official giveaway, send 1 BTC get 2 back https://win.top/btc",
        "Great post, thanks for sharing! Visit my website for SEO services and backlinks",
        "Free entry! You have won a £1000 prize, call 09061701461 to claim",
        "Schnell Geld verdienen von zuhause, klicke hier https://x.example/geld",
        "Gagner de l'argent sans risque, cliquez ici https://x.example/fr",
        "Gana dinero desde casa, haz clic aquí https://x.example/es",
        "Goedkope volgers kopen? Link in mijn bio, kortingscode WIN50",
    ],
)
def test_what_spammers_write_is_spam_in_five_languages(text: str) -> None:
    assert reason_of(text) == "pattern"


@pytest.mark.parametrize(
    "text",
    [
        "NOOIT MEER!!!! WAT EEN WAARDELOZE SERVICE, IK WIL MIJN GELD TERUG!!!!!!!!!!",
        "nooit nooit nooit nooit nooit nooit nooit nooit nooit nooit meer met jullie",
        "nee nee nee nee " * 20,
        "😡😡😡😡😡😡😡😡😡😡😡😡😡😡😡😡😡😡😡😡😡😡😡😡😡😡😡😡😡😡",
        "hahahaha 😂😂😂😂 dit meen je niet",
        "Mijn claim is afgewezen, terwijl er gratis annuleren stond. Zie https://x.example/voorwaarden",
        "Ik bel al drie dagen 0900-1234 en 0201234567 en niemand neemt op, ordernummer 8839201127",
        "Waarom kan ik mijn kortingscode niet gebruiken in de app? https://x.example/actie",
        "The app charged me twice, $1200 gone, please call me back on 0612345678",
        "Free WiFi my foot. I paid for a holiday and got a building site. Refund now!!!",
        "@noordvlucht @zuiderlucht @ns_online @schiphol wie van jullie gaat mijn hotel betalen?",
        "Bedankt voor de snelle hulp, top!",
        "https://x.example/nieuws/vulkaan",
        "#noordvlucht #aswolk #gestrand #bergen #hotel #geenhulp #schande #helemaalklaarmee",
        "Ist mein Flug morgen gestrichen? Seit Stunden keine Antwort!!!",
        "Mi vuelo está cancelado y nadie contesta. ¡¡¡Vergüenza!!!",
        "J'attends mon remboursement depuis trois mois, c'est INADMISSIBLE !!!",
        "ok",
    ],
)
def test_anger_thanks_and_questions_are_no_spam(text: str) -> None:
    assert reason_of(text) is None


def test_many_links_or_disguised_ones_are_spam_for_their_links() -> None:
    assert reason_of(" ".join(f"https://x{n}.example/a" for n in range(7))) == "links"
    assert reason_of("Kijk! https://a.top https://b.top https://c.top") == "links"


def test_same_line_over_and_over_with_a_link_is_spam_for_its_repetition() -> None:
    assert reason_of("Koop nu deze mooie schoenen van ons " * 8 + "https://x.example") == "repetition"


def test_account_that_nobody_follows_is_evidence_only_with_a_disguised_link() -> None:
    text = "Kijk eens wat ik vond bit.ly/3xYz"
    assert reason_of(text, actor_name="user8839201", actor_followers=0) == "account"
    assert reason_of(text, actor_name="Jan de Vries", actor_followers=0) is None
    assert reason_of(text) is None
    assert reason_of("Goed verhaal", actor_name="user8839201", actor_followers=0) is None


@pytest.mark.parametrize(
    "given", [{"direction": "out"}, {"direction": "internal"}, {"type": "Like"}, {"type": "Track"}]
)
def test_our_own_posts_and_what_is_no_post_are_not_judged(given: dict[str, str]) -> None:
    assert judged("You have won! Click here for free spins at our online casino", **given) == [(None, None)]


def test_missing_text_is_not_judged() -> None:
    assert judged(None, "") == [(None, None), (None, None)]
    assert judged() == []


def test_reasons_are_given_in_words_heaviest_first() -> None:
    text = "Gratis spins! Klik hier https://x.example"
    clues = SPAM.explain(TextBatch.of(pa.array([text])), known_of([{}]))[0]
    assert [clue.words for clue in clues] == ["gratis spins", "klik hier", "gratis", "a link"]
    assert {clue.reason for clue in clues} == {"pattern", "links"}
    assert [clue.weight for clue in clues] == sorted((clue.weight for clue in clues), reverse=True)


def test_the_columns_are_those_of_the_record() -> None:
    columns = SPAM.annotate(TextBatch.of(pa.array(["Hoi"])), known_of([{}]))
    assert {name: column.type for name, column in columns.items()} == {
        name: ANNOTATION.field(name).type for name in SPAM.columns
    }


def test_every_term_finds_itself() -> None:
    terms = SpamTerms.load()
    said = [term.replace("<n>", "84025") for term in terms.terms]
    found = terms.find(TextBatch.of(pa.array(said)))
    pairs = set(zip(found.post.tolist(), found.term.tolist(), strict=True))
    assert [term for n, term in enumerate(terms.terms) if (n, n) not in pairs] == []


_ROWS = st.lists(st.tuples(st.one_of(st.none(), texts), st.none() | st.integers(0, 3)), max_size=6)


@given(_ROWS)
def test_row_has_the_same_verdict_in_any_batch(rows: list[tuple[str | None, int | None]]) -> None:
    made = [{"actor_followers": followers, "actor_name": "x12345"} for _, followers in rows]
    batch = TextBatch.of(pa.array([text for text, _ in rows], pa.string()))
    together = SPAM.annotate(batch, known_of(made))
    for n, (text, _) in enumerate(rows):
        alone = SPAM.annotate(TextBatch.of(pa.array([text], pa.string())), known_of([made[n]]))
        assert [together[name][n] for name in SPAM.columns] == [alone[name][0] for name in SPAM.columns]
        assert together["spam"][n].as_py() in {None, *REASONS}
