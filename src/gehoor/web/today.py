"""What *Today* shows: everything counted once, from the roll-ups, for one stretch of time and one brand."""

import threading
from collections import Counter, defaultdict
from collections.abc import Iterable

import msgspec

from gehoor.core.clock import DAY_US, SECOND_US
from gehoor.core.needs import count_needs
from gehoor.core.reader import Cell, PostFilter, Reader
from gehoor.web.curve import PAST_DAYS, Expected, Point, curve_of, expected_of
from gehoor.web.filters import posts_path
from gehoor.web.period import Heard, Period, PeriodName, period_of
from gehoor.web.sample import Sample, sample_of
from gehoor.web.site import Site

__all__ = ["ENOUGH_POSTS", "TONES", "BrandRow", "Counted", "Row", "Today", "today_of"]

TONES = ("negative", "neutral", "positive")
ENOUGH_POSTS = 20
"""Below this we don't say what most people want."""

_UNCLEAR = ("other", None)
_MINUTE_US = 60_000_000
_HOUR_US = 3_600_000_000
_FOREVER = 2**62
_CHANNELS, _NEEDS = 8, 3
_SAMPLE_US = 10_000_000
_MOST_SAMPLES = 20


class NeedRow(msgspec.Struct, frozen=True, kw_only=True):
    """What a wish is about, how many posts, their address."""

    name: str
    n: int
    href: str


class Row(msgspec.Struct, frozen=True, kw_only=True):
    """One counted thing: its label, how many, which share of the largest (0 to 100), and where its posts are."""

    name: str
    n: int
    width: float
    href: str


class BrandRow(msgspec.Struct, frozen=True, kw_only=True):
    """A brand with its number of posts and how many of them are negative and positive."""

    row: Row
    n_negative: int
    n_positive: int


class Today(msgspec.Struct, frozen=True, kw_only=True):
    """Everything on the page.

    Attributes
    ----------
    n, n_copies : int
        Posts that people said in the period, and how many of them nearly repeat an earlier one.
    n_unclear, n_unjudged : int
        Posts of which the wish, the tone, is not known.
    needs : dict of str to list of NeedRow
        By wish what most of its posts are about.
    deeds : list of Row
        Besides what was said: shared, reacted, done.
    """

    period: Period
    brand: str
    heard: Heard | None
    now: int
    n: int
    n_copies: int
    href: str
    wishes: list[Row]
    needs: dict[str, list[NeedRow]]
    n_unclear: int
    unclear_href: str
    copies_href: str
    tones: list[Row]
    n_unjudged: int
    channels: list[Row]
    brands: list[BrandRow]
    base: PostFilter
    deeds: list[Row]
    points: list[Point]
    expected: Expected | None


