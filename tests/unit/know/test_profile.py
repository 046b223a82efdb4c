"""Profiles are sums: any order, any batches, taken back without a trace, two together are the profile of both."""

from collections import Counter
from typing import Any

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from gehoor.core.clock import DAY_US
from gehoor.core.record import LEDGER
from gehoor.know.cell_code import Cells, day_cells, names_in
from gehoor.know.cells import Names, cells_of
from gehoor.know.evidence import given_in
from gehoor.know.identity import Keys
from gehoor.know.profile import Profile, columns_of
from gehoor.know.tally import Tally, blobs_of, pairs_of, summed
from tests.cast import NOON

_ALLOWED = '{"consent":{"categoryPreferences":{"Profiling":true}}}'
_EVENTS = ("Order Completed", "order refunded", "Order Cancelled", "Product Viewed", None)


def _row(**fields: Any) -> dict[str, Any]:
    plain = {
        "seq": 1, "id": "a", "type": "Create", "rev": 0, "received": NOON, "channel": "shop", "direction": "in",
        "visibility": "public", "key": 1, "object_key": 1, "actor_key": 7, "event_at": NOON, "is_backfill": False,
        "actor": "c7", "brands": [],
    }  # fmt: skip
    return plain | fields


def _batch(rows: list[dict[str, Any]]) -> pa.RecordBatch:
    return pa.RecordBatch.from_pylist(rows, schema=LEDGER)


_ROWS = st.lists(
    st.fixed_dictionaries(
        {
            "type": st.sampled_from(("Create", "Track", "Like", "Announce", "Page", "Delete", "Identify")),
            "direction": st.sampled_from(("in", "in", "in", "out")),
            "visibility": st.sampled_from(("public", "direct")),
            "actor_key": st.integers(-3, 3),
            "event_at": st.integers(NOON - 400 * DAY_US, NOON),
            "event": st.sampled_from(_EVENTS),
            "value": st.none() | st.floats(allow_nan=True, allow_infinity=True),
            "currency": st.sampled_from(("EUR", "usd", None)),
            "brand": st.none() | st.text(max_size=4),
            "promotion": st.none() | st.sampled_from(("summer", "x" * 300)),
            "sentiment": st.sampled_from(("negative", "neutral", "positive", None)),
            "intent": st.sampled_from(("help", None)),
            "lines": st.sampled_from((None, "[", '[{"brand":"a"},{"brand":"b"},7]', "{}")),
            "policy": st.sampled_from((None, '{"purposes":["reply"]}', "[", _ALLOWED)),
            "brands": st.lists(st.sampled_from(("acme", "other")), max_size=2),
        }
    ).map(lambda fields: _row(**fields)),
    min_size=1,
    max_size=12,
)  # fmt: skip


def _sums(parts: list[tuple[pa.RecordBatch, int]]) -> tuple[dict[tuple[int, int], int], Counter[int]]:
    tally, names = Tally(), Names()
    for rows, sign in parts:
        tally.add(cells_of(rows, names, sign))
    cells = tally.taken()
    columns = zip(cells.actor.tolist(), cells.cell.tolist(), cells.n.tolist(), strict=True)
    counted: Counter[int] = Counter()
    for code, _, n in names.taken():
        counted[code] += n
    return {(actor, cell): n for actor, cell, n in columns if n}, counted


@given(rows=_ROWS, data=st.data())
def test_rows_add_the_same_in_any_order_and_any_batches(rows: list[dict[str, Any]], data: st.DataObject) -> None:
    shuffled = data.draw(st.permutations(rows))
    alone: list[tuple[pa.RecordBatch, int]] = [(_batch([row]), 1) for row in shuffled]
    assert _sums([(_batch(rows), 1)]) == _sums(alone)


@given(rows=_ROWS, gone=st.integers(0, 11))
def test_what_is_taken_back_leaves_no_trace(rows: list[dict[str, Any]], gone: int) -> None:
    place = gone % len(rows)
    stays = rows[:place] + rows[place + 1 :]
    assert _sums([(_batch(rows), 1), (_batch([rows[place]]), -1)]) == _sums([(_batch(stays), 1)] if stays else [])


