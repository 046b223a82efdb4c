"""Takes what waits in the outbox where it goes: once per key, later when nobody answers, never blindly again."""

import asyncio
from functools import partial

import sqlalchemy as sa

from gehoor.core import registry
from gehoor.core.clock import SECOND_US, ReplayClock
from gehoor.core.outbox import Entry, State, claim, entries, postpone, recover, settle_entry
from gehoor.core.reply import replier_of, reply_channel
from gehoor.core.settings import Settings
from gehoor.listen.base import Sender
from gehoor.listen.pretend_reply import PretendReplier
from gehoor.run.alerting import put_in_outbox
from gehoor.run.case_pace import leave_crossed
from gehoor.run.desk_send import outcome as note_outcome
from gehoor.run.desk_send import sync_replies
from gehoor.run.doubts import Doubts
from gehoor.run.repliers import make_repliers
from gehoor.run.sending import Outcome, pause_us, send_message, send_reply
from gehoor.run.webhooks import tell_webhooks, webhook_senders
from gehoor.run.workplace import Workplace

__all__ = ["Dispatcher"]

_GOODBYE_S = 5.0
_MOST_TRIES = 200  # at ten minutes a try a day and a half: what nobody takes by then is no news any more
_IN_A_ROW = 20


class Dispatcher:
    """Sends what is due, each sender and replier on its own: one that hangs or refuses delays no other.

    A reply that may have left is `unknown` and is looked up: then it is noted as sent, or waits again because it never
    arrived, or stays `unknown` where the channel cannot tell, until a person decides.

    Parameters
    ----------
    place : Workplace
        The owner.
    settings : Settings
        Of the workspace: its `[senders.<name>]` and `[repliers.<name>]`.
    """

    def __init__(self, place: Workplace, settings: Settings) -> None:
        self._place, self._settings = place, settings
        self._senders: dict[str, Sender] = {
            name: registry.load("senders", part.type)(name, part.options, place.clock)
            for name, part in settings.senders.items()
        } | webhook_senders(settings, place.clock)
        made = make_repliers(settings, place.clock)
        self._repliers = {reply_channel(name): replier for name, replier in made.items()}
        self._busy: dict[str, asyncio.Task[None]] = {}
        self._closed_until: dict[str, int] = {}
        self._doubts = Doubts(place, self._repliers)
        self._is_begun = False

    def recover(self) -> None:
        """Take up what a crash left being sent; before the first `run` of an owner."""
        keyed = [name for name, sender in self._senders.items() if sender.takes_key]
        with self._place.projector.engine.begin() as tx:
            recover(tx, keyed)
            sync_replies(tx)

    async def finish(self) -> None:
        """Let what is under way be sent and noted, for some seconds; what is cut off then is `unknown`."""
        if self._busy:
            await asyncio.wait(self._busy.values(), timeout=_GOODBYE_S)
        for task in self._busy.values():
            task.cancel()
        await asyncio.gather(*self._busy.values(), return_exceptions=True)

    async def round(self) -> None:
        """Begin to send what is due, by everyone that has its hands free."""
        if not self._is_begun:
            await self._begin()
        self._busy = {name: task for name, task in self._busy.items() if not task.done()}
        now = self._place.clock.now()
        known = (*self._senders, *self._repliers)
        free = [name for name in known if name not in self._busy and self._closed_until.get(name, 0) <= now]
        if not free:
            return
        due: list[Entry] = await self._place.on_writer(lambda: self._claim(free))
        in_doubt = self._doubts.due(free)
        for name in {entry.channel for entry in (*due, *in_doubt)}:
            looked = [entry for entry in in_doubt if entry.channel == name]
            mine = [entry for entry in due if entry.channel == name]
            self._busy[name] = asyncio.get_running_loop().create_task(self._work(name, looked, mine))

    async def _begin(self) -> None:
        self._is_begun = True
        if isinstance(self._place.clock, ReplayClock):
            return
        for entry in await self._place.on_writer(self._take_stock):
            self._doubts.add(entry, wait_s=0.0)

    def _take_stock(self) -> list[Entry]:
        """Return the replies of which we do not know whether they left; give up what nobody is there to send."""
        with self._place.projector.engine.begin() as tx:
            for entry in entries(tx, ("waiting",)):
                name = replier_of(entry.channel)
                if name is not None and entry.channel not in self._repliers:
                    words = f"There is no replier {name} any more: add it under Settings, and send this again."
                    self._settle(tx, entry, Outcome("failed", words))
            return self._doubts.read(tx)

    def _claim(self, channels: list[str]) -> list[Entry]:
        """Take one entry of each channel: a crash leaves no more in doubt than were on their way."""
        now = self._place.clock.now()
        with self._place.projector.engine.begin() as tx:
            put_in_outbox(tx, self._settings, now)
            tell_webhooks(tx, self._settings)
            leave_crossed(tx, now)
            return [entry for name in channels for entry in claim(tx, now, limit=1, channels=[name])]

    def _next(self, name: str) -> list[Entry]:
        """Take the next entry of a channel that is at work."""
        now = self._place.clock.now()
        with self._place.projector.engine.begin() as tx:
            leave_crossed(tx, now)
            return claim(tx, now, limit=1, channels=[name])

    async def _work(self, name: str, in_doubt: list[Entry], due: list[Entry]) -> None:
        for entry in in_doubt:
            await self._doubts.clear(entry)
        n, is_closed = 0, False
        while due:
            [entry] = due
            outcome = await self._send(entry)
            if name in self._repliers and outcome.state == "later" and outcome.wait_s:
                is_closed = True  # the channel asks us to wait: that is said of all, not of this answer
                self._closed_until[name] = self._place.clock.now() + round(outcome.wait_s * SECOND_US)
            await self._place.on_writer(partial(self._note, entry, outcome))
            if name in self._repliers and outcome.state == "unknown":
                self._doubts.add(entry)
            n += 1
            due = [] if is_closed or n == _IN_A_ROW else await self._place.on_writer(partial(self._next, name))

    async def _send(self, entry: Entry) -> Outcome:
        """Send one entry, and return what is to be noted of it."""
        replier = self._repliers.get(entry.channel)
        if isinstance(self._place.clock, ReplayClock) and not isinstance(replier, PretendReplier):
            return Outcome("failed", "Nothing is sent while a past is lived again.")
        if replier is not None:
            return await send_reply(replier, entry)
        return await send_message(self._senders[entry.channel], entry)

    def _note(self, entry: Entry, outcome: Outcome) -> None:
        with self._place.projector.engine.begin() as tx:
            if outcome.state == "later" and entry.n_tries < _MOST_TRIES:
                not_before = self._place.clock.now() + pause_us(entry.n_tries, outcome)
                postpone(tx, entry.key, not_before, outcome.words)
            else:
                self._settle(tx, entry, outcome)

    def _settle(self, tx: sa.Connection, entry: Entry, outcome: Outcome) -> None:
        state: State = outcome.state if outcome.state in ("sent", "unknown") else "failed"
        settle_entry(tx, entry.key, state, outcome.words)
        note_outcome(tx, entry.key, state, outcome.words, outcome.delivery)
