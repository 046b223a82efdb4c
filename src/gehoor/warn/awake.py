"""Whether we have been listening all along: after sleep or a stop, silence says nothing."""

__all__ = ["Awake"]

_SETTLED_S, _GAP_S = 3_600, 60


class Awake:
    """Tells since when we have listened without a gap of a minute.

    Examples
    --------
    >>> awake = Awake()
    >>> for now in range(0, 3_700, 10):
    ...     awake.note(now)
    >>> awake.has_heard(3_690)
    True
    >>> awake.note(9_000)
    >>> awake.has_heard(9_000)
    False
    """

    def __init__(self) -> None:
        self._since = self._last = 0

    def note(self, now: int) -> None:
        """Say that we listen at a moment, seconds."""
        if not 0 <= now - self._last <= _GAP_S:
            self._since = now
        self._last = now

    def has_heard(self, at: int) -> bool:
        """Tell whether what was (not) heard until a moment just now was heard as it happened, for an hour."""
        return self._last - at <= _GAP_S and at - self._since >= _SETTLED_S
