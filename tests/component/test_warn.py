"""A burst in a whole ledger: warned of once, with who began it, and told once, whatever happens on the way."""

import dataclasses
import shutil
from collections.abc import Iterator
from pathlib import Path

import msgspec
import numpy as np
import pytest
import sqlalchemy as sa
from msgspec.structs import replace

from gehoor.core.alert import Alert, judge_alert
from gehoor.core.clock import SECOND_US
from gehoor.core.forget import forget
from gehoor.core.message import Message
from gehoor.core.outbox import Entry
from gehoor.core.reader import Reader
from gehoor.core.record import Activity
from gehoor.core.settings import Alerts, Part
from gehoor.core.store import open_store
from gehoor.core.tables.ledger import snapshot
from gehoor.listen.webhook import WebhookOptions
from gehoor.run.alerting import put_in_outbox
from gehoor.run.drill.scenario import read_scenario
from gehoor.run.drill.telling import Setting, tell_drill
from gehoor.run.stories import stories
from gehoor.run.story_rows import said_in
from gehoor.warn.counting import GRACE_S
from tests.cast import CRITIC, ECHO, FAN, LOYAL, NOON, STRANGER, WORRIED
from tests.component.keeping import Keeping, page_of

_HOUR_S = 3_600
_CROWD = (LOYAL, CRITIC, FAN, WORRIED, ECHO)
_SECRET = "whsec_Z2VoZWltZ2VoZWltZ2VoZWltZ2VoZWlt"
_ONSET_S = 30 * _HOUR_S


class Warned(Keeping):
    """A workspace that hears everything and tells one webhook."""

    def open(self) -> None:
        """Start, with somebody to tell."""
        hook = Part(type="webhook", options=WebhookOptions(url="https://voorbeeld.nl/h", secret=_SECRET))
        self.settings = replace(self.settings, senders={"hook": hook}, alerts=Alerts(to=("hook",)))
        super().open()

    def live(self, posts: list[Activity], until_s: float) -> None:
        """Hear posts as they come, a minute at a time, until a moment; flushed as an owner does."""
        while self.clock.now() < NOON + round(until_s * SECOND_US):
            low, high = self.clock.now(), self.clock.now() + 60 * SECOND_US
            page = [post for post in posts if low <= (post.published or 0) < high]
            if page:
                self.hear_page(page_of(page, received=max(post.received for post in page)))
            self.clock.advance(60)
            for _ in range(6):  # as often as it takes for the clock to close what nobody adds to
                self.projector.flush()
                with self.projector.engine.begin() as tx:
                    put_in_outbox(tx, self.settings, self.clock.now())

    def read(self) -> tuple[list[Alert], list[Entry]]:
        """Return alerts, newest first, and what is in the outbox for them."""
        reader = Reader(self.root)
        try:
            return reader.alerts(), reader.entries("alert:")
        finally:
            reader.close()


def _ordinary(until_s: float) -> list[Activity]:
    rng = np.random.default_rng(7)
    moments = np.cumsum(rng.exponential(120.0, int(until_s / 120 * 1.5)))
    return [
        _CROWD[n % len(_CROWD)].says(f"Gewone dag {n} op de lijn naar {n * 7 % 97}", id=f"o{n}", after_s=float(at))
        for n, at in enumerate(moments)
        if at < until_s
    ]


def _storm(at_s: float, n: int = 90, every_s: float = 2.0) -> list[Activity]:
    first = STRANGER.says("Gate D is leeg en niemand zegt iets, vliegt er nog iets?", id="first", after_s=at_s)
    rest = [
        _CROWD[k % len(_CROWD)].says(f"Sta hier met {k} man te wachten, wat is dit {k * 31 % 101}", id=f"s{k}",
                                     after_s=at_s + every_s * k)
        for k in range(1, n)
    ]  # fmt: skip
    return [first, *rest]


