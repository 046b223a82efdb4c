"""Persons in a workspace: who is one, what their profile adds up to, what a person decided, what the law asks."""

import json
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from hypothesis import Phase, given, settings
from msgspec.structs import replace

from gehoor.core.clock import DAY_US
from gehoor.core.errors import SettingError
from gehoor.core.person_reader import PersonReader, name_of_person
from gehoor.core.reader import Reader
from gehoor.core.record import Activity, digest
from gehoor.core.settings_know import Know
from gehoor.core.store import open_store
from gehoor.know.audit import first_broken
from gehoor.know.components import settle, write_given
from gehoor.know.evidence import Given
from gehoor.know.person_store import NewActor, insert_actors
from gehoor.run.person import act_on_person
from gehoor.run.person_view import PersonView
from tests.cast import BUYER, ECHO, FAN, LEAVER, LOYAL, NOON, STRANGER, WORRIED
from tests.component.keeping import Keeping
from tests.component.knowing import cells_by_replay, cells_stored, identifies, people_of
from tests.strategies import heard, pages

_DERIVED = ("person_actor", "person", "person_edge", "person_name")


@pytest.fixture
def keeping(workspace: Path) -> Keeping:
    """A workspace that nobody has said anything in."""
    (workspace / "gehoor.toml").write_text("", encoding="utf-8")
    return Keeping(workspace)


def _tables(keeping: Keeping) -> dict[str, list[tuple[Any, ...]]]:
    return {name: keeping.stored(f"SELECT * FROM {name}") for name in _DERIVED}


def _act(keeping: Keeping, act: str, **arguments: Any) -> Any:
    return act_on_person(keeping, act, arguments)  # type: ignore[arg-type]  # as much of a workplace as it needs


# -- who is one ---------------------------------------------------------------------------------------------------


def test_stranger_who_only_speaks_in_public_has_no_profile(keeping: Keeping) -> None:
    keeping.hear([STRANGER.says("Gate D is leeg"), FAN.says("Top geholpen")])
    keeping.flush()
    assert keeping.stored("SELECT * FROM person_actor") == []


def test_one_mail_address_in_two_spellings_is_one_person_and_the_evidence_says_why(keeping: Keeping) -> None:
    keeping.hear([identifies("4711", email="Jan@Acme.example"), identifies("4712", email="jan@acme.example")])
    keeping.flush()
    assert people_of(keeping) == [{"4711", "4712"}]
    shown = _act(keeping, "show", who={"id": "jan@acme.example"})
    assert [line.kind for line in shown.evidence] == ["mail", "mail"]
    assert "acme" not in str(keeping.stored("SELECT * FROM person_edge"))


def test_merge_ends_with_the_event_that_told_of_it(keeping: Keeping) -> None:
    told = identifies("4712", phone="06 12345678")
    keeping.hear([identifies("4711", phone="+31612345678"), told, replace(told, id="again", properties="{}")])
    keeping.flush()
    assert people_of(keeping) == [{"4711", "4712"}]
    keeping.hear([Activity(id="u", type="Undo", object=told.id, published=NOON, received=NOON, channel="shop",
                           actor="4712")])  # fmt: skip
    keeping.flush()
    assert people_of(keeping) == [{"4711"}, {"4712"}]


def test_phone_of_a_family_joins_nobody_once_too_many_have_it(keeping: Keeping) -> None:
    family = [identifies(f"c{n}", phone="+31201234567") for n in range(5)]
    keeping.hear(family[:4])
    keeping.flush()
    assert people_of(keeping) == [{"c0", "c1", "c2", "c3"}]
    keeping.hear(family[4:])
    keeping.flush()
    assert people_of(keeping) == [{f"c{n}"} for n in range(5)]


def test_public_account_is_linked_by_its_owner_only_and_brings_what_it_said(keeping: Keeping) -> None:
    keeping.hear([LOYAL.says("Mijn koffer ligt in Oslo"), ECHO.says("mijn mail is jan@acme.example")])
    keeping.hear([identifies("4711", email="jan@acme.example", accounts={"bluesky": LOYAL.actor})])
    keeping.flush()
    shown = _act(keeping, "show", who={"id": "4711"})
    assert {(one.channel, one.actor) for one in shown.accounts} == {("shop", "4711"), ("bluesky", LOYAL.actor)}
    assert shown.totals["said"] == 1


def test_account_and_the_device_it_logged_in_on_are_one(keeping: Keeping) -> None:
    seen = Activity(id="p", type="Page", published=NOON, received=NOON, channel="shop", actor="anon-1", event="Home")
    keeping.hear([seen, identifies("4711", anonymous="anon-1")])
    keeping.flush()
    assert people_of(keeping) == [{"4711", "anon-1"}]


