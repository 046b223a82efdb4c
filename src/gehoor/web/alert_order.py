"""In which order alerts are listed: what is grave and goes on first, and what belongs to one story together."""

from collections import defaultdict
from collections.abc import Mapping, Sequence

from gehoor.core.alert import Alert
from gehoor.core.clock import DAY_US

__all__ = ["in_order"]


def in_order(alerts: Sequence[Alert], story: Mapping[str, str], now: int) -> list[Alert]:
    """Return alerts by story: the story first whose gravest alert weighs most, its newest alert first.

    An alert weighs its level, and half of that for each day since it was over; one that people called false nothing.

    Parameters
    ----------
    alerts : sequence of Alert
        What is listed.
    story : mapping
        Of alert to story; one that is in none stands alone.
    now : int
        Microseconds UTC.
    """
    groups: defaultdict[str, list[Alert]] = defaultdict(list)
    for alert in alerts:
        groups[story.get(alert.id, alert.id)].append(alert)
    ranked = sorted(groups.values(), key=lambda group: (-max(_weight(one, now) for one in group), -_newest(group)))
    return [one for group in ranked for one in sorted(group, key=lambda one: (-one.began_at, one.id))]


def _weight(alert: Alert, now: int) -> float:
    if alert.verdict == "false":
        return 0.0
    quiet_us = 0 if alert.ended_at is None else max(0, now - alert.ended_at)
    return float(alert.level * 0.5 ** (quiet_us / DAY_US))


def _newest(alerts: Sequence[Alert]) -> int:
    return max(alert.began_at for alert in alerts)
