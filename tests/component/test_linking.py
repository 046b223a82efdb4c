"""Who may be one person is worked out at night and proposed: nobody is taken together unless somebody says so."""

import asyncio
from collections.abc import Iterator
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from gehoor.core.person_reader import PersonReader
from gehoor.core.proposal import proposals_of
from gehoor.core.reader import Reader
from gehoor.core.record import Activity, digest
from gehoor.core.tables.person import person_actor
from gehoor.know.near import near_pairs
from gehoor.run.linking_child import proposals_now
from gehoor.run.linking_night import link_people, renew_proposals
from gehoor.run.told_records import told_records
from gehoor.web.proposed import Proposed, proposed_of
from tests.cast import NOON
from tests.component.deciding import Deciding
from tests.component.hearing import Hearing
from tests.component.knowing import identifies

_FIRST = ("Saar", "Jan", "Piet", "Fatima", "Noor", "Emma", "Daan", "Sem", "Lotte", "Mees", "Bram", "Tess")
_LAST = ("Bakker", "Smit", "Meijer", "Berg", "Bos", "Haan", "Dijk", "Visser", "Kok", "Mol", "Peters", "Prins")
_DAYS_US = 86_400_000_000


def _customers(n: int = 120) -> Iterator[Activity]:
    """Yield who customers say they are; every tenth has a second record, of which nobody said that it is theirs."""
    rng = np.random.default_rng(5)
    for number in range(n):
        first, last = (names[int(rng.integers(12))] for names in (_FIRST, _LAST))
        born = f"{1950 + int(rng.integers(55))}-{1 + int(rng.integers(12)):02}-{1 + int(rng.integers(28)):02}"
        place = {"postalCode": f"{1000 + int(rng.integers(8999))} AB", "city": "Utrecht"}
        yield identifies(f"shop-{number}", name=f"{first} {last}", birthday=born, address=place)
        if number % 10 == 0:
            yield identifies(f"old-{number}", firstName=first, lastName=last, birthday=born, address=place)


_TWINS = {(f"old-{number}", f"shop-{number}") for number in range(0, 120, 10)}


@pytest.fixture
def hearing(workspace: Path) -> Iterator[Hearing]:
    """Customers of whom twelve have two records."""
    hearing = Hearing(workspace)
    hearing.hear(_customers())
    yield hearing
    hearing.close()


def _key(actor: str) -> int:
    return digest("shop", actor)


def _names(root: Path) -> dict[int, str]:
    return {account.actor_key: account.actor for account in PersonReader(Reader(root)).accounts()}


def _proposed(root: Path, actor: str, now: int = NOON) -> list[Proposed]:
    return proposed_of(Reader(root), [_key(actor)], now)


def _act(owner: Deciding, act: str, **arguments: Any) -> Any:
    who = {"who": {"id": "shop-0", "channel": "shop"}, "other": {"id": "old-0", "channel": "shop"}}
    return asyncio.run(owner.call("person", act=act, arguments=who | arguments, said_by="you"))


@pytest.mark.parametrize(
    "is_splink",
    [False, pytest.param(True, marks=pytest.mark.skipif(find_spec("splink") is None, reason="needs gehoor[linking]"))],
)
def test_both_linkers_find_the_twins_and_hardly_anybody_else(hearing: Hearing, *, is_splink: bool) -> None:
    records = told_records(hearing.root, Reader(hearing.root))
    found, names = near_pairs(records.columns, 0.5, is_splink=is_splink), _names(hearing.root)
    several = [len(agrees) > 1 for agrees in found.agrees]
    pairs = {
        tuple(sorted(names[int(records.actors[place])] for place in pair)) for pair in found.pairs[several].tolist()
    }
    assert len(pairs & _TWINS) >= 10
    assert len(pairs - _TWINS) <= 2


