"""A rule about people: what can be written, where an error points, and that it is never anything but bound values."""

from typing import Any

import pytest
import sqlalchemy as sa
from hypothesis import given
from hypothesis import strategies as st

from gehoor.core.audience.columns import COLUMNS, AskColumn
from gehoor.core.audience.people import People
from gehoor.core.audience.rule import parse_rule
from gehoor.core.query.error import QueryError
from gehoor.core.tables import audience, person

TODAY = 20_557

_VALUES = {"number": "3", "share": "40%", "days": "2 weeks", "day": "2026-04-01", "text": '"Ons Merk"'}
_SPECIAL = (
    "health", "illness", "religion", "belief", "politic", "party", "union", "ethnic", "race", "origin", "sex", "gender",
    "orientation", "biometric", "genetic", "topic", "intent", "need", "emotion",
)  # fmt: skip


class _Stored:
    """Persons in a database of their own, asked as a reader is."""

    def __init__(self) -> None:
        self._engine = sa.create_engine("sqlite://", poolclass=sa.StaticPool)
        audience.metadata.create_all(self._engine)

    def add(self, number: int, **known: object) -> None:
        columns = {column.name: 0 for column in person.person.c} | {"may_profile": True, "person": number}
        with self._engine.begin() as tx:
            tx.execute(sa.insert(person.person).values(**columns | {k: v for k, v in known.items() if k != "state"}))
            if "state" in known:
                loyal = {"brand": "a", "n_brands": 1, "p_ours": 0.5, "p_promotion": 0.0, "state": known["state"]}
                tx.execute(sa.insert(audience.person_loyalty).values(person=number, **loyal))

    def stored(self, statement: sa.Select[Any]) -> list[sa.Row[Any]]:
        with self._engine.connect() as tx:
            return list(tx.execute(statement).all())


@pytest.fixture(scope="module")
def stored() -> _Stored:
    stored = _Stored()
    for number in range(60):
        day = TODAY - number if number % 3 else -1
        state = {"state": ("loyal", "hopper", "leaving")[number % 3]} if number % 4 else {}
        stored.add(number, n_orders=number % 7, last_order_day=day, spend=number * 10_000, **state)
    for number in range(60, 80):
        stored.add(number, n_orders=100, may_profile=False)
    return stored


def _asks(column: AskColumn) -> st.SearchStrategy[str]:
    value = column.choices[0] if column.choices else _VALUES[column.kind]
    is_word = column.kind in ("choice", "text")
    signs = ("=", "!=") if is_word else ("=", "!=", "<", "<=", ">", ">=")
    return st.sampled_from([f"{column.name} {sign} {value}" for sign in signs] + [f"{column.name} in ({value})"])


RULES = st.recursive(
    st.sampled_from(list(COLUMNS.values())).flatmap(_asks),
    lambda inner: st.one_of(
        st.tuples(inner, st.sampled_from(["and", "or"]), inner).map(lambda part: f"({part[0]} {part[1]} {part[2]})"),
        inner.map(lambda text: f"not ({text})"),
    ),
    max_leaves=8,
)


@given(RULES)
def test_whom_a_rule_holds_and_whom_its_opposite_holds_are_everybody(stored: _Stored, rule: str) -> None:
    def numbers(text: str) -> set[int]:
        where = parse_rule(text, TODAY).where
        joined = person.person.outerjoin(audience.person_loyalty, sa.true() & (
            audience.person_loyalty.c.person == person.person.c.person)).outerjoin(
            person.person_value, person.person_value.c.person == person.person.c.person)  # fmt: skip
        return {row[0] for row in stored.stored(sa.select(person.person.c.person).select_from(joined).where(where))}

    found, others = numbers(rule), numbers(f"not ({rule})")
    assert found | others == set(range(80))
    assert not found & others


@given(RULES)
def test_parts_put_together_are_the_rule(rule: str) -> None:
    whole = parse_rule(f"{rule} and orders >= 1 and brands = 1", TODAY)
    again = parse_rule(" and ".join(whole.parts), TODAY)
    assert str(again.where) == str(whole.where)


@given(st.text(max_size=60))
def test_anything_typed_is_a_rule_or_an_error_at_a_character(text: str) -> None:
    try:
        parse_rule(text, TODAY)
    except QueryError as error:
        assert 0 <= error.position <= len(text)
        assert error.reason.endswith((".", "?"))


@pytest.mark.parametrize(
    ("rule", "reason", "position"),
    [
        ("order > 3", "Did you mean 'orders'?", 0),
        ("orders > many", "a number", 9),
        ("orders 3", "Behind orders comes", 7),
        ("since_order > 90", "days, weeks, months or years", 15),
        ("loyalty = hoper", "Did you mean 'hopper'?", 10),
        ("loyalty > hopper", "is a word", 8),
        ("last_order > 2026-02-30", "a date", 13),
        ("on_promotion > 70", "a part", 15),
        ("orders > 3 orders < 5", "and or or", 11),
        ("orders > 3 and", "behind this and", 11),
        ("(orders > 3", "never closed", 0),
        ("orders > 3)", "closes nothing", 10),
        ("loyalty in (hopper", "never closed", 11),
        ('main_brand = "a', "quotes are never closed", 13),
        ("person.spend > 1", "Nothing is known", 0),
        ("1 = 1", "Nothing is known", 0),
        ("orders > 3; drop", "a number", 9),
        ("orders > " + "9" * 20, "a number", 9),
        ("(" * 30 + "orders > 1", "20 deep", 20),
    ],
)
def test_error_points_at_the_character(rule: str, reason: str, position: int) -> None:
    with pytest.raises(QueryError, match=r".") as caught:
        parse_rule(rule, TODAY)
    assert reason in caught.value.reason
    assert caught.value.position == position


def test_what_is_typed_is_a_bound_value_and_never_sql() -> None:
    hostile = "x' OR 1=1 --"
    where = parse_rule(f'main_brand = "{hostile}"', TODAY).where
    said = where.compile()
    assert hostile not in str(said)
    assert hostile in said.params.values()


def test_who_refuses_a_profile_is_never_in_it_and_fewer_than_ten_are_not_counted(stored: _Stored) -> None:
    people = People(stored)  # type: ignore[arg-type]  # all that it asks of a reader
    assert people.n() == 60
    assert people.n(parse_rule("orders >= 100", TODAY)) == 0
    assert people.n(parse_rule("spent >= 55", TODAY)) is None
    assert people.rows(parse_rule("spent >= 55", TODAY), [person.person.c.person], 100) == []
    assert people.n(parse_rule("spent >= 50", TODAY)) == 10


def test_no_day_is_no_long_time_ago(stored: _Stored) -> None:
    long_ago = parse_rule("since_order >= 0 days", TODAY)
    assert People(stored).n(long_ago) == 40  # type: ignore[arg-type]  # all that it asks of a reader


def test_no_column_tells_or_lets_guess_a_special_category() -> None:
    assert len(COLUMNS) > 20
    for name, column in COLUMNS.items():
        assert not [word for word in _SPECIAL if word in f"{name} {' '.join(column.choices)}"], name
