"""What people called "not an alarm": such a thing must be louder to be told again."""

import math

import sqlalchemy as sa

from gehoor.core.alert import alert_of
from gehoor.core.clock import SECOND_US
from gehoor.core.tables.ledger import alert
from gehoor.warn.base import Floats

__all__ = ["Mistakes"]

_LOUDER = 0.5
_HALF_LIFE_S = 28 * 86_400
_LAST = 1_000


class Mistakes:
    """Knows which alerts are marked false, and by how much each raises the bar for its brand.

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
        """Return the scores of a brand's measures, less by how much the bar is raised; shape (n_measures,).

        A burst is seen by several measures at once: what was false as "negative" would come back as "posts", so the
        bar is raised for all of them.
        """
        bar = 0.0
        for marked, measure, at, probability in self._marked:
            if marked == brand and measure != "silence":
                raised = max(_score(probability) + _LOUDER - threshold, 0.0)
                bar = max(bar, raised * 0.5 ** (max(now - at, 0) / _HALF_LIFE_S))
        return scores - bar if bar else scores


def _score(probability: float) -> float:
    return math.log10(probability / max(1 - probability, 1e-15))
