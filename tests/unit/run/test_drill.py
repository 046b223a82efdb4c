"""Scenarios of the fire drill: what is told, from which seed, and what is wrong with a file of one's own."""

import tomllib
from pathlib import Path

import pytest

from gehoor.core.errors import SettingError
from gehoor.core.settings import parse
from gehoor.run.drill.after_action import AfterAction, Step
from gehoor.run.drill.copied import drill_settings
from gehoor.run.drill.report import page_of, sentences_of
from gehoor.run.drill.scenario import LANGUAGES, Said, read_scenario, scenario_names
from gehoor.run.drill.telling import Setting, tell_drill

SETTING = Setting(brand="Acme", begin=1_000_000_000)
EVERYTHING = """
[workspace]
name = "Acme"
[brands.acme]
terms = ["acme"]
[sources.s]
type = "file"
path = "a.jsonl"
[receivers.r]
type = "segment"
write_key = "k"
[senders.team]
type = "webhook"
url = "https://team.example/hook"
secret = "$TEAM"
[alerts]
to = ["team"]
false_alarms_per_week = 2
[alerts.people.anna]
by = ["team"]
[web]
host = "0.0.0.0"
"""


@pytest.mark.parametrize("name", scenario_names())
@pytest.mark.parametrize("language", LANGUAGES)
def test_a_scenario_tells_the_same_from_the_same_seed_in_hardly_repeated_words(name: str, language: str) -> None:
    scenario = read_scenario(name)
    setting = Setting(brand="Acme", begin=0, language=language)
    told = tell_drill(scenario, setting)
    assert told == tell_drill(scenario, setting)
    assert told != tell_drill(scenario, Setting(brand="Acme", begin=0, seed=2, language=language))
    texts = [activity.text for activity in told if activity.text]
    assert len(set(texts)) > 0.6 * len(texts) > 30
    assert not any("{" in text for text in texts)
    assert len({activity.id for activity in told}) == len(told)
    assert [activity.received for activity in told] == sorted(activity.received for activity in told)


def test_twice_the_size_is_about_twice_the_posts() -> None:
    scenario = read_scenario("outage")
    large = tell_drill(scenario, Setting(brand="Acme", begin=0, size=2.0))
    assert 1.7 < len(large) / len(tell_drill(scenario, Setting(brand="Acme", begin=0))) < 2.3


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("title = 1", "no scenario"),
        ('title = {nl = "a", en = "b"}\nabout = {nl = "a", en = "b"}', "a \\[\\[voice\\]\\] or a \\[\\[wave\\]\\]"),
        (
            'title = {nl = "a", en = "b"}\nabout = {nl = "a", en = "b"}\n[[wave]]\ncurve = [[5, 1], [2, 1]]\n'
            'nl = ["x"]\nen = ["x"]',
            "must rise",
        ),
        ('title = {nl = "a", en = "b"}\nabout = {nl = "a", en = "b"}\nlaguages = 1', "laguages"),
    ],
)
def test_what_is_wrong_with_a_file_of_ones_own_is_said(tmp_path: Path, text: str, said: str) -> None:
    path = tmp_path / "own.toml"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(SettingError, match=said):
        read_scenario(str(path))


def test_the_scenario_of_the_documentation_is_one(repository: Path, tmp_path: Path) -> None:
    page = (repository / "docs" / "how-to" / "drill.md").read_text(encoding="utf-8")
    path = tmp_path / "queue.toml"
    path.write_text(page.partition("```text\n")[2].partition("```")[0], encoding="utf-8")
    assert tell_drill(read_scenario(str(path)), SETTING)[0].text == "Staat hier iemand van Acme?"


def test_a_name_that_is_none_is_answered_with_those_that_are() -> None:
    with pytest.raises(SettingError, match="onevoice"):
        read_scenario("storm")


def test_nothing_gets_out_of_a_copy() -> None:
    text = drill_settings(EVERYTHING, "outage", 8500)
    settings = parse(text, Path())
    assert settings.workspace.drill == "outage" and settings.web.host == "127.0.0.1"
    assert not settings.sources and not settings.receivers and not settings.senders
    assert settings.alerts.to == () and settings.alerts.people == {} and settings.alerts.false_alarms_per_week == 2
    assert tomllib.loads(text)["brands"] == {"acme": {"terms": ["acme"]}}


def test_in_a_copy_only_who_pretends_answers() -> None:
    settings = parse(drill_settings(EVERYTHING, "outage", 8500, ("mail", "bluesky")), Path())
    assert {name: part.type for name, part in settings.repliers.items()} == {
        "drill-bluesky": "pretend-reply", "drill-mail": "pretend-reply",
    }  # fmt: skip


def _what(steps: dict[str, float | None], stalled: tuple[str, str]) -> AfterAction:
    return AfterAction(
        scenario="outage", title=Said(nl="Storing", en="Outage"), about=Said(nl="<b>x</b>", en="<b>x</b>"),
        brand="Acme", begin=0, minutes=60, seed=1, size=1.0, speed=20.0, n_posts=40, n_passed_on=3, curve=[1, 4, 0, 9],
        steps=[Step(name, after) for name, after in steps.items()],  # type: ignore[arg-type]
        n_voices_before_alarm=7, level=2, is_first_voice_right=True, n_asking=9, n_answered=0,
        stalled=stalled,  # type: ignore[arg-type]
    )  # fmt: skip


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_report_says_where_it_stalled_and_what_never_came(language: str) -> None:
    what = _what({"first_voice": 0.0, "alarm": 130.0, "acknowledged": None}, ("alarm", "acknowledged"))
    page = page_of(what, language)
    assert "2:10" in page and "<b>x</b>" not in page
    never = {"nl": "kwam niet", "en": "did not come"}[language]
    assert any(never in sentence for sentence in sentences_of(what, language))


def test_without_an_alarm_the_report_says_what_to_do() -> None:
    what = AfterAction(
        **{name: getattr(_what({"alarm": None}, ("a", "b")), name) for name in AfterAction.__struct_fields__}
        | {"level": None}
    )
    assert "--size 2" in sentences_of(what, "en")[0] and "--size 2" in page_of(what, "en")
