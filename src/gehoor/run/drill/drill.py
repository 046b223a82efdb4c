"""Plays a drill: copies the workspace, tells the scenario there on a clock of its own, writes down what came of it."""

import asyncio
from collections.abc import Callable, Iterable, Sequence
from datetime import datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import msgspec

from gehoor.core.clock import DAY_US, SECOND_US, Clock
from gehoor.core.errors import SettingError
from gehoor.core.post import Post, PostFilter
from gehoor.core.reader import Reader
from gehoor.core.record import Activity
from gehoor.core.settings import Settings, load
from gehoor.run.demo_run import free_port
from gehoor.run.drill.after_action import AfterAction, after_action
from gehoor.run.drill.copied import drill_copy
from gehoor.run.drill.report import page_of
from gehoor.run.drill.scenario import Scenario, read_scenario
from gehoor.run.drill.telling import Setting, tell_drill
from gehoor.run.local import WebServer
from gehoor.run.replay import Replay
from gehoor.run.story import Story

__all__ = ["Drilled", "Options", "run_drill"]

_SETTLE_S = 3.0
_LOOK_S = 0.1
_MOST_BEHIND = 20_000
_WEEK_US = 7 * DAY_US


class Options(msgspec.Struct, frozen=True, kw_only=True):
    """What somebody who drills can choose.

    Attributes
    ----------
    scenario : str
        A name, or the path of a file.
    brand : str, optional
        Around which brand; None: the first of the workspace.
    speed : float
        Seconds of the drill in one second now.
    size : float
        How large.
    seed : int
        Of all chance.
    port : int
        Where the pages are, or the next that is free.
    """

    scenario: str
    brand: str | None = None
    speed: float = 20.0
    size: float = 1.0
    seed: int = 1
    port: int = 8500


class Drilled(msgspec.Struct, frozen=True):
    """What came of a drill, and the page about it."""

    what: AfterAction
    page: Path


class _Drill:
    """One drill, from its copy to its report."""

    def __init__(self, root: Path, copy: Settings, options: Options, now: int) -> None:
        self._root, self._copy, self._options = root, copy, options
        self._scenario = _named(read_scenario(options.scenario), copy, options)
        self._setting = Setting(
            brand=_brand(copy, options.brand), begin=now, size=options.size, seed=options.seed,
            language=copy.workspace.languages[0],
        )  # fmt: skip
        self._told = tell_drill(self._scenario, self._setting)
        if not any(activity.text for activity in self._told):
            raise SettingError(f"Nobody says anything at --size {options.size:g}: give a larger one.")

    def replay(self) -> Replay:
        """Return what is to be lived: the drill, before the backdrop of the same hour a week ago."""
        story = Story(Path("drill"))
        behind = _behind(Reader(self._copy.root), self._setting.begin, self._scenario.minutes)
        for activity in sorted([*self._told, *behind], key=lambda activity: activity.received):
            story.add(activity)
        story.finish()
        return Replay(self._copy, story, self._options.speed)

    def report(self) -> Drilled:
        """Write down what came of it so far."""
        what = after_action(Reader(self._copy.root), self._told, self._scenario, self._setting, self._options.speed)
        zone = ZoneInfo(self._copy.workspace.timezone)
        moment = datetime.fromtimestamp(what.begin / SECOND_US, zone)
        folder = self._root / "drills"
        folder.mkdir(exist_ok=True)
        page = folder / f"{moment:%Y-%m-%d-%H%M}-{Path(what.scenario).stem}.html"
        page.write_text(page_of(what, self._copy.workspace.interface), encoding="utf-8")
        page.with_suffix(".json").write_bytes(msgspec.json.format(msgspec.json.encode(what)))
        return Drilled(what, page)


def run_drill(
    root: Path,
    options: Options,
    clock: Clock,
    server: WebServer | None,
    say: Callable[[str], None],
) -> Drilled:
    """Play a scenario into a copy of a workspace, and return what came of it.

    Parameters
    ----------
    root : Path
        The workspace; it may run meanwhile. `drills/` in it gets the report; nothing else of it changes.
    clock : Clock
        What time it is.
    server : WebServer, optional
        The pages of the copy: they stay until Ctrl-C. None: no pages, and it ends with the scenario.
    say : callable
        Takes a line for whoever sits here.

    Raises
    ------
    SettingError
        There is no such scenario or brand, or the workspace has no brand.
    """
    settings = load(root)
    scenario = read_scenario(options.scenario)
    _brand(settings, options.brand)
    with drill_copy(settings.root, scenario, free_port(options.port)) as copy:
        drill = _Drill(settings.root, copy, options, clock.now())
        replay = drill.replay()
        replay.run(server, _Watcher(replay, drill, say, f"http://127.0.0.1:{copy.web.port}/") if server else None)
        return drill.report()


class _Watcher:
    """Says where the pages are, and writes the report as soon as everything was told."""

    def __init__(self, replay: Replay, drill: _Drill, say: Callable[[str], None], url: str) -> None:
        self._replay, self._drill, self._say, self._url = replay, drill, say, url
        self._tasks: list[asyncio.Task[None]] = []

    async def __call__(self) -> None:
        """Begin; it ends by itself with the owner."""
        self._tasks = [asyncio.get_running_loop().create_task(self._watch())]

    async def _watch(self) -> None:
        self._say(f"The drill is at {self._url} (Ctrl-C ends it).")
        while self._replay.retelling.share < 1.0:
            await asyncio.sleep(_LOOK_S)
        await asyncio.sleep(_SETTLE_S)
        done = await asyncio.to_thread(self._drill.report)
        self._say(f"Everything was told. The report so far: {done.page}. Take your time; Ctrl-C writes it anew.")


def _named(scenario: Scenario, copy: Settings, options: Options) -> Scenario:
    return msgspec.structs.replace(scenario, name=scenario.name or Path(options.scenario).stem)


def _brand(settings: Settings, name: str | None) -> str:
    """Return what people call a brand: the first word that a post about it can have."""
    if not settings.brands:
        raise SettingError("This workspace has no brand yet, so nobody can talk about it. Add one under [brands].")
    name = name or next(iter(settings.brands))
    brand = settings.brands.get(name)
    if brand is None:
        raise SettingError(f"There is no brand {name}: this workspace has {', '.join(settings.brands)}.")
    return next(iter(brand.terms), brand.label or name)


def _behind(reader: Reader, begin: int, minutes: float) -> Iterable[Activity]:
    """Yield what was said in the same hour a week ago, as if it were said now: people go on talking in a crisis."""
    since = begin - _WEEK_US
    wanted = PostFilter(kind="say", since=since, until=since + round(minutes * 60 * SECOND_US))
    for post in _said(reader.posts(wanted, limit=_MOST_BEHIND)):
        at = post.event_at + _WEEK_US
        yield Activity(
            id=f"drill/behind/{post.id}", received=at, published=at, channel=post.channel, actor=post.actor,
            actor_name=post.actor_name, actor_followers=post.actor_followers, text=post.text,
        )  # fmt: skip


def _said(posts: Sequence[Post]) -> list[Post]:
    return [post for post in posts if post.text]
