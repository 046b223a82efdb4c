"""Who is at which conversation: others are told, once, and nobody stays who left."""

from gehoor.core.clock import SECOND_US
from gehoor.core.member import Member
from gehoor.web.desk_presence import Presence

SANNE, NOOR = Member(id="a1", name="Sanne Kok"), Member(id="a2", name="Noor Ortiz")
LATER = 60 * SECOND_US


def test_who_comes_and_who_begins_to_write_is_news_once() -> None:
    presence = Presence()
    assert presence.note(7, "w1", SANNE, 0, is_writing=False)
    assert not presence.note(7, "w1", SANNE, SECOND_US, is_writing=False)
    assert presence.note(7, "w1", SANNE, 2 * SECOND_US, is_writing=True)
    assert not presence.note(7, "w1", SANNE, 3 * SECOND_US, is_writing=True)


def test_each_sees_the_other_and_not_themselves_in_a_second_window() -> None:
    presence = Presence()
    presence.note(7, "w1", SANNE, 0, is_writing=True)
    presence.note(7, "w2", NOOR, 0, is_writing=False)
    presence.note(7, "w3", NOOR, 0, is_writing=False)
    assert [(one.name, one.is_writing(0)) for one in presence.others(7, "w2", 0)] == [("Sanne Kok", True)]
    assert [one.name for one in presence.others(7, "w1", 0)] == ["Noor Ortiz"]


def test_who_left_or_fell_silent_is_no_longer_there() -> None:
    presence = Presence()
    presence.note(7, "w1", SANNE, 0, is_writing=True)
    presence.note(7, "w2", NOOR, 0, is_writing=True)
    assert not presence.others(7, "w1", LATER)
    presence.note(7, "w1", SANNE, LATER, is_writing=False)
    assert presence.leave("w1")
    assert not presence.leave("w1")
    assert not presence.others(7, "w2", LATER)


def test_a_window_is_at_one_conversation() -> None:
    presence = Presence()
    presence.note(7, "w1", SANNE, 0, is_writing=True)
    presence.note(8, "w1", SANNE, 0, is_writing=False)
    assert not presence.others(7, "w2", 0)
    assert [one.name for one in presence.others(8, "w2", 0)] == ["Sanne Kok"]


def test_memory_is_bounded_whoever_opens_windows() -> None:
    presence = Presence()
    for number in range(10_000):
        presence.note(number, f"w{number}", SANNE, 0, is_writing=False)
    assert len(presence._where) <= 4_097
