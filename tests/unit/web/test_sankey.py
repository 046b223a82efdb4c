"""The flow picture loses nobody and stays inside; the file that leaves holds no formula."""

import csv
import io
import re

from hypothesis import given
from hypothesis import strategies as st

from gehoor.core.audience.rule import parse_rule
from gehoor.web.sankey import sankey_of
from gehoor.web.segments import added, to_csv, without

_NAMES = st.sampled_from(["ours", "rival", "third", "[new]", "[silent]"])
_MOVES = st.dictionaries(st.tuples(_NAMES, _NAMES), st.integers(1, 500), min_size=1).map(
    lambda found: [(a, b, n) for (a, b), n in found.items()]
)


@given(_MOVES)
def test_ribbons_fill_their_nodes_and_stay_in_the_picture(moves: list[tuple[str, str, int]]) -> None:
    drawn = sankey_of(moves, 400, 300, 90)
    total = sum(n for *_, n in moves)
    assert len(drawn.ribbons) == len(moves)
    assert abs(sum(ribbon.n for ribbon in drawn.ribbons) - 1000) < 1e-6
    for side, nodes in ((0, drawn.left), (1, drawn.right)):
        for node in nodes:
            assert node.n == round(1000 * sum(move[2] for move in moves if move[side] == node.name) / total)
            assert node.y >= 0
            assert node.y + node.height <= 300 + 6  # the thinnest have a least height
    for ribbon in drawn.ribbons:
        assert all(-1 <= float(number) <= 401 for number in re.findall(r"[\d.]+", ribbon.path))


@given(st.lists(st.lists(st.text(max_size=8), min_size=2, max_size=2), min_size=1, max_size=5))
def test_no_cell_of_a_file_begins_a_formula(rows: list[list[str]]) -> None:
    plain = [[cell.replace("\x00", "").replace("\r", " ") for cell in row] for row in rows]
    for row in csv.reader(io.StringIO(to_csv(plain), newline="")):
        assert not [cell for cell in row if cell[:1] in set("=+-@\t\r\n")]


def test_rule_grows_by_what_is_picked_and_shrinks_by_what_is_taken_away() -> None:
    rule = added(added(added("", "orders", ">=", "3"), "since_order", ">", "90"), "main_brand", "=", 'Ons "Merk"')
    assert rule == 'orders >= 3 and since_order > 90 days and main_brand = "Ons Merk"'
    assert without(parse_rule(rule, 20_000), 1) == 'orders >= 3 and main_brand = "Ons Merk"'
    either = added("orders >= 3 or posts > 2", "loyalty", "=", "leaving")
    assert parse_rule(either, 20_000).parts == ("(orders >= 3 or posts > 2)", "loyalty = leaving")
    assert added(rule, "nothing", "=", "1") == rule
