"""Which replier answers a message, how much fits there, and whether it can."""

import asyncio
from collections.abc import Callable
from typing import NamedTuple

import msgspec

from gehoor.core import registry
from gehoor.core.clock import Clock
from gehoor.core.errors import GehoorError, SettingError
from gehoor.core.reply import Able
from gehoor.core.settings import Part, Settings
from gehoor.listen.base import Replier

__all__ = ["Limit", "ReplierTrial", "limit_of", "limits", "make_repliers", "replier_for", "try_replier"]

_WAIT_S = 30.0


class Limit(NamedTuple):
    """How much fits in an answer: `length(text)` may be `most`; None: any number."""

    replier: str
    most: int | None
    length: Callable[[str], int]


class ReplierTrial(msgspec.Struct, frozen=True, kw_only=True):
    """Whether a replier can answer: as whom, or why it cannot; nothing was posted."""

    replier: str
    type: str
    able: Able | None = None
    trouble: str | None = None


def make_repliers(settings: Settings, clock: Clock) -> dict[str, Replier]:
    """Return the repliers of a workspace, by name."""
    return {name: _made(name, part, clock) for name, part in settings.repliers.items()}


def replier_for(settings: Settings, channel: str, heard_by: str | None) -> str:
    """Return the name of the replier that answers a message.

    One whose `sources` name who heard the message goes before one that answers its whole channel.

    Parameters
    ----------
    channel, heard_by : str
        As the message has them.

    Raises
    ------
    SettingError
        None answers there.
    """
    able = {name: part for name, part in settings.repliers.items() if _channel_of(part) == channel}
    for name, part in able.items():
        if heard_by is not None and heard_by in part.sources:
            return name
    for name, part in able.items():
        if not part.sources:
            return name
    if able:
        raise SettingError(
            f"What {heard_by or 'nobody we know of'} heard is answered by none of {', '.join(able)}: add it to the "
            "sources of one, or leave sources out."
        )
    kinds = [kind for kind in registry.names("repliers") if registry.load("repliers", kind).channel == channel]
    if not kinds:
        raise SettingError(f"Messages of {channel} cannot be answered from here: answer there, and note it.")
    raise SettingError(f"Nothing answers on {channel} yet: add it under Settings, or with gehoor add {kinds[0]}.")


def limit_of(settings: Settings, channel: str, heard_by: str | None, clock: Clock) -> Limit:
    """Return how much fits in an answer to a message; errors as of `replier_for`."""
    name = replier_for(settings, channel, heard_by)
    replier = _made(name, settings.repliers[name], clock)
    return Limit(name, replier.most, replier.length)


def limits(settings: Settings, clock: Clock) -> dict[str, int | None]:
    """Return by channel how many characters fit in an answer, where several answer the fewest; None: any number."""
    found: dict[str, int | None] = {}
    for replier in make_repliers(settings, clock).values():
        known = [most for most in (found.get(replier.channel), replier.most) if most is not None]
        found[replier.channel] = min(known, default=None)
    return found


def try_replier(settings: Settings, name: str, clock: Clock) -> ReplierTrial:
    """Ask the channel whether a replier may answer; nothing is posted."""
    part = settings.repliers[name]

    async def ask() -> Able:
        async with asyncio.timeout(_WAIT_S):
            return await _made(name, part, clock).check()

    try:
        return ReplierTrial(replier=name, type=part.type, able=asyncio.run(ask()))
    except TimeoutError:
        words = f"No answer within {_WAIT_S:.0f} seconds: try again later."
        return ReplierTrial(replier=name, type=part.type, trouble=words)
    except GehoorError as error:
        return ReplierTrial(replier=name, type=part.type, trouble=str(error))


def _made(name: str, part: Part, clock: Clock) -> Replier:
    replier: Replier = registry.load("repliers", part.type)(name, part.options, clock)
    return replier


def _channel_of(part: Part) -> str:
    channel: str = getattr(part.options, "channel", "") or registry.load("repliers", part.type).channel
    return channel
