"""What breaks the ordinary: snow, an app that fails, an ash cloud; each with its curve, stages and named voices."""

import msgspec
import numpy as np

from gehoor.run.simulate.crowd import pass_on
from gehoor.run.simulate.days import Floats
from gehoor.run.simulate.ordinary import Pool
from gehoor.run.simulate.pen import Draft
from gehoor.run.simulate.scenario import Episode, Scenario, Scene, Stage, load_episodes, load_script
from gehoor.run.simulate.sentences import Sentence
from gehoor.run.simulate.tale import Post, Tale

__all__ = ["tell_episodes", "tell_scenes"]

_STEP_H = 1 / 60
_HELPING = frozenset(("ash-ride", "ash-couch"))
_NEWS = {"app": "app-news", "ash": "ash-news"}
_NEWS_EVERY_H = 1.3
_MORE_TO_SAY = 7


def tell_episodes(tale: Tale, scenario: Scenario) -> None:
    """Tell every episode that falls into the story: its crowd, and the papers."""
    crowd = [person for person in [*tale.people.locals, *tale.people.comers] if person.channel != "reviews"]
    # whose flight does not go has more to say than who reads about it
    grounded = [person for person in crowd if person.is_grounded]
    social = Pool.by_channel(tale.rng, crowd)
    for episode in load_episodes():
        pool = Pool(tale.rng, [*crowd, *grounded * _MORE_TO_SAY] if episode.name == "ash" else crowd)
        begin = tale.days.storm + 24.0 * episode.day
        if begin < 0:
            continue
        for at in _arrivals(tale.rng, episode, scenario.scale):
            _tell_voice(tale, (pool, social), episode, begin, at)
        _tell_news(tale, episode, begin)


def _arrivals(rng: np.random.Generator, episode: Episode, scale: float) -> list[float]:
    """Return when people post, hours from the midnight before the episode."""
    hours, rates = np.array(episode.curve).T
    minutes = np.arange(hours[0], hours[-1], _STEP_H)
    counts = rng.poisson(np.interp(minutes, hours, rates) * scale)
    arrivals: Floats = np.repeat(minutes, counts) + rng.random(int(counts.sum())) * _STEP_H
    return [float(at) for at in np.sort(arrivals)]


def _stage(episode: Episode, at: float) -> Stage:
    return next((stage for stage in episode.stages if at < stage.until), episode.stages[-1])


def _tell_voice(tale: Tale, pools: tuple[Pool, dict[str, Pool]], episode: Episode, begin: float, at: float) -> None:
    pool, social = pools
    stage = _stage(episode, at)
    edges = np.cumsum(list(stage.themes.values()))
    theme = list(stage.themes)[int(np.searchsorted(edges, tale.rng.random() * edges[-1]))]
    person = pool.draw()
    if theme in _HELPING and person.channel == "mail":
        person = social["bluesky"].draw()
    post = tale.speak(begin + at, person, theme, f"{episode.name}/{stage.name}")
    # who offers a bed is passed on three times as often as who is angry
    n = float(tale.rng.pareto(1.6)) * (0.9 if theme in _HELPING else 0.3)
    if post.channel in social and n > 0.5:
        pass_on(tale, social[post.channel], post, min(n, 60.0), 1.5)


def _tell_news(tale: Tale, episode: Episode, begin: float) -> None:
    theme = _NEWS.get(episode.name)
    if theme is None:
        return
    first, last = episode.curve[0][0] + 1.1, min(episode.curve[-1][0], 44.0)
    for n, at in enumerate(np.arange(first, last, _NEWS_EVERY_H).tolist()):
        person = tale.people.known["paper" if n % 3 else "blog"]
        phase = f"{episode.name}/{_stage(episode, at).name}"
        draft = tale.pen.line(person, theme, "en" if n % 5 == 4 else "nl")
        hour = begin + at + float(tale.rng.random())
        tale.say(Post("", "", hour, "feed", person, draft, phase))


def tell_scenes(tale: Tale, scenario: Scenario) -> None:
    """Let those known by name say their lines, each at its moment."""
    told: dict[str, Post] = {}
    crowd = [*tale.people.locals, *tale.people.comers]
    social = Pool.by_channel(tale.rng, crowd)
    for scene in load_script().scene:
        at = tale.days.storm + 24.0 * scene.at[0] + scene.at[1]
        if at < 0:
            continue
        for post in _play(tale, scene, at, told):
            if scene.key is not None:
                told[scene.key] = post
            if scene.shares and post.channel in social:
                pass_on(tale, social[post.channel], post, scene.shares * scenario.scale, scene.spread_h)


def _play(tale: Tale, scene: Scene, at: float, told: dict[str, Post]) -> list[Post]:
    """Tell a scene; what the airline says to everybody stands on both networks."""
    person = tale.people.known[scene.who]
    theme, mark = scene.truth
    sentence = Sentence.marked(scene.text, theme, mark)
    draft = Draft(sentence.text, "nl", theme, sentence.need, sentence.tone)
    phase = _phase(scene)
    if scene.to is not None:
        to = told.get(scene.to)
        return [] if to is None else [tale.reply(at, person, to, draft)]
    is_broadcast = scene.who == "us"
    channels = ("mastodon", "bluesky") if is_broadcast else (scene.channel or person.channel,)
    one = Post("", "", at, "", person, draft, phase)
    return [tale.say(msgspec.structs.replace(one, channel=channel)) for channel in channels]


def _phase(scene: Scene) -> str:
    for episode in load_episodes():
        hour = 24.0 * (scene.at[0] - episode.day) + scene.at[1]
        if episode.curve[0][0] <= hour < episode.curve[-1][0]:
            return f"{episode.name}/{_stage(episode, hour).name}"
    return "ordinary"
