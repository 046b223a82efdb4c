"""Names in the double-jeopardy plot can be read."""

from itertools import permutations

import msgspec
from hypothesis import example, given
from hypothesis import strategies as st

from gehoor.core.loyalty import Market
from gehoor.web.jeopardy import Plot, plot_of

_ROOM = 80.0


def _plot(brands: list[tuple[float, float]]) -> Plot:
    """Draw brands of so many buyers (share of people) and so many orders each."""
    n = len(brands)
    facts = {field.name: [0.0] * n for field in msgspec.structs.fields(Market)} | {
        "brands": [f"brand {place}" for place in range(n)], "ours": "brand 0", "band": [],
        "penetration": [size for size, _ in brands], "buying_rate": [rate for _, rate in brands],
    }  # fmt: skip
    return plot_of(Market(**facts), 520, 320)  # type: ignore[arg-type]  # what is not drawn is left as it is


@given(st.lists(st.tuples(st.floats(0.01, 0.3), st.floats(1.0, 4.0)), min_size=2, max_size=2))
@example([(0.02, 1.45), (0.022, 1.4)])
def test_the_name_of_a_brand_stands_on_no_other_dot(brands: list[tuple[float, float]]) -> None:
    for dot, other in permutations(_plot(brands).dots, 2):
        if dot.is_right and 0 <= other.x - dot.x < _ROOM:
            assert abs(dot.text_y - other.y) >= 10
