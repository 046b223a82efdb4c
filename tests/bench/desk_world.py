"""A desk with a long past, written straight into its tables: as many conversations and messages as one asks for."""

from pathlib import Path
from typing import Any

import numpy as np

from gehoor.core.clock import DAY_US, SECOND_US
from gehoor.core.ledger.segment import Segment
from gehoor.core.store import open_store
from tests.cast import NOON

__all__ = ["AGENTS", "DeskWorld"]

AGENTS = [f"agent{n}" for n in range(50)]
_EACH, _DAYS, _WORDS, _LONG = 5, 10, 20_000, 15
_CHANNELS, _NEEDS = ("mail", "mastodon", "bluesky", "phone"), ("delivery", "refund", "invoice", None)
_POST = (
    "INSERT INTO activity (seq, id, type, rev, published, received, channel, direction, visibility, actor, actor_name, "
    "text, key, object_key, actor_key, event_at, is_backfill, state, labels) "
    "VALUES (?, ?, 'Create', 0, ?, ?, ?, ?, 'direct', ?, ?, ?, ?, ?, ?, ?, 0, 0, '')"
)
_PLACE = (
    "INSERT INTO conversation_post (seq, conversation, object_key, actor_key, name, channel, brand, language, reach, "
    "is_direct, at, direction, intent, need, urgency, sentiment, is_backfill, was) "
    "VALUES (?, ?, ?, ?, ?, ?, 'acme', 'nl', 0, 1, ?, ?, 'help', ?, ?, 'neutral', 0, '')"
)


class DeskWorld:
    """Conversations of five messages: three of the person, two of ours; six in a hundred are not resolved.

    Parameters
    ----------
    root : Path
        An empty folder: the workspace.
    n : int
        Conversations.
    """

    def __init__(self, root: Path, n: int, seed: int = 7) -> None:
        (root / "segments").mkdir(parents=True)
        self.root, self.n = root, n
        self._rng = np.random.default_rng(seed)
        self.words = [f"w{number}x" for number in range(_WORDS)]
        self._write_posts()
        self._write_desk()

    def _texts(self, n: int) -> list[str]:
        drawn = np.minimum(self._rng.zipf(1.2, (n, _LONG)), _WORDS) - 1
        return [" ".join(self.words[word] for word in row) for row in drawn.tolist()]

    def _write_posts(self) -> None:
        n, per_day = self.n * _EACH, self.n * _EACH // _DAYS
        engine = open_store(self.root)
        for day in range(_DAYS):
            seqs = range(1 + day * per_day, 1 + (day + 1) * per_day if day < _DAYS - 1 else n + 1)
            segment = Segment.create(self.root / "segments", seqs[0], NOON // DAY_US - _DAYS + day, [])
            posts = [self._post(seq, text) for seq, text in zip(seqs, self._texts(len(seqs)), strict=True)]
            with segment.engine.begin() as tx:
                tx.exec_driver_sql(_POST, [post[0] for post in posts])
                tx.exec_driver_sql("INSERT INTO search(rowid, text, labels) SELECT seq, text, labels FROM activity")
            with engine.begin() as tx:
                tx.exec_driver_sql(_PLACE, [post[1] for post in posts])
            segment.close()
        engine.dispose()

    def _post(self, seq: int, text: str) -> tuple[tuple[Any, ...], tuple[Any, ...]]:
        talk = (seq - 1) // _EACH
        who, at = talk * 7 % self.n + 1, NOON - (self.n * _EACH - seq) * SECOND_US
        channel, is_in = _CHANNELS[talk % 4], (seq - 1) % _EACH % 2 == 0
        name = f"N{who} de Vries"
        direction = "in" if is_in else "out"
        row = (seq, str(seq), at, at, channel, direction, str(who), name, text, seq, 10**9 + seq, who, at)
        place = (seq, talk * _EACH + 1, 10**9 + seq, who, name, channel, at, direction, _NEEDS[talk % 4], talk % 3)
        return row, place

    def _write_desk(self) -> None:
        engine = open_store(self.root)
        rng, rows, desk, notes = self._rng, [], [], []
        is_done = rng.random(self.n) < 0.94
        for talk in range(self.n):
            first, last = talk * _EACH + 1, (talk + 1) * _EACH
            who, began = talk * 7 % self.n + 1, NOON - (self.n * _EACH - first) * SECOND_US
            closed = last if is_done[talk] else 0
            rows.append((
                first, who, f"N{who} de Vries", _CHANNELS[talk % 4], "acme", "nl", "help", _NEEDS[talk % 4], talk % 3,
                "neutral", talk % 500, 1, 0, 3, 2, began, began + SECOND_US, began + 4 * SECOND_US,
                began + 3 * SECOND_US, began + 4 * SECOND_US, last, last, closed, last,
            ))  # fmt: skip
            if is_done[talk] or talk % 2:
                status = "resolved" if is_done[talk] else ("open", "pending")[talk % 4 // 2]
                label = "|spoed|" if talk % 20 == 0 else ""
                who_for, team = AGENTS[talk % len(AGENTS)], ("baggage", "refunds", None)[talk % 3]
                desk.append((first, 3, status, NOON, last, None, who_for, team, label, None, talk % 3 - 1))
            if talk % 4 == 0:
                notes.append((first, NOON, "agent1", f"Nota {self.words[talk % _WORDS]} bij {who}", ""))
        with engine.begin() as tx:
            tx.exec_driver_sql(f"INSERT INTO conversation VALUES ({', '.join('?' * 24)})", rows)
            tx.exec_driver_sql(f"INSERT INTO desk_conversation VALUES ({', '.join('?' * 11)})", desk)
            tx.exec_driver_sql(
                "INSERT INTO desk_note (conversation, at, said_by, text, mentions) VALUES (?, ?, ?, ?, ?)", notes
            )
        engine.dispose()
