"""Growing pauses after vain attempts to log in. Nobody is ever locked out: a pause ends, and others have their own."""

import hashlib

import sqlalchemy as sa

from gehoor.core.clock import DAY_US, SECOND_US
from gehoor.core.store import put
from gehoor.core.tables.team import throttle

__all__ = ["LONGEST_S", "allow", "forgive", "pause_s"]

LONGEST_S = 60.0
_DRAIN_S = 600.0
_KEPT_US = 2 * DAY_US


def pause_s(n: float, n_free: int) -> float:
    """Return how long to wait after `n` vain attempts of which `n_free` cost nothing; seconds.

    Examples
    --------
    >>> [pause_s(n, 5) for n in (4, 5, 6, 8, 40)]
    [0.0, 1.0, 2.0, 8.0, 60.0]
    """
    return 0.0 if n < n_free else min(LONGEST_S, 2.0 ** min(n - n_free, 30.0))


def allow(tx: sa.Connection, frees: dict[str, int], now: int) -> float:
    """Take in an attempt, and return 0; or how many seconds to wait still, and then the attempt does not count.

    It is counted before the password is looked at, so that many at once are not all let through.

    Parameters
    ----------
    frees : dict
        Under what the attempt is counted, such as mail address and network; and how many of each cost nothing.
    now : int
        Microseconds UTC.
    """
    tx.execute(sa.delete(throttle).where(throttle.c.at < now - _KEPT_US))
    rows = {bytes(row.key): row for row in tx.execute(sa.select(throttle).where(throttle.c.key.in_(_digests(frees))))}
    counts, wait = {}, 0.0
    for name, n_free in frees.items():
        key = _digest(name)
        row = rows.get(key)
        passed_s = max(0.0, (now - row.at) / SECOND_US) if row is not None else 0.0
        counts[key] = max(0.0, row.n - passed_s / _DRAIN_S) if row is not None else 0.0
        wait = max(wait, pause_s(counts[key], n_free) - passed_s)
    if wait > 0:
        return wait
    for key, n in counts.items():
        put(tx, throttle, key=key, n=n + 1, at=now)
    return 0.0


def forgive(tx: sa.Connection, names: list[str]) -> None:
    """Forget what was counted under some names: the right password was given."""
    tx.execute(sa.delete(throttle).where(throttle.c.key.in_(_digests(names))))


def _digests(names: dict[str, int] | list[str]) -> list[bytes]:
    return [_digest(name) for name in names]


def _digest(name: str) -> bytes:
    return hashlib.blake2b(name.encode("utf-8", "replace"), digest_size=16).digest()
