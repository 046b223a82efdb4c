import pyarrow as pa
import pytest

from gehoor.core.errors import SettingError
from gehoor.core.settings import Settings, Workspace
from gehoor.core.text import TextBatch
from gehoor.understand.language import Language


@pytest.fixture(scope="module")
def language() -> Language:
    return Language(Settings())


def told(analyzer: Language, *posts: str | None, claim: str | None = None) -> list[tuple[str, float | None]]:
    claims = pa.array([claim] * len(posts), pa.string())
    columns = analyzer.annotate(TextBatch.of(pa.array(posts, pa.string())), {"language": claims})
    return list(zip(columns["language"].to_pylist(), columns["language_p"].to_pylist(), strict=True))


def test_dutch_and_english_are_told_apart(language: Language) -> None:
    posts = ("Mijn koffer is kwijt en niemand belt terug", "My suitcase is lost and nobody calls me back")

    assert [code for code, _ in told(language, *posts)] == ["nl", "en"]


@pytest.mark.parametrize("post", ["ok", "😡😡😡", "@noordvlucht", "https://example.org/het-is-zo", "12:30", "xx"])
def test_what_has_hardly_a_letter_is_und(language: Language, post: str) -> None:
    assert told(language, post)[0][0] == "und"


def test_handles_and_urls_say_nothing_about_the_language(language: Language) -> None:
    post = (
        "@thebestenglishshopever @theweatherchannel waar blijft mijn bestelling https://example.org/where/is/the/order"
    )

    assert told(language, post)[0][0] == "nl"


@pytest.mark.parametrize(
    "post",
    [
        "Dzień dobry, gdzie jest moja paczka?",
        "Siparişim nerede kaldı, üç haftadır bekliyorum",
        "Dov'è il mio pacco? Sto aspettando da una settimana intera",
        "Onde está a minha encomenda? Já não aguento mais isto",
        "我的包裹在哪里",
    ],
)
def test_a_language_that_is_not_configured_is_und(language: Language, post: str) -> None:
    assert told(language, post)[0][0] == "und"


@pytest.mark.parametrize("claim", ["nl", "NL", "nl-BE", "nl_NL"])
def test_the_channels_claim_counts_when_we_cannot_tell(language: Language, claim: str) -> None:
    assert told(language, "ok", claim=claim) == [("nl", 0.5)]


@pytest.mark.parametrize("claim", [None, "", "und", "qq", "xx-whatever", "nederlands"])
def test_a_claim_that_is_no_language_does_not_count(language: Language, claim: str | None) -> None:
    assert told(language, "ok", claim=claim)[0][0] == "und"


def test_the_text_beats_the_claim(language: Language) -> None:
    assert told(language, "Mijn koffer is kwijt en niemand belt terug", claim="en")[0][0] == "nl"


def test_missing_text_is_und_without_a_probability(language: Language) -> None:
    assert told(language, None, "", claim="nl") == [("und", None), ("und", None)]


def test_afrikaans_is_told_from_dutch_when_configured() -> None:
    both = Language(Settings(workspace=Workspace(languages=("nl", "af"))))
    posts = ("Ek het nog nie my bestelling ontvang nie, wat gaan aan?", "Ik heb mijn bestelling nog niet ontvangen")

    assert [code for code, _ in told(both, *posts)] == ["af", "nl"]


@pytest.mark.parametrize("languages", [("nl", "klingon"), ()])
def test_a_language_that_nobody_knows_is_refused_with_what_is_allowed(languages: tuple[str, ...]) -> None:
    with pytest.raises(SettingError, match=r"languages .*name at least one ISO 639-1 code"):
        Language(Settings(workspace=Workspace(languages=languages)))
