"""What stands for an object depends on what was said about it, never on the order in which we heard it."""

from hypothesis import given
from hypothesis import strategies as st

from gehoor.core.ledger.resolve import GONE, STANDS, SUPERSEDED, Stand, judge, resolve

_POST, _LIKE = 100, 200


def _row(seq: int, type_: str, *, rev: int = 0, key: int | None = None, about: int = _POST) -> Stand:
    return Stand(seq, type_, rev, seq if key is None else key, about, STANDS)


_ROWS = st.lists(
    st.tuples(
        st.sampled_from(["Create", "Update", "Update", "Delete", "Like", "Undo", "Announce"]),
        st.integers(0, 3),
        st.sampled_from([_POST, _LIKE]),
    ),
    min_size=1,
    max_size=9,
).map(
    lambda drawn: [
        _row(seq, type_, rev=rev, about=about, key=_LIKE if type_ == "Like" and seq == 1 else None)
        for seq, (type_, rev, about) in enumerate(drawn, 1)
    ]
)


class _Heard:
    """Rows as they come in, some at a time; states change as the ledger would change them."""

    def __init__(self) -> None:
        self.rows: dict[int, Stand] = {}

    def find(self, digests: list[int]) -> list[Stand]:
        return [row for row in self.rows.values() if row.key in digests or row.object_key in digests]

    def hear(self, new: list[Stand]) -> None:
        digests = {digest for row in new for digest in (row.key, row.object_key)}
        states, changes = resolve(new, digests, self.find)
        for row in new:
            self.rows[row.seq] = row._replace(state=states.get(row.seq, STANDS))
        for seq, (before, after) in changes.items():
            assert self.rows[seq].state == before
            self.rows[seq] = self.rows[seq]._replace(state=after)

    def states(self) -> dict[int, int]:
        return {seq: row.state for seq, row in sorted(self.rows.items())}


@given(_ROWS, st.randoms(use_true_random=False), st.integers(1, 4))
def test_states_are_the_same_in_any_order_and_any_pages(rows: list[Stand], chance: object, size: int) -> None:
    at_once, shuffled = _Heard(), _Heard()
    at_once.hear(rows)
    mixed = rows.copy()
    chance.shuffle(mixed)  # type: ignore[attr-defined]  # Hypothesis hands over a random.Random
    for start in range(0, len(mixed), size):
        shuffled.hear(mixed[start : start + size])
    assert shuffled.states() == at_once.states()


def test_highest_revision_stands() -> None:
    rows = [_row(1, "Create"), _row(2, "Update", rev=7), _row(3, "Update", rev=5)]
    assert judge(_POST, rows) == {1: SUPERSEDED, 2: STANDS, 3: SUPERSEDED}


def test_deletion_takes_edits_likes_and_shares_with_it() -> None:
    rows = [_row(1, "Create"), _row(2, "Update", rev=7), _row(3, "Like"), _row(4, "Announce"), _row(5, "Delete")]
    assert judge(_POST, rows) == dict.fromkeys((1, 2, 3, 4), GONE)


def test_undo_takes_back_the_one_like_that_it_names() -> None:
    rows = [_row(1, "Like", key=_LIKE), _row(2, "Like"), _row(3, "Undo", about=_LIKE)]
    assert judge(_LIKE, rows)[1] == GONE
    assert judge(_POST, rows).get(2, STANDS) == STANDS


def test_deletion_takes_back_the_share_that_it_names() -> None:
    rows = [_row(1, "Announce", key=_LIKE), _row(2, "Announce"), _row(3, "Delete", about=_LIKE)]
    assert judge(_LIKE, rows)[1] == GONE
    assert judge(_POST, rows).get(2, STANDS) == STANDS


def test_undo_does_not_unsay_what_was_said() -> None:
    assert judge(_POST, [_row(1, "Create", key=_POST), _row(2, "Undo")]) == {1: STANDS}
