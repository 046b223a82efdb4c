"""Both languages say everything, and say it in their own manner."""

import json
import re
from importlib.resources import files
from string import Formatter
from typing import get_args
from zoneinfo import ZoneInfo

import pytest

from gehoor.core.record import Kind, Type
from gehoor.web.speech import LANGUAGES, Entry, Language, Speech, catalogue, preferred
from tests.cast import NOON

AMSTERDAM = ZoneInfo("Europe/Amsterdam")
DUTCH, ENGLISH = Speech("nl", AMSTERDAM), Speech("en", AMSTERDAM)


def _places(entry: Entry) -> set[str]:
    forms = entry.values() if isinstance(entry, dict) else [entry]
    return {name for form in forms for _, name, _, _ in Formatter().parse(form) if name}


def _templates() -> dict[str, str]:
    folder = files("gehoor.web").joinpath("templates")
    return {item.name: item.read_text(encoding="utf-8") for item in folder.iterdir() if item.name.endswith(".html")}


def test_both_languages_have_the_same_keys() -> None:
    assert catalogue("nl").keys() == catalogue("en").keys()


def test_a_sentence_has_the_same_places_in_both_languages() -> None:
    dutch, english = catalogue("nl"), catalogue("en")
    differ = [key for key in dutch if _places(dutch[key]) - {"n"} != _places(english[key]) - {"n"}]
    assert differ == []


def test_no_key_stands_twice() -> None:
    for language in LANGUAGES:
        text = files("gehoor.web").joinpath("words", f"{language}.json").read_text(encoding="utf-8")
        pairs = json.loads(text, object_pairs_hook=lambda found: found)
        keys = [key for key, _ in pairs]
        assert len(keys) == len(set(keys))


@pytest.mark.parametrize("name", sorted(_templates()))
def test_a_template_has_no_text_of_its_own(name: str) -> None:
    text = _templates()[name]
    text = re.sub(r"(?s)\{%.*?%\}|\{#.*?#\}", "", text)
    text = re.sub(r"(?s)\{\{.*?\}\}", "", text)
    text = re.sub(r"(?s)<(svg|code|kbd|style)[ >].*?</\1>", "", text)
    text = re.sub(r"(?s)<[^>]*>", " ", text)
    words = re.findall(r"[A-Za-z]{2,}", text)
    assert words in ([], ["gehoor"])


@pytest.mark.parametrize("name", sorted(_templates()))
def test_a_template_names_only_sentences_that_exist(name: str) -> None:
    asked = re.findall(r"""[^\w.]t\(["']([a-z_0-9.]+)["'][,)]""", _templates()[name])
    assert [key for key in asked if key not in catalogue("nl")] == []


def test_numbers_are_written_as_each_language_does() -> None:
    assert (DUTCH.number(12870), DUTCH.number(1.44, 1)) == ("12.870", "1,4")
    assert (ENGLISH.number(12870), ENGLISH.number(1.44, 1)) == ("12,870", "1.4")
    assert (DUTCH.share(46, 100), ENGLISH.share(46, 100)) == ("46\N{NO-BREAK SPACE}%", "46%")


def test_a_share_never_rounds_to_nothing_or_to_everything() -> None:
    assert ENGLISH.share(1, 1000) == "< 1%"
    assert ENGLISH.share(999, 1000) == "> 99%"
    assert (ENGLISH.share(0, 1000), ENGLISH.share(5, 5), ENGLISH.share(0, 0)) == ("0%", "100%", "0%")


def test_one_is_singular() -> None:
    assert [str(DUTCH.say("n_posts", n=n)) for n in (0, 1, 2)] == ["0 berichten", "1 bericht", "2 berichten"]


def test_a_value_in_a_sentence_is_escaped() -> None:
    assert "<script>" not in DUTCH.say("rejects.tried", source="<script>alert(1)</script>", taken_in=1, kept=0)


def test_days_and_moments_are_the_workspaces_own() -> None:
    assert DUTCH.day(NOON, NOON) == "dinsdag 14 april"
    assert ENGLISH.day(NOON, NOON + 400 * 86_400_000_000) == "Tuesday 14 April 2026"
    assert (DUTCH.hour(NOON), DUTCH.moment(NOON - 86_400_000_000, NOON)) == ("14:00", "13 apr 14:00")
    assert [DUTCH.brief(month) for month in (1, 3, 12)] == ["jan", "mrt", "dec"]


@pytest.mark.parametrize(
    ("seconds", "said"), [(0.2, "0 s"), (40, "40 s"), (180, "3 min"), (11_000, "3 u"), (10 * 86_400, "10 dagen")]
)
def test_a_duration_takes_the_unit_that_a_person_would(seconds: float, said: str) -> None:
    assert DUTCH.lasting(seconds) == said


@pytest.mark.parametrize(
    ("accept", "language"),
    [("", "nl"), ("en", "en"), ("nl-BE,nl;q=0.9,en;q=0.5", "nl"), ("fr,en;q=0.3", "en"), ("xx;q=rubbish", "nl")],
)
def test_the_browsers_language_is_followed(accept: str, language: Language) -> None:
    assert preferred(accept, "nl") == language


@pytest.mark.parametrize("group", ["deed", "kind", "sentiment", "intent", "wish", "wish.often"])
def test_every_label_of_the_record_has_a_word(group: str) -> None:
    intents = ("help", "complaint", "question", "praise", "improvement", "leaving")
    labels: dict[str, tuple[str, ...]] = {
        "deed": get_args(Type),
        "kind": get_args(Kind),
        "sentiment": ("negative", "neutral", "positive"),
        "intent": (*intents, "other"),
        "wish": intents,
        "wish.often": intents,
    }
    missing = [label for label in labels[group] if f"{group}.{label}" not in catalogue("nl")]
    assert missing == []
