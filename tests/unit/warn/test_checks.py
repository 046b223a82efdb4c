"""Every registered detector keeps the contract of its room."""

from collections.abc import Callable

import numpy as np
import pytest

from gehoor.core import registry
from gehoor.core.errors import ContractError
from gehoor.warn.base import Detector, Floats
from gehoor.warn.burst import Burst
from gehoor.warn.checks import (
    CHECKS,
    STEP_S,
    is_silent_where_nothing_is_said,
    is_the_same_after_a_restart,
    judges_each_series_alone,
    sees_a_burst_at_any_scale,
)


@pytest.mark.parametrize("check", CHECKS, ids=lambda check: check.__name__)
@pytest.mark.parametrize("name", registry.names("detectors"))
def test_detector_keeps_the_contract(name: str, check: Callable[[type[Detector]], None]) -> None:
    check(registry.load("detectors", name))


def test_a_detector_is_registered() -> None:
    assert "burst" in registry.names("detectors")


class Forgetful(Burst):
    """Begins anew after a restart."""

    @classmethod
    def of(cls, state: bytes) -> "Forgetful":
        """Return one that knows nothing."""
        return cls(STEP_S, Burst.of(state).n)


class Deaf(Burst):
    """Never finds anything strange."""

    def update(self, counts: Floats, at: float, exposure: Floats | None = None) -> Floats:
        """Return that all is as ever."""
        return np.minimum(super().update(counts, at, exposure), -1.0)


class Nervous(Burst):
    """Finds silence alarming."""

    def update(self, counts: Floats, at: float, exposure: Floats | None = None) -> Floats:
        """Return that nothing is as ever."""
        return super().update(counts, at, exposure) + 10.0


class Envious(Burst):
    """Judges one series by the others."""

    def update(self, counts: Floats, at: float, exposure: Floats | None = None) -> Floats:
        """Return scores against the mean of all."""
        return super().update(counts + 0.1 * counts.sum(), at, exposure)


@pytest.mark.parametrize(
    ("kind", "check"),
    [
        (Forgetful, is_the_same_after_a_restart),
        (Deaf, sees_a_burst_at_any_scale),
        (Nervous, is_silent_where_nothing_is_said),
        (Envious, judges_each_series_alone),
    ],
)
def test_check_notices_a_detector_that_breaks_the_contract(
    kind: type[Detector], check: Callable[[type[Detector]], None]
) -> None:
    with pytest.raises(ContractError):
        check(kind)
