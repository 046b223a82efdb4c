"""What was marked false must be louder to be told again, however it is counted, and less so as time goes by."""

import msgspec
import numpy as np
import pytest
import sqlalchemy as sa

from gehoor.core.alert import Alert, judge_alert, write_alert
from gehoor.core.clock import SECOND_US
from gehoor.core.tables.ledger import alert
from gehoor.warn.mistakes import Mistakes

WEEK_S = 7 * 86_400
STORM = Alert(
    id="storm", brand="acme", measure="negative", level=1, began_at=0, detected_at=60 * SECOND_US, n=40, expected=2.0,
    peak_per_minute=9.0, normal_per_minute=0.1, probability=0.999,
)  # fmt: skip


@pytest.fixture
def tx() -> sa.Connection:
    connection = sa.create_engine("sqlite://").connect()
    alert.create(connection)
    write_alert(connection, STORM)
    return connection


def _raised(tx: sa.Connection, brand: str, now: int) -> float:
    mistakes = Mistakes()
    mistakes.read(tx)
    scores = np.array([3.0, 2.0, 1.0])
    lowered = scores - mistakes.raised(brand, now, 0.0, scores)
    assert np.ptp(lowered) < 1e-12, "a burst comes back under another name"
    return float(lowered[0])


def test_a_mistake_raises_the_bar_of_its_brand_only_and_fades_by_half_in_four_weeks(tx: sa.Connection) -> None:
    judge_alert(tx, "storm", "false")
    bar = _raised(tx, "acme", 60)
    assert bar > 3.0 and _raised(tx, "other", 60) == 0.0
    assert _raised(tx, "acme", 60 + 4 * WEEK_S) == pytest.approx(bar / 2)


def test_a_verdict_that_is_taken_back_lowers_it_again(tx: sa.Connection) -> None:
    judge_alert(tx, "storm", "false")
    judge_alert(tx, "storm", "")
    assert _raised(tx, "acme", 60) == 0.0


def test_a_false_silence_makes_no_burst_quieter(tx: sa.Connection) -> None:
    write_alert(tx, msgspec.structs.replace(STORM, id="quiet", measure="silence"))
    judge_alert(tx, "quiet", "false")
    assert _raised(tx, "acme", 60) == 0.0
