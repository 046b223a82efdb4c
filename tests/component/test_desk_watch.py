"""What the desk does by itself: gives what comes in to who is on duty, and says once what is nearly late and late."""

import asyncio
from collections.abc import Iterator
from pathlib import Path

import msgspec
import pytest

from gehoor.core.clock import SECOND_US
from gehoor.core.errors import SettingError
from gehoor.core.member import YOU, Member
from gehoor.core.settings import parse
from gehoor.core.tables.team import member
from gehoor.core.team import TeamReader
from gehoor.run.alerting import put_in_outbox
from gehoor.run.desk_late import Late
from gehoor.run.desk_watch import look_once
from gehoor.run.on_duty import awake, duty_of, shifts_around
from tests.cast import AGENT, HOPPER, NOON, WORRIED
from tests.component.desking import Desking

ROSTER = """
[desk]
assigns = true
hands_over = true
late_wakes = true
owners = { delivery = "baggage" }
late_to = ["lead"]
policies = [{ name = "all", first_reply = 100 }]

[roster]
calendars = ["night.ics"]
[[roster.shifts]]
who = ["Sanne Kok"]
days = ["tue"]
hours = ["08:00-22:00"]
[[roster.shifts]]
who = ["noor@example.org"]
days = ["tue"]
hours = ["18:00-23:00"]

[senders.lead]
type = "webhook"
url = "https://lead.example"
secret = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"

[senders.noor-phone]
type = "webhook"
url = "https://phone.example"
secret = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"

[alerts.people.noor]
by = ["noor-phone", "lead"]
member = "noor@example.org"
"""
_NIGHT = b"""BEGIN:VCALENDAR
BEGIN:VEVENT
UID:1
DTSTART:20260414T200000Z
DTEND:20260415T040000Z
SUMMARY:Tim Berg
END:VEVENT
END:VCALENDAR
"""
_MAIL = WORRIED.says("Beste Noordvlucht, mijn koffer met medicijnen is weg", id="m1")


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[Desking]:
    """Tuesday afternoon: Sanne works, Noor begins at 18:00, and Tim has the night in another calendar."""
    desk = Desking(tmp_path / "workspace", ROSTER)
    (tmp_path / "workspace" / "night.ics").write_bytes(_NIGHT)
    for id_, name in (("m1", "Sanne Kok"), ("m2", "Noor Ortiz"), ("m3", "Tim Berg")):
        _join(desk, id_, name)
    desk.hear(_MAIL)
    yield desk
    desk.close()


def _join(desk: Desking, id_: str, name: str) -> None:
    mail = f"{name.split(maxsplit=1)[0].lower()}@example.org"
    who = {"id": id_, "name": name, "mail": mail, "roles": "|agent|", "capacity": 10, "since": 0, "is_active": True}
    rest = {"languages": "", "skills": "", "totp_step": 0, "recovery": "", "link_until": 0, "session_epoch": 0}
    with desk.place.projector.engine.begin() as tx:
        tx.execute(member.insert().values(**who, **rest))


def _look(desk: Desking) -> None:
    asyncio.run(look_once(desk.place, desk.reader))


def _lines(desk: Desking, act: str) -> list[dict[str, object]]:
    found = desk.stored(f"SELECT detail FROM desk_event WHERE act = '{act}' ORDER BY id")
    return [msgspec.json.decode(row[0]) for row in found]


def test_what_comes_in_goes_to_who_is_on_duty_with_the_reason(desk: Desking) -> None:
    _look(desk)
    _look(desk)
    assert desk.row(1).assignee == "m1"
    assert _lines(desk, "given") == [{"to": "m1", "because": ["room"]}]


def test_what_somebody_has_stays_theirs_and_nobody_gets_what_comes_when_nobody_is_there(desk: Desking) -> None:
    desk.do("assign", conversation=1, assignee="m2")
    _look(desk)
    assert desk.row(1).assignee == "m2"
    desk.clock.advance(86_400)
    desk.hear(AGENT.says("Wij vliegen weer", id="a1"), HOPPER.says("En mijn geld?", id="h1", to="a1", after_s=86_400))
    _look(desk)
    assert desk.row(3).assignee is None


