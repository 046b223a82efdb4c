"""The order of the inbox among all that waits: urgent comes earlier, and nobody stays behind for ever."""

import sqlalchemy as sa
from hypothesis import given
from hypothesis import strategies as st

from gehoor.core.clock import DAY_US
from gehoor.core.desk_query import SORTS
from tests.cast import NOON

_URGENCY, _SAID, _WAITED = st.integers(0, 3), st.integers(-1, 1), st.integers(0, 30 * DAY_US)

_STORE = sa.create_engine("sqlite://").connect()


def _place(urgency: int, said: int, waited: int) -> int:
    sql = f"SELECT {SORTS['priority']} FROM (SELECT ? AS waiting_since, ? AS urgency) c, (SELECT ? AS priority) d"
    return int(_STORE.exec_driver_sql(sql, (NOON - waited, urgency, said)).scalar_one())


@given(_URGENCY, _SAID, _WAITED, _URGENCY, _SAID)
def test_who_waited_three_days_longer_comes_first_whatever_else_there_is(
    urgency: int, said: int, waited: int, other: int, said_of_other: int
) -> None:
    assert _place(urgency, said, waited + 3 * DAY_US) > _place(other, said_of_other, waited)


@given(_URGENCY, _SAID, _WAITED)
def test_of_equals_in_waiting_what_is_more_urgent_or_was_put_forward_comes_first(
    urgency: int, said: int, waited: int
) -> None:
    if urgency < 3:
        assert _place(urgency + 1, said, waited) > _place(urgency, said, waited)
    if said < 1:
        assert _place(urgency, said + 1, waited) > _place(urgency, said, waited)


def test_who_waits_for_nothing_comes_last() -> None:
    sql = f"SELECT {SORTS['priority']} FROM (SELECT NULL AS waiting_since, 3 AS urgency) c, (SELECT 1 AS priority) d"
    assert _STORE.exec_driver_sql(sql).scalar_one() < _place(0, -1, 0)
