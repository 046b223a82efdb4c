"""Communities of a workspace: found in what people speak of, joined by newcomers, and left by who is forgotten."""

import asyncio
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

import pytest
from msgspec.structs import replace

from gehoor.core.community import Community, bridges, communities, communities_of
from gehoor.core.forget import forget
from gehoor.core.reader import Reader
from gehoor.core.record import Activity
from gehoor.run.communities import renew_communities
from tests.cast import FAN, Person
from tests.component.keeping import Keeping

pytest.importorskip("graspologic_native")

_SUBJECTS = (
    ("trein vertraagd perron", "storing spoor wissel", "conducteur kaartje boete"),
    ("recept pompoen soep", "oven brood zuurdesem", "tomaten basilicum pasta"),
)


class _Place:
    """What a workplace gives, done at once."""

    def __init__(self, keeping: Keeping) -> None:
        self.root, self.clock, self.projector = keeping.root, keeping.clock, keeping.projector

    def on_writer(self, action: Callable[[], Any]) -> Awaitable[Any]:
        async def done() -> Any:
            return action()

        return done()


def _says(who: int, crowd: int, place: str | None = None) -> list[Activity]:
    person = Person(actor=f"did:plc:{who}", name=str(who), channel=FAN.channel, trait="one of many")
    return [
        replace(person.says(f"{text} {text.split()[who % 3]}", id=f"{who}/{n}", after_s=who + n / 10), place=place)
        for n, text in enumerate(_SUBJECTS[crowd])
    ]


def _renew(keeping: Keeping) -> None:
    asyncio.run(renew_communities(_Place(keeping)))  # type: ignore[arg-type]  # what is asked of it, it has


def test_two_crowds_are_two_communities_and_a_newcomer_joins_hers_within_the_hour(workspace: Path) -> None:
    keeping = Keeping(workspace)
    keeping.hear([post for who in range(80) for post in _says(who, who % 2)])
    keeping.flush()
    _renew(keeping)
    reader = Reader(workspace)
    first = communities(reader)
    assert [one.n for one in first] == [40, 40]
    assert 0 <= first[0].by_language <= 1
    assert first[0].by_country is None  # nobody said where they are
    assert all(share < 0.5 for _, share in bridges(reader))
    keeping.hear(_says(81, 1))
    keeping.flush()
    keeping.clock.advance(2 * 3_600)
    _renew(keeping)
    assert sorted(one.n for one in communities(reader)) == [40, 41]
    keeping.clock.advance(48 * 3_600)
    _renew(keeping)
    assert {one.id for one in communities(reader)} == {one.id for one in first}
    key = keeping.rows("actor_key", "state = 0 AND actor = 'did:plc:81'")[0][0]
    assert communities_of(reader, [key]) == {key: _largest(communities(reader)).id}
    reader.close()
    keeping.drop()


@pytest.mark.parametrize(("places", "is_border"), [(("Utrecht, Nederland", "Gent, België"), True), (("NL",), False)])
def test_communities_say_how_much_of_them_country_tells(
    workspace: Path, places: tuple[str, ...], *, is_border: bool
) -> None:
    keeping = Keeping(workspace)
    crowds = [(who, who % 2) for who in range(60)]
    keeping.hear([post for who, crowd in crowds for post in _says(who, crowd, places[crowd % len(places)])])
    keeping.flush()
    _renew(keeping)
    reader = Reader(workspace)
    told = communities(reader)[0].by_country
    assert told is not None
    assert (told > 0.9) == is_border
    reader.close()
    keeping.drop()


def test_who_is_forgotten_leaves_the_community_at_once(workspace: Path) -> None:
    keeping = Keeping(workspace)
    keeping.hear([post for who in range(60) for post in _says(who, who % 2)])
    keeping.flush()
    _renew(keeping)
    reader = Reader(workspace)
    before = sum(one.n for one in communities(reader))
    key = keeping.rows("actor_key", "state = 0 AND actor = 'did:plc:7'")[0][0]
    assert key in communities_of(reader, [key])
    forget(workspace, keeping.projector, FAN.channel, "did:plc:7", keeping.clock.now())
    assert communities_of(reader, [key]) == {}
    assert sum(one.n for one in communities(reader)) == before - 1
    reader.close()
    keeping.drop()


def test_workspace_without_posts_has_no_communities(workspace: Path) -> None:
    keeping = Keeping(workspace)
    _renew(keeping)
    keeping.clock.advance(2 * 3_600)
    _renew(keeping)
    reader = Reader(workspace)
    assert communities(reader) == []
    reader.close()
    keeping.drop()


def _largest(found: list[Community]) -> Community:
    return max(found, key=lambda one: one.n)
