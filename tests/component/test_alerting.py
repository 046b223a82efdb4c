"""Alerts that arrive: each person once a story, louder when nobody looks after it; also across a crash."""

import asyncio
from pathlib import Path
from typing import Any

import msgspec
import pytest

from gehoor.core.alert import Alert, Quote, write_alert
from gehoor.core.clock import SECOND_US
from gehoor.core.message import Message
from gehoor.core.outbox import claim
from gehoor.run.calls import Calls
from tests.cast import NOON
from tests.component.test_senders import Desk, Hook, _hook_toml

MINUTE_US = 60 * SECOND_US
PEOPLE = """
[alerts.people.anna]
by = ["hook", "loud"]
quiet = "22:00-07:00"
[alerts.people.board]
by = ["hook"]
from_level = 3
[alerts.people.ben]
by = ["loud"]
after_minutes = 30
"""
STORM = Alert(
    id="noordvlucht/help/1", brand="noordvlucht", measure="help", level=2, began_at=NOON - MINUTE_US, detected_at=NOON,
    n=60, expected=2.0, peak_per_minute=20.0, normal_per_minute=0.1, probability=0.999,
    first=Quote(seq=1, actor="a", actor_name="Gate D", channel="m", event_at=NOON, text="Gate D is leeg"),
)  # fmt: skip


class Watched:
    """A workspace with people who are told, and a webhook that takes everything."""

    def __init__(self, root: Path, url: str) -> None:
        self.hook_toml = _hook_toml(url)
        self.root = root
        self.desk = self._open()

    def _open(self) -> Desk:
        toml = self.hook_toml + self.hook_toml.replace("[senders.hook]", "[senders.loud]") + PEOPLE
        return Desk(self.root, toml)

    def alert(self, **changes: Any) -> Alert:
        """Write an alert as warn does."""
        alert = msgspec.structs.replace(STORM, **changes)
        with self.desk.place.projector.engine.begin() as tx:
            write_alert(tx, alert)
        return alert

    def after(self, minutes: float) -> list[str]:
        """Let time pass, and return the keys of all that was sent or waits."""
        self.desk.clock.advance(60 * minutes)
        return list(self.desk.send(rounds=2))

    async def ask(self, op: str, **arguments: Any) -> Any:
        """Decide something, as a page does."""
        return await Calls(self.desk.place).handle(op, arguments)

    def crash(self) -> None:
        """Stop as a kill does between a claim and its sending, and start again."""
        clock = self.desk.clock
        with self.desk.place.projector.engine.begin() as tx:
            claim(tx, clock.now())
        self.desk.place.close()
        self.desk = self._open()
        self.desk.clock.advance((clock.now() - NOON) / SECOND_US)
        self.desk.dispatcher.recover()


@pytest.fixture
def hook() -> Hook:
    """What the people of the workspace receive."""
    return Hook()


def test_each_person_is_told_once_louder_and_then_the_next_until_somebody_looks_after_it(
    tmp_path: Path, hook: Hook
) -> None:
    with hook.serving() as url:
        warning = Watched(tmp_path / "w", url)
        warning.alert()
        first = f"alert:{STORM.id}:anna:0"
        assert warning.after(0) == [first]
        assert warning.after(10) == [first]
        assert warning.after(5) == [first, f"alert:{STORM.id}:anna:1"]
        assert warning.after(20) == [first, f"alert:{STORM.id}:anna:1", f"alert:{STORM.id}:ben:0"]
        warning.desk.place.close()
    assert len(hook.seen) == 3


def test_nobody_else_is_woken_once_somebody_looks_after_it(tmp_path: Path, hook: Hook) -> None:
    with hook.serving() as url:
        warning = Watched(tmp_path / "w", url)
        warning.alert()
        warning.after(0)
        assert asyncio.run(warning.ask("acknowledge_alert", alert=STORM.id))
        assert warning.after(45) == [f"alert:{STORM.id}:anna:0"]
        asyncio.run(warning.ask("acknowledge_alert", alert=STORM.id, undo=True))
        assert len(warning.after(0)) == 3
        warning.desk.place.close()


def test_a_crash_between_claim_and_sending_neither_loses_nor_doubles_it(tmp_path: Path, hook: Hook) -> None:
    with hook.serving() as url:
        warning = Watched(tmp_path / "w", url)
        warning.alert()
        warning.after(0)
        warning.desk.clock.advance(15 * 60)
        warning.crash()
        warning.after(0)
        warning.crash()
        keys = warning.after(1)
        warning.desk.place.close()
    assert keys == [f"alert:{STORM.id}:anna:0", f"alert:{STORM.id}:anna:1"]
    assert sorted({headers["webhook-id"] for headers, _ in hook.seen}) == keys


def test_a_second_burst_of_the_same_story_is_told_to_nobody_again_and_a_crisis_is(tmp_path: Path, hook: Hook) -> None:
    with hook.serving() as url:
        warning = Watched(tmp_path / "w", url)
        warning.alert(ended_at=NOON + MINUTE_US)
        warning.after(0)
        again = {"id": "noordvlucht/posts/2", "measure": "posts", "began_at": NOON + 3 * MINUTE_US}
        warning.alert(**again, detected_at=NOON + 4 * MINUTE_US)
        assert warning.after(5) == [f"alert:{STORM.id}:anna:0"]
        warning.alert(**again, detected_at=NOON + 4 * MINUTE_US, level=3, rose_at=NOON + 6 * MINUTE_US)
        keys = warning.after(2)
        warning.desk.place.close()
    assert keys == [
        f"alert:{STORM.id}:anna:0",
        "alert:noordvlucht/posts/2:anna:0:crisis",
        "alert:noordvlucht/posts/2:board:0:crisis",
    ]
    stories = {msgspec.json.decode(body)["story"] for _, body in hook.seen}
    assert stories == {STORM.id}


def test_who_was_told_hears_when_it_is_over_unless_it_was_no_alarm(tmp_path: Path, hook: Hook) -> None:
    with hook.serving() as url:
        warning = Watched(tmp_path / "w", url)
        warning.alert()
        warning.after(0)
        warning.alert(ended_at=NOON + 5 * MINUTE_US)
        assert warning.after(12) == [f"alert:{STORM.id}:anna:0"]
        assert f"over:{STORM.id}:anna:0" in warning.after(4)
        warning.after(5)
        warning.desk.place.close()
    told = [msgspec.json.decode(body) for _, body in hook.seen]
    assert [one["type"] for one in told] == ["alert.began", "alert.ended"]
    assert "Voorbij om 14:05" in told[1]["text"]


def test_message_says_what_since_when_how_sure_and_who_began(tmp_path: Path, hook: Hook) -> None:
    with hook.serving() as url:
        warning = Watched(tmp_path / "w", url)
        warning.alert()
        warning.after(0)
        warning.desk.place.close()
    message = msgspec.convert(msgspec.json.decode(hook.seen[0][1]) | {"at": 0}, Message, strict=False)
    assert message.title == "Ernstig: noordvlucht: vragen om hulp, 30 keer zo veel als anders"
    for said in ("Sinds 13:59", "minder dan eens in de 10 jaar", "De eerste stem", "Gate D is leeg"):
        assert said in message.text
