"""A number beside those of the same time on other days."""

import numpy as np

from gehoor.warn.seasonal import Seasonal


def test_day_like_the_others_is_near_and_another_day_is_far() -> None:
    seasonal = Seasonal(3_600.0, (1, 6))
    day = 10 * np.sin(np.arange(24) / 24 * 2 * np.pi)
    usual = [seasonal.off(float(number), 1.0) for number in np.tile(day, 4)]
    assert np.abs(usual).max() == 0
    flat = [seasonal.off(0.0, 1.0) for _ in range(24)]
    assert np.allclose([off[0] for off in flat], -day)
    assert flat[11][1] < -5


def test_one_wild_day_hardly_changes_what_is_usual() -> None:
    seasonal = Seasonal(3_600.0, (1,))
    for _ in range(24 * 5):
        seasonal.off(5.0, 1.0)
    for _ in range(24):
        seasonal.off(1_000.0, 1.0)
    assert abs(seasonal.off(5.0, 1.0)[0]) < 2


def test_numbers_that_come_once_a_day_have_no_usual_day() -> None:
    seasonal = Seasonal(86_400.0, (1, 6))
    assert not np.any([seasonal.off(float(number), 1.0) for number in range(50)])
