"""What somebody bought of other brands is told apart from what they spent with us."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from gehoor.core.clock import DAY_US
from gehoor.core.reader import Reader
from gehoor.core.record import Activity, digest
from gehoor.web.elsewhere import Elsewhere, elsewhere_of, with_us
from tests.cast import NOON
from tests.component.hearing import Hearing


def _order(number: int, day: int, brand: str | None, value: float, event: str = "Order Completed") -> Activity:
    at = NOON - day * DAY_US
    return Activity(id=f"o-{number}", type="Track", published=at, received=at, channel="shop", actor="4711",
                    event=event, brand=brand, value=value, currency="eur")  # fmt: skip


@pytest.fixture
def reader(workspace: Path) -> Iterator[Reader]:
    """Two orders with us, two elsewhere of which one came back in part."""
    hearing = Hearing(workspace)
    orders = [(9, "Acme", 40.0), (8, None, 10.0), (8, "Rival", 25.0), (3, "Rival", 30.0)]
    hearing.hear(_order(number, *order) for number, order in enumerate(orders))
    hearing.hear([_order(9, 1, "Rival", 5.0, "Order Refunded")])
    yield Reader(hearing.root)
    hearing.close()


def test_orders_of_other_brands_are_counted_apart_with_what_came_back(reader: Reader) -> None:
    found = elsewhere_of(reader, [digest("shop", "4711")], "Acme")
    assert (found.n, found.spend) == (2, {"EUR": 50.0})
    assert found.days == {(NOON - 3 * DAY_US) // DAY_US}, "on the other day they ordered with us as well"
    assert with_us({"EUR": 100.0}, found) == {"EUR": 50.0}


def test_where_no_brand_is_ours_nothing_is_elsewhere(reader: Reader) -> None:
    assert elsewhere_of(reader, [digest("shop", "4711")], "") == Elsewhere()
