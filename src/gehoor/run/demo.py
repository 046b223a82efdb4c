"""The demo: an invented airline, its settings, and how fast its story is told.

Twelve ordinary weeks are told at once; then the morning of the ash cloud, slowly enough to see one voice become a
crowd, and the clean-up. The story itself is made by `run.simulate`.
"""

from datetime import timedelta

import msgspec

from gehoor.run.simulate.days import Days
from gehoor.run.simulate.simulate import START

__all__ = ["ASH_DAY", "LIVE_FROM", "PACE", "TEAM", "DemoOptions", "demo_settings", "pace_at"]

_N_DAYS = 84
ASH_DAY = START + timedelta(days=_N_DAYS)
"""Tuesday 14 April 2026: the day of the ash cloud."""

_DAYS = Days(START, _N_DAYS)


def _hour(day: int, hour: float) -> int:
    return _DAYS.moment(_DAYS.storm + 24 * day + hour)


LIVE_FROM = _hour(0, 6.53)
"""Just after half past six in the morning: some six minutes before the first voice."""

PACE: tuple[tuple[int, float], ...] = (
    (LIVE_FROM, 60.0),
    # the first voice at 06:38, and the minutes in which the alarm goes
    (_hour(0, 6.62), 12.0),
    (_hour(0, 6.8), 45.0),
    (_hour(0, 8.5), 120.0),
    (_hour(0, 18.5), 900.0),
    (_hour(1, 6.0), 300.0),
    (_hour(1, 20.0), 1_500.0),
    (_hour(2, 7.0), 600.0),
    (_hour(2, 20.0), 1_800.0),
    (_hour(3, 7.0), 900.0),
)
"""From which moment of the story on, how many of its seconds pass in one of ours: about twelve minutes in all."""


class DemoOptions(msgspec.Struct, frozen=True, kw_only=True):
    """What somebody who starts the demo can choose.

    Attributes
    ----------
    seed : int
        Another one tells another story of the same airline.
    speed : float, optional
        Seconds of the story in one second now, from the morning of the ash cloud on; None: `PACE`.
    port : int
        Where the page is, or the next that is free.
    is_opened : bool
        Open it in a browser.
    seconds : float, optional
        Stop after so long; None: on Ctrl-C.
    """

    seed: int = 14
    speed: float | None = None
    port: int = 8400
    is_opened: bool = True
    seconds: float | None = None


_REPLIERS = "".join(
    f'[repliers.pretend-{channel}]  # nothing leaves\ntype = "pretend-reply"\nchannel = "{channel}"\n{most}\n'
    for channel, most in (("mastodon", "most = 500\n"), ("bluesky", "most = 300\n"), ("mail", ""), ("reviews", ""))
)
TEAM: tuple[tuple[str, str], ...] = (
    ("Ochtenddienst", "06:00-14:00"),
    ("Dagdienst", "09:00-17:00"),
    ("Avonddienst", "14:00-23:00"),
)
"""Who works here, as the roster calls them, and when: shifts, and nobody in particular."""
_ROSTER = "".join(
    f'[[roster.shifts]]\nwho = ["{who}"]\ndays = ["mon", "tue", "wed", "thu", "fri", "sat", "sun"]\n'
    f'hours = ["{hours}"]\nholidays = "too"\n\n'
    for who, hours in TEAM
)
_SETTINGS = """\
# Made by: gehoor demo --seed {seed}

[workspace]
name = "Noordvlucht"
languages = ["nl", "en", "de", "fr", "es"]
timezone = "Europe/Amsterdam"
interface = "{interface}"

[brands.noordvlucht]
terms = ["noordvlucht"]
label = "Noordvlucht"

[brands.zuiderwind]
terms = ["zuiderwind"]
label = "Zuiderwind"

[brands.kustlijn]
terms = ["kustlijn"]
label = "Kustlijn"

[desk]
assigns = true
policies = [
  {{ name = "kan niet wachten", first_reply = 60, next_reply = 30, urgencies = ["critical"] }},
  {{ name = "dringend", first_reply = 180, next_reply = 90, urgencies = ["high"] }},
  {{ name = "al het andere", first_reply = 480, next_reply = 240 }},
]

{repliers}
{roster}
[duplicates]
window = 131072  # the whole story; a quarter of the usual memory

[web]
port = {port}
"""


def demo_settings(*, interface: str = "nl", port: int = 8400, seed: int = 14) -> str:
    """Return the text of a `gehoor.toml` for the demo: its brands, its desk, no source (the story is told).

    Parameters
    ----------
    interface : str
        `nl` or `en`.
    port : int
        Where the page is served, on 127.0.0.1.
    seed : int
        Of the story; the first line says it, so that a kept workspace never hears two stories.

    Examples
    --------
    >>> from pathlib import Path
    >>> from gehoor.core.settings import parse
    >>> parse(demo_settings(interface="en"), Path(".")).workspace.interface
    'en'
    """
    return _SETTINGS.format(interface=interface, port=port, seed=seed, repliers=_REPLIERS, roster=_ROSTER)


def pace_at(moment: int) -> float:
    """Return how fast the story is told at a moment of it (microseconds UTC).

    Examples
    --------
    >>> pace_at(LIVE_FROM), pace_at(PACE[-1][0])
    (60.0, 900.0)
    """
    return next((speed for begin, speed in reversed(PACE) if moment >= begin), PACE[0][1])
