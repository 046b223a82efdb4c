"""What other processes may ask of the owner; every call ends in the ledger or in a plain answer."""

import asyncio
from collections.abc import Callable
from functools import partial
from typing import Any

import msgspec
import sqlalchemy as sa

from gehoor.core.alert import judge_alert
from gehoor.core.errors import SettingError
from gehoor.core.example import Origin
from gehoor.core.forget import Forgotten, forget
from gehoor.core.outbox import again, emit
from gehoor.core.page import RawPage
from gehoor.core.person_value import PeopleFit
from gehoor.core.refit import Refit
from gehoor.core.settings import load
from gehoor.core.settings_write import write_settings
from gehoor.core.story_claim import say_claim
from gehoor.core.warned import Delay
from gehoor.know.audit import note_decision
from gehoor.run.about import is_about, say_about
from gehoor.run.again import try_again
from gehoor.run.alert_said import acknowledge, give_role, miss, snooze
from gehoor.run.audience import act_on_audience
from gehoor.run.backup import back_up
from gehoor.run.correcting import answer, correct, skip, take_back, unsay
from gehoor.run.desk import act_on_desk
from gehoor.run.desk_survey import said_of_help
from gehoor.run.dropped import bring_back, replay_dropped
from gehoor.run.loyalty import count_loyalty
from gehoor.run.mirror.forgotten import forget_in_mirror
from gehoor.run.mirror.told import act_on_mirror
from gehoor.run.people_look import note_people_look
from gehoor.run.people_night import count_people, people_step
from gehoor.run.person import act_on_person
from gehoor.run.refit import refit, roll_back
from gehoor.run.team import act_on_team
from gehoor.run.trial_message import trial_key, trial_message
from gehoor.run.warn_proof import measure_delay
from gehoor.run.workplace import Workplace

__all__ = ["Calls"]

_DECIDED = {
    "correct", "answer", "unsay", "judge_alert", "acknowledge_alert", "snooze_alert", "give_role", "miss_alert",
    "say_claim", "retry_entry", "configure", "reload", "restart_source", "replay_rejects", "replay_dropped",
    "bring_back", "refit", "roll_back", "forget",
}  # fmt: skip


