"""By which way an answer leaves for a channel, and how much fits."""

from collections.abc import Callable

import msgspec

from gehoor.core.clock import Clock
from gehoor.core.registry import load
from gehoor.core.settings import Settings
from gehoor.listen.base import Replier

__all__ = ["Way", "way_of"]


class Way(msgspec.Struct, frozen=True):
    """A replier: its name, how many characters fit (None: any number), and how the channel counts them."""

    name: str
    most: int | None
    length: Callable[[str], int]


def way_of(settings: Settings, channel: str, clock: Clock) -> Way | None:
    """Return the way to a channel; None where none was set."""
    for name, part in settings.repliers.items():
        kind = load("repliers", part.type)
        if kind.channel == channel:
            replier: Replier = kind(name, part.options, clock)
            return Way(name, replier.most, replier.length)
    return None
