"""Counts what is read where each read has its price, and stops before a month costs more than was agreed."""

from datetime import UTC, datetime, timedelta
from typing import Any

from gehoor.core.clock import SECOND_US
from gehoor.core.errors import TransientError

__all__ = ["Meter"]

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


class Meter:
    """What was read and spent this month, UTC.

    Parameters
    ----------
    price_per_read : float
        What one item costs, in the money of the cap.
    cap_per_month : float, optional
        The most that may be spent in a calendar month; None: no end.
    state : dict, optional
        What `state` gave before; a source keeps it in its cursor.

    Examples
    --------
    >>> meter = Meter(0.005, 50.0)
    >>> meter.count(200, now=0)
    >>> meter.state
    {'month': '1970-01', 'n_read': 200, 'spent': 1.0}
    """

    def __init__(
        self, price_per_read: float, cap_per_month: float | None = None, state: dict[str, Any] | None = None
    ) -> None:
        self._price, self._cap = price_per_read, cap_per_month
        known = state or {}
        self._month = str(known.get("month", ""))
        self._n_read, self._spent = int(known.get("n_read", 0)), float(known.get("spent", 0.0))

    @property
    def state(self) -> dict[str, Any]:
        """What to keep: month, items read, money spent."""
        return {"month": self._month, "n_read": self._n_read, "spent": round(self._spent, 6)}

    def check(self, now: int) -> None:
        """Raise when one read more would cost more than the month may.

        Parameters
        ----------
        now : int
            Microseconds UTC.

        Raises
        ------
        TransientError
            Until the month is over.
        """
        self._turn(now)
        if self._cap is None or self._spent + self._price <= self._cap:
            return
        moment = _EPOCH + timedelta(microseconds=now)
        next_month = datetime(moment.year + moment.month // 12, moment.month % 12 + 1, 1, tzinfo=UTC)
        raise TransientError(
            f"This month's {self._cap:.2f} is spent, on {self._n_read} reads. Reading goes on at "
            f"{next_month:%Y-%m-%d} 00:00 UTC, or when cap_per_month is higher.",
            (next_month - moment).total_seconds(),
        )

    def count(self, n_items: int, now: int) -> None:
        """Note that `n_items` were read at `now`, microseconds UTC."""
        self._turn(now)
        self._n_read += n_items
        self._spent += n_items * self._price

    def _turn(self, now: int) -> None:
        """Begin anew when the month is another one; a clock that steps back a little does not give a month twice."""
        month = f"{_EPOCH + timedelta(seconds=now // SECOND_US):%Y-%m}"
        if month > self._month:
            self._month, self._n_read, self._spent = month, 0, 0.0
