"""Pieces of a stream: all bytes, in order, cut where a record ends."""

import csv
import io

from hypothesis import given
from hypothesis import strategies as st

from gehoor.listen.pieces import MAX_LINES, Piece, Pieces


class Trickle:
    """A stream that gives a few bytes at a time."""

    def __init__(self, data: bytes, step: int) -> None:
        self._data = io.BytesIO(data)
        self._step = step

    def read(self, n: int) -> bytes:
        return self._data.read(min(n, self._step))

    def skip_to(self, offset: int) -> bool:
        self._data.seek(offset)
        return True


def pieces_of(data: bytes, step: int, delimiter: str | None, limit: int = 1_000) -> list[Piece]:
    pieces = Pieces(Trickle(data, step), delimiter=delimiter, limit=limit)
    return list(iter(lambda: pieces.next(is_final=True), None))


def rows(data: bytes) -> list[list[str]]:
    return [row for row in csv.reader(io.StringIO(data.decode("latin-1"), newline=""), strict=True) if row]


@given(st.binary(max_size=200), st.integers(1, 50))
def test_lines_are_given_whole_and_in_order(data: bytes, step: int) -> None:
    found = pieces_of(data, step, None)
    assert b"".join(piece.payload for piece in found) == data
    assert all(piece.payload.endswith(b"\n") for piece in found[:-1])
    assert sum(piece.n_lines for piece in found) == data.count(b"\n") + (not data.endswith(b"\n") and data != b"")


@given(st.lists(st.lists(st.text('a,"\né', max_size=5), min_size=2, max_size=3), max_size=20), st.integers(1, 60))
def test_records_of_a_table_are_never_cut(table: list[list[str]], step: int) -> None:
    out = io.StringIO()
    csv.writer(out).writerows(table)
    data = out.getvalue().encode("latin-1")
    found = pieces_of(data, step, ",")
    assert b"".join(piece.payload for piece in found) == data
    assert [row for piece in found for row in rows(piece.payload)] == rows(data)


@given(st.lists(st.integers(0, 90), max_size=12), st.integers(1, 40))
def test_long_line_is_read_past_and_counted(lengths: list[int], step: int) -> None:
    data = b"".join(b"x" * n + b"\n" for n in lengths)
    found = pieces_of(data, step, None, limit=50)
    assert sum(piece.n_bytes for piece in found) == len(data)
    assert sum(piece.n_lines for piece in found) == len(lengths)
    assert all(piece.oversize > 50 for piece in found if piece.oversize)
    whole = [n for piece in found if not piece.oversize for n in map(len, piece.payload.split(b"\n")[:-1])]
    assert [n for n in whole if n < 50] == [n for n in lengths if n < 50]


def test_half_a_line_waits_for_its_other_half() -> None:
    pieces = Pieces(Trickle(b"a\nb", 10), delimiter=None)
    first = pieces.next(is_final=False)
    assert first is not None and first.payload == b"a\n"
    assert pieces.next(is_final=False) is None
    last = pieces.next(is_final=True)
    assert last is not None and (last.payload, last.is_open) == (b"b", True)


def test_many_short_lines_make_several_pieces() -> None:
    for delimiter, line in ((None, b"x\n"), (",", b'"x"\n')):
        sizes = [piece.n_lines for piece in pieces_of(line * 10_000, 50_000, delimiter)]
        assert sum(sizes) == 10_000 and max(sizes) <= MAX_LINES
