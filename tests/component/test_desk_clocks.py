"""The clocks of a desk: replies and the whole matter, paused while we wait for the customer, by who they are."""

import asyncio
from collections.abc import Callable, Iterator
from pathlib import Path

import msgspec
import pytest

from gehoor.core.clock import SECOND_US
from gehoor.core.desk_query import ViewError
from gehoor.core.desk_reader import DeskReader
from gehoor.core.member import YOU
from gehoor.core.store import put
from gehoor.core.tables.audience import audience
from gehoor.core.tables.person import person, person_actor
from gehoor.run.desk_overdue import Overdue
from gehoor.run.desk_rank import DeskRank, Ranked
from gehoor.run.desk_watch import look_once
from tests.cast import HOPPER, NOON, WORRIED
from tests.component.desking import Desking

_HOUR = 3_600
POLICIES = """
[desk]
late_to = ["lead"]
nearly_to = ["floor"]
policies = [
    { name = "gold", first_reply = 30, groups = ["gold"] },
    { name = "rest", first_reply = 120, next_reply = 60, resolution = 600 },
]
"""
SENDER = '\n[senders.{name}]\ntype = "webhook"\nurl = "https://{name}.example"\nsecret = "{secret}"\n'
SECRET = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"
_MAIL = WORRIED.says("Beste Noordvlucht, mijn koffer met medicijnen is weg", id="m1")


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[Desking]:
    senders = "".join(SENDER.format(name=name, secret=SECRET) for name in ("lead", "floor"))
    desk = Desking(tmp_path / "workspace", POLICIES + senders)
    desk.hear(_MAIL)
    yield desk
    desk.close()


@pytest.fixture
def ranked(desk: Desking) -> Callable[[], Ranked]:
    def now() -> Ranked:
        rank = DeskRank.of(desk.reader, desk.place.settings)
        return rank.rank([desk.row(1)], desk.clock.now())[0]

    return now


def test_while_we_wait_for_the_customer_no_time_is_used(desk: Desking, ranked: Callable[[], Ranked]) -> None:
    desk.clock.advance(_HOUR)
    assert (ranked().target, ranked().left_us) == ("first_reply", _HOUR * SECOND_US)
    desk.do("status", conversation=1, status="pending")
    desk.clock.advance(5 * _HOUR)
    assert ranked().due is None
    desk.do("status", conversation=1, status="open")
    assert ranked().left_us == _HOUR * SECOND_US
    assert ranked().due == desk.clock.now() + _HOUR * SECOND_US


def test_once_answered_the_whole_matter_still_has_its_time(desk: Desking, ranked: Callable[[], Ranked]) -> None:
    desk.hear(HOPPER.says("Waar blijft mijn geld", id="h1"))
    desk.clock.advance(_HOUR)
    desk.hear(msgspec.structs.replace(_MAIL, id="a1", direction="out", in_reply_to="m1", published=desk.clock.now()))
    assert desk.row(1).waiting_since is None
    assert (ranked().target, ranked().left_us) == ("resolution", 9 * _HOUR * SECOND_US)
    desk.do("status", conversation=1, status="resolved")
    assert ranked().due is None


def test_a_talk_is_answered_while_it_lasts_and_only_the_whole_matter_goes_on(
    desk: Desking, ranked: Callable[[], Ranked]
) -> None:
    desk.clock.advance(_HOUR)
    desk.do("talk", conversation=1, channel="counter", text="Ze kwam langs")
    assert (ranked().target, ranked().left_us) == ("resolution", 9 * _HOUR * SECOND_US)


def test_who_is_in_a_segment_has_the_policy_of_that_segment(desk: Desking, ranked: Callable[[], Ranked]) -> None:
    with desk.place.projector.engine.begin() as tx:
        put(tx, audience, name="gold", rule="orders >= 2", at=NOON, said_by="lead")
    assert ranked().left_us == 120 * 60 * SECOND_US  # of who no profile is kept, nobody knows the segment
    _make_known(desk)
    assert ranked().left_us == 30 * 60 * SECOND_US


def _make_known(desk: Desking) -> None:
    """Keep a profile of who waits, as if they had ordered."""
    key = desk.row(1).actor_key
    zeros = {column.name: 0 for column in person.c} | {"person": key, "n_orders": 3, "may_profile": True}
    actor = {"actor_key": key, "person": key, "channel": "mail", "actor": "w", "since": 0, "cells": b""}
    with desk.place.projector.engine.begin() as tx:
        put(tx, person, **zeros)
        put(tx, person_actor, **actor)


def test_a_resolution_that_is_late_is_said_too_and_before_it_who_stands_there(desk: Desking) -> None:
    desk.hear(msgspec.structs.replace(_MAIL, id="a1", direction="out", in_reply_to="m1", published=NOON + 60_000_000))
    for hours in (8.5, 1.4, 0.2, 1.0):
        desk.clock.advance(round(hours * _HOUR))
        asyncio.run(look_once(desk.place, desk.reader))
    rows = desk.stored("SELECT detail FROM desk_event WHERE act = 'due' ORDER BY id")
    found = [msgspec.json.decode(row[0]) for row in rows]
    assert [(one["kind"], one["target"]) for one in found] == [("warning", "resolution"), ("breach", "resolution")]
    told = desk.stored("SELECT channel FROM outbox ORDER BY channel")
    assert told == [("floor",), ("lead",)]


def test_what_people_said_of_a_priority_leans_on_the_next_of_that_kind(desk: Desking) -> None:
    desk.hear(msgspec.structs.replace(_MAIL, id="m2", actor="somebody-else"))

    def other() -> Ranked:
        return DeskRank.of(desk.reader, desk.place.settings).rank([desk.row(2)], desk.clock.now())[0]

    before = other()
    desk.do("priority", conversation=1, priority=1)
    assert other().score > before.score
    assert ("learned", 1) in [(why.kind, why.value) for why in other().why]


def test_what_is_late_is_listed_until_it_is_answered_or_waits_for_the_customer(desk: Desking) -> None:
    overdue = Overdue(desk.reader)

    def late() -> list[int]:
        found = DeskReader(desk.reader, desk.clock, late=lambda: overdue.late(desk.place.settings, desk.clock.now()))
        return [row.id for row in found.inbox("is:late", YOU).rows]

    desk.hear(msgspec.structs.replace(_MAIL, id="m2", actor="somebody-else"))
    assert late() == []
    desk.clock.advance(2 * _HOUR + 1)
    assert set(late()) == {1, 2}
    desk.do("status", conversation=1, status="pending")
    assert late() == [2]
    desk.hear(msgspec.structs.replace(_MAIL, id="a2", direction="out", in_reply_to="m2", published=desk.clock.now()))
    assert late() == []
    desk.clock.advance(9 * _HOUR)
    assert late() == [2]  # the whole matter
    with pytest.raises(ViewError, match="not known here"):
        desk.inbox("is:late")
