"""What we promise: how soon people hear from us, by channel, urgency and kind of customer."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import Literal, get_args

from gehoor.core.clock import SECOND_US
from gehoor.core.errors import SettingError
from gehoor.core.judgement import JUDGEMENTS

__all__ = ["TARGETS", "Policy", "Target", "policy_for"]

Target = Literal["first_reply", "next_reply", "resolution"]
TARGETS: tuple[Target, ...] = get_args(Target)
_URGENCIES = JUDGEMENTS["urgency"]
_LONGEST_MIN = 525_600


@dataclass(frozen=True)
class Policy:
    """Targets in minutes of working time, and for whom they are; None: nothing is promised, none named: for all.

    Attributes
    ----------
    name : str
        What we call it.
    first_reply, next_reply, resolution : int, optional
        Minutes until the first answer, until each later one, and until the matter is resolved.
    channels, urgencies, groups : frozenset of str
        Of which channels, of what urgency (low, normal, high, critical), of which segments of customers.

    Raises
    ------
    SettingError
        When a target is no time, or an urgency is not known.
    """

    name: str
    first_reply: int | None = None
    next_reply: int | None = None
    resolution: int | None = None
    channels: frozenset[str] = frozenset()
    urgencies: frozenset[str] = frozenset()
    groups: frozenset[str] = frozenset()

    def __post_init__(self) -> None:
        for target in TARGETS:
            minutes = getattr(self, target)
            if minutes is not None and not 1 <= minutes <= _LONGEST_MIN:
                raise SettingError(f"{self.name}: {target} is {minutes} minutes; give 1 up to {_LONGEST_MIN}.")
        if unknown := sorted(self.urgencies - set(_URGENCIES)):
            raise SettingError(f"{self.name}: no urgency is called {unknown[0]!r}; there are {', '.join(_URGENCIES)}.")

    def target_us(self, target: Target) -> int | None:
        """Return what is promised, in microseconds of working time; None: nothing."""
        minutes: int | None = getattr(self, target)
        return None if minutes is None else minutes * 60 * SECOND_US

    def holds(self, channel: str, urgency: str, groups: Collection[str] = ()) -> bool:
        """Tell whether it is for a conversation on a channel, with a customer who is in some segments."""
        return (
            (not self.channels or channel in self.channels)
            and (not self.urgencies or urgency in self.urgencies)
            and (not self.groups or not self.groups.isdisjoint(groups))
        )


def policy_for(policies: Sequence[Policy], channel: str, urgency: str, groups: Collection[str] = ()) -> Policy | None:
    """Return the first policy that holds; None: nothing is promised.

    Examples
    --------
    >>> policies = [Policy("now", 15, urgencies=frozenset({"critical"})), Policy("rest", 240)]
    >>> policy_for(policies, "mail", "critical").name, policy_for(policies, "mail", "low").name
    ('now', 'rest')
    """
    return next((policy for policy in policies if policy.holds(channel, urgency, groups)), None)