@pytest.fixture(scope="module")
def quiet(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A workspace after thirty ordinary hours."""
    root = tmp_path_factory.mktemp("quiet") / "workspace"
    warned = Warned(root)
    posts = _ordinary(_ONSET_S)
    for hour in range(30):
        page = [post for post in posts if hour * _HOUR_S <= (post.published or 0) / SECOND_US - NOON / SECOND_US
                < (hour + 1) * _HOUR_S]  # fmt: skip
        warned.hear_page(page_of(page))
        warned.clock.advance(_HOUR_S)
        warned.projector.flush()
    assert warned.read() == ([], [])
    warned.close()
    return root


@pytest.fixture
def warned(quiet: Path, tmp_path: Path) -> Iterator[Warned]:
    """A copy of the quiet workspace, opened at the moment at which the storm begins."""
    root = tmp_path / "workspace"
    shutil.copytree(quiet, root)
    warned = Warned(root)
    warned.clock.advance(_ONSET_S)
    yield warned
    warned.drop()


def test_a_second_matter_beside_a_burst_has_an_alert_a_story_and_a_message_of_its_own(warned: Warned) -> None:
    crowd = [dataclasses.replace(STRANGER, actor=f"reiziger{n}") for n in range(30)]
    second = [
        crowd[n % 30].says(f"De lader uit de bordwinkel smolt bij mij thuis, nummer {n}", id=f"l{n}",
                           after_s=_ONSET_S + 480 + 4 * n)
        for n in range(90)
    ]  # fmt: skip
    warned.live(sorted([*_storm(_ONSET_S, 300, 3.0), *second], key=lambda post: post.received), _ONSET_S + 840)
    alerts, entries = warned.read()
    other, first = alerts
    assert other.beside == first.id and other.lead is not None
    assert len(entries) == 2
    assert {entry.key for entry in entries} == {f"alert:{one.id}:hook" for one in alerts} or other.level == 3
    assert all("lader" in quote.text for quote in other.quotes)
    assert not any("lader" in quote.text for quote in first.quotes)
    reader = Reader(warned.root)
    mine = [story for story in stories(reader, warned.clock.now()) if story.alerts]
    assert {story.id for story in mine} == {first.id, other.id}
    assert len(said_in(reader, next(story for story in mine if story.id == other.id).base)) > 60
    reader.close()


def test_burst_is_warned_of_once_with_its_first_voice_and_told_once(warned: Warned) -> None:
    warned.live(_storm(_ONSET_S), _ONSET_S + 240)
    [alert], [entry] = warned.read()
    assert alert.first is not None
    assert alert.first.actor_name == STRANGER.name
    assert alert.detected_at - alert.began_at <= 60 * SECOND_US
    assert (NOON + _ONSET_S * SECOND_US) - 30 * SECOND_US <= alert.began_at <= NOON + (_ONSET_S + 60) * SECOND_US
    assert alert.n > 60 > alert.expected
    assert len(alert.quotes) == 3
    assert {carrier.actor for carrier in alert.carriers} <= {person.actor for person in (*_CROWD, STRANGER)}
    assert alert.ended_at is None
    message = msgspec.json.decode(entry.payload, type=Message)
    assert (entry.channel, message.type, "Gate D" in message.text) == ("hook", "alert.began", True)


def test_alert_stands_in_the_table_as_soon_as_its_bucket_can_be_judged(warned: Warned) -> None:
    storm = _storm(_ONSET_S, every_s=1.0)
    for post in storm:
        warned.clock.advance(1)
        warned.hear_page(page_of([post], received=warned.clock.now()))
        warned.projector.flush()
        if alerts := warned.read()[0]:
            break
    grace_us, look_us = GRACE_S * SECOND_US, SECOND_US
    assert 0 <= warned.clock.now() - alerts[0].detected_at - grace_us <= look_us


@pytest.mark.parametrize("name", ["onevoice", "rumour"])
def test_a_crisis_of_one_matter_is_one_alarm(warned: Warned, name: str) -> None:
    begin = NOON + _ONSET_S * SECOND_US
    told = tell_drill(read_scenario(name), Setting(brand="Noordvlucht", begin=begin))
    warned.live(told, _ONSET_S + 60 * read_scenario(name).minutes)
    assert [alert.beside for alert in warned.read()[0]] == [None]


def test_a_storm_like_one_that_was_called_false_warns_no_more_or_later(warned: Warned) -> None:
    warned.live(_storm(_ONSET_S), _ONSET_S + 5 * _HOUR_S)
    [first], _ = warned.read()
    with warned.projector.engine.begin() as tx:
        judge_alert(tx, first.id, "false")
    again_s = _ONSET_S + 5 * _HOUR_S
    warned.live([replace(post, id=f"again-{post.id}") for post in _storm(again_s)], again_s + 600)
    later = [alert for alert in warned.read()[0] if alert.id != first.id]
    took = first.detected_at - (NOON + _ONSET_S * SECOND_US)
    assert not later or later[-1].detected_at - (NOON + again_s * SECOND_US) > took


def test_burst_ends_when_it_is_quiet_again(warned: Warned) -> None:
    warned.live(_storm(_ONSET_S), _ONSET_S + 2_400)
    [alert], entries = warned.read()
    assert alert.ended_at is not None
    assert len(entries) == 1


@pytest.mark.parametrize("after_s", [60, 120, 180])
def test_crash_in_the_middle_of_a_burst_neither_loses_nor_doubles_the_alarm(warned: Warned, after_s: int) -> None:
    storm = _storm(_ONSET_S)
    warned.live(storm, _ONSET_S + after_s)
    warned.kill()
    warned.live(storm, _ONSET_S + 300)
    alerts, entries = warned.read()
    assert (len(alerts), len(entries)) == (1, 1)


def test_back_fill_fires_nothing(warned: Warned) -> None:
    late = [replace(post, received=(post.published or 0) + 2 * 86_400 * SECOND_US) for post in _storm(_ONSET_S)]
    warned.hear_page(page_of(late))
    warned.projector.flush()
    assert warned.read() == ([], [])


def test_rebuild_tells_nobody_again(warned: Warned) -> None:
    warned.live(_storm(_ONSET_S), _ONSET_S + 240)
    before = warned.read()[1]
    warned.clock.advance(2 * _HOUR_S)
    warned.projector.rebuild("warn")
    alerts, entries = warned.read()
    assert entries == before
    assert len(alerts) == 1


def test_words_of_who_is_forgotten_leave_the_alert(warned: Warned) -> None:
    warned.live(_storm(_ONSET_S), _ONSET_S + 240)
    assert STRANGER.actor is not None
    forget(warned.root, warned.projector, STRANGER.channel, STRANGER.actor, warned.clock.now())
    warned.flush()
    [alert], _ = warned.read()
    assert alert.first is None or alert.first.actor != STRANGER.actor
    assert STRANGER.actor not in [carrier.actor for carrier in alert.carriers]
    assert b"Gate D" not in (warned.root / "ledger.sqlite").read_bytes()


def test_who_carried_it_and_is_forgotten_is_named_nowhere(warned: Warned) -> None:
    warned.live(_storm(_ONSET_S), _ONSET_S + 240)
    [alert], _ = warned.read()
    assert alert.first is not None
    quoted = {quote.actor for quote in (alert.first, *alert.quotes)}
    carrier = next(carrier for carrier in alert.carriers if carrier.actor not in quoted)
    forget(warned.root, warned.projector, carrier.channel, carrier.actor, warned.clock.now())
    assert carrier.actor not in [left.actor for left in warned.read()[0][0].carriers]
    assert carrier.actor.encode() not in (warned.root / "ledger.sqlite").read_bytes()


def test_edit_of_a_carrier_changes_no_count(warned: Warned) -> None:
    storm = _storm(_ONSET_S)
    warned.live(storm, _ONSET_S + 240)
    [before], _ = warned.read()
    post = next(post for post in storm if post.actor == before.carriers[0].actor)
    author = next(person for person in _CROWD if person.actor == post.actor)
    warned.hear([author.edits(post, "Toch nog gevlogen", after_s=_ONSET_S + 241)])
    warned.projector.flush()
    [after], _ = warned.read()
    assert after.carriers == before.carriers


def test_snapshot_of_another_version_is_learnt_anew_and_said(warned: Warned, caplog: pytest.LogCaptureFixture) -> None:
    warned.close()
    engine = open_store(warned.root)
    with engine.begin() as tx:
        old = msgspec.msgpack.encode({"version": 1})
        tx.execute(sa.update(snapshot).where(snapshot.c.projection == "warn").values(data=old))
    engine.dispose()
    warned.open()
    assert "they learn anew what is usual" in caplog.text
    assert warned.read() == ([], [])


class Young(Warned):
    """A workspace of which the first thing heard is the storm; it looks at a feed since NOON."""

    sources: tuple[str, ...] = ("forum",)

    def open(self) -> None:
        """Start, with somebody to hear."""
        self.settings = replace(self.settings, sources={name: Part(type="file", options=None) for name in self.sources})
        super().open()

    def wait(self, minutes: int) -> None:
        """Listen while nobody speaks."""
        for _ in range(6 * minutes):
            self.projector.flush()
            self.clock.advance(10)


def test_first_burst_of_a_first_day_is_told_though_nothing_was_ever_heard(tmp_path: Path) -> None:
    young = Young(tmp_path / "workspace")
    young.wait(60)
    young.live(_storm(_HOUR_S), _HOUR_S + 240)
    [alert], [entry] = young.read()
    young.drop()
    assert alert.detected_at - alert.began_at <= 120 * SECOND_US
    assert entry.key == f"alert:{alert.id}:hook"


def test_source_that_is_new_on_a_first_day_is_no_burst(tmp_path: Path) -> None:
    young = Young(tmp_path / "workspace")
    young.wait(60)
    young.sources = ("forum", "shop")
    young.restart()
    young.live(_storm(_HOUR_S, n=300, every_s=8.0), _HOUR_S + 2_400)
    alerts = young.read()[0]
    young.drop()
    assert alerts == []


def test_silence_of_a_busy_workspace_is_told(tmp_path: Path) -> None:
    warned = Warned(tmp_path / "workspace")
    moments = np.arange(0, 27.25 * _HOUR_S, 15.0) + np.random.default_rng(7).uniform(0, 15)
    posts = [
        _CROWD[n % 5].says(f"Bericht {n} van {n * 7 % 97}", id=f"b{n}", after_s=float(at))
        for n, at in enumerate(moments)
    ]
    for hour in range(26):
        warned.hear_page(page_of(posts[hour * 240 : (hour + 1) * 240]))
        warned.clock.advance(_HOUR_S)
        warned.projector.flush()
    warned.live(posts[26 * 240 :], 28 * _HOUR_S)
    alerts = warned.read()[0]
    warned.drop()
    assert [alert.measure for alert in alerts] == ["silence"]
