"""What a person says and does on one line: nothing covers anything, the tone that prevails is shown."""

from itertools import pairwise
from zoneinfo import ZoneInfo

from hypothesis import given
from hypothesis import strategies as st

from gehoor.web.money import money
from gehoor.web.people import initials
from gehoor.web.person_line import Past, line_of
from gehoor.web.speech import Speech

DUTCH = Speech("nl", ZoneInfo("UTC"))
DAY = 20_000


def _past(**known: object) -> Past:
    nothing: dict[str, object] = {
        "first": DAY, "last": DAY + 84, "said": {}, "spent": {}, "elsewhere": frozenset(), "answered": (), "quotes": (),
    }  # fmt: skip
    return Past(**(nothing | known))  # type: ignore[arg-type]  # each test names what it is about


def test_posts_that_would_cover_each_other_are_one_with_the_tone_that_prevails() -> None:
    said = {DAY: (2, 2, 0), DAY + 1: (1, 0, 1), DAY + 60: (3, 0, 2)}
    drawn = line_of(_past(said=said), DUTCH, is_wide=True)
    assert [(dot.tone, dot.sign) for dot in drawn.dots] == [("neg", "−"), ("pos", "+")]


def test_a_dearer_order_is_higher_and_one_elsewhere_is_told_apart() -> None:
    spent = {DAY: 10.0, DAY + 30: 100.0, DAY + 50: 50.0}
    bars = line_of(_past(spent=spent, elsewhere=frozenset((DAY + 50,))), DUTCH, is_wide=True).bars
    assert bars[1].height > bars[2].height > bars[0].height
    assert [bar.is_elsewhere for bar in bars] == [False, False, True]


def test_words_beside_marks_never_meet_and_there_are_none_on_a_phone() -> None:
    quotes = [(DAY + day, f"{day} woorden van iemand") for day in range(0, 80, 3)]
    wide = line_of(_past(quotes=quotes), DUTCH, is_wide=True).quotes
    rows = {y: sorted(one.x for one in wide if one.y == y) for y in {one.y for one in wide}}
    assert all(b - a >= 195 for xs in rows.values() for a, b in pairwise(xs))
    assert len(wide) > 4
    assert line_of(_past(quotes=quotes), DUTCH, is_wide=False).quotes == []


@given(days=st.lists(st.integers(0, 4_000), min_size=1, max_size=60), span=st.integers(0, 4_000), is_wide=st.booleans())
def test_everything_stands_within_the_drawing(days: list[int], span: int, *, is_wide: bool) -> None:
    days = [DAY + min(day, span) for day in days]
    past = _past(
        last=DAY + span, said=dict.fromkeys(days, (1, 0, 0)), spent=dict.fromkeys(days, 3.0), answered=sorted(days)
    )
    drawn = line_of(past, DUTCH, is_wide=is_wide)
    places = [*(dot.x for dot in drawn.dots), *(bar.x for bar in drawn.bars), *(tick.x for tick in drawn.ticks)]
    places += drawn.rings
    assert all(drawn.left <= x <= drawn.width - drawn.radius for x in places)
    assert all(drawn.middle + bar.height <= drawn.height for bar in drawn.bars)
    assert len(drawn.ticks) <= 10


def test_amounts_and_initials_are_written_as_people_do() -> None:
    assert money(DUTCH, 1140.4, "EUR") == "€\N{NO-BREAK SPACE}1.140"
    assert [initials(name) for name in ("Saar de Vries", "@mdv_onderweg", "4711", "")] == ["SV", "MO", "47", ""]