def test_what_is_said_apart_stays_apart_and_what_is_confirmed_is_one_also_after_a_rebuild(keeping: Keeping) -> None:
    keeping.hear([identifies("4711", email="jan@acme.example"), identifies("4712", email="jan@acme.example")])
    keeping.hear([LOYAL.says("Hallo daar")])
    _act(keeping, "split", who={"id": "4711"}, other={"id": "4712"})
    _act(keeping, "merge", who={"id": "4711"}, other={"id": LOYAL.actor, "channel": "bluesky"})
    keeping.hear([identifies("4712", email="jan@acme.example", id="once more")])
    keeping.flush()
    expected = [{"4711", LOYAL.actor}, {"4712"}]
    assert people_of(keeping) == expected
    _act(keeping, "object", who={"id": "4712", "channel": "shop"})
    assert people_of(keeping) == expected[:1]
    _act(keeping, "object", who={"id": "4712", "channel": "shop"}, undo=True)
    assert people_of(keeping) == expected
    before = _tables(keeping)
    keeping.projector.rebuild("persons")
    assert people_of(keeping) == expected
    assert {**_tables(keeping), "person_edge": []} == {**before, "person_edge": []}


def test_merge_changes_no_address_that_a_reply_goes_to(keeping: Keeping) -> None:
    keeping.hear([LOYAL.says("Hallo daar"), identifies("4711", email="jan@acme.example")])
    before = keeping.rows("seq, channel, actor, actor_key, in_reply_to")
    shown = _act(keeping, "merge", who={"id": "4711"}, other={"id": LOYAL.actor, "channel": "bluesky"})
    assert keeping.rows("seq, channel, actor, actor_key, in_reply_to") == before
    assert {(one.channel, one.actor) for one in shown.accounts} == {("shop", "4711"), ("bluesky", LOYAL.actor)}


# -- what it adds up to ---------------------------------------------------------------------------------------------


@settings(max_examples=10, phases=[Phase.explicit, Phase.reuse, Phase.generate])  # to shrink takes minutes
@given(story=pages(heard(20)))
def test_profile_is_that_of_a_sorted_replay_of_what_remains(
    story: list[list[Activity]], tmp_path_factory: pytest.TempPathFactory
) -> None:
    keeping = Keeping(tmp_path_factory.mktemp("story") / "w")
    for n, page in enumerate(story):
        keeping.hear(page)
        if n % 2:
            keeping.flush()
        if n == 3:
            keeping.kill()
    keeping.flush()
    assert cells_stored(keeping) == cells_by_replay(keeping)
    before = _tables(keeping)
    keeping.projector.rebuild("persons")
    assert _tables(keeping) == before
    keeping.drop()


