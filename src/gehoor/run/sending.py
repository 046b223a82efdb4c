"""One try to send something, or to look it up: what the other side said, as what is to be noted of it."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import Literal, NamedTuple

import msgspec

from gehoor.core.clock import SECOND_US
from gehoor.core.errors import ContractError, SettingError, TransientError
from gehoor.core.message import Delivery, Message
from gehoor.core.outbox import Entry
from gehoor.core.reply import Reply
from gehoor.listen.base import Replier, Sender

__all__ = ["Outcome", "look_up", "pause_us", "send_message", "send_reply"]

Unsure = Literal["later", "unknown"]

_SEND_S = 60.0
_FIRST_PAUSE_S, _LONGEST_PAUSE_S = 2.0, 600.0


class Outcome(NamedTuple):
    """What became of one try.

    Attributes
    ----------
    state : str
        A state of the outbox; `later`: try again after `wait_s`; `absent`: a look-up found that it never arrived.
    words : str
        What the other side said.
    delivery : Delivery, optional
        Of what was sent.
    """

    state: Literal["sent", "unknown", "failed", "later", "absent"]
    words: str
    wait_s: float = 0.0
    delivery: Delivery | None = None


async def send_message(sender: Sender, entry: Entry) -> Outcome:
    """Send a message; what may have arrived is sent again only where the other side tells repeats by the key."""

    async def send() -> Delivery:
        return await sender.send(msgspec.json.decode(entry.payload, type=Message), entry.key)

    unsure: Unsure = "later" if sender.takes_key else "unknown"
    outcome = await _tried(entry, send, unsure)
    is_in_doubt = outcome.state == "unknown" and outcome.delivery is not None
    return outcome._replace(state=unsure) if is_in_doubt else outcome


async def send_reply(replier: Replier, entry: Entry) -> Outcome:
    """Send an answer; what may have arrived stays `unknown` until it was looked up."""

    async def send() -> Delivery:
        return await replier.reply(msgspec.json.decode(entry.payload, type=Reply), entry.key)

    return await _tried(entry, send, "unknown")


async def look_up(replier: Replier, entry: Entry) -> Outcome:
    """Look up an answer that may have arrived: `sent`, `absent`, `later` (look again), `unknown` (nobody can tell)."""

    async def look() -> Delivery | None:
        return await replier.find(msgspec.json.decode(entry.payload, type=Reply), entry.key)

    outcome = await _tried(entry, look, "later")
    return outcome._replace(state="unknown") if outcome.state == "failed" else outcome


async def _tried(entry: Entry, work: Callable[[], Awaitable[Delivery | None]], unsure: Unsure) -> Outcome:
    try:
        async with asyncio.timeout(_SEND_S):
            found = await work()
    except TransientError as error:
        return Outcome("later", str(error), error.retry_after_s or 0.0)
    except TimeoutError:
        return Outcome(unsure, "No answer within a minute: it may have arrived.")
    except (SettingError, ContractError, msgspec.DecodeError) as error:
        return Outcome("failed", str(error))
    except Exception as error:  # noqa: BLE001  # around a part: a sender that breaks stops no other
        return Outcome("unknown", f"{entry.channel} broke ({type(error).__name__}: {error}). Please report it.")
    if found is None:
        return Outcome("absent", "It never arrived, and is sent again.")
    return Outcome(found.state, found.receipt, delivery=found)


def pause_us(n_tries: int, outcome: Outcome) -> int:
    """Return how long to wait after so many tries: twice as long each time, or what the other side asked for."""
    pause_s: float = min(_FIRST_PAUSE_S * 2 ** min(n_tries - 1, 20), _LONGEST_PAUSE_S)
    return round(max(pause_s, outcome.wait_s) * SECOND_US)
