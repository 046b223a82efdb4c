"""Every dialect in which a server may ask us to stay away."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gehoor.core.clock import SECOND_US
from gehoor.core.errors import TransientError
from gehoor.listen.limits import LONGEST_S, is_used_up, wait_of
from gehoor.listen.meter import Meter

NOW = 1_795_000_000 * SECOND_US  # 2026-11-18T11:06:40Z


@pytest.mark.parametrize(
    ("headers", "wait_s"),
    [
        ({"retry-after": "120"}, 120.0),
        ({"retry-after": " 0 "}, 0.0),
        ({"retry-after": "1.5"}, 1.5),
        ({"retry-after": "Wed, 18 Nov 2026 11:07:40 GMT"}, 60.0),
        ({"retry-after": "Wed, 18 Nov 2026 11:05:40 GMT"}, 0.0),
        ({"retry-after": "30", "x-ratelimit-reset": "1795000300"}, 30.0),
        ({"retry-after": "soon", "x-ratelimit-reset": "1795000300"}, 300.0),
        ({"x-ratelimit-reset": "1795000300"}, 300.0),
        ({"x-rate-limit-reset": "1795000300.5"}, 300.5),
        ({"x-rate-limit-reset": "1795000300000"}, 300.0),
        ({"x-ratelimit-reset": "2026-11-18T11:11:40.000Z"}, 300.0),
        ({"ratelimit-reset": "45"}, 45.0),
        ({"retry-after": "31536000"}, LONGEST_S),
        ({"retry-after": "1e999"}, None),
        ({"retry-after": "nan"}, None),
        ({"retry-after": "-5"}, None),
        ({"retry-after": "9" * 100}, None),
        ({}, None),
    ],
)
def test_each_dialect_gives_the_seconds_to_wait(headers: dict[str, str], wait_s: float | None) -> None:
    assert wait_of(headers, NOW) == wait_s


@given(value=st.text(max_size=30) | st.floats().map(str) | st.integers().map(str))
def test_no_header_brings_it_down_or_makes_us_wait_for_ever(value: str) -> None:
    wait_s = wait_of({"retry-after": value, "x-ratelimit-reset": value}, NOW)
    assert wait_s is None or 0 <= wait_s <= LONGEST_S


def test_the_last_call_allowed_is_noticed() -> None:
    assert is_used_up({"x-ratelimit-remaining": "0"})
    assert not is_used_up({"x-ratelimit-remaining": "10"})
    assert not is_used_up({})


def test_a_meter_stops_before_the_month_costs_more_than_agreed() -> None:
    meter = Meter(0.25, 1.0)
    for _ in range(4):
        meter.check(NOW)
        meter.count(1, NOW)
    with pytest.raises(TransientError, match=r"1\.00 is spent, on 4 reads\. Reading goes on at 2026-12-01") as stopped:
        meter.check(NOW)
    assert stopped.value.retry_after_s == pytest.approx(1_796_083_200 - 1_795_000_000)


def test_a_new_month_begins_anew_and_december_is_followed_by_january() -> None:
    december = 1_798_700_000 * SECOND_US
    meter = Meter(1.0, 1.0)
    meter.count(1, december)
    with pytest.raises(TransientError, match="goes on at 2027-01-01"):
        meter.check(december)
    meter.check(december + 3 * 86_400 * SECOND_US)
    assert meter.state == {"month": "2027-01", "n_read": 0, "spent": 0.0}


def test_a_meter_goes_on_from_its_state_and_a_clock_that_steps_back_gives_no_month_twice() -> None:
    meter = Meter(1.0, 2.0)
    meter.count(2, NOW)
    again = Meter(1.0, 2.0, meter.state)
    with pytest.raises(TransientError):
        again.check(NOW)
    with pytest.raises(TransientError):
        again.check(NOW - 40 * 86_400 * SECOND_US)


def test_a_meter_without_a_cap_only_counts() -> None:
    meter = Meter(0.005)
    meter.count(1_000_000, NOW)
    meter.check(NOW)
    assert meter.state["spent"] == 5_000.0
