"""The two indices: how captivating (*boeien*) and how binding (*binden*) a day was."""

from dataclasses import dataclass

import numpy as np
from scipy.special import ndtr

from gehoor.core.errors import ContractError
from gehoor.mirror.base import Floats, Reading
from gehoor.mirror.baseline import Baseline
from gehoor.mirror.bootstrap import interval
from gehoor.mirror.components import BINDING, CAPTIVATING, Component
from gehoor.mirror.day import Day
from gehoor.mirror.false_discovery import discoveries, two_sided

__all__ = ["Index", "Part"]


@dataclass(frozen=True)
class Part:
    """A component in an index: its share with interval, how unusual it was (`z`), and what it weighed.

    A missing one has `weight` 0, and the others weigh more for it.
    """

    name: str
    share: Reading
    z: float
    weight: float

    @property
    def is_missing(self) -> bool:
        """Whether the day did not tell."""
        return self.weight == 0


class Index:
    """An index of 0 to 100 over persons; 50 is normal for this organisation over its year.

    Scores are compared with their baseline, weighed equally and added up; their correlation says how far such a sum
    moves by itself. The bootstrap draws persons; the baseline is taken as it stands. Blind to people who are silent
    everywhere, and to what many unnoticed accounts do that behave like people: leave such accounts out before.

    Parameters
    ----------
    name : str
        `captivating` or `binding`.
    components : sequence of Component
    baseline : Baseline
        Of the scores of these components.
    """

    unit = "points"

    def __init__(self, name: str, components: tuple[Component, ...], baseline: Baseline) -> None:
        if len(components) != len(baseline.location):
            raise ContractError(f"{name}: {len(components)} components, a baseline of {len(baseline.location)}.")
        self.name, self.components, self.baseline = name, components, baseline

    @classmethod
    def captivating(cls, baseline: Baseline) -> "Index":
        """Return how captivating: reach, response, novelty, freshness, momentum."""
        return cls("captivating", CAPTIVATING, baseline)

    @classmethod
    def binding(cls, baseline: Baseline) -> "Index":
        """Return how binding: retention, repeat, reciprocity, loyal share."""
        return cls("binding", BINDING, baseline)

    def scores(self, day: Day) -> Floats:
        """Return the scores of a day as measured, shape (n_components,): a row of the next baseline."""
        return np.array([part.score(part.shares(day))[0] for part in self.components])

    def measure(self, day: Day) -> Reading:
        """Return the index of a day: 50 is normal over the year, 84 a standard deviation above."""
        return self._reading(self.values(day))

    def values(self, day: Day) -> Floats:
        """Return the index of a day in every replica, row 0 as measured: shape (1 + n_replicas,)."""
        return np.asarray(100 * ndtr(self._composite(day)))

    def level(self, day: Day) -> Reading:
        """Return the geometric mean of the shares, 0 to 100: compares organisations that measure the same."""
        return self._reading(self.levels(day))

    def levels(self, day: Day) -> Floats:
        """Return the level of a day in every replica, row 0 as measured: shape (1 + n_replicas,)."""
        shares = np.array([part.shares(day) for part in self.components])
        here = np.isfinite(shares[:, 0])
        if not here.any():
            return np.full(shares.shape[1], np.nan)
        return np.asarray(100 * np.exp(np.log(shares[here]).mean(axis=0)))

    def parts(self, day: Day) -> list[Part]:
        """Return the components, each with its share, how unusual it was and its weight."""
        z, weights = self._unusual(day), self._weights(day)
        found = []
        for place, part in enumerate(self.components):
            shares = part.shares(day)
            reading = Reading(float(shares[0]), *interval(shares[1:]), "share", "up")
            found.append(Part(part.name, reading, float(z[place, 0]), float(weights[place])))
        return found

    def real_changes(self, day: Day, earlier: Day, rate: float = 0.1) -> list[str]:
        """Return the components that changed beyond chance between two days, false discoveries at most `rate`.

        Replicas of both days draw the same persons as often, so what is common to both days cancels.
        """
        moved = self._unusual(day) - self._unusual(earlier)
        here = np.flatnonzero(np.isfinite(moved[:, 0]))
        spread = np.maximum(moved[here, 1:].std(axis=1), 1e-12)
        is_real = discoveries(two_sided(moved[here, 0] / spread), rate)
        return [self.components[place].name for place in here[is_real]]

    def _unusual(self, day: Day) -> Floats:
        scores = np.array([part.score(part.shares(day)) for part in self.components])
        scale = np.maximum(self.baseline.scale, [part.least for part in self.components])
        return np.asarray((scores - self.baseline.location[:, None]) / scale[:, None])

    def _weights(self, day: Day) -> Floats:
        here = np.isfinite([part.shares(day)[0] for part in self.components])
        return np.asarray(here / max(here.sum(), 1))

    def _composite(self, day: Day) -> Floats:
        z, weights = self._unusual(day), self._weights(day)
        if not weights.any():
            return np.full(z.shape[1], np.nan)
        here = weights > 0
        variance = float(weights @ self.baseline.correlation @ weights)
        return np.asarray(weights[here] @ z[here] / np.sqrt(max(variance, 1e-6)))

    def _reading(self, values: Floats) -> Reading:
        return Reading(float(values[0]), *interval(values[1:]), self.unit, "up")
