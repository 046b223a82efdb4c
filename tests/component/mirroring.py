"""What tests of the mirror share: a shop whose people talk, ask, buy and stay away, day after day, as we please."""

from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from zoneinfo import ZoneInfo

import msgspec
import numpy as np

from gehoor.core.clock import DAY_US, SECOND_US
from gehoor.core.edition import Edition, Period
from gehoor.core.mirror_quotes import with_quotes
from gehoor.core.reader import Reader
from gehoor.core.record import Activity
from gehoor.core.settings import load
from gehoor.run.mirror.keep import keep
from gehoor.run.mirror.make import Making
from gehoor.web.mirror_shown import ACCENT, Look
from gehoor.web.mirror_text import MirrorText
from gehoor.web.speech import Speech
from tests.cast import NOON
from tests.component.hearing import Hearing
from tests.component.keeping import Keeping

__all__ = ["TODAY", "crowd", "edition", "heard", "ordered", "our_post", "said", "told"]

TODAY = NOON // DAY_US
_HOUR_US = 3_600 * SECOND_US
TOML = '[workspace]\nname = "Noordvlucht"\n[brands.noordvlucht]\nterms = ["noordvlucht"]\nlabel = "Noordvlucht"\n'


def said(
    who: int, day: int, text: str = "Vandaag met noordvlucht", *, channel: str = "mastodon", to: str | None = None,
    ahead_s: int = 0,
) -> Activity:  # fmt: skip
    """Return what somebody says, so many days before today, at ten in the morning."""
    at = NOON - day * DAY_US - 2 * _HOUR_US - ahead_s * SECOND_US
    return Activity(id=f"{who}-{day}-{text[:9]}", published=at, received=at, channel=channel, actor=f"{channel}-{who}",
                    text=text, in_reply_to=to)  # fmt: skip


def our_post(
    day: int, text: str, *, to: str | None = None, views: int | None = None, channel: str = "mastodon"
) -> Activity:
    """Return what we say, an hour later."""
    at = NOON - day * DAY_US - _HOUR_US
    return Activity(id=f"ours-{day}-{to}-{text[:9]}", published=at, received=at, channel=channel, actor="ours",
                    direction="out", text=text, in_reply_to=to, views=views)  # fmt: skip


def ordered(who: int, day: int, brand: str | None = None, n: int = 0) -> Activity:
    """Return an order."""
    at = NOON - day * DAY_US - 3 * _HOUR_US
    return Activity(id=f"order-{who}-{day}-{n}", type="Track", object=f"{who}-{day}-{n}", published=at, received=at,
                    channel="shop", actor=f"klant-{who}", event="Order Completed", value=20.0, currency="EUR",
                    brand=brand)  # fmt: skip


def crowd(
    n: int, days: Iterable[int], p: float = 0.2, *, channel: str = "mastodon", seed: int = 1
) -> Iterator[Activity]:
    """Yield what n people say, each day each with probability p."""
    rng = np.random.default_rng(seed)
    for day in sorted(days, reverse=True):
        for who in np.flatnonzero(rng.random(n) < p).tolist():
            yield said(who, day, f"Dag {day} van {who} met noordvlucht {rng.integers(1 << 30)}", channel=channel)


def heard(root: Path, activities: Iterable[Activity], toml: str = TOML) -> Hearing:
    """Return a workspace that heard it, in the order of time."""
    hearing = Hearing(root, toml)
    found = sorted(activities, key=lambda one: one.received)
    for start in range(0, len(found), 4_000):
        hearing.hear(found[start : start + 4_000])
    return hearing


def edition(
    hearing: Hearing | Keeping, back: int = 1, period: Period = "day", brand: str = "", *, now: int = NOON
) -> Edition:
    """Make an edition of a day, keep it as the owner does, and return it as pages read it."""
    reader = Reader(hearing.root)
    try:
        making = Making(load(hearing.root), reader, now)
        made = making.editions(brand, making.today - back, [period])
        keep(hearing.projector.engine, hearing.root, [made])
        found: Sequence[Edition] = made.editions
        assert msgspec.json.decode(msgspec.json.encode(found[0]), type=Edition) == found[0]
        return with_quotes(reader, found[0])
    finally:
        reader.close()


def told(found: Edition) -> str:
    """Return an edition as an English reader reads it at a terminal, on one line."""
    text = MirrorText(found, Speech("en", ZoneInfo("Europe/Amsterdam")), Look({}, "Noordvlucht", ACCENT))
    return " ".join(str(text).split())
