"""How much of the invented world there is, and what breaks its ordinary days."""

from functools import cache
from importlib.resources import files

import msgspec

__all__ = [
    "AFTER_DAYS", "Episode", "Member", "Names", "Scenario", "Scene", "Script", "Stage", "load_episodes", "load_names",
    "load_script",
]  # fmt: skip

AFTER_DAYS = 4
"""The day of the ash cloud and those of the clean-up."""


class Scenario(msgspec.Struct, frozen=True, kw_only=True):
    """How much there is of everything.

    Attributes
    ----------
    n_days : int
        Ordinary days before the ash cloud.
    n_people : int
        Who live there; half as many come when the ash does.
    posts_a_day : float
        On an ordinary Tuesday, by people, before anybody answers or passes on.
    scale : float
        How much is said about what breaks the ordinary; 1 is about 10,000 posts in four days.
    """

    n_days: int = 84
    n_people: int = 3_000
    posts_a_day: float = 100.0
    scale: float = 1.0


class Stage(msgspec.Struct, frozen=True):
    """A part of an episode: until which hour people talk about which themes."""

    name: str
    until: float
    themes: dict[str, float]


class Episode(msgspec.Struct, frozen=True):
    """What breaks the ordinary. See `episodes.toml`."""

    name: str
    day: int
    answered: float
    curve: tuple[tuple[float, float], ...]
    stages: tuple[Stage, ...]


class Member(msgspec.Struct, frozen=True):
    """Somebody who is known by name in the story."""

    key: str
    handle: str
    channel: str
    name: str | None = None
    followers: int | None = None
    role: str = "traveller"
    since: int | None = None
    flights: int = 0


class Scene(msgspec.Struct, frozen=True):
    """Something that is said at its own moment. See `script.toml`."""

    at: tuple[float, float]
    who: str
    text: str
    truth: tuple[str, str]
    key: str | None = None
    to: str | None = None
    channel: str | None = None
    shares: int = 0
    spread_h: float = 4.0


class Script(msgspec.Struct, frozen=True):
    """Who is known by name, and what they say."""

    cast: tuple[Member, ...]
    scene: tuple[Scene, ...]


class _Episodes(msgspec.Struct, frozen=True):
    episode: tuple[Episode, ...]


class Names(msgspec.Struct, frozen=True):
    """What people are called, and where they fly: Dutch name, English name, kilometres."""

    given: tuple[str, ...]
    handle: tuple[str, ...]
    tail: tuple[str, ...]
    cities: tuple[tuple[str, str, int], ...]


def _text(name: str) -> bytes:
    return (files(__package__) / name).read_bytes()


@cache
def load_episodes() -> tuple[Episode, ...]:
    """Return what breaks the ordinary, in the order in which it happens."""
    return msgspec.toml.decode(_text("episodes.toml"), type=_Episodes).episode


@cache
def load_script() -> Script:
    """Return who is known by name, and what they say."""
    return msgspec.toml.decode(_text("script.toml"), type=Script)


@cache
def load_names() -> Names:
    """Return what people are called and where they fly."""
    return msgspec.toml.decode(_text("names.toml"), type=Names)
