"""The projection of conversations: which posts are one matter of one person, and who waits since when."""

from collections import Counter
from collections.abc import Collection, Mapping

import msgspec
import pyarrow as pa
import pyarrow.compute as pc
import sqlalchemy as sa

from gehoor.answer.conversation_groups import Decided, Groups
from gehoor.answer.conversation_mend import closure, place_gone, unplace
from gehoor.answer.conversation_row import PUT_ROW, row_of
from gehoor.answer.conversation_rows import NAMES, Names, Said, account_name, take
from gehoor.answer.conversation_sql import Alone, Stored, ask, decisions, persons_of, posts_where, ties_of
from gehoor.core.clock import Clock
from gehoor.core.settings import Settings
from gehoor.core.store import put
from gehoor.core.tables.ledger import snapshot

__all__ = ["Conversations"]

_SPANS_KEPT = 8_640  # ten seconds each: a day
_AT_ONCE = 4_096
_PUT_POST = f"INSERT OR REPLACE INTO conversation_post ({NAMES}, conversation, was) VALUES ({'?, ' * 19}'')"
_INHERIT = (
    "INSERT OR IGNORE INTO desk_conversation SELECT ?, version, status, status_at, status_seq, snoozed_until, "
    "assignee, team, labels, need, priority FROM desk_conversation WHERE conversation = ?"
)
_CLOSED = "SELECT conversation, status_seq FROM desk_conversation WHERE status = 'resolved' AND conversation IN ({})"
_HOMES = "SELECT seq, conversation FROM conversation_post WHERE seq IN ({})"
_SAYS = pa.array(["Create", "Update"])


