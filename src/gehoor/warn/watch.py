"""The projection that warns: counts, lets the detector judge each closed bucket, and keeps alerts up to date."""

import logging

import msgspec
import numpy as np
import pyarrow as pa
import sqlalchemy as sa

from gehoor.core.alert import alert_of, write_alert
from gehoor.core.clock import SECOND_US, Clock
from gehoor.core.post import PostFilter
from gehoor.core.settings import Settings
from gehoor.core.store import put
from gehoor.core.tables import ledger as tables
from gehoor.warn.awake import Awake
from gehoor.warn.base import Floats
from gehoor.warn.beside import Beside
from gehoor.warn.burst_state import Burst, burst_of, silence_of
from gehoor.warn.by_need import narrow, need_counts, widen
from gehoor.warn.counting import MEASURES, STEP_S, Buckets, Closed
from gehoor.warn.evidence import Evidence, gather
from gehoor.warn.judge import Judge, Judged, hours_of
from gehoor.warn.lately import LatelyReader
from gehoor.warn.mistakes import Mistakes
from gehoor.warn.named import Named
from gehoor.warn.ordinary import Calendar
from gehoor.warn.telling import alert_of_burst, tell_anew
from gehoor.warn.watch_state import WatchState, parts_of

__all__ = ["Watch"]

_HOUR_S = 3600
_PAST_S = 2 * _HOUR_S
"""What is read in faster than it happens, further back than this, is learnt from and not judged."""

_HEARD_NOW_S, _TELL_S, _SAVE_S, _SAVE_ROWS = 60, 30, 60, 50_000
_LEAST_POSTS, _LEAST_PEOPLE = 5, 3
_REST_SHARE = 0.5 ** (STEP_S / (2 * _HOUR_S))
_LOUDER = 0.5  # the hour's window remembers a burst for an hour: what is no louder than that is no news
_KEPT = 180  # buckets whose counts are kept to find where a burst began: half an hour

_log = logging.getLogger(__name__)


