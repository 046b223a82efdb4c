"""One burst while it lasts: when it began, how strong it is, when it is over."""

from collections.abc import Sequence

import msgspec
import numpy as np

from gehoor.core.alert import Level, Measure
from gehoor.warn.base import Floats
from gehoor.warn.counting import MEASURES, STEP_S

__all__ = ["Burst", "began_of", "burst_of", "per_bucket", "silence_of"]

_PER_MINUTE = 60 // STEP_S
_LOOK_S, _QUIET_S = 300, 600
_GAP = 2


class Burst(msgspec.Struct, kw_only=True):
    """What is remembered of a burst. Moments are seconds since 1970.

    Attributes
    ----------
    n, n_negative, expected : float
        Posts since it began, negative ones among them, and what is normal for that time.
    recent : list of float
        Posts of the last five minutes, by bucket.
    quiet_s : int
        For how long it has been as quiet as ever; of a silence: as loud.
    lead : (str, str or int), optional
        Which channel, motive, need, word or link stood out when it began; see `judge.Judged`.
    need : str, optional
        Where nothing but this need stands out: then only posts with it are counted, in `n` as well.
    beside, word : str, optional
        Of another matter, that came up while a burst lasted: the id of that burst, and the word it is known by.
    bucket, usual : int and float
        That word's bucket, and in how many posts of ten seconds it, or the need, was to be expected.
    told_at, rose_at : int
        When the alert was brought up to date last, and when it last came to a higher level; 0: never.
    """

    brand: str
    measure: Measure
    began_at: int
    detected_at: int
    score: float
    level: Level = 1
    n: float = 0.0
    n_negative: float = 0.0
    expected: float = 0.0
    peak_per_minute: float = 0.0
    normal_per_minute: float = 0.0
    recent: list[float] = []
    quiet_s: int = 0
    told_at: int = 0
    rose_at: int = 0
    lead: tuple[str, str | int] | None = None
    beside: str | None = None
    word: str | None = None
    need: str | None = None
    bucket: int = -1
    usual: float = 0.0

    @property
    def id(self) -> str:
        """Return its stable name."""
        return f"{self.brand or 'all'}/{self.measure}/{self.began_at}"

    @property
    def is_over(self) -> bool:
        """Tell whether it has been quiet for ten minutes."""
        return self.quiet_s >= _QUIET_S

    def add(self, n: float, n_negative: float, normal: float) -> None:
        """Take in one bucket: posts, negative ones, what is normal."""
        self.n += n
        self.n_negative += n_negative
        self.expected += normal
        self.normal_per_minute = normal * _PER_MINUTE
        self.recent = [*self.recent, n][-_LOOK_S // STEP_S :]
        self.peak_per_minute = max(self.peak_per_minute, sum(self.recent[-_PER_MINUTE:]))
        usual = normal * len(self.recent)
        if self.measure == "silence":
            is_quiet = sum(self.recent) >= usual / 2
        else:
            is_quiet = sum(self.recent) <= 1.5 * usual + 2 * np.sqrt(usual) + 2
        self.quiet_s = self.quiet_s + STEP_S if is_quiet else 0


def burst_of(
    brand: str, measure: int, kept: Sequence[tuple[int, Floats]], code: int, judged: tuple[float, Floats]
) -> Burst:
    """Return a burst that was seen just now, with what was counted since it began.

    Parameters
    ----------
    brand, code : str and int
        Whose, and which row of the counts that is.
    measure : int
        What stands out most, as a column.
    kept : sequence
        The newest buckets: when each began, and its counts.
    judged : (score, what is normal of each measure)
    """
    score, normal = judged
    now = kept[-1][0] + STEP_S
    counts = [counts for _, counts in kept]
    ago = began_of(per_bucket(counts, code, measure), float(normal[measure]))
    burst = Burst(
        brand=brand,
        measure=MEASURES[measure],  # type: ignore[arg-type]  # the names of Measure, in order
        began_at=now - (ago + 1) * STEP_S,
        detected_at=now,
        score=score,
    )
    posts, negative = per_bucket(counts, code, 0), per_bucket(counts, code, MEASURES.index("negative"))
    for n, n_negative in zip(posts[-ago - 1 :], negative[-ago - 1 :], strict=True):
        burst.add(n, n_negative, float(normal[0]))
    return burst


def silence_of(brand: str, kept: Sequence[tuple[int, Floats]], code: int, judged: tuple[float, float]) -> Burst:
    """Return a silence that was noticed just now: of `judged`, how strong it is and how many posts are normal."""
    score, normal = judged
    now = kept[-1][0] + STEP_S
    posts = per_bucket([counts for _, counts in kept], code, 0)
    ago = next((back for back, n in enumerate(reversed(posts)) if n), len(posts))
    burst = Burst(brand=brand, measure="silence", began_at=now - ago * STEP_S, detected_at=now, score=score)
    for n in posts[len(posts) - ago :]:
        burst.add(n, 0.0, normal)
    return burst


def began_of(counts: Sequence[float], normal: float) -> int:
    """Return how many buckets ago a burst began (0: in the newest), from its counts, oldest first.

    It goes back as long as there is more than normal, over gaps of two buckets.

    Examples
    --------
    >>> began_of([0, 1, 0, 0, 0, 3, 0, 6, 9], 0.2)
    3
    """
    ago = gap = 0
    for back, count in enumerate(reversed(counts)):
        if count > 2 * normal + 0.5:
            ago, gap = back, 0
        else:
            gap += 1
            if gap > _GAP:
                break
    return ago


def per_bucket(kept: Sequence[Floats], brand: int, measure: int) -> list[float]:
    """Return the counts of one series from whole buckets, oldest first; a brand that came later had none before."""
    return [float(counts[brand, measure]) if brand < len(counts) else 0.0 for counts in kept]