class Conversations:
    """Finds the conversation of each post that waits for an answer, and of each answer.

    What remains decides: after edits, deletions and corrections the tables are those of a replay of the posts that
    stand, in the order of the ledger. Marks of what was edited and deleted stay beside them, without words; so does
    the id of a conversation, which people wrote down. Who is one person is read as it is known at that moment, and
    what we once said stays ours when we take it back.

    Parameters
    ----------
    settings : Settings
        `[desk]`, and brands that are called by `@`.
    clock : Clock
        Not asked: what happens when is in the posts.

    Notes
    -----
    Cost: 0.4 us a post that is not for the desk, 30 us one that is. Memory: what came since the last flush, and the
    names of the last 131,072 things that were said at the desk.
    """

    name = "conversations"
    is_in_store = True

    def __init__(self, settings: Settings, clock: Clock) -> None:
        del clock
        self._desk = settings.desk
        called = [term for brand in settings.brands.values() for term in brand.terms if term.startswith("@")]
        self._accounts = frozenset(map(account_name, (*settings.desk.accounts, *called)))
        self._forget_all()

    def _forget_all(self) -> None:
        self._added: dict[int, Said] = {}
        self._gone: set[int] = set()
        self._edited: set[int] = set()
        self._names = Names()
        self._in_span: Counter[int] = Counter()
        self._left_out: Counter[int] = Counter()
        self._head = 0

    # -- projection ---------------------------------------------------------------------------------------------------

    def apply(self, batch: pa.RecordBatch, sign: int) -> None:
        """Take in posts, or take them back."""
        if sign < 0:
            seqs = batch.column("seq").filter(pc.is_in(batch.column("type"), _SAYS)).to_pylist()
            self._gone.update(seqs)
            for seq in seqs:
                self._added.pop(seq, None)
            return
        for post, span in take(batch, self._desk, self._accounts, self._names):
            if span is None or self._fits(span):
                self._added[post.seq] = post
        self._note_edits(batch)

    def _note_edits(self, batch: pa.RecordBatch) -> None:
        if self._gone:
            edits = batch.column("object_key").filter(pc.equal(batch.column("type"), "Update"))
            self._edited.update(edits.to_pylist())

    def _fits(self, span: int) -> bool:
        """Tell whether one more public post of these ten seconds is taken: a storm is in the stories."""
        self._in_span[span] += 1
        if self._in_span[span] <= self._desk.most_per_10_s:
            return True
        self._left_out[span] += 1
        return False

    def flush(self, tx: sa.Connection, offset: int, *, everything: bool) -> int:
        """Find the conversations of what came and went, and write them."""
        if self._added or self._gone:
            again, fresh, alike = self._sorted(tx)
            for start in range(0, len(fresh), _AT_ONCE):
                posts = fresh[start : start + _AT_ONCE]
                groups = Groups(Stored(tx, posts))
                self._write_rows(tx, self._place(tx, groups, posts), groups.begun, offset)
            self._write_rows(tx, alike | self._mend(tx, again), {}, offset)
            self._note_left_out(tx)
            self._added, self._gone, self._edited = {}, set(), set()
        if everything and (renamed := place_gone(tx)):
            _inherit(tx, renamed)
            self._write_rows(tx, {*renamed, *renamed.values()}, {}, offset)
        return offset

    def decided(self, tx: sa.Connection, offset: int, conversations: Collection[int]) -> None:
        """Place some conversations anew, after people put them together or took them apart."""
        posts = posts_where(tx, "conversation", conversations)
        self._write_rows(tx, self._mend(tx, posts), {}, offset)

    def load(self, tx: sa.Connection, offset: int) -> None:
        """Take up what is known of what we said, and of how much came in these ten seconds."""
        del offset
        self._forget_all()
        self._names = _names(tx)
        self._head = tx.exec_driver_sql("SELECT max(seq) FROM conversation_post").scalar() or 0
        data = tx.execute(sa.select(snapshot.c.data).where(snapshot.c.projection == self.name)).scalar()
        if data is not None:
            self._left_out = Counter(dict(msgspec.msgpack.decode(data, type=list[tuple[int, int]])))

    def clear(self, tx: sa.Connection, first: int) -> None:
        """Forget all conversations but the marks of what went: a rebuild finds them again."""
        del first
        self._forget_all()
        unplace(tx)
        tx.exec_driver_sql("DELETE FROM conversation")
        tx.exec_driver_sql("DELETE FROM conversation_post WHERE was = ''")
        self._names = _names(tx)
        tx.execute(sa.delete(snapshot).where(snapshot.c.projection == self.name))

    # -- placing ------------------------------------------------------------------------------------------------------

    def _sorted(self, tx: sa.Connection) -> tuple[list[Said], list[Said], set[int]]:
        """Return what must be placed anew together with all around it, and what only comes after all that stands.

        What was judged anew, and would be found where it is, is written in its place at once: the third are those
        conversations.
        """
        old = {post.seq: post for post in posts_where(tx, "seq", self._gone)}
        again = [post for seq, post in old.items() if seq not in self._added]
        fresh: list[Said] = []
        alike: list[Said] = []
        for seq, post in sorted(self._added.items()):
            if seq in old and _is_found_alike(old[seq], post):
                alike.append(post)
            else:
                (fresh if seq > self._head else again).append(post)
        homes = dict(
            ask(tx, "SELECT seq, conversation FROM conversation_post WHERE seq IN ({})", [p.seq for p in alike])
        )
        _put_posts(tx, [(*post, homes[post.seq]) for post in alike])
        return again, fresh, set(homes.values())

    def _mend(self, tx: sa.Connection, again: list[Said]) -> set[int]:
        """Place anew all that what went, or came in between, can have kept together or apart."""
        if not again:
            return set()
        gone = {seq for seq in self._gone if seq not in self._added}
        around = closure(tx, again, gone)
        stays = {post.seq: post for post in around.posts if post.seq not in gone}
        stays |= {post.seq: post for post in again if post.seq in self._added}
        decided: dict[int, list[Decided]] = {}
        for name, said in decisions(tx, around.names).items():
            decided.setdefault(around.anchors.get(name, name), []).extend(said)
        actors = {post.actor_key for post in stays.values() if post.actor_key is not None}
        self._mark_gone(tx, gone)
        ties = ties_of(tx, around.names, around.anchors)
        groups = Groups(Alone(persons_of(tx, actors), decided, ties))
        touched = self._place(tx, groups, [stays[seq] for seq in sorted(stays)])
        renamed = place_gone(tx, around)
        now = dict(ask(tx, _HOMES, around.conversations))
        _inherit(tx, {old: into for old, into in now.items() if old != into})
        return touched | around.conversations | set(renamed.values())

    def _mark_gone(self, tx: sa.Connection, gone: Collection[int]) -> None:
        rows = list(ask(tx, "SELECT seq, object_key FROM conversation_post WHERE was = '' AND seq IN ({})", gone))
        marks = [("edited" if key in self._edited else "deleted", seq) for seq, key in rows]
        if marks:
            tx.exec_driver_sql("UPDATE conversation_post SET was = ?, name = NULL WHERE seq = ?", marks)

    def _place(self, tx: sa.Connection, groups: Groups, posts: list[Said]) -> set[int]:
        """Place posts in order and write them; return the conversations that changed."""
        for post in posts:
            groups.place(post)
        placed, merged = groups.placed(), groups.merged
        for old, into in merged.items():
            tx.exec_driver_sql("UPDATE conversation_post SET conversation = ? WHERE conversation = ?", (into, old))
        _put_posts(tx, [(*post, id_) for id_, some in placed.items() for post in some])
        self._head = max(self._head, posts[-1].seq if posts else 0)
        _inherit(tx, merged)
        return {*placed, *merged}

    # -- writing ------------------------------------------------------------------------------------------------------

    def _write_rows(
        self, tx: sa.Connection, ids: Collection[int], known: Mapping[int, list[Said]], offset: int
    ) -> None:
        """Write what conversations amount to now; `known` are the posts of those that are in no need to be read."""
        posts = dict(known)
        sql = f"SELECT conversation, {NAMES} FROM conversation_post WHERE conversation IN ({{}}) AND was = ''"
        for id_, *rest in ask(tx, sql, [id_ for id_ in ids if id_ not in known]):
            posts.setdefault(id_, []).append(Said._make(rest))
        closed = dict(ask(tx, _CLOSED, ids))
        rows = {id_: row_of(id_, posts.get(id_, []), closed.get(id_, 0), offset) for id_ in ids}
        if gone := [(id_,) for id_, row in rows.items() if row is None]:
            tx.exec_driver_sql("DELETE FROM conversation WHERE id = ?", gone)
        if written := [row for row in rows.values() if row is not None]:
            tx.exec_driver_sql(PUT_ROW, written)

    def _note_left_out(self, tx: sa.Connection) -> None:
        newest = max(self._in_span, default=0)
        for counts in (self._in_span, self._left_out):
            for span in [span for span in counts if span < newest - _SPANS_KEPT]:
                del counts[span]
        if self._left_out:
            data = msgspec.msgpack.encode(sorted(self._left_out.items()))
            put(tx, snapshot, projection=self.name, data=data)


def _put_posts(tx: sa.Connection, rows: list[tuple[object, ...]]) -> None:
    if rows:
        tx.exec_driver_sql(_PUT_POST, rows)


def _inherit(tx: sa.Connection, became: Mapping[int, int]) -> None:
    """Let what people decided of a conversation hold for the one that it became, or became part of."""
    if became:
        tx.exec_driver_sql(_INHERIT, [(into, old) for old, into in sorted(became.items())])


def _names(tx: sa.Connection) -> Names:
    sql = "SELECT object_key, direction, actor_key FROM conversation_post ORDER BY seq DESC LIMIT 131072"
    newest = [(key, actor if direction == "in" else None) for key, direction, actor in tx.exec_driver_sql(sql)]
    return Names(reversed(newest))


def _is_found_alike(one: Said, other: Said) -> bool:
    """Tell whether a post that was judged anew is found in the same place as before."""
    return (one.brand, one.need, one.at, one.direction) == (other.brand, other.need, other.at, other.direction)
