"""The projection that knows people: who is one, and what each of them said and did."""

from collections.abc import Iterable, Iterator

import msgspec
import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc
import sqlalchemy as sa

from gehoor.core.clock import SECOND_US, Clock
from gehoor.core.own_secret import own_secret
from gehoor.core.reader import Reader
from gehoor.core.record import digest
from gehoor.core.settings import Settings
from gehoor.core.store import put
from gehoor.core.tables import ledger as tables
from gehoor.know.aside import Aside
from gehoor.know.cell_code import Cells
from gehoor.know.cells import Names, cells_of
from gehoor.know.components import settle, together, write_given
from gehoor.know.consent import may_profile
from gehoor.know.earlier import beginnings, earlier_rows
from gehoor.know.evidence import ACCOUNT, Given, given_in
from gehoor.know.identity import Keys
from gehoor.know.known import Known
from gehoor.know.person_store import (
    NewActor,
    drop_actors,
    drop_empty,
    insert_actors,
    refresh,
    write_called,
    write_cells,
    write_names,
)
from gehoor.know.tally import Tally

__all__ = ["OBJECTS", "Persons"]

OBJECTS = "objects"
_TABLES = ("person", "person_edge", "person_name")
_BEGINS = pa.array(["Identify", "Track", "Alias", "Group", "Page", "Screen"])
_TAKES_BACK = pa.array(["Delete", "Undo"])
_MOST_WAITING = 2_000_000
_FRESH_US = SECOND_US

Ints = npt.NDArray[np.int64]
Mask = npt.NDArray[np.bool_]


