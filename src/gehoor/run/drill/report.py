"""Writes what came of a drill: sentences for the terminal, one page that opens anywhere."""

import tomllib
from collections.abc import Mapping, Sequence
from functools import cache
from importlib.resources import files
from typing import Any

from gehoor.run.drill.after_action import AfterAction, StepName

__all__ = ["page_of", "sentences_of", "time_of"]

_WIDTH, _HEIGHT = 720, 160


@cache
def _words(language: str) -> dict[str, str]:
    words = tomllib.loads(files(__package__).joinpath("words.toml").read_text("utf-8"))
    found: dict[str, str] = words["nl" if language == "nl" else "en"]
    return found


@cache
def _template() -> Any:
    from jinja2 import Environment, StrictUndefined

    text = files(__package__).joinpath("report.html").read_text("utf-8")
    return Environment(autoescape=True, undefined=StrictUndefined).from_string(text)


def time_of(seconds: float) -> str:
    """Return a stretch of time as people read it on a clock.

    Examples
    --------
    >>> time_of(42.2), time_of(754)
    ('0:42', '12:34')
    """
    whole = round(seconds)
    return f"{whole // 60}:{whole % 60:02d}"


def sentences_of(what: AfterAction, language: str) -> list[str]:
    """Return what came of a drill, a sentence each."""
    words = _words(language)
    if what.level is None:
        return [words["no_alarm"]]
    told = [words["heard"].format(n=what.n_voices_before_alarm, level=what.level)]
    if what.is_first_voice_right is not None:
        told.append(words["right" if what.is_first_voice_right else "wrong"])
    told.append(words["answered"].format(answered=what.n_answered, asking=what.n_asking))
    return [*told, *_stalled(what, words)]


def _stalled(what: AfterAction, words: Mapping[str, str]) -> list[str]:
    if what.stalled is None:
        return []
    before, after = (_inside(words[name]) for name in what.stalled)
    came: dict[StepName, float | None] = {step.name: step.after_s for step in what.steps}
    return [words["stopped" if came[what.stalled[1]] is None else "stalled"].format(before=before, after=after)]


def _inside(words: str) -> str:
    """Return words as they stand in the middle of a sentence."""
    return words[0].lower() + words[1:]


def page_of(what: AfterAction, language: str) -> str:
    """Return the page: no script, nothing from elsewhere, no words of customers."""
    words = _words(language)
    alarm = next((step.after_s for step in what.steps if step.name == "alarm"), None)
    return str(
        _template().render(
            w=words,
            title=words["title"].format(title=what.title.of(language)),
            about=what.about.of(language),
            played=words["played"].format(
                brand=what.brand, posts=what.n_posts, passed=what.n_passed_on, minutes=round(what.minutes)
            ),
            steps=[(step.name, None if step.after_s is None else time_of(step.after_s)) for step in what.steps],
            bars=_bars(what.curve),
            alarm_x=None if alarm is None else round(min(_WIDTH, _WIDTH * alarm / 60 / len(what.curve)), 1),
            sentences=sentences_of(what, language),
            exact=words["exact"].format(speed=f"{what.speed:g}"),
            again=words["again"].format(scenario=what.scenario, seed=what.seed, size=f"{what.size:g}"),
            width=_WIDTH,
            height=_HEIGHT,
        )
    )


def _bars(curve: Sequence[int]) -> list[tuple[float, float, float, float]]:
    """Return x, y, width and height of the bar of each minute."""
    wide, high = _WIDTH / len(curve), _HEIGHT / max(curve)
    return [(wide * i, _HEIGHT - high * n, 0.8 * wide, high * n) for i, n in enumerate(curve)]