def test_each_night_a_process_of_its_own_proposes_pairs_and_merges_nobody(hearing: Hearing) -> None:
    asyncio.run(renew_proposals(Deciding(hearing)))  # type: ignore[arg-type]  # it is the part of an owner that is asked
    (proposed,) = _proposed(hearing.root, "shop-0")
    assert (proposed.actor, proposed.channel) == ("old-0", "shop")
    assert set(proposed.agrees) >= {"name", "date_of_birth", "postcode"}
    assert proposed.p is not None
    assert 0.5 <= proposed.p <= 1
    persons = [account.person for account in PersonReader(Reader(hearing.root)).accounts()]
    assert len(persons) == len(set(persons)) == 132


def test_yes_takes_together_no_keeps_apart_and_later_asks_again_in_a_month(hearing: Hearing) -> None:
    owner = Deciding(hearing)
    asyncio.run(link_people(owner))  # type: ignore[arg-type]  # as above
    _act(owner, "later")
    assert _proposed(hearing.root, "shop-0") == []
    assert len(_proposed(hearing.root, "shop-0", NOON + 31 * _DAYS_US)) == 1
    _act(owner, "later", undo=True)
    assert len(_proposed(hearing.root, "shop-0")) == 1
    view = _act(owner, "apart")
    assert [choice["kind"] for choice in view["choices"]] == ["apart"]
    asyncio.run(link_people(owner))  # type: ignore[arg-type]  # as above
    assert _proposed(hearing.root, "shop-0") == [], "what was decided is not asked again"
    _act(owner, "apart", undo=True)
    assert len(_act(owner, "merge")["accounts"]) == 2
    assert [look.act for look in PersonReader(Reader(hearing.root)).looks()][:3] == ["merge", "apart", "apart"]


def test_only_where_the_workspace_says_so_the_surest_are_taken_together_and_never_against_a_decision(
    hearing: Hearing,
) -> None:
    owner = Deciding(hearing)
    asyncio.run(link_people(owner))  # type: ignore[arg-type]  # as above
    _act(owner, "apart")
    (hearing.root / "gehoor.toml").write_text("[know]\nmerge_sure = true\n", encoding="utf-8")
    sure = [one for one in proposals_now(hearing.root, NOON) if one.p >= 0.99]
    asyncio.run(link_people(owner))  # type: ignore[arg-type]  # as above
    reader = PersonReader(Reader(hearing.root))
    merged = [one for one in sure if len({a.person for a in reader.accounts(_either(one.left, one.right))}) == 1]
    kept_apart = tuple(sorted((_key("shop-0"), _key("old-0"))))
    assert {(one.left, one.right) for one in merged} == {(one.left, one.right) for one in sure} - {kept_apart}
    assert {look.said_by for look in reader.looks() if look.act == "merge"} <= {"gehoor"}


def _either(*keys: int) -> Any:
    return person_actor.c.actor_key.in_(keys)


def test_of_whom_no_profile_is_kept_nothing_is_proposed(hearing: Hearing) -> None:
    owner = Deciding(hearing)
    asyncio.run(link_people(owner))  # type: ignore[arg-type]  # as above
    asyncio.run(owner.call("person", act="object", arguments={"who": {"id": "old-0", "channel": "shop"}}))
    assert proposals_of(Reader(hearing.root), [_key("shop-0"), _key("old-0")], NOON) == []
    asyncio.run(link_people(owner))  # type: ignore[arg-type]  # as above
    assert proposals_of(Reader(hearing.root), [_key("shop-0"), _key("old-0")], NOON) == []


def test_a_public_account_with_the_same_name_is_never_proposed(hearing: Hearing) -> None:
    public = Activity(id="post-1", published=NOON, received=NOON, channel="mastodon", actor="https://a.example/saar",
                      actor_name="Saar Bakker", visibility="direct", text="Kan iemand meekijken?")  # fmt: skip
    hearing.hear([public])
    keys = told_records(hearing.root, Reader(hearing.root)).actors
    assert digest("mastodon", "https://a.example/saar") in _names(hearing.root)
    assert digest("mastodon", "https://a.example/saar") not in keys
