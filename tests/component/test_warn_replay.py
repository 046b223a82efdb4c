"""How late alarms are on a workspace's own past: bursts put into what was counted there."""

import asyncio
from pathlib import Path

import numpy as np
import pytest
import sqlalchemy as sa

from gehoor.core.alert import Alert, write_alert
from gehoor.core.clock import SECOND_US
from gehoor.core.reader import Reader
from gehoor.core.tables.ledger import rollup
from gehoor.run.calls import Calls
from gehoor.run.warn_replay import delay_of
from tests.cast import NOON
from tests.component.deciding import Deciding
from tests.component.hearing import BRANDS, Hearing

_DAY_S = 86_400


def _past(hearing: Hearing, per_minute: float, days: float) -> None:
    """Write the counts of an ordinary past, up to noon."""
    rng, end = np.random.default_rng(3), NOON // SECOND_US
    rows = []
    for resolution, span_s in ((10, round(min(days, 3) * _DAY_S)), (3_600, round(days * _DAY_S))):
        moments = np.arange(end - span_s, end, resolution)
        counts = rng.poisson(per_minute * resolution / 60, len(moments))
        rows += [(resolution, int(at), int(n)) for at, n in zip(moments, counts, strict=True) if n]
    shared = {"kind": "say", "channel": "m", "sentiment": "neutral", "intent": "other", "n_copies": 0}
    with hearing.projector.engine.begin() as tx:
        tx.execute(
            sa.insert(rollup),
            [
                shared | {"resolution": resolution, "at": at * SECOND_US, "brand": brand, "n": n}
                for resolution, at, n in rows
                for brand in ("", "noordvlucht")
            ],
        )


@pytest.fixture
def hearing(tmp_path: Path) -> Hearing:
    """A workspace with one brand and no past."""
    return Hearing(tmp_path / "workspace", BRANDS)


def test_bursts_in_a_busy_past_are_warned_of_within_a_minute(hearing: Hearing) -> None:
    _past(hearing, per_minute=30, days=1.4)
    delay = delay_of(Reader(hearing.root), hearing.settings, NOON)
    hearing.close()
    assert (delay.note, delay.n) == ("", 30)
    assert delay.n_found == delay.n
    assert delay.median_s is not None
    assert delay.low_s is not None
    assert delay.high_s is not None
    assert 10 <= delay.low_s <= delay.median_s <= delay.high_s <= 90
    assert 25 < delay.per_minute < 35


def test_no_burst_is_put_where_something_was_going_on(hearing: Hearing) -> None:
    _past(hearing, per_minute=30, days=2.5)
    with hearing.projector.engine.begin() as tx:
        began = NOON - 3 * _DAY_S * SECOND_US
        storm = Alert(
            id="noordvlucht/help/1", brand="noordvlucht", measure="help", level=1, began_at=began, detected_at=began,
            n=9, expected=1.0, peak_per_minute=3.0, normal_per_minute=0.1, probability=0.9,
        )  # fmt: skip
        write_alert(tx, storm)
    delay = delay_of(Reader(hearing.root), hearing.settings, NOON)
    hearing.close()
    assert (delay.note, delay.n) == ("busy", 0)


@pytest.mark.parametrize(("per_minute", "days", "note"), [(30.0, 0.3, "short"), (0.2, 4.0, "quiet")])
def test_too_little_to_say_is_said(hearing: Hearing, per_minute: float, days: float, note: str) -> None:
    _past(hearing, per_minute, days)
    delay = delay_of(Reader(hearing.root), hearing.settings, NOON)
    hearing.close()
    assert (delay.note, delay.median_s) == (note, None)


def test_it_is_measured_in_a_process_of_its_own_and_kept(hearing: Hearing) -> None:
    found = asyncio.run(Calls(Deciding(hearing)).handle("measure_alerts", {"wait": True}))  # type: ignore[arg-type]  # the part of a workplace that is asked here
    with hearing.projector.engine.begin() as tx:
        stored = tx.exec_driver_sql("SELECT count(*) FROM warned").scalar()
    hearing.close()
    assert (found["note"], stored) == ("short", 1)
