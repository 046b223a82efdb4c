"""Makes what is said in a drill: named voices, a crowd, and what others pass on."""

from collections.abc import Callable, Iterator
from functools import cache
from importlib.resources import files

import msgspec
import numpy as np

from gehoor.core.clock import SECOND_US
from gehoor.core.record import Activity
from gehoor.run.drill.scenario import Scenario, Voice, Wave
from gehoor.run.simulate.cascade import cascade
from gehoor.run.simulate.noise import roughen

__all__ = ["Setting", "tell_drill"]

_MINUTE_US = 60 * SECOND_US
_HALF_SOON_H = 0.1
_OPENED, _CLOSED = 0.35, 0.45


class _Around(msgspec.Struct, frozen=True):
    """What people put before and behind what they say."""

    before: tuple[str, ...]
    behind: tuple[str, ...]


@cache
def _around() -> dict[str, _Around]:
    return msgspec.toml.decode(files(__package__).joinpath("around.toml").read_bytes(), type=dict[str, _Around])


class Setting(msgspec.Struct, frozen=True, kw_only=True):
    """Where and when a scenario is played.

    Attributes
    ----------
    brand : str
        What people call us.
    begin : int
        The first minute, microseconds UTC.
    size : float
        How large: 2 is twice as many people.
    seed : int
        Of all chance.
    language : str
        Of the named voices.
    """

    brand: str
    begin: int
    size: float = 1.0
    seed: int = 1
    language: str = "nl"


def tell_drill(scenario: Scenario, setting: Setting) -> list[Activity]:
    """Return all that is said and passed on, in the order in which it happens.

    Examples
    --------
    >>> from gehoor.run.drill.scenario import read_scenario
    >>> told = tell_drill(read_scenario("onevoice"), Setting(brand="Acme", begin=0))
    >>> told[0].published, "Acme" in told[0].text
    (0, True)
    """
    teller = _Teller(scenario, setting)
    for voice in scenario.voice:
        teller.voice(voice)
    for wave in scenario.wave:
        teller.wave(wave)
    return sorted(teller.told, key=lambda activity: activity.received)


class _Teller:
    def __init__(self, scenario: Scenario, setting: Setting) -> None:
        self.told: list[Activity] = []
        self._scenario, self._setting = scenario, setting
        self._rng = rng = np.random.default_rng(setting.seed)
        self._decks: dict[tuple[str, ...], list[int]] = {}
        self._draw_channel = _draws(scenario.channels, rng)
        self._draw_language = _draws(scenario.languages, rng)

    def voice(self, voice: Voice) -> None:
        """Tell what somebody says who is known by name."""
        text = voice.text.of(self._setting.language).replace("{brand}", self._setting.brand)
        post = self._say(voice.minute, voice.name, voice.channel, text)
        self.told[-1] = msgspec.structs.replace(post, actor_followers=voice.followers)
        self._pass_on(post, voice.minute, voice.passed_on * self._setting.size)

    def wave(self, wave: Wave) -> None:
        """Tell what a crowd says."""
        for minute in self._arrivals(wave):
            language = self._draw_language()
            text = self._words(wave.nl if language == "nl" else wave.en, language)
            channel = self._draw_channel()
            post = self._say(minute, f"drill-{self._rng.integers(10**9):09d}", channel, text)
            self._pass_on(post, minute, float(self._rng.exponential(wave.passed_on)))

    def _arrivals(self, wave: Wave) -> Iterator[float]:
        minutes, rates = np.array(wave.curve).T
        steps = np.arange(minutes[0], minutes[-1], 0.1)
        counts = self._rng.poisson(np.interp(steps, minutes, rates) * 0.1 * self._setting.size)
        yield from np.sort(np.repeat(steps, counts) + 0.1 * self._rng.random(int(counts.sum()))).tolist()

    def _words(self, lines: tuple[str, ...], language: str) -> str:
        """Return a line with what people put around it, as they type."""
        rng, around = self._rng, _around()[language]
        text = self._next(lines)
        if rng.random() < _OPENED:
            text = f"{self._next(around.before)} {text}"
        if rng.random() < _CLOSED:
            text = f"{text} {self._next(around.behind)}"
        return roughen(text.replace("{brand}", self._setting.brand), language, float(rng.random() * 0.7), rng)

    def _next(self, lines: tuple[str, ...]) -> str:
        """Deal lines like shuffled cards: none comes back before all were used."""
        deck = self._decks.get(lines) or self._rng.permutation(len(lines)).tolist()
        self._decks[lines] = deck
        return lines[deck.pop()]

    def _say(self, minute: float, name: str, channel: str, text: str) -> Activity:
        at = self._setting.begin + round(minute * _MINUTE_US)
        post = Activity(
            id=f"drill/{self._scenario.name}/{self._setting.begin}/{len(self.told)}", received=at, published=at,
            channel=channel, actor=f"drill/{name}", actor_name=name, text=text,
            actor_followers=round(float(np.exp(self._rng.normal(5, 1.3)))),
            visibility="direct" if channel == "mail" else "public",
        )  # fmt: skip
        self.told.append(post)
        return post

    def _pass_on(self, post: Activity, minute: float, n: float) -> None:
        if post.channel not in {"mastodon", "bluesky"} or n < 0.5:
            return
        for hours in cascade(self._rng, n, _HALF_SOON_H):
            at = minute + 60 * hours
            if at > self._scenario.minutes:
                break
            moment = self._setting.begin + round(at * _MINUTE_US)
            number = len(self.told)
            passed_on = Activity(
                id=f"{post.id}/passed-on/{number}", type="Announce", object=post.id, received=moment, published=moment,
                channel=post.channel, actor=f"drill/reader-{number}",
            )  # fmt: skip
            self.told.append(passed_on)


def _draws(weights: dict[str, float], rng: np.random.Generator) -> Callable[[], str]:
    names, edges = list(weights), np.cumsum(list(weights.values()))
    return lambda: names[int(np.searchsorted(edges, rng.random() * edges[-1], side="right"))]