def test_what_waits_with_whose_shift_is_over_goes_to_who_is_there(desk: Desking) -> None:
    _look(desk)
    desk.clock.advance(8 * 3_600 - 60)
    _look(desk)
    assert desk.row(1).assignee == "m1"  # the last minute of the shift
    desk.clock.advance(60)
    _look(desk)
    assert desk.row(1).assignee in ("m2", "m3")
    assert _lines(desk, "handed_over") == [{"from": "m1"}]
    desk.do("take", "m1", conversation=1)
    _look(desk)
    assert desk.row(1).assignee == "m1"  # who takes it after their shift keeps it


def test_what_was_answered_stays_and_so_does_all_while_nobody_works(desk: Desking) -> None:
    _look(desk)
    desk.clock.advance(17 * 3_600)  # Wednesday morning: nobody works
    _look(desk)
    assert (desk.row(1).assignee, _lines(desk, "handed_over")) == ("m1", [])


def test_another_team_gets_it_as_nobodys_and_an_undo_brings_it_back(desk: Desking) -> None:
    desk.do("assign", conversation=1, assignee="m1")
    before = desk.do("team", conversation=1, team="baggage")["before"]
    assert (before, desk.row(1).assignee) == ({"team": None, "assignee": "m1"}, None)
    _look(desk)
    assert desk.row(1).assignee is None  # nobody of that team works now
    desk.do("team", conversation=1, **before)
    assert (desk.row(1).team, desk.row(1).assignee) == (None, "m1")


def test_what_is_nearly_late_and_late_is_said_once_and_the_lead_is_told_when_it_is(desk: Desking) -> None:
    for minutes in (70, 12, 10, 15, 60):
        desk.clock.advance(minutes * 60)
        _look(desk)
    said = [(line["kind"], line["target"]) for line in _lines(desk, "due")]
    assert said == [("warning", "first_reply"), ("breach", "first_reply")]
    assert len(desk.stored("SELECT key FROM outbox WHERE channel = 'lead'")) == 1


def test_who_is_on_duty_is_told_too_when_it_is_late_and_once(desk: Desking) -> None:
    desk.clock.advance(5 * 3_600)  # Noor is there by now
    for _ in range(3):
        _look(desk)
    told = desk.stored("SELECT channel, count(*) FROM outbox GROUP BY channel ORDER BY channel")
    assert told == [("lead", 1), ("noor-phone", 1)]


def test_more_than_are_looked_at_are_looked_at_in_turn(desk: Desking) -> None:
    desk.hear(*(HOPPER.says("Noordvlucht, waar is mijn geld", id=f"h{n}") for n in range(3)))
    for n in (3, 4):
        desk.do("split", conversation=n - 1, other=n)
    desk.clock.advance(5 * 3_600)
    late = Late(desk.reader, desk.place.settings, desk.clock.now())
    found, after = late.found(desk.desk, YOU, 1)
    seen = [one.conversation for one in found]
    while after is not None:
        found, after = late.found(desk.desk, YOU, 1, after)
        seen += [one.conversation for one in found]
    assert len(seen) == 4
    assert sorted(seen) == sorted(desk.inbox("is:unanswered"))


def test_roster_reads_shifts_and_calendars_and_says_what_it_cannot_read(desk: Desking, tmp_path: Path) -> None:
    settings, hour = desk.place.settings, 3_600 * SECOND_US
    people = [_member(desk, id_) for id_ in ("m1", "m2", "m3")]
    roster = duty_of(settings, people, NOON).roster
    found = [[one.id for one in roster.on_duty(NOON + hours * hour)] for hours in (0, 5, 9, 11)]
    assert found == [["m1"], ["m1", "m2"], ["m3"], ["m3"]]
    assert roster.duty_ends(NOON + 5 * hour) == NOON + 8 * hour
    (tmp_path / "workspace" / "night.ics").write_text("no calendar")
    assert "night.ics: This is no calendar" in shifts_around(settings, NOON)[1][0]


def test_an_alert_wakes_only_who_is_on_duty(desk: Desking) -> None:
    settings = desk.place.settings
    with desk.place.projector.engine.begin() as tx:
        woken = [list(awake(tx, settings, NOON + hours * 3_600 * SECOND_US)) for hours in (0, 5)]
        assert put_in_outbox(tx, settings, NOON) == 0
    assert woken == [[], ["noor"]]


def test_sender_that_is_not_there_is_named(tmp_path: Path) -> None:
    with pytest.raises(SettingError, match="no sender named 'boss'"):
        parse('[desk]\nlate_to = ["boss"]', tmp_path)


def _member(desk: Desking, id_: str) -> Member:
    found = TeamReader(desk.reader).member(id_)
    assert found is not None
    return found
