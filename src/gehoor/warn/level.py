"""Three levels that anybody understands: notice, serious, crisis."""

from gehoor.core.alert import Crisis, Level

__all__ = ["level_of"]

_SERIOUS, _CRISIS = 0.5, 0.88
_SERIOUS_PEOPLE, _CRISIS_PEOPLE = 10, 30
_CRISIS_NEGATIVE = 0.25


def level_of(crisis: Crisis, n_people: int, share_negative: float, before: Level = 1) -> Level:
    """Return the level of a burst. It never falls while the burst lasts.

    Fewer than ten people are a notice, whatever they say; a crisis takes thirty, and one in four of them negative:
    a crowd that cheers is none.

    Parameters
    ----------
    crisis : Crisis
        How grave it is.
    n_people : int
        Different people who spoke.
    share_negative : float
        Of their posts, 0 to 1.
    before : int
        Its level until now.

    Examples
    --------
    >>> level_of(Crisis(0.97, []), 80, 0.6), level_of(Crisis(0.97, []), 80, 0.1), level_of(Crisis(0.97, []), 4, 1.0)
    (3, 2, 1)
    """
    found: Level = 1
    if crisis.score >= _SERIOUS and n_people >= _SERIOUS_PEOPLE:
        found = 2
    if crisis.score >= _CRISIS and n_people >= _CRISIS_PEOPLE and share_negative >= _CRISIS_NEGATIVE:
        found = 3
    return max(found, before)
