"""Who looks for people, or at a list of them, stands in the audit log; the words do not."""

import asyncio
from collections.abc import Iterator
from pathlib import Path

import pytest

from gehoor.core.clock import SECOND_US, StillClock
from gehoor.core.errors import SettingError
from gehoor.core.own_secret import own_secret
from gehoor.core.person_reader import Look, PersonReader
from gehoor.core.reader import Reader
from gehoor.know.audit import first_broken
from gehoor.run.people_look import digest_of_words
from tests.cast import NOON
from tests.component.deciding import Deciding
from tests.component.hearing import Hearing


@pytest.fixture
def owner(workspace: Path) -> Iterator[Deciding]:
    """An owner of a workspace in which nobody looked yet."""
    hearing = Hearing(workspace)
    yield Deciding(hearing)
    hearing.close()


def _look(owner: Deciding, said_by: str = "you", **arguments: str) -> bool:
    return bool(asyncio.run(owner.call("people_look", arguments=arguments, said_by=said_by)))


def _looks(owner: Deciding) -> list[Look]:
    return PersonReader(Reader(owner.root)).looks()


def test_a_search_is_noted_by_whom_and_as_a_digest_of_its_words(owner: Deciding) -> None:
    assert _look(owner, words="jan@acme.example")
    (line,) = _looks(owner)
    assert (line.act, line.purpose, line.said_by) == ("looked_for", "service", "you")
    assert line.person == digest_of_words(own_secret(owner.root), " Jan@ACME.example")
    for path in owner.root.rglob("*sqlite*"):
        assert b"acme.example" not in path.read_bytes().lower()
    with owner.projector.engine.connect() as tx:
        assert first_broken(tx) is None


def test_the_same_look_is_noted_once_in_ten_minutes_and_anybody_elses_for_itself(owner: Deciding) -> None:
    assert [_look(owner, shown="leaving") for _ in range(3)] == [True, False, False]
    assert _look(owner, said_by="ada", shown="leaving")
    assert _look(owner, shown="overlooked")
    owner.clock = StillClock(NOON + 660 * SECOND_US)
    assert _look(owner, shown="leaving")
    assert [line.act for line in _looks(owner)] == ["saw_leaving", "saw_overlooked", "saw_leaving", "saw_leaving"]


def test_a_list_that_is_not_there_is_said(owner: Deciding) -> None:
    with pytest.raises(SettingError, match="no list"):
        _look(owner, shown="enemies")
