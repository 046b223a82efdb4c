"""Which posts are one conversation, whatever is edited, deleted, corrected, stopped or rebuilt on the way."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest
import sqlalchemy as sa
from hypothesis import given, settings
from hypothesis import strategies as st
from pysqlite3 import dbapi2
from sqlalchemy.pool import StaticPool

from gehoor.answer.conversations import Conversations
from gehoor.core.clock import DAY_US, SECOND_US, StillClock
from gehoor.core.migrate import make
from gehoor.core.record import LEDGER
from gehoor.core.settings import Settings, parse
from tests.cast import NOON

_HOUR = 3_600 * SECOND_US
_KEPT = ("object_key", "event_at", "direction", "parent_key", "conversation")
_POST = (
    "seq, object_key, parent_key, thread_key, actor_key, name, channel, brand, language, at, direction, intent, need, "
    "urgency, sentiment"
)
_ROW = (
    "actor_key, name, channel, brand, language, intent, need, urgency, sentiment, reach, is_direct, is_backfill, n_in, "
    "n_out, first_in_at, first_out_at, last_in_at, last_out_at, waiting_since, last_in_seq, last_seq, closed_seq"
)
_TOML = '[brands.acme]\nterms = ["acme", "@acmecare"]\n[desk]\nmost_per_10_s = 1000\n'


def _engine() -> sa.Engine:
    engine = sa.create_engine("sqlite+pysqlite://", module=dbapi2, poolclass=StaticPool)
    with engine.begin() as tx:
        make(tx, "store")
    return engine


class Desk:
    """A ledger of what was said, as far as conversations see it, and the projection beside it."""

    def __init__(self, toml: str = _TOML) -> None:
        self.settings: Settings = parse(toml, Path())
        self.engine = _engine()
        self.rows: dict[int, dict[str, Any]] = {}
        self.stands: dict[int, bool] = {}
        self.offset = self.flushed = 0
        self.known: dict[int, dict[str, Any]] = {}
        self.projection = Conversations(self.settings, StillClock(NOON))

    # -- what happens -------------------------------------------------------------------------------------------------

    def says(self, who: int, **known: Any) -> int:
        """Hear a post; return its seq."""
        self.offset += 1
        seq = self.offset
        row: dict[str, Any] = {
            "seq": seq, "id": str(seq), "type": "Create", "rev": 0, "received": NOON + seq, "channel": "mail",
            "direction": "in", "visibility": "direct", "key": seq, "object_key": 1_000 + seq, "actor_key": who,
            "actor_name": f"n{who}", "event_at": NOON + seq * _HOUR, "is_backfill": False, "brands": ["acme"],
        } | known  # fmt: skip
        self.rows[seq], self.stands[seq] = row, True
        self._apply([row], 1)
        return seq

    def answers(self, to: int | None, **known: Any) -> int:
        """Hear what we say, in answer to a post or to nobody in particular."""
        parent = None if to is None else self.rows[to]["object_key"]
        return self.says(900, direction="out", parent_key=parent, **known)

    def deletes(self, seq: int) -> None:
        """Hear that a post went."""
        if self.stands[seq]:
            self._falls(seq)

    def edits(self, seq: int, **known: Any) -> int:
        """Hear another version of a post."""
        old = self.rows[seq]
        if self.stands[seq]:
            self._falls(seq)
        kept = {
            name: old[name]
            for name in ("object_key", "event_at", "direction", "parent_key", "conversation")
            if name in old
        }
        return self.says(old["actor_key"], **(kept | {"type": "Update"} | known))

    def corrects(self, seq: int, **known: Any) -> None:
        """Hear that a person judges a post otherwise."""
        if self.stands[seq]:
            self._apply([self.rows[seq]], -1)
            self.rows[seq] = self.rows[seq] | known
            self.offset += 1
            self._apply([self.rows[seq]], 1)

    def _falls(self, seq: int) -> None:
        self.offset += 1
        self.stands[seq] = False
        self._apply([self.rows[seq]], -1)

    def _apply(self, rows: list[dict[str, Any]], sign: int) -> None:
        self.projection.apply(pa.RecordBatch.from_pylist(rows, schema=LEDGER), sign)

    # -- life ---------------------------------------------------------------------------------------------------------

    def flush(self, *, everything: bool = False) -> None:
        """Write what waits."""
        with self.engine.begin() as tx:
            self.flushed = self.projection.flush(tx, self.offset, everything=everything)
        self.known = {seq: self.rows[seq] for seq, stands in self.stands.items() if stands}

    def kill(self) -> None:
        """Stop without a word, start again, and read on as an owner does."""
        self.projection = Conversations(self.settings, StillClock(NOON))
        with self.engine.begin() as tx:
            self.projection.load(tx, self.flushed)
        changed = [seq for seq, row in self.known.items() if not self.stands[seq] or self.rows[seq] is not row]
        if changed:
            self._apply([self.known[seq] for seq in changed], -1)
        if again := [self.rows[seq] for seq in changed if self.stands[seq]]:
            self._apply(again, 1)
        if new := [row for seq, row in self.rows.items() if seq not in self.known and self.stands[seq]]:
            self._apply(new, 1)
        self.flush(everything=True)

    def rebuild(self) -> None:
        """Make all of it anew."""
        self.flush(everything=True)
        with self.engine.begin() as tx:
            self.projection.clear(tx, 1)
        if rows := [row for seq, row in self.rows.items() if self.stands[seq]]:
            self._apply(rows, 1)
        self.flush(everything=True)

    def replayed(self) -> "Desk":
        """Return the desk that hears what remains, in the order of the ledger."""
        other = Desk()
        rows = [row for seq, row in self.rows.items() if self.stands[seq]]
        for row in rows:
            other._apply([row], 1)
            other.offset = row["seq"]
            other.flush(everything=True)
        return other

    # -- what is seen -------------------------------------------------------------------------------------------------

    def stored(self, sql: str) -> list[tuple[Any, ...]]:
        with self.engine.begin() as tx:
            return [tuple(row) for row in tx.exec_driver_sql(sql)]

    def talks(self) -> list[list[int]]:
        """Return which posts stand together."""
        rows = self.stored("SELECT conversation, seq FROM conversation_post WHERE was = '' ORDER BY seq")
        found: dict[int, list[int]] = {}
        for conversation, seq in rows:
            found.setdefault(conversation, []).append(seq)
        return sorted(found.values())

    def row(self, id_: int) -> dict[str, Any]:
        """Return a conversation."""
        with self.engine.begin() as tx:
            return dict(tx.exec_driver_sql("SELECT * FROM conversation WHERE id = ?", (id_,)).mappings().one())

    def state(self) -> Any:
        """Return all that is derived, each conversation named after the first post of it that stands."""
        first = "(SELECT min(f.seq) FROM conversation_post f WHERE f.conversation = {} AND f.was = '')"
        posts = f"SELECT {first.format('p.conversation')}, {_POST} FROM conversation_post p WHERE was = '' ORDER BY seq"
        rows = f"SELECT {first.format('c.id')}, {_ROW} FROM conversation c ORDER BY 1"
        return self.stored(posts), self.stored(rows)


@pytest.fixture
def desk() -> Iterator[Desk]:
    yield Desk()


def test_answer_and_what_is_said_to_it_are_one_conversation(desk: Desk) -> None:
    first = desk.says(1)
    answer = desk.answers(first)
    desk.says(1, parent_key=desk.rows[answer]["object_key"])
    desk.flush()
    assert desk.talks() == [[1, 2, 3]]
    row = desk.row(1)
    assert (row["n_in"], row["n_out"], row["waiting_since"]) == (2, 1, NOON + 3 * _HOUR)


def test_waiting_begins_with_the_first_message_that_nobody_answered(desk: Desk) -> None:
    desk.says(1)
    desk.says(1)
    desk.flush()
    assert desk.row(1)["waiting_since"] == NOON + _HOUR
    desk.answers(2)
    desk.flush()
    assert desk.row(1)["waiting_since"] is None


def test_same_person_goes_on_within_three_days_about_the_same_need_only(desk: Desk) -> None:
    desk.says(1, need="invoice")
    desk.says(1, channel="mastodon")
    desk.says(1, need="delivery")
    desk.says(2, need="invoice")
    desk.says(1, need="invoice", event_at=NOON + 9 * DAY_US)
    desk.flush()
    assert desk.talks() == [[1, 2], [3], [4], [5]]


def test_two_accounts_of_one_person_are_one_conversation(desk: Desk) -> None:
    with desk.engine.begin() as tx:
        for actor in (1, 2):
            sql = "INSERT INTO person_actor VALUES (?, 1, 'mail', 'x', NULL, 0, x'')"
            tx.exec_driver_sql(sql, (actor,))
    desk.says(1)
    desk.says(2, channel="mastodon")
    desk.flush()
    desk.says(2)
    desk.flush()
    assert desk.talks() == [[1, 2, 3]]


def test_who_answers_what_we_said_to_all_has_a_conversation_of_their_own(desk: Desk) -> None:
    news = desk.answers(None)
    for who in (1, 2):
        desk.says(who, parent_key=desk.rows[news]["object_key"], visibility="public", channel="mastodon")
    desk.flush()
    assert desk.talks() == [[1], [2], [3]]
    assert [row[0] for row in desk.stored("SELECT id FROM conversation")] == [2, 3]


def test_parent_that_comes_later_makes_two_conversations_one_and_the_earlier_id_stays(desk: Desk) -> None:
    desk.says(1, need="invoice", parent_key=777)
    desk.says(2, need="delivery")
    desk.flush()
    desk.says(3, object_key=777, parent_key=desk.rows[2]["object_key"])
    desk.flush()
    assert desk.talks() == [[1, 2, 3]]
    assert desk.stored("SELECT conversation FROM conversation_post WHERE seq = 2") == [(1,)]


def test_resolved_conversation_is_not_gone_on_with_unless_it_is_answered(desk: Desk) -> None:
    desk.says(1)
    desk.flush()
    sql = "INSERT INTO desk_event VALUES (1, 0, 'jan', 1, 'status', '{\"status\": \"resolved\", \"seq\": 1}')"
    with desk.engine.begin() as tx:
        tx.exec_driver_sql(sql)
    desk.says(1)
    desk.flush()
    desk.says(1, parent_key=desk.rows[1]["object_key"])
    desk.flush()
    assert desk.talks() == [[1, 3], [2]]
    desk.rebuild()
    assert desk.talks() == [[1, 3], [2]]


def test_edit_and_deletion_leave_a_mark_without_a_name_and_the_id_stays(desk: Desk) -> None:
    desk.says(1)
    desk.flush()
    desk.edits(1)
    desk.flush()
    desk.says(1)
    desk.flush()
    desk.deletes(4)
    desk.flush()
    rows = desk.stored("SELECT seq, conversation, was, name FROM conversation_post ORDER BY seq")
    assert rows == [(1, 1, "edited", None), (3, 1, "", "n1"), (4, 1, "deleted", None)]
    assert desk.row(1)["n_in"] == 1
    desk.rebuild()
    assert desk.stored("SELECT seq, conversation, was, name FROM conversation_post ORDER BY seq") == rows


def test_what_people_decided_holds_for_the_conversation_that_it_became(desk: Desk) -> None:
    desk.says(1, need="invoice", parent_key=777)
    desk.says(2, need="delivery")
    desk.flush()
    with desk.engine.begin() as tx:
        tx.exec_driver_sql(
            "INSERT INTO desk_conversation VALUES (2, 1, 'resolved', 0, 2, NULL, 'jan', NULL, '', NULL, 0)"
        )
    desk.says(2, object_key=777, parent_key=desk.rows[2]["object_key"])
    desk.flush()
    assert desk.stored("SELECT assignee FROM desk_conversation WHERE conversation = 1") == [("jan",)]
    assert desk.row(1)["closed_seq"] == 2


def _decide(desk: Desk, one: int, into: int | None) -> None:
    desk.flush()
    with desk.engine.begin() as tx:
        homes = {row[0] for row in tx.exec_driver_sql("SELECT conversation FROM conversation_post WHERE was = ''")}
        tx.exec_driver_sql("DELETE FROM desk_tie WHERE conversation = ?", (one,))
        if into is not None:
            tx.exec_driver_sql("INSERT INTO desk_tie VALUES (?, ?, 0)", (one, into))
        desk.projection.decided(tx, desk.offset, homes)


def test_what_people_put_together_stays_so_and_comes_apart_again(desk: Desk) -> None:
    for who in (1, 2, 3):
        desk.says(who)
    _decide(desk, 3, 1)
    assert desk.talks() == [[1, 3], [2]]
    desk.says(3)
    desk.rebuild()
    assert desk.talks() == [[1, 3], [2], [4]]
    desk.edits(1)
    desk.flush()
    assert desk.talks() == [[2], [3, 4, 6]]
    desk.rebuild()
    assert desk.talks() == [[2], [3, 4, 6]]
    _decide(desk, 3, None)
    assert desk.talks() == [[2], [3, 4], [6]]


def test_message_that_people_took_out_begins_a_conversation_with_all_that_answers_it(desk: Desk) -> None:
    first = desk.says(1)
    second = desk.says(1, parent_key=desk.rows[first]["object_key"])
    desk.answers(second)
    desk.says(2, parent_key=desk.rows[first]["object_key"])
    _decide(desk, second, second)
    assert desk.talks() == [[1, 4], [2, 3]]
    desk.rebuild()
    assert desk.talks() == [[1, 4], [2, 3]]
    _decide(desk, second, None)
    assert desk.talks() == [[1, 2, 3, 4]]


def test_storm_beyond_the_cap_stays_in_the_stories_and_is_counted() -> None:
    desk = Desk(_TOML.replace("1000", "3"))
    for who in range(1, 9):
        desk.says(who, visibility="public", channel="mastodon", actionability="answer", received=NOON)
    desk.says(10)
    desk.flush()
    assert len(desk.talks()) == 4
    assert desk.stored("SELECT count(*) FROM snapshot WHERE projection = 'conversations'") == [(1,)]


def test_public_posts_come_only_when_they_mention_us_or_wait_for_an_answer() -> None:
    for toml, wanted in ((_TOML, [[2], [4]]), (_TOML + 'takes = "direct"\n', [[4]])):
        desk = Desk(toml)
        public: dict[str, Any] = {"visibility": "public", "channel": "mastodon"}
        desk.says(1, **public)
        desk.says(2, **public, actionability="answer")
        desk.says(3, **public, actionability="answer", brands=None)
        desk.says(4, **public, mentions=["@AcmeCare"])
        desk.says(5, **public, mentions=["@AcmeCare"], spam="links")
        desk.flush()
        assert desk.talks() == wanted


_WHO, _ANY = st.integers(1, 4), st.integers(1, 30)
_NEED = st.sampled_from([None, "invoice", "delivery"])
_STEP = st.one_of(
    st.tuples(st.just("says"), _WHO, _NEED, st.integers(0, 12), st.integers(-40, 90)),
    st.tuples(st.just("replies"), _WHO, _ANY, st.booleans()),
    st.tuples(st.just("answers"), st.integers(0, 30)),
    st.tuples(st.just("edits"), _ANY, _NEED),
    st.tuples(st.just("deletes"), _ANY),
    st.tuples(st.just("corrects"), _ANY, _NEED),
    st.tuples(st.sampled_from(["flush", "kill", "rebuild"])),
)


@settings(max_examples=60, deadline=None)  # of up to 30 steps each
@given(steps=st.lists(_STEP, max_size=30))
def test_whatever_happens_the_tables_are_those_of_a_replay_of_what_remains(steps: list[tuple[Any, ...]]) -> None:
    desk = Desk()
    for name, *rest in steps:
        _do(desk, name, rest)
    desk.flush(everything=True)
    assert desk.state() == desk.replayed().state()
    before = desk.stored("SELECT seq, conversation, was FROM conversation_post ORDER BY seq")
    desk.rebuild()
    assert desk.stored("SELECT seq, conversation, was FROM conversation_post ORDER BY seq") == before
    homes = {row[1] for row in before}
    assert homes <= {row[0] for row in before}


def _do(desk: Desk, name: str, rest: list[Any]) -> None:
    heard = sorted(desk.rows)
    if name == "says":
        who, need, thread, hours = rest
        known = {"conversation": f"t{thread}"} if thread > 8 else {}
        parent = 2_000 + thread if thread < 3 else None
        desk.says(who, need=need, event_at=NOON + hours * _HOUR, parent_key=parent, **known)
    elif name == "replies" and heard:
        who, to, is_late = rest
        known = {"object_key": 2_000 + to % 3} if is_late and not _is_used(desk, 2_000 + to % 3) else {}
        desk.says(who, parent_key=desk.rows[heard[to % len(heard)]]["object_key"], **known)
    elif name == "answers":
        desk.answers(heard[rest[0] % len(heard)] if heard and rest[0] else None)
    elif name in ("edits", "corrects") and heard:
        getattr(desk, name)(heard[rest[0] % len(heard)], need=rest[1])
    elif name == "deletes" and heard:
        desk.deletes(heard[rest[0] % len(heard)])
    elif name in ("flush", "kill", "rebuild"):
        getattr(desk, name)()


def _is_used(desk: Desk, object_key: int) -> bool:
    return any(row["object_key"] == object_key for row in desk.rows.values())