def test_a_past_that_is_read_in_several_pieces_loses_nobody_who_comes_late_in_it(
    keeping: Keeping, monkeypatch: pytest.MonkeyPatch
) -> None:
    late, later = DAY_US // 1_000_000, 4 * DAY_US // 1_000_000
    direct = replace(
        WORRIED.says("Ik wil hier weg", id="w2", after_s=late + 60), visibility="direct", channel="bluesky"
    )
    pages = (
        [FAN.says("Top geholpen"), replace(BUYER.says("Hulp graag", id="b1"), channel="bluesky", visibility="direct")],
        [replace(WORRIED.says("Waar is mijn koffer", id="w1", after_s=late), channel="bluesky"), direct],
        [replace(WORRIED.says("Nog steeds weg", id="w3", after_s=late + 70), channel="bluesky")],
        [ECHO.says("Vier dagen later", id="e1", after_s=later)],
    )
    for page in pages:
        keeping.hear(page)
        keeping.flush()
    keeping.ledger.segments.drop_before((NOON + 3 * DAY_US) // DAY_US)
    before = _tables(keeping)
    assert len(before["person"]) == 2
    monkeypatch.setattr("gehoor.know.persons._MOST_WAITING", 1)
    keeping.projector.rebuild("persons")
    assert cells_stored(keeping) == {row[0]: _pairs(row[6]) for row in before["person_actor"]}


def _pairs(cells: bytes) -> dict[int, int]:
    pairs = memoryview(cells).cast("q")
    return dict(zip(pairs[::2], pairs[1::2], strict=True))


def test_as_many_as_a_rebuild_brings_at_once_are_joined_as_each_of_them_is_alone(workspace: Path) -> None:
    pairs = 12_000
    actors = range(1, 2 * pairs + 1)
    given = [(Given(actor, 10**12 + (actor - 1) // 2, "mail", actor), 1) for actor in actors]
    engine = open_store(workspace)
    with engine.begin() as tx:
        insert_actors(tx, [NewActor(actor, "shop", str(actor), 0) for actor in actors])
        settle(tx, set(actors), write_given(tx, given))
        persons = tx.exec_driver_sql("SELECT person, group_concat(actor_key) FROM person_actor GROUP BY person").all()
    engine.dispose()
    assert len(persons) == pairs
    assert all(str(person + 1) in joined for person, joined in persons)


def test_profile_of_a_customer_reads_as_what_happened(keeping: Keeping) -> None:
    day = 86_400.0
    keeping.hear([BUYER.buys("1", 10.1, after_s=-9 * day), BUYER.buys("2", 20.2, after_s=-2 * day)])
    keeping.hear([WORRIED.says("Waar blijft mijn koffer?"), BUYER.buys("0", 0.3, after_s=-30 * day)])
    shown: PersonView = _act(keeping, "show", who={"id": BUYER.actor})
    assert shown.spend == {"EUR": 30.6}
    assert shown.totals == {"did": 3, "ordered": 3}
    assert shown.gaps[0] == 2
    assert shown.gaps[3] == 7
    assert shown.lately["ordered"][7] == pytest.approx(0.5 ** (2 / 7) + 0.5 ** (9 / 7) + 0.5 ** (30 / 7))
    assert _act(keeping, "show", who={"id": WORRIED.actor}).totals["contacted"] == 1


def test_what_its_own_policy_does_not_allow_is_in_no_profile(keeping: Keeping) -> None:
    order = BUYER.buys("1", 10.0)
    keeping.hear([order, replace(BUYER.buys("2", 99.0), policy='{"purposes": ["reply"]}')])
    shown = _act(keeping, "show", who={"id": BUYER.actor})
    assert shown.spend == {"EUR": 10.0}
    assert shown.consent["profile"] == (False, NOON // DAY_US)
    assert keeping.stored("SELECT may_profile FROM person") == [(0,)]


def test_lists_ask_columns_of_persons(keeping: Keeping) -> None:
    keeping.hear([BUYER.buys("1", 10.0), identifies("4711", email="jan@acme.example")])
    keeping.flush()
    reader = Reader(keeping.root)
    people = PersonReader(reader)
    [row] = people.persons(sa.column("spend") > 0, order_by="spend")
    assert (row.person, row.spend, people.names([row.currency])) == (
        digest("shop", BUYER.actor), 100_000, {row.currency: "EUR"},
    )  # fmt: skip
    assert people.count() == 2
    reader.close()


# -- the law --------------------------------------------------------------------------------------------------------


def test_where_profiles_are_switched_off_none_is_kept_and_posts_are_heard_all_the_same(keeping: Keeping) -> None:
    keeping.hear([BUYER.buys("1", 10.0)])
    keeping.flush()
    keeping.settings = replace(keeping.settings, know=Know(profiles=False))
    keeping.restart()
    assert keeping.hear([BUYER.buys("2", 10.0)]).n_stored == 1
    keeping.flush()
    assert all(not rows for rows in _tables(keeping).values())


def test_who_objects_has_no_profile_until_it_is_taken_back(keeping: Keeping) -> None:
    keeping.hear([BUYER.buys("1", 10.0)])
    keeping.flush()
    before = _tables(keeping)
    _act(keeping, "object", who={"id": BUYER.actor, "channel": "shop"})
    keeping.hear([BUYER.buys("2", 10.0)])
    keeping.flush()
    assert all(not rows for rows in _tables(keeping).values())
    _act(keeping, "object", who={"id": BUYER.actor, "channel": "shop"}, undo=True)
    assert len(_tables(keeping)["person"]) == len(before["person"])
    assert keeping.stored("SELECT n_orders FROM person") == [(2,)]


def test_every_look_is_noted_and_nobody_can_change_the_log_unseen(keeping: Keeping) -> None:
    keeping.hear([BUYER.buys("1", 10.0)])
    _act(keeping, "show", who={"id": BUYER.actor}, said_by="anna")
    shown = _act(keeping, "show", who={"id": name_of_person(digest("shop", BUYER.actor))})
    assert [(look.said_by, look.act, look.purpose) for look in shown.looks] == [("anna", "show", "service")]
    with keeping.projector.engine.begin() as tx:
        assert first_broken(tx) is None
    with pytest.raises(sa.exc.DatabaseError, match="only grows"), keeping.projector.engine.begin() as tx:
        tx.exec_driver_sql("UPDATE audit SET said_by = 'nobody'")
    with keeping.projector.engine.begin() as tx:
        tx.exec_driver_sql("DROP TRIGGER audit_no_update")
        tx.exec_driver_sql("UPDATE audit SET said_by = 'nobody' WHERE id = 1")
        assert first_broken(tx) == 1


@pytest.mark.parametrize("name", ["nobody@acme.example", "0000000000000000", "unheard"])
def test_nobody_of_that_name_is_said_in_plain_words(keeping: Keeping, name: str) -> None:
    keeping.hear([LEAVER.says("Ik ga weg")])
    with pytest.raises(SettingError, match="Nobody is known as"):
        _act(keeping, "show", who={"id": name})


def test_stranger_is_shown_from_the_ledger_and_nothing_is_kept(keeping: Keeping) -> None:
    keeping.hear([STRANGER.says("Gate D is leeg"), STRANGER.says("Nog steeds leeg", after_s=60)])
    shown = _act(keeping, "show", who={"id": STRANGER.actor, "channel": STRANGER.channel})
    assert shown.totals["said"] == 2
    assert keeping.stored("SELECT * FROM person_actor") == []


def test_event_in_json_that_is_none_costs_nothing_but_its_evidence(keeping: Keeping) -> None:
    odd = identifies("4711", email=["no", "text"], phone={"a": 1}, accounts=[1])
    keeping.hear([odd, replace(odd, id="x", properties=json.dumps({"traits": 7, "context": []}))])
    keeping.flush()
    assert keeping.stored("SELECT * FROM person_edge") == []
    assert people_of(keeping) == [{"4711"}]