class Counted:
    """Counts once for everybody who looks at the same: while nothing was heard, the same numbers are handed out.

    A busy workspace takes 0.1 s to count a day; twenty open pages ask every second. Topics and voices change slowly,
    and are made anew every ten seconds at most.
    """

    def __init__(self, site: Site) -> None:
        self._site = site
        self._lock = threading.Lock()
        self._state: tuple[int, int] = (0, 0)
        self._known: dict[tuple[PeriodName, str], Today] = {}
        self._samples: dict[PostFilter, tuple[int, int, Sample]] = {}

    def today(self, name: PeriodName, brand: str) -> Today:
        """Return what `today_of` returns."""
        state = (self._site.reader.offset(), self._site.clock.now() // _MINUTE_US)
        with self._lock:
            if state != self._state:
                self._state, self._known = state, {}
            if (name, brand) not in self._known:
                self._known[name, brand] = today_of(self._site, name, brand)
            return self._known[name, brand]

    def sample(self, base: PostFilter) -> Sample:
        """Return what `sample_of` returned at most ten seconds ago, or while nothing was heard."""
        offset, now = self._site.reader.head(), self._site.clock.now()
        with self._lock:
            made_at, made_of, sample = self._samples.get(base) or (now - _SAMPLE_US, -1, None)
            if sample is None or (offset != made_of and now - made_at >= _SAMPLE_US):
                sample = sample_of(self._site, base)
                latest = list(self._samples.items())[-_MOST_SAMPLES:]
                self._samples = {**dict(latest), base: (now, offset, sample)}
            return sample


def today_of(site: Site, name: PeriodName, brand: str) -> Today:
    """Count everything that the page shows. Reads roll-ups only; the posts themselves are not touched."""
    reader, now = site.reader, site.clock.now()
    heard = heard_of(reader)
    period = period_of(name, heard, now, site.zone)
    base = PostFilter(kind="say", brand=brand or None, since=period.since, until=period.until)
    cells = reader.counts(
        resolution=_coarsest(period), since=period.since, until=period.until,
        by=("channel", "sentiment", "intent"), brand=brand,
    )  # fmt: skip
    intents, tones = _tally(cells, "intent"), _tally(cells, "sentiment")
    n = sum(cell.n for cell in cells)
    unclear = sum(intents[name] for name in _UNCLEAR)
    return Today(
        period=period, brand=brand, heard=heard, now=now,
        n=n, n_copies=sum(cell.n_copies for cell in cells), href=posts_path(base),
        wishes=_rows({name: intents[name] for name in intents if name not in _UNCLEAR}, base, "intent"),
        needs=_needs(reader, base, period),
        n_unclear=unclear, unclear_href=posts_path(msgspec.structs.replace(base, intent="other")),
        copies_href=posts_path(msgspec.structs.replace(base, is_copy=True)),
        tones=[_row(tone, tones[tone], n, msgspec.structs.replace(base, sentiment=tone)) for tone in TONES],
        n_unjudged=tones[None], channels=_rows(_tally(cells, "channel"), base, "channel")[:_CHANNELS],
        brands=_brands(site, period), base=base, deeds=_deeds(reader, base, period),
        points=_points(site, period, brand, now), expected=_expected(site, period, brand, now),
    )  # fmt: skip


def _needs(reader: Reader, base: PostFilter, period: Period) -> dict[str, list[NeedRow]]:
    """Return by wish what most of its posts are about, most first; `general` says nothing."""
    found: defaultdict[str, list[NeedRow]] = defaultdict(list)
    counts = count_needs(
        reader, resolution=_coarsest(period), since=period.since, until=period.until,
        by=("intent",), brand=base.brand or "",
    )  # fmt: skip
    for one in counts:
        rows = found[one.intent or ""]
        if one.need != "general" and len(rows) < _NEEDS:
            wanted = msgspec.structs.replace(base, intent=one.intent, need=one.need)
            rows.append(NeedRow(name=one.need, n=one.n, href=posts_path(wanted)))
    return dict(found)


def heard_of(reader: Reader) -> Heard | None:
    """Return when the first and the last happened that we heard; None when nothing was heard."""
    hours = reader.period()
    if hours is None:  # nobody said anything, but perhaps somebody did something
        at = [cell.at or 0 for cell in reader.counts(resolution=3600, since=0, until=_FOREVER, by=("at",), kind=None)]
        hours = (min(at), max(at)) if at else None
    if hours is None:
        return None
    minutes = reader.counts(resolution=60, since=hours[1], until=hours[1] + _HOUR_US, by=("at",), kind=None)
    return Heard(hours[0], max((cell.at or 0 for cell in minutes), default=hours[1]))


def _coarsest(period: Period) -> int:
    """Resolution of the totals: hours, unless the period begins or ends in the middle of one."""
    return 60 if period.since % _HOUR_US or period.until % _HOUR_US else 3600


def _tally(cells: Iterable[Cell], dimension: str) -> Counter[str | None]:
    counted: Counter[str | None] = Counter()
    for cell in cells:
        counted[getattr(cell, dimension) or None] += cell.n
    return counted


def _row(name: str, n: int, largest: int, wanted: PostFilter) -> Row:
    return Row(name=name, n=n, width=round(100 * n / largest, 1) if largest else 0.0, href=posts_path(wanted))


def _rows(counted: dict[str | None, int], base: PostFilter, field: str) -> list[Row]:
    """Rows of a dimension, largest first; equal ones by name, so that nothing changes places by chance."""
    known = sorted(((n, name) for name, n in counted.items() if name and n > 0), key=lambda pair: (-pair[0], pair[1]))
    largest = known[0][0] if known else 0
    return [_row(name, n, largest, msgspec.structs.replace(base, **{field: name})) for n, name in known]


def _brands(site: Site, period: Period) -> list[BrandRow]:
    if not site.brands():
        return []
    cells = [
        cell
        for cell in site.reader.counts(
            resolution=_coarsest(period), since=period.since, until=period.until, by=("brand", "sentiment")
        )
        if cell.brand
    ]
    base = PostFilter(kind="say", since=period.since, until=period.until)
    counted = _tally(cells, "brand")
    tones: Counter[tuple[str | None, str | None]] = Counter()
    for cell in cells:
        tones[cell.brand, cell.sentiment] += cell.n
    return [
        BrandRow(row=row, n_negative=tones[row.name, "negative"], n_positive=tones[row.name, "positive"])
        for row in _rows(counted, base, "brand")
    ]


def _deeds(reader: Reader, base: PostFilter, period: Period) -> list[Row]:
    cells = reader.counts(
        resolution=_coarsest(period), since=period.since, until=period.until,
        by=("kind",), brand=base.brand or "", kind=None,
    )  # fmt: skip
    counted = _tally(cells, "kind")
    return _rows({kind: n for kind, n in counted.items() if kind not in {"say", "undo"}}, base, "kind")


def _points(site: Site, period: Period, brand: str, now: int) -> list[Point]:
    cells = site.reader.counts(
        resolution=period.resolution, since=period.since, until=period.until, by=("at",), brand=brand
    )
    newest = max((cell.at or 0 for cell in cells), default=period.since) + period.resolution * SECOND_US
    return curve_of(cells, period, newest if period.is_past else max(now, newest), site.zone)


def _expected(site: Site, period: Period, brand: str, now: int) -> Expected | None:
    if period.name != "today":
        return None
    since = period.since - (PAST_DAYS + 1) * DAY_US
    cells = site.reader.counts(resolution=3600, since=since, until=period.since, by=("at",), brand=brand)
    return expected_of(cells, period.since, min(now, period.until), site.zone)
