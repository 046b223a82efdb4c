"""What people called "not an alarm": such a thing must be louder to be told again."""

import math

import sqlalchemy as sa

from gehoor.core.alert import alert_of
from gehoor.core.clock import SECOND_US
from gehoor.core.tables.ledger import alert
from gehoor.warn.base import Floats
from gehoor.warn.counting import MEASURES

__all__ = ["Mistakes"]

_LOUDER = 0.5
_HALF_LIFE_S = 28 * 86_400
_LAST = 1_000


class Mistakes:
    """Knows which alerts are marked false, and by how much each raises the bar for its brand and measure.

    What was false must be three times as rare to be told again; that fades, by half in four weeks. It is read from the
    alerts themselves: a verdict that is taken back lowers the bar again.
    """

    def __init__(self) -> None:
        self._marked: list[tuple[str, str, int, float]] = []

    def read(self, tx: sa.Connection) -> None:
        """Take up what stands in the table of alerts: its thousand newest mistakes."""
        marked = sa.select(alert).where(alert.c.verdict == "false").order_by(alert.c.began_at.desc()).limit(_LAST)
        found = [alert_of(row) for row in tx.execute(marked)]
        self._marked = [(one.brand, one.measure, one.detected_at // SECOND_US, one.probability) for one in found]

    def raised(self, brand: str, now: int, threshold: float, scores: Floats) -> Floats:
        """Return the scores of a brand's measures, less by how much the bar is raised; shape (n_measures,)."""
        lowered = scores
        for marked, measure, at, probability in self._marked:
            if marked == brand and measure in MEASURES:
                lowered = lowered.copy() if lowered is scores else lowered
                place = MEASURES.index(measure)
                bar = max(_score(probability) + _LOUDER - threshold, 0.0) * 0.5 ** (max(now - at, 0) / _HALF_LIFE_S)
                lowered[place] = min(lowered[place], scores[place] - bar)
        return lowered


def _score(probability: float) -> float:
    return math.log10(probability / max(1 - probability, 1e-15))
