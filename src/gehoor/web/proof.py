"""How well alarms do in this workspace: how late, how often wrong, and which were missed."""

from math import sqrt

import msgspec
import sqlalchemy as sa
from markupsafe import Markup

from gehoor.core.clock import DAY_US
from gehoor.core.tables import ledger as tables
from gehoor.core.warned import Delay, Missed, last_delay, missed_of
from gehoor.web.site import Site
from gehoor.web.speech import Speech

__all__ = ["Proof", "proof_of"]

_MOST = 20
_Z = 1.96


class Proof(msgspec.Struct, frozen=True, kw_only=True):
    """Figures of one workspace.

    Attributes
    ----------
    delay : Delay, optional
        How late alarms are, as it was measured last; None: not yet.
    n_false, n_judged, n_alerts : int
        Alerts that people called false, that they judged at all, and all of them.
    weeks : float
        Since anything was heard.
    allowed : float
        How many false alarms a week were asked for.
    missed : list of Missed
        The newest first.
    """

    delay: Delay | None
    n_false: int
    n_judged: int
    n_alerts: int
    weeks: float
    allowed: float
    missed: list[Missed]

    def a_week(self, speech: Speech) -> Markup:
        """Say how many false alarms that is a week, with its range."""
        if self.weeks < 1:
            return speech.say("proof.false.early")
        low, high = _range(self.n_false)
        return speech.say(
            "proof.false.range", low=speech.amount(low / self.weeks), high=speech.amount(high / self.weeks)
        )

    def within(self, speech: Speech) -> Markup:
        """Say between what half of all alarms come."""
        delay = self.delay
        if delay is None:
            return speech.say("proof.delay.none")
        if delay.note:
            return speech.word("proof.delay", delay.note if delay.note in ("short", "quiet", "busy") else "failed")
        key = "proof.delay.range" if delay.low_s and delay.high_s else "proof.delay.late"
        low, high = (speech.lasting(value or 600) for value in (delay.low_s, delay.high_s))
        return speech.say(key, low=low, high=high, n=delay.n, found=delay.n_found)


def proof_of(site: Site, now: int) -> Proof:
    """Return the figures of a workspace. Cost: 1 ms."""
    reader, table = site.reader, tables.alert
    counts = reader.stored(sa.select(table.c.verdict, sa.func.count().label("n")).group_by(table.c.verdict))
    by_verdict = {row.verdict or "": int(row.n) for row in counts}
    delays = reader.stored(last_delay())
    missed = reader.stored(sa.select(tables.missed).order_by(tables.missed.c.at.desc()).limit(_MOST))
    period = reader.period()
    return Proof(
        delay=msgspec.json.decode(delays[0].data, type=Delay) if delays else None,
        n_false=by_verdict.get("false", 0), n_judged=sum(n for verdict, n in by_verdict.items() if verdict),
        n_alerts=sum(by_verdict.values()), weeks=max(0, now - period[0]) / (7 * DAY_US) if period else 0.0,
        allowed=site.settings.alerts.false_alarms_per_week, missed=missed_of(missed),
    )  # fmt: skip


def _range(k: int) -> tuple[float, float]:
    """Return the 95 % interval of the mean of which `k` was counted (Byar's approximation of Poisson's)."""
    low = k * (1 - 1 / (9 * k) - _Z / (3 * sqrt(k))) ** 3 if k else 0.0
    m = k + 1
    return low, m * (1 - 1 / (9 * m) + _Z / (3 * sqrt(m))) ** 3