class Watch:
    """Warns of bursts. Depends on the order of arrival, so a rebuild may see a burst begin a bucket earlier or later.

    Parameters
    ----------
    settings : Settings
        Which brands, who is told, how often we may be wrong.
    clock : Clock
        Closes a bucket when nothing comes any more.
    """

    name = "warn"
    is_in_store = True

    def __init__(self, settings: Settings, clock: Clock) -> None:
        self._settings, self._clock = settings, clock
        self._reader = LatelyReader(settings.root)
        self._calendar = Calendar(settings.workspace.timezone, settings.alerts.holidays)
        self._awake, self._mistakes = Awake(), Mistakes()
        self._forget_all()

    def _forget_all(self) -> None:
        self._begin_anew()
        self._bursts: dict[str, Burst] = {}
        self._beside = Beside(self._reader, self._settings)
        self._rest: dict[str, float] = {}
        self._named = Named()
        self._written, self._has_heard, self._idle_s = 0, False, 0
        self._n_new, self._saved_at, self._must_save = 0, 0, False

    def _begin_anew(self) -> None:
        """Know nothing of what is usual."""
        self._buckets = Buckets(self._settings.brands)
        self._judge, self._since = Judge(), 0
        self._kept: list[tuple[int, Floats]] = []

    # -- projection -----------------------------------------------------------------------------------------------

    def apply(self, batch: pa.RecordBatch, sign: int) -> None:
        """Count rows; of rows that are taken back only the words go: that somebody said something did happen."""
        self._n_new += batch.num_rows
        if sign > 0:
            self._buckets.add(batch)
            self._named.take_in(batch)
            self._has_heard = True
        else:
            self._named.take_back(batch)

    def flush(self, tx: sa.Connection, offset: int, *, everything: bool) -> int:
        """Judge the buckets that are complete, and write alerts, messages and state together.

        State without an alert waits a minute, and while nothing is heard: the ledger gives the same once more.
        """
        self._awake.note(self._clock.now() // SECOND_US)
        self._count_from_now()
        self._judge_all(tx, self._buckets.close(self._now()))
        self._unquote(tx)
        is_late = self._n_new > 0 and self._buckets.now - self._saved_at >= _SAVE_S
        if is_late or self._n_new >= _SAVE_ROWS or self._must_save or everything:
            self._save(tx)
            self._written = offset
        return self._written

    def _count_from_now(self) -> None:
        """Count that nothing is said from the moment we listen: then the first burst of a first day is one.

        Who only receives hears nothing until somebody begins to send: that is no silence. A drill is played where
        nobody spoke for an hour.
        """
        now, drill = self._clock.now() // SECOND_US, self._settings.workspace.drill
        is_heard_now = not self._buckets.now or 0 <= now - self._buckets.now <= _HEARD_NOW_S
        if not self._buckets.closed_to and is_heard_now and (self._settings.sources or drill):
            self._buckets.begin(now - _HOUR_S if drill else now, now)
        self._since = self._since or self._buckets.closed_to

    def _save(self, tx: sa.Connection) -> None:
        saved = WatchState(
            since=self._since,
            parts=parts_of(self._settings),
            judge=self._judge.state(),
            buckets=self._buckets.state(),
            kept=[(at, counts.tolist()) for at, counts in self._kept],
            bursts=self._bursts,
            beside=self._beside.bursts,
            rest=self._rest,
        )
        put(tx, tables.snapshot, projection=self.name, data=msgspec.msgpack.encode(saved))
        self._n_new, self._saved_at, self._must_save = 0, self._buckets.now, False

    def _now(self) -> int:
        """Return up to when buckets may be complete, seconds.

        While rows come, they tell the time: what is read again after a stop must be judged as it was. When none come,
        the clock does, little by little: the next ones may be on their way, of a past that is lived again fast.
        """
        heard = self._buckets.now
        self._idle_s = 0 if self._has_heard else self._idle_s + STEP_S
        self._has_heard = False
        return min(max(heard, self._clock.now() // SECOND_US), heard + self._idle_s)

    def load(self, tx: sa.Connection, offset: int) -> None:
        """Go on where the last snapshot stood."""
        self._forget_all()
        self._written = offset
        data = tx.execute(sa.select(tables.snapshot.c.data).where(tables.snapshot.c.projection == self.name)).scalar()
        saved = WatchState.of(data) if data is not None else None
        if saved is not None:
            self._take_up(saved)
        elif data is not None:
            _log.warning("What alarms had learnt is of another version of gehoor: they learn anew what is usual.")
        self._saved_at = self._buckets.now
        self._remember_all(tx)

    def _take_up(self, saved: WatchState) -> None:
        self._bursts, self._rest, self._beside.bursts = saved.bursts, saved.rest, saved.beside
        if saved.holds(self._settings, self._clock.now() // SECOND_US):
            self._judge = Judge.of(saved.judge)
            self._buckets = Buckets.of(saved.buckets, self._settings.brands)
            self._kept, self._since = saved.counts(), saved.since

    def _remember_all(self, tx: sa.Connection) -> None:
        for row in tx.execute(sa.select(tables.alert)):
            self._named.remember(alert_of(row))

    def clear(self, tx: sa.Connection, first: int) -> None:
        """Forget every alert of which nobody said anything; what a person said of one stays with it."""
        del first
        self._forget_all()
        said = (tables.alert.c.verdict, tables.alert.c.acknowledged_at, tables.alert.c.snoozed_at)
        tx.execute(sa.delete(tables.alert).where(*(column.is_(None) for column in said)))
        tx.execute(sa.delete(tables.snapshot).where(tables.snapshot.c.projection == self.name))
        self._remember_all(tx)

    # -- judging --------------------------------------------------------------------------------------------------

    def _judge_all(self, tx: sa.Connection, closed: list[Closed]) -> None:
        if not closed:
            return
        self._mistakes.read(tx)
        since = closed[-1].at - _PAST_S
        self._learn([one for one in closed if one.at < since])
        for one in closed:
            if one.at >= since:
                self._step(tx, one)
        self._tell_what_lasts(tx, closed[-1].at + STEP_S)
        self._reader.put_away()

    def _tell_what_lasts(self, tx: sa.Connection, now: int) -> None:
        """Bring bursts up to date that nobody has been told of lately; once, however long a past was just lived."""
        due = [burst for burst in self._bursts.values() if now - burst.told_at >= _TELL_S]
        for burst in due:
            bar = self._threshold() - float(self._mistakes.raised(burst.brand, now, self._threshold(), np.zeros(1))[0])
            self._beside.begin(burst, now, bar)
        others = [one for mine in self._beside.bursts.values() for one in mine if now - one.told_at >= _TELL_S]
        for burst in [*due, *others]:
            self._tell(tx, burst, now, self._evidence(burst, now))

    def _learn(self, past: list[Closed]) -> None:
        for at, buckets in hours_of(past):
            self._judge.learn(buckets, self._calendar.ordinary(at))

    def _step(self, tx: sa.Connection, one: Closed) -> None:
        judged = self._judge.step(one, self._buckets.finer, self._calendar.ordinary(one.at + STEP_S))
        self._kept = [*self._kept, (one.at, one.counts)][-_KEPT:]
        for code, brand in enumerate(self._buckets.brands[: len(judged.scores)]):
            if brand or not self._settings.brands:
                self._follow(tx, code, one, judged)

    def _follow(self, tx: sa.Connection, code: int, one: Closed, judged: Judged) -> None:
        """Begin a burst of a brand, or go on with the one that lasts."""
        brand, now = self._buckets.brands[code], one.at + STEP_S
        scores = self._mistakes.raised(brand, now, self._threshold(), judged.scores[code])
        burst, normal = self._bursts.get(brand), judged.normal[code]
        if burst is None:
            self._rest[brand] = rest = self._rest.get(brand, 0.0) * _REST_SHARE
            if scores.max() >= self._threshold() and scores.max() > rest + _LOUDER:
                self._begin(tx, self._seen(code, scores, judged), now)
            elif judged.silence[code] >= self._threshold() and self._awake.has_heard(now):
                silent = float(judged.silence[code]), float(normal[0])
                self._begin(tx, silence_of(brand, self._kept, code, silent), now)
            return
        if burst.measure != "silence":
            burst.score = max(burst.score, float(scores.max()))
            burst.lead = burst.lead or judged.lead_of(code, self._threshold())
        if burst.need and judged.own[code] >= self._threshold():
            widen(burst, self._kept[:-1], code, float(normal[0]))
        self._count(burst, code, one, float(normal[0]))
        for over in self._beside.pop_over(brand):
            self._tell(tx, over, now, self._evidence(over, now))
        if burst.is_over:
            self._go_over(burst)
            self._tell(tx, burst, now, self._evidence(burst, now))

    def _seen(self, code: int, scores: Floats, judged: Judged) -> Burst:
        """Return a burst that stands out just now; where it is one need and the brand is as ever, a burst of that."""
        brand, found = self._buckets.brands[code], (float(scores.max()), judged.normal[code])
        burst = burst_of(brand, int(np.argmax(scores)), self._kept, code, found)
        burst.lead = lead = judged.lead_of(code, self._threshold())
        if lead is not None and lead[0] == "need" and judged.own[code] < self._threshold():
            place = self._buckets.finer.place_of(code, "need", str(lead[1]))
            narrow(burst, self._reader, str(lead[1]), self._judge.usual_of(place))
        return burst

    def _count(self, burst: Burst, code: int, one: Closed, normal: float) -> None:
        if burst.need:
            return burst.add(*need_counts(burst, code, one, self._buckets.finer), burst.usual)
        others, others_negative = self._beside.add(burst.brand, code, one)
        n, n_negative = one.counts[code, [0, MEASURES.index("negative")]].tolist()
        return burst.add(max(n - others, 0.0), max(n_negative - others_negative, 0.0), normal)

    def _go_over(self, burst: Burst) -> None:
        """End a burst; what began beside it goes on as the one that lasts."""
        self._rest[burst.brand] = burst.score
        del self._bursts[burst.brand]
        if (other := self._beside.take(burst.brand)) is not None:
            self._bursts[burst.brand] = other

    def _threshold(self) -> float:
        """Return how strong a score must be for all series together to be wrong no oftener than was asked for."""
        return float(-np.log10(self._settings.alerts.false_alarms_per_week))

    def _begin(self, tx: sa.Connection, burst: Burst, now: int) -> None:
        """Warn, unless it is a few posts of one or two people: where it is quiet, two posts are a rare thing."""
        if burst.n < _LEAST_POSTS and burst.measure != "silence":
            return
        found = self._evidence(burst, now)
        if found.n_people >= _LEAST_PEOPLE or burst.measure == "silence":
            self._bursts[burst.brand] = burst
            self._tell(tx, burst, now, found)

    # -- telling --------------------------------------------------------------------------------------------------

    def _evidence(self, burst: Burst, now: int) -> Evidence:
        wanted = PostFilter(
            kind="say", brand=burst.brand or None, words=f'"{burst.word}"' if burst.word else None, need=burst.need,
            since=burst.began_at * SECOND_US, until=now * SECOND_US,
        )  # fmt: skip
        apart = [] if burst.word else [one.word or "" for one in self._beside.bursts.get(burst.brand, ())]
        return gather(self._reader, wanted, burst.detected_at * SECOND_US, self._settings, apart)

    def _tell(self, tx: sa.Connection, burst: Burst, now: int, found: Evidence) -> None:
        """Bring the alert of a burst up to date; whoever is to know of it is told by `run.alerting`."""
        alert = alert_of_burst(burst, now, found)
        write_alert(tx, alert)
        self._named.remember(alert)
        self._must_save = True

    def _unquote(self, tx: sa.Connection) -> None:
        """Take out of alerts, and of messages that wait, what was deleted or forgotten since."""
        for id_ in self._named.touched():
            row = tx.execute(sa.select(tables.alert).where(tables.alert.c.id == id_)).first()
            if row is not None:
                tell_anew(tx, self._named.without(alert_of(row)), self._settings)
                self._must_save = True
        self._named.settle()