class Persons:
    """Keeps a profile of who does something with us or writes to us; strangers who only speak in public have none.

    A profile begins with an event that somebody's own session sent, a message to us alone, or a decision of a person,
    and then takes in what the same account said before, as far as the ledger reaches. So most of a firehose costs a
    look-up. Order-free: equal to a recount of what stands in the ledger. While a past is read again, the cells wait on
    disk: each person is written once, in the end.

    Parameters
    ----------
    settings : Settings
        `[know] profiles = false` keeps nothing, and lets go of what was kept.
    clock : Clock
        A second's worth is written at once.

    Notes
    -----
    Cost: 1 us a post of a stranger, 3 us an event of somebody known and 15 to write it. Memory: 16 bytes an actor, and
    what waits: two million cells at most.
    """

    name = "persons"
    is_in_store = True

    def __init__(self, settings: Settings, clock: Clock) -> None:
        self._settings, self._clock = settings, clock
        self._is_on = settings.know.profiles
        self._reader = Reader(settings.root)
        self._keys: Keys | None = None
        self._known = Known()
        self._forget_waiting()
        self._objecting: set[int] = set()
        self._spoken: set[str] = set()
        self._n_spoken = 0
        self._written, self._written_at, self._reads_on = 0, 0, True

    def _forget_waiting(self) -> None:
        self._tally, self._names = Tally(), Names()
        self._aside: Aside | None = None
        self._given: list[tuple[Given, int]] = []
        self._new: dict[int, NewActor] = {}
        self._waiting: dict[int, tuple[str, str]] = {}
        self._called: dict[int, str] = {}
        self._lessened: set[int] = set()

    # -- taking in --------------------------------------------------------------------------------------------------

    def apply(self, batch: pa.RecordBatch, sign: int) -> None:
        """Add what these rows say of people of whom a profile is kept, or take it back."""
        if not self._is_on or not batch.num_rows:
            return
        keys, is_in = _theirs(batch)
        if sign > 0:
            self._begin(batch, keys, is_in)
        counts = is_in & self._known.counts(keys, batch.column("seq").to_numpy())
        if self._waiting:
            counts &= ~np.isin(keys, np.fromiter(self._waiting, np.int64))
        if sign > 0:
            self._note_strangers(batch, is_in & ~counts)
        if counts.any():
            self._take(batch if counts.all() else batch.filter(pa.array(counts)), sign)

    def _begin(self, batch: pa.RecordBatch, keys: Ints, is_in: Mask) -> None:
        """Keep a profile, from now on, of those who begin one with these rows."""
        begins = pc.is_in(batch.column("type"), _BEGINS).to_numpy(zero_copy_only=False)
        for column, value in (("visibility", "direct"), ("channel", "mail")):
            begins |= pc.equal(batch.column(column), value).to_numpy(zero_copy_only=False)
        begins &= is_in & pc.is_null(batch.column("spam")).to_numpy(zero_copy_only=False)
        begins &= ~pc.is_in(batch.column("type"), _TAKES_BACK).to_numpy(zero_copy_only=False)
        if not begins.any():
            return
        begins &= ~self._known.has(keys)
        places = np.flatnonzero(begins)
        first = places[np.unique(keys[places], return_index=True)[1]]
        rows = batch.select(["actor_key", "channel", "actor", "policy"]).take(pa.array(first)).to_pylist()
        since: dict[int, int] = {}
        for row in rows:
            if may_profile(row["policy"]) and self._want(row["actor_key"], row["channel"], row["actor"]):
                since[row["actor_key"]] = 0
        if since:
            self._known.add(since)

    def _want(self, key: int, channel: str, actor: str) -> bool:
        """Take note of somebody new; tell whether nothing of theirs can have been passed over before."""
        if key in self._objecting or key in self._waiting or key in self._new:
            return False
        if channel in self._spoken:
            self._waiting[key] = (channel, actor)
            return False
        self._new[key] = NewActor(key, channel, actor, 0)
        return True

    def _note_strangers(self, batch: pa.RecordBatch, strange: Mask) -> None:
        """Remember in which channels strangers spoke: who begins there may have said something before."""
        if strange.any():
            channels = batch.column("channel").dictionary_encode()
            seen = np.unique(channels.indices.to_numpy()[strange])
            self._spoken |= {channels.dictionary[place].as_py() for place in seen.tolist()}

    def _take(self, rows: pa.RecordBatch, sign: int) -> None:
        self._tally.add(cells_of(rows, self._names, sign))
        if self._tally.n >= _MOST_WAITING:
            self._lay_aside()
        if self._keys is None:
            self._keys = Keys(own_secret(self._settings.root))
        given = given_in(rows, self._keys)
        self._given += [(one, sign) for one in given]
        for one in given:
            if sign > 0 and one.kind == ACCOUNT and one.account and not self._known.has(np.array([one.other]))[0]:
                self._waiting.setdefault(one.other, one.account)
        if sign < 0:
            self._lessened |= set(rows.column("actor_key").to_pylist())
        else:
            names = zip(rows.column("actor_key").to_pylist(), rows.column("actor_name").to_pylist(), strict=True)
            self._called |= {key: name for key, name in names if name}

    def _lay_aside(self) -> None:
        self._aside = self._aside or Aside(self._settings.root)
        self._aside.put(self._tally.loose())

    # -- writing ----------------------------------------------------------------------------------------------------

    def flush(self, tx: sa.Connection, offset: int, *, everything: bool) -> int:
        """Write what came; about once a second, and as late as can be while a past is read again."""
        if len(self._given) >= _MOST_WAITING:
            self._given = together(self._given)
        n_known = len(self._given) + len(self._new) + len(self._waiting)
        n = self._tally.n + n_known + (self._aside is not None)
        is_late = not self._reads_on and self._clock.now() - self._written_at >= _FRESH_US
        if n and (everything or is_late or n_known >= _MOST_WAITING):
            self._write(tx, offset, is_whole=everything or not self._reads_on)
            n = 0
        if everything:
            self._reads_on = False
        if not n:
            self._written = offset
        return self._written

    def _write(self, tx: sa.Connection, offset: int, *, is_whole: bool) -> None:
        while self._waiting:
            self._catch_up(offset)
        insert_actors(tx, self._new.values())
        grown = write_given(tx, self._given)
        changes = settle(tx, {one.actor_key for one, _ in self._given} | self._new.keys(), grown)
        stale = {person for change in changes for person in change[1:]}
        unheard = set(self._new)
        for cells in self._cells():
            unheard.difference_update(cells.actor.tolist())
            stale |= write_cells(tx, cells)
        write_names(tx, self._names.taken())
        write_called(tx, self._called)
        # halfway a past, who has nothing yet may be heard later in it
        lessened = set() if is_whole else self._lessened
        gone, left = drop_empty(tx, self._lessened - lessened)
        self._known.drop(gone)
        refresh(tx, stale | unheard | left)
        if self._n_spoken != len(self._spoken):
            put(tx, tables.snapshot, projection=self.name, data=msgspec.msgpack.encode(sorted(self._spoken)))
            self._n_spoken = len(self._spoken)
        self._forget_waiting()
        self._lessened = lessened
        self._written_at = self._clock.now()

    def _cells(self) -> Iterator[Cells]:
        """Yield what waits, the actors in order and each with all of theirs."""
        if self._aside is None:
            yield self._tally.taken()
            return
        self._lay_aside()
        yield from self._aside.taken()

    def _catch_up(self, offset: int) -> None:
        """Take in what those who are waited for said before, as far as the ledger reaches."""
        waiting, self._waiting = self._waiting, {}
        segments = self._reader.segments()
        since = segments[0].first_seq if segments and segments[0].first_seq > 1 else 0
        self._known.add(dict.fromkeys(waiting, since))
        self._lessened |= waiting.keys()  # what made them begin may be gone by now
        self._new |= {key: NewActor(key, *whose, since) for key, whose in waiting.items()}
        for rows in earlier_rows(self._reader, waiting, offset):
            is_in = pc.equal(rows.column("direction"), "in")
            self._take(rows.filter(is_in), 1)

    # -- start, rebuild, decisions ----------------------------------------------------------------------------------

    def load(self, tx: sa.Connection, offset: int) -> None:
        """Take up of whom a profile is kept; where none may be kept, let go of what there was."""
        self._forget_waiting()
        self._known.clear()
        self._written, self._reads_on = offset, True
        if not self._is_on:
            for name in (*_TABLES, "person_actor"):
                tx.exec_driver_sql(f"DELETE FROM {name}")
            return
        rows = tx.exec_driver_sql("SELECT actor_key, since FROM person_actor").fetchall()
        self._known.add({row[0]: row[1] for row in rows})
        objecting = 'SELECT "left" FROM person_choice WHERE kind = ?'
        self._objecting = {row[0] for row in tx.exec_driver_sql(objecting, (OBJECTS,))}
        data = tx.execute(sa.select(tables.snapshot.c.data).where(tables.snapshot.c.projection == self.name)).scalar()
        self._spoken = set(msgspec.msgpack.decode(data)) if data is not None else set()
        self._n_spoken = len(self._spoken)

    def clear(self, tx: sa.Connection, first: int) -> None:
        """Empty every profile; of whom one is kept stays, and so does what people decided."""
        del first
        for name in _TABLES:
            tx.exec_driver_sql(f"DELETE FROM {name}")
        tx.exec_driver_sql("UPDATE person_actor SET person = actor_key, since = 0, cells = x''")
        tx.execute(sa.delete(tables.snapshot).where(tables.snapshot.c.projection == self.name))
        self.load(tx, 0)
        if self._is_on:
            for rows in beginnings(self._reader, self._settings.root):  # all of them, before anything is counted
                self._begin(rows, *_theirs(rows))
            self._lessened = {int(key) for key in self._known.keys}

    def decided(
        self, tx: sa.Connection, offset: int, accounts: Iterable[tuple[str, str]], *, forget: bool = False
    ) -> None:
        """Follow what a person decided about some accounts (channel, stable id), which stands in the table by now.

        Everything must have been flushed before. With `forget`, nothing of these accounts is kept.
        """
        self.load(tx, offset)
        if not self._is_on:
            return
        whose = {digest(*account): account for account in accounts}
        gone = set(whose) if forget else whose.keys() & self._objecting
        near = drop_actors(tx, gone)
        self._known.drop(gone)
        wanted = {key: account for key, account in whose.items() if key not in gone}
        self._waiting = {key: wanted[key] for key in wanted if not self._known.has(np.array([key]))[0]}
        self._write(tx, offset, is_whole=True)
        changes = settle(tx, whose.keys() | near, {})
        refresh(tx, near | {person for change in changes for person in change[1:]})
        self._reads_on = False


def _theirs(batch: pa.RecordBatch) -> tuple[Ints, Mask]:
    """Return whose rows these are, and which of them others said or did."""
    actors = batch.column("actor_key")
    is_in = pc.and_(pc.equal(batch.column("direction"), "in"), pc.is_valid(actors))
    return actors.fill_null(0).to_numpy(), is_in.to_numpy(zero_copy_only=False)
