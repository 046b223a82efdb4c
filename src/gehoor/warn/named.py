"""Who is quoted or named in which alert, so that whoever is deleted or forgotten leaves it."""

from collections import Counter, defaultdict

import msgspec
import pyarrow as pa

from gehoor.core.alert import Alert

__all__ = ["Named"]


class Named:
    """Knows the posts that alerts quote and the people they name; learns what was taken back, and cleans alerts of it.

    A quote goes with its post. Who carries a burst is named as long as a post of theirs that was counted stands;
    an edit takes a post back and gives it again, which changes nothing. Memory: at most nine entries an alert.
    """

    def __init__(self) -> None:
        self._quoted: defaultdict[int, set[str]] = defaultdict(set)
        self._carrying: defaultdict[tuple[str, str], set[str]] = defaultdict(set)
        self._gone: set[int] = set()
        self._lost: dict[int, tuple[str, str, int]] = {}

    def remember(self, alert: Alert) -> None:
        """Note whom an alert quotes and names."""
        for quote in (alert.first, *alert.quotes):
            if quote is not None:
                self._quoted[quote.seq].add(alert.id)
        for carrier in alert.carriers:
            self._carrying[carrier.channel, carrier.actor].add(alert.id)

    def take_back(self, batch: pa.RecordBatch) -> None:
        """Learn that rows no longer stand."""
        if not (self._quoted or self._carrying):
            return
        names = ("seq", "channel", "actor", "object_key")
        at = batch.column("event_at").cast(pa.int64()).to_pylist()
        columns = [batch.column(name).to_pylist() for name in names]
        for seq, channel, actor, object_key, event_at in zip(*columns, at, strict=True):
            if seq in self._quoted:
                self._gone.add(seq)
            if (channel, actor) in self._carrying:
                self._lost[object_key] = (channel, actor, event_at)

    def take_in(self, batch: pa.RecordBatch) -> None:
        """Learn that rows stand: what was taken back to be edited or corrected is there again."""
        if self._lost:
            for object_key in self._lost.keys() & set(batch.column("object_key").to_pylist()):
                del self._lost[object_key]

    def touched(self) -> set[str]:
        """Return the ids of the alerts that what was taken back stands in."""
        quoting = (self._quoted[seq] for seq in self._gone)
        naming = (self._carrying[channel, actor] for channel, actor, _ in self._lost.values())
        return set().union(*quoting, *naming)

    def without(self, alert: Alert) -> Alert:
        """Return an alert as it reads without what was taken back."""
        until = alert.ended_at if alert.ended_at is not None else max((at for *_, at in self._lost.values()), default=0)
        lost = Counter((channel, actor) for channel, actor, at in self._lost.values() if alert.began_at <= at <= until)
        counted = [
            msgspec.structs.replace(carrier, n=carrier.n - lost[carrier.channel, carrier.actor])
            for carrier in alert.carriers
        ]
        is_first_gone = alert.first is not None and alert.first.seq in self._gone
        return msgspec.structs.replace(
            alert,
            first=None if is_first_gone else alert.first,
            quotes=[quote for quote in alert.quotes if quote.seq not in self._gone],
            carriers=[carrier for carrier in counted if carrier.n > 0],
        )

    def settle(self) -> None:
        """Go on after the alerts that were touched are written."""
        for seq in self._gone:
            del self._quoted[seq]
        self._gone.clear()
        self._lost.clear()
