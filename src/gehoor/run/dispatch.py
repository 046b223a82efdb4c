"""Takes what waits in the outbox to its senders: once per key, later when nobody answers, never blindly again."""

import asyncio
from collections.abc import Awaitable, Callable
from functools import partial
from typing import Any, Literal, NamedTuple, Protocol

import msgspec

from gehoor.core import registry
from gehoor.core.clock import SECOND_US, Clock, ReplayClock
from gehoor.core.errors import ContractError, SettingError, TransientError
from gehoor.core.message import Delivery, Message
from gehoor.core.outbox import Entry, claim, postpone, recover, settle_entry
from gehoor.core.projector import Projector
from gehoor.core.settings import Settings
from gehoor.run.alerting import put_in_outbox

__all__ = ["Dispatcher"]

_SEND_S, _GOODBYE_S = 60.0, 5.0
_FIRST_PAUSE_S, _LONGEST_PAUSE_S = 2.0, 600.0
_MOST_TRIES = 200  # at ten minutes a try a day and a half: what nobody takes by then is no news any more


class _Outcome(NamedTuple):
    """What became of one try: a state of the outbox, or `later`."""

    state: Literal["sent", "unknown", "failed", "later"]
    words: str
    wait_s: float = 0.0


class Place(Protocol):
    """What a dispatcher needs of its owner."""

    clock: Clock
    projector: Projector

    def on_writer(self, action: Callable[[], Any]) -> Awaitable[Any]:
        """Run something between two commits."""
        ...


class Dispatcher:
    """Sends what is due, each sender on its own: one that hangs or refuses delays no other.

    Parameters
    ----------
    place : Place
        The owner.
    settings : Settings
        Of the workspace: its `[senders.<name>]`.
    """

    def __init__(self, place: Place, settings: Settings) -> None:
        self._place, self._settings = place, settings
        self._senders = {
            name: registry.load("senders", part.type)(name, part.options, place.clock)
            for name, part in settings.senders.items()
        }
        self._busy: dict[str, asyncio.Task[None]] = {}

    def recover(self) -> None:
        """Take up what a crash left being sent; before the first `run` of an owner."""
        keyed = [name for name, sender in self._senders.items() if sender.takes_key]
        with self._place.projector.engine.begin() as tx:
            recover(tx, keyed)

    async def finish(self) -> None:
        """Let what is under way be sent and noted, for some seconds; what is cut off then is `unknown`."""
        if self._busy:
            await asyncio.wait(self._busy.values(), timeout=_GOODBYE_S)
        for task in self._busy.values():
            task.cancel()
        await asyncio.gather(*self._busy.values(), return_exceptions=True)

    async def round(self) -> None:
        """Begin to send what is due, by every sender that has its hands free."""
        self._busy = {name: task for name, task in self._busy.items() if not task.done()}
        free = [name for name in self._senders if name not in self._busy]
        if not free:
            return
        due: list[Entry] = await self._place.on_writer(lambda: self._claim(free))
        for name in {entry.channel for entry in due}:
            mine = [entry for entry in due if entry.channel == name]
            self._busy[name] = asyncio.get_running_loop().create_task(self._send_all(mine))

    def _claim(self, channels: list[str]) -> list[Entry]:
        now = self._place.clock.now()
        with self._place.projector.engine.begin() as tx:
            put_in_outbox(tx, self._settings, now)
            return claim(tx, now, limit=20, channels=channels)

    async def _send_all(self, due: list[Entry]) -> None:
        for entry in due:
            outcome = await self._send(entry)
            await self._place.on_writer(partial(self._note, entry, outcome))

    def _note(self, entry: Entry, outcome: _Outcome) -> None:
        is_over = outcome.state == "later" and entry.n_tries >= _MOST_TRIES
        with self._place.projector.engine.begin() as tx:
            if outcome.state == "later" and not is_over:
                postpone(tx, entry.key, self._place.clock.now() + _pause_us(entry, outcome), outcome.words)
            else:
                settle_entry(tx, entry.key, "failed" if outcome.state == "later" else outcome.state, outcome.words)

    async def _send(self, entry: Entry) -> _Outcome:
        """Send one entry, and return what is to be noted of it."""
        if isinstance(self._place.clock, ReplayClock):
            return _Outcome("failed", "Nothing is sent while a past is lived again.")
        sender = self._senders[entry.channel]
        unsure: Literal["later", "unknown"] = "later" if sender.takes_key else "unknown"
        try:
            message = msgspec.json.decode(entry.payload, type=Message)
            async with asyncio.timeout(_SEND_S):
                found: Delivery = await sender.send(message, entry.key)
        except TransientError as error:
            return _Outcome("later", str(error), error.retry_after_s or 0.0)
        except TimeoutError:
            return _Outcome(unsure, "No answer within a minute: it may have arrived.")
        except (SettingError, ContractError, msgspec.DecodeError) as error:
            return _Outcome("failed", str(error))
        except Exception as error:  # noqa: BLE001  # around a part: a sender that breaks stops no other
            return _Outcome("unknown", f"{entry.channel} broke ({type(error).__name__}: {error}). Please report it.")
        return _Outcome(unsure if found.state == "unknown" else "sent", found.receipt)


def _pause_us(entry: Entry, outcome: _Outcome) -> int:
    pause_s: float = min(_FIRST_PAUSE_S * 2 ** min(entry.n_tries - 1, 20), _LONGEST_PAUSE_S)
    return round(max(pause_s, outcome.wait_s) * SECOND_US)