class Calls:
    """Answers `hear status flush correct forget rebuild replay_rejects backup stop` and what stands below."""

    def __init__(self, owner: Workplace) -> None:
        self._owner = owner

    async def handle(self, op: str, arguments: dict[str, Any]) -> Any:
        """Do what is asked and return a plain value; what a member decides (`said_by`) is noted in the audit log."""
        action = getattr(self, f"_{op}", None)
        if action is None:
            raise SettingError(f"The owner knows no {op!r}.")
        rest = {name: value for name, value in arguments.items() if name != "said_by"}
        said_by = arguments.get("said_by")
        if said_by and isinstance(rest.get("arguments"), dict):  # these acts note by themselves who did them
            rest["arguments"] = {"said_by": said_by, **rest["arguments"]}
        value = await action(**rest)
        if said_by and op in _DECIDED:
            at = self._owner.clock.now()
            noted = partial(note_decision, act=op, at=at, said_by=said_by)
            await self._owner.on_writer(lambda: self._in_store(noted))
        return msgspec.to_builtins(value)

    async def _hear(self, page: dict[str, Any]) -> Any:
        return await self._owner.hear(msgspec.convert(page, RawPage))

    async def _status(self) -> dict[str, Any]:
        return self._owner.status()

    async def _flush(self) -> int:
        """Write everything that waits, history parts too; return the offset."""
        projector = self._owner.projector
        await self._owner.on_writer(lambda: projector.flush(everything=True))
        return projector.ledger.last_seq

    async def _survey(self, token: str, score: int, words: str) -> bool:
        """Take in what somebody says of the help they got."""
        return bool(await self._owner.on_writer(lambda: said_of_help(self._owner, token, score, words)))

    async def _correct(self, seq: int, column: str, value: str, *, undo: bool = False) -> int:
        """Put another judgement on a post; or take that back."""
        if is_about(column):
            return int(await self._owner.on_writer(lambda: say_about(self._owner, seq, column, value, undo=undo)))
        act = take_back if undo else correct
        return int(await self._owner.on_writer(lambda: act(self._owner, seq, {column: value})))

    async def _answer(self, seq: int, answers: dict[str, str], origin: Origin) -> int:
        """Take in what a person says of a post that the queue showed."""
        return int(await self._owner.on_writer(lambda: answer(self._owner, seq, answers, origin)))

    async def _skip(self, seq: int, tasks: list[str], origin: Origin) -> bool:
        """Note that a post was shown, and nothing said of it."""
        return bool(await self._owner.on_writer(lambda: skip(self._owner, seq, tasks, origin)))

    async def _unsay(self, seq: int) -> int:
        """Take back all that was said of a post."""
        return int(await self._owner.on_writer(lambda: unsay(self._owner, seq)))

    async def _refit(self, tasks: list[str] | None = None, *, wait: bool = False) -> list[Refit]:
        """Let heads learn from corrections now; return at once, or the lines of the log when they have."""
        learning = asyncio.ensure_future(refit(self._owner, tasks))
        if wait:
            return await learning
        learning.add_done_callback(lambda done: done.cancelled() or done.exception())
        await asyncio.sleep(0)  # what cannot begin is said
        return learning.result() if learning.done() else []

    async def _roll_back(self, task: str, version: int | None = None) -> Refit:
        """Let another version of a head judge: by default the one before."""
        line: Refit = await self._owner.on_writer(lambda: roll_back(self._owner, task, version))
        return line

    async def _forget(self, channel: str, actor: str) -> Forgotten:
        owner = self._owner
        done: Forgotten = await owner.on_writer(
            lambda: forget(owner.root, owner.projector, channel, actor, owner.clock.now())
        )
        await forget_in_mirror(owner)
        return done

    async def _person(self, act: str, arguments: dict[str, Any]) -> Any:
        """Look at a person, or do with them what `run.person` knows; it is noted."""
        done = await self._owner.on_writer(lambda: act_on_person(self._owner, act, arguments))
        if act == "forget":
            await forget_in_mirror(self._owner)
        return done

    async def _people_look(self, arguments: dict[str, Any]) -> bool:
        """Note that somebody looks for people, or at a list of them."""
        return bool(await self._owner.on_writer(lambda: note_people_look(self._owner, arguments)))

    async def _segment(self, act: str, arguments: dict[str, Any]) -> Any:
        """Keep, drop or export a group of people, as `run.audience` knows."""
        return await self._owner.on_writer(lambda: act_on_audience(self._owner, act, arguments))

    async def _team(self, act: str, arguments: dict[str, Any]) -> Any:
        """Change who is in the team, or log somebody in or out, as `run.team` knows."""
        return await self._owner.on_writer(lambda: act_on_team(self._owner, act, arguments))

    async def _mirror(self, act: str, arguments: dict[str, Any]) -> Any:
        """Make an edition, or note what people tell the mirror, as `run.mirror.told` knows."""
        return await act_on_mirror(self._owner, act, arguments)

    async def _desk(self, act: str, arguments: dict[str, Any]) -> Any:
        """Do what somebody of the team decides at the desk, as `run.desk` knows."""
        return await act_on_desk(self._owner, act, arguments)

    async def _loyalty(self) -> int:
        """Count how loyal people are now."""
        return await count_loyalty(self._owner)

    async def _count_people(self, *, wait: bool = False) -> PeopleFit | None:
        """Count what customers are worth; return at once, or how it was counted when it is."""
        counting = asyncio.ensure_future(count_people(self._owner))
        if wait:
            return await counting
        counting.add_done_callback(lambda done: done.cancelled() or done.exception())
        await asyncio.sleep(0)  # what cannot begin is said
        return counting.result() if counting.done() else None

    async def _people_step(self) -> str | None:
        """Return which step of counting customers goes on."""
        return people_step(self._owner.root)

    async def _rebuild(self, name: str) -> int:
        return int(await self._owner.on_writer(lambda: self._owner.projector.rebuild(name)))

    async def _replay_rejects(self, source: str | None = None) -> dict[str, int]:
        return await try_again(self._owner, source)

    async def _replay_dropped(self, source: str | None = None) -> dict[str, int]:
        return await replay_dropped(self._owner, source)

    async def _bring_back(self, handles: list[str]) -> dict[str, int]:
        return await bring_back(self._owner, handles)

    async def _backup(self, target: str) -> dict[str, Any]:
        return await back_up(self._owner, target)

    async def _configure(self, text: str, digest: str | None = None) -> bool:
        """Put a whole `gehoor.toml` in the place of the one that is there (that of a digest), and go on with it."""
        await self._owner.take_over(write_settings(self._owner.root, text, digest))
        return True

    async def _reload(self) -> bool:
        """Go on with `gehoor.toml` as somebody wrote it, by hand or with `gehoor add`."""
        await self._owner.take_over(load(self._owner.root))
        return True

    async def _restart_source(self, name: str) -> bool:
        await self._owner.restart_source(name)
        return True

    async def _judge_alert(self, alert: str, verdict: str) -> bool:
        """Note what a person said of an alert: `real`, `false`, or nothing."""
        if verdict not in ("real", "false", ""):
            raise SettingError(f"An alert is real or false, not {verdict!r}.")
        return bool(
            await self._owner.on_writer(lambda: self._in_store(partial(judge_alert, id_=alert, verdict=verdict)))
        )

    async def _acknowledge_alert(self, alert: str, *, undo: bool = False) -> bool:
        """Note that somebody looks after an alert."""
        return await acknowledge(self._owner, alert, undo=undo)

    async def _snooze_alert(self, alert: str, minutes: int) -> bool:
        """Be still about an alert for some minutes."""
        return await snooze(self._owner, alert, minutes)

    async def _say_claim(self, topic: int, verdict: str, note: str) -> bool:
        """Note whether what is said in a topic is true, as somebody knows."""
        said = partial(say_claim, topic=topic, verdict=verdict, note=note, at=self._owner.clock.now())
        return bool(await self._owner.on_writer(lambda: self._in_store(said)))

    async def _give_role(self, channel: str, actor: str, role: str | None = None) -> bool:
        """Note who somebody is."""
        return await give_role(self._owner, channel, actor, role)

    async def _miss_alert(self, brand: str, at: int, *, undo: bool = False) -> bool:
        """Note that an alarm should have come."""
        return await miss(self._owner, brand, at, undo=undo)

    async def _measure_alerts(self, *, wait: bool = False) -> Delay | None:
        """Measure how late alarms are here; return at once, or what was found when it is."""
        measuring = asyncio.ensure_future(measure_delay(self._owner))
        if wait:
            return await measuring
        measuring.add_done_callback(lambda done: done.cancelled() or done.exception())
        await asyncio.sleep(0)  # what cannot begin is said
        return measuring.result() if measuring.done() else None

    async def _retry_entry(self, key: str) -> bool:
        """Send once more what failed or may have arrived: a person decided so."""
        return bool(await self._owner.on_writer(lambda: self._in_store(partial(again, key=key))))

    async def _send_test(self, sender: str) -> str:
        """Have a sender send a message by which somebody sees that it arrives; return its key."""
        owner = self._owner
        message = trial_message(load(owner.root), sender, owner.clock)
        key, payload = trial_key(sender, owner.clock), msgspec.json.encode(message)
        await owner.on_writer(lambda: self._in_store(partial(emit, key=key, channel=sender, payload=payload)))
        return key

    def _in_store(self, action: Callable[[sa.Connection], Any]) -> Any:
        with self._owner.projector.engine.begin() as tx:
            return action(tx)

    async def _stop(self) -> bool:
        self._owner.stop()
        return True