@given(rows=_ROWS)
def test_names_are_counted_as_the_cells_count_them(rows: list[dict[str, Any]]) -> None:
    names = Names()
    cells = cells_of(_batch(rows), names, 1)
    codes, n = names_in(cells)
    counted = {code: many for code, _, many in names.taken()}
    assert dict(zip(codes.tolist(), n.tolist(), strict=True)) == counted


@given(rows=_ROWS)
def test_cells_come_back_from_the_store_as_they_were(rows: list[dict[str, Any]]) -> None:
    cells = summed(cells_of(_batch(rows), Names(), 1))
    actors = np.unique(cells.actor)
    back = pairs_of(actors.tolist(), blobs_of(cells, actors))
    kept = cells.n != 0
    assert [column.tolist() for column in back] == [column[kept].tolist() for column in cells]


@given(rows=_ROWS)
def test_columns_of_persons_say_what_their_profiles_say(rows: list[dict[str, Any]]) -> None:
    cells = summed(cells_of(_batch(rows), Names(), 1))
    persons = np.unique(cells.actor)
    columns = columns_of(cells, persons)
    for place, person in enumerate(persons.tolist()):
        mine = cells.actor == person
        profile = Profile(cells.cell[mine], cells.n[mine], {})
        assert int(columns.n_orders[place]) == profile.total("ordered")
        assert int(columns.last_day[place]) == (-1 if profile.last_day is None else profile.last_day)
        days, n = profile.days()
        if len(days):
            count = float((n * 0.5 ** ((days[-1] - days) / 30)).sum())
            assert 2 ** (columns.heat_30[place] - days[-1] / 30) == pytest.approx(count)


def test_refunds_cancellations_and_negative_orders_are_returns_and_no_orders() -> None:
    told = (("Order Completed", 20.0), ("Order Completed", -3.0), ("Order Refunded", 5.0), ("order cancelled", -2.0))
    rows = [_row(type="Track", event=event, value=value, currency="eur") for event, value in told]
    names = Names()
    cells = summed(cells_of(_batch(rows), names, 1))
    profile = Profile(cells.cell, cells.n, {code: name for code, name, _ in names.taken()})
    assert (profile.total("ordered"), profile.total("returned"), profile.spend()) == (1, 3, {"EUR": 10.0})


def test_two_profiles_together_are_the_profile_of_both() -> None:
    mine, theirs = day_cells(np.array([100, 110]), "ordered"), day_cells(np.array([104]), "ordered")
    both = summed(Cells(np.zeros(3, np.int64), np.concatenate([mine, theirs]), np.ones(3, np.int64)))
    assert Profile(both.cell, both.n, {}).gaps()[0] == 2
    assert Profile(both.cell, both.n, {}).gaps().last == 6


def test_refusal_after_consent_holds_and_the_other_way_round() -> None:
    def said(day: int, answer: str) -> dict[str, Any]:
        policy = f'{{"consent":{{"categoryPreferences":{{"Profiling":{answer}}}}}}}'
        return _row(policy=policy, event_at=NOON + day * DAY_US)

    for answers, may in ((("true", "false"), False), (("false", "true"), True)):
        rows = [said(day, answer) for day, answer in enumerate(answers)]
        cells = summed(cells_of(_batch(rows), Names(), 1))
        assert columns_of(cells, np.array([7])).may_profile.tolist() == [may]


def test_public_post_is_no_evidence_whatever_it_says() -> None:
    post = _row(text="mijn mail is jan@acme.example", properties='{"traits":{"email":"jan@acme.example"}}',
                channel="bluesky")  # fmt: skip
    told = _row(type="Identify", properties='{"traits":{"email":"jan@acme.example","phone":["x"]}}')
    keys = Keys(b"sixteen bytes at least")
    assert given_in(_batch([post]), keys) == []
    assert [(one.actor_key, one.kind) for one in given_in(_batch([told]), keys)] == [(7, "mail")]
