"""What is played: a scenario, read from a small TOML file and checked."""

from functools import cache
from importlib.resources import files
from pathlib import Path
from typing import Annotated, Literal

import msgspec

from gehoor.core.errors import SettingError

__all__ = ["LANGUAGES", "Said", "Scenario", "Voice", "Wave", "read_scenario", "scenario_names"]

LANGUAGES = ("nl", "en")

_Share = Annotated[float, msgspec.Meta(ge=0)]
_Curve = Annotated[tuple[tuple[_Share, _Share], ...], msgspec.Meta(min_length=2)]


class _Part(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    pass


class Said(_Part, frozen=True, kw_only=True):
    """The same in Dutch and in English."""

    nl: str
    en: str

    def of(self, language: str) -> str:
        """Return it in a language: English where it is neither."""
        return self.nl if language == "nl" else self.en


class Voice(_Part, frozen=True, kw_only=True):
    """Something that somebody says at a moment of their own.

    Attributes
    ----------
    minute : float
        From the begin of the drill.
    text : Said
        `{brand}` stands for the name of the brand.
    followers : int
        How many read along.
    passed_on : float
        How many times others pass it on, about.
    """

    minute: _Share
    name: Annotated[str, msgspec.Meta(min_length=1)]
    channel: Literal["mastodon", "bluesky", "mail", "reviews", "feed"] = "bluesky"
    followers: Annotated[int, msgspec.Meta(ge=0)] = 200
    passed_on: _Share = 0
    text: Said


class Wave(_Part, frozen=True, kw_only=True):
    """A crowd.

    Attributes
    ----------
    curve : tuple of (minute, posts a minute)
        With straight lines between; rising minutes.
    nl, en : tuple of str
        What they say, each line many times in other words around it.
    passed_on : float
        How many times others pass a post on, on average.
    """

    curve: _Curve
    nl: Annotated[tuple[str, ...], msgspec.Meta(min_length=1)]
    en: Annotated[tuple[str, ...], msgspec.Meta(min_length=1)]
    passed_on: Annotated[float, msgspec.Meta(ge=0, le=20)] = 0.3

    def __post_init__(self) -> None:
        minutes = [minute for minute, _ in self.curve]
        if minutes != sorted(set(minutes)):
            raise ValueError("the minutes of a curve must rise")


class Scenario(_Part, frozen=True, kw_only=True):
    """A crisis that never was. See `docs/how-to/drill.md`."""

    name: str = ""
    title: Said
    about: Said
    channels: dict[str, _Share] = msgspec.field(default_factory=lambda: {"bluesky": 6, "mastodon": 3, "mail": 1})
    languages: dict[str, _Share] = msgspec.field(default_factory=lambda: {"nl": 3, "en": 1})
    voice: tuple[Voice, ...] = ()
    wave: tuple[Wave, ...] = ()

    def __post_init__(self) -> None:
        if not self.voice and not self.wave:
            raise ValueError("it needs a [[voice]] or a [[wave]]")
        if not sum(self.channels.values()) or not sum(self.languages.values()):
            raise ValueError("channels and languages need a weight above 0")
        if wrong := self.languages.keys() - set(LANGUAGES):
            raise ValueError(f"there are no lines in {', '.join(sorted(wrong))}: languages are nl and en")

    @property
    def minutes(self) -> float:
        """How long it lasts."""
        return max([wave.curve[-1][0] for wave in self.wave] + [voice.minute for voice in self.voice])


@cache
def scenario_names() -> tuple[str, ...]:
    """Return the names of the scenarios that gehoor brings."""
    folder = files(__package__) / "scenarios"
    return tuple(sorted(file.name.removesuffix(".toml") for file in folder.iterdir() if file.name.endswith(".toml")))


def read_scenario(given: str) -> Scenario:
    """Return a scenario: one of ours by its name, or that of a file.

    Raises
    ------
    SettingError
        There is none of that name, or the file is no scenario: what is wrong, and where.

    Examples
    --------
    >>> read_scenario("onevoice").title.en
    'One voice'
    """
    if given in scenario_names():
        text = (files(__package__) / "scenarios" / f"{given}.toml").read_text("utf-8")
        return msgspec.structs.replace(msgspec.toml.decode(text, type=Scenario), name=given)
    path = Path(given)
    if not path.is_file():
        raise SettingError(
            f"There is no scenario {given}. There are {', '.join(scenario_names())}; or give a file of your own."
        )
    try:
        read = msgspec.toml.decode(path.read_text("utf-8"), type=Scenario)
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise SettingError(f"{path} is no scenario: {error}. See docs/how-to/drill.md.") from None
    return msgspec.structs.replace(read, name=read.name or path.stem)
