"""*Loyalty* and *Segments* on a real workspace: what is counted and shown, who may leave in a file, who is gone."""

import asyncio
import re
import shutil
from collections.abc import Iterator
from html import unescape
from pathlib import Path
from typing import Any

import msgspec
import pytest
from litestar import Litestar
from litestar.testing import TestClient

from gehoor.core.clock import DAY_US, StillClock
from gehoor.core.errors import SettingError
from gehoor.core.loyalty import Market, market_of
from gehoor.core.person_reader import name_of_person
from gehoor.core.person_value import note_fit, write_worth
from gehoor.core.post import PostFilter
from gehoor.core.reader import Reader
from gehoor.core.record import Activity
from gehoor.run.orders_heard import orders_heard
from gehoor.run.people_fit import fit_people
from gehoor.web.app import app_of
from tests.cast import LEAVER, NOON
from tests.component.deciding import Deciding
from tests.component.hearing import Hearing

pytestmark = pytest.mark.filterwarnings("ignore:The base_url")

ORIGIN = {"Origin": "http://localhost"}
Pages = TestClient[Litestar]

YES, NO, REPLY_NO = (
    '{"consent": {"categoryPreferences": {"Advertising": true}}}',
    '{"consent": {"categoryPreferences": {"Advertising": false}}}',
    '{"purposes": ["profile", "marketing"]}',
)


def _order(who: int, day: int, brand: str | None, policy: str | None = None) -> Activity:
    """Return an order so many days before noon."""
    at = NOON - day * DAY_US
    return Activity(
        id=f"o{who}-{day}", type="Track", object=f"O{who}-{day}", published=at, received=at, channel="shop",
        actor=f"klant-{who}", actor_name=f"=Klant {who}", event="Order Completed", value=10.0, currency="EUR",
        brand=brand, policy=policy,
    )  # fmt: skip


def example_orders() -> list[Activity]:
    """Return the orders of forty customers: thirty loyal, ten who went to the rival; nobody else knows `Geheim`."""
    days = (70, 60, 50, 40, 30, 20, 10, 1)
    found = []
    for who in range(40):
        policy = YES if who < 14 else REPLY_NO if who < 20 else NO if who < 25 else None
        for place, day in enumerate(days):
            brand = "Rivaal" if who >= 30 and place >= 4 else "Ons"
            found.append(_order(who, day, "Geheim" if who == 0 and place == 0 else brand, policy))
    return sorted(found, key=lambda order: order.received)


@pytest.fixture
def hearing(tmp_path: Path) -> Iterator[Hearing]:
    hearing = Hearing(tmp_path / "workspace")
    hearing.hear(example_orders())
    hearing.hear([LEAVER.says(f"Ik zeg op, de levering duurt te lang. Dag {n}", after_s=n) for n in range(3)])
    yield hearing
    hearing.close()


@pytest.fixture
def pages(hearing: Hearing, clock: StillClock) -> Iterator[Pages]:
    with TestClient(app_of(hearing.site(Deciding(hearing), clock)), base_url="http://localhost") as client:
        client.headers["Accept-Language"] = "en"
        yield client


def _ask(hearing: Hearing, op: str, **arguments: Any) -> Any:
    return asyncio.run(Deciding(hearing).call(op, **arguments))


def _counted(hearing: Hearing) -> Market:
    _ask(hearing, "loyalty")
    market = market_of(Reader(hearing.root))
    assert market is not None
    return market


def _stored(hearing: Hearing, sql: str) -> list[tuple[Any, ...]]:
    with hearing.projector.engine.begin() as tx:
        return [tuple(row) for row in tx.exec_driver_sql(sql)]


def _text(html: str) -> str:
    return re.sub(r"\s+", " ", unescape(re.sub(r"<[^>]+>", " ", html)))


def test_who_went_and_who_stayed_is_counted_as_it_was(hearing: Hearing) -> None:
    market = _counted(hearing)
    assert (market.n_people, market.n_orders, market.ours) == (40, 320, "Ons")
    assert {(a, b): n for a, b, n in market.moves} == {("Ons", "Ons"): 30, ("Ons", "Rivaal"): 10}
    assert market.states == {"loyal": 30, "leaving": 10}
    assert market.penetration[:2] == [1.0, 0.25]


def test_brand_that_hardly_anybody_buys_is_named_nowhere(hearing: Hearing) -> None:
    market = _counted(hearing)
    assert "Geheim" not in str(market)
    assert not [row for row in _stored(hearing, "SELECT brand FROM person_loyalty") if row[0] == "Geheim"]


def test_orders_are_the_same_from_the_ledger_and_from_the_history(hearing: Hearing, tmp_path: Path) -> None:
    now = orders_heard(hearing.root, Reader(hearing.root))
    hearing.projector.flush(everything=True)
    past = tmp_path / "past"
    past.mkdir()
    shutil.copytree(hearing.root / "history", past / "history")
    for name in ("ledger.sqlite", "ledger.sqlite-wal", "ledger.sqlite-shm"):
        if (hearing.root / name).exists():
            shutil.copy(hearing.root / name, past / name)
    then = orders_heard(past, Reader(past))
    assert len(then.day) == 320
    assert then.brands == now.brands
    for name in ("persons", "customer", "day", "brand", "is_promotion"):
        assert getattr(then, name).tolist() == getattr(now, name).tolist(), name


def test_who_is_forgotten_or_objects_is_in_no_count_any_more(hearing: Hearing) -> None:
    _counted(hearing)
    for act, who in (("forget", "klant-30"), ("object", "klant-31")):
        _ask(hearing, "person", act=act, arguments={"who": {"id": who, "channel": "shop"}})
    assert len(_stored(hearing, "SELECT person FROM person_loyalty")) == 38
    assert _counted(hearing).states == {"loyal": 30, "leaving": 8}


def test_page_says_it_in_a_sentence_and_each_count_of_posts_opens_as_many(hearing: Hearing, pages: Pages) -> None:
    assert "Nothing can be said of loyalty yet." in _text(pages.get("/loyalty").text)
    page = pages.post("/loyalty/count", headers=ORIGIN).text
    assert (
        "Of every 1,000 customers of Ons, 250 went elsewhere, most of them to Rivaal. 0 came the other way."
        in _text(page)
    )
    assert "What somebody buys elsewhere without our hearing of it, we cannot see." in _text(page)
    links = re.findall(r'href="(/posts\?[^"]+intent=leaving[^"]*)"[^>]*>', page)
    reader = Reader(hearing.root)
    n = len(reader.posts(PostFilter(kind="say", intent="leaving"), 100))
    assert f"{n} post" in _text(page) if n else "Nobody spoke of leaving" in _text(page)
    for link in links:
        assert pages.get(unescape(link)).status_code == 200


def test_orders_of_one_brand_show_no_flow_and_say_what_cannot_be_seen(tmp_path: Path, clock: StillClock) -> None:
    hearing = Hearing(tmp_path / "one")
    hearing.hear([msgspec.structs.replace(order, brand=None) for order in example_orders()])
    _ask(hearing, "loyalty")
    with TestClient(app_of(hearing.site(Deciding(hearing), clock)), base_url="http://localhost") as pages:
        said = _text(pages.get("/loyalty?lang=nl").text)
    hearing.close()
    assert "Wat mensen elders kopen zien we niet" in said
    assert "Wie ging waarheen" not in said
    assert "0 van de 40 vaste kopers" in said


def test_where_no_profiles_are_kept_both_pages_say_so(tmp_path: Path, clock: StillClock) -> None:
    hearing = Hearing(tmp_path / "off", "[know]\nprofiles = false\n")
    hearing.hear(example_orders())
    with TestClient(app_of(hearing.site(Deciding(hearing), clock)), base_url="http://localhost") as pages:
        for path in ("/loyalty", "/segments"):
            assert "No profile is kept of anybody." in _text(pages.get(f"{path}?lang=en").text)
    with pytest.raises(SettingError, match="switched off"):
        _ask(hearing, "segment", act="export", arguments={"rule": "orders > 1"})
    hearing.close()


def test_segment_is_counted_as_it_is_typed_and_a_small_one_is_not(hearing: Hearing, pages: Pages) -> None:
    _counted(hearing)
    few, wrong = "brands = 2 and not (loyalty = leaving)", "loyalty = lost"
    many = "orders >= 7 and not (loyalty = leaving)"  # one of them ordered once of a brand that is not ours
    rules = ("loyalty = leaving", many, "brands = 3", few, wrong)
    said = {rule: _text(pages.get("/segments", params={"rule": rule}).text) for rule in rules}
    assert "10 people 25% of 40" in said["loyalty = leaving"]
    assert "30 people 75% of 40" in said[many]
    assert "0 people" in said["brands = 3"]
    assert "loyalty is loyal or repertoire or hopper" in said[wrong]
    assert "Fewer than 10 people" in said[few]
    assert "Make the file" not in said[few] + said[wrong]


def test_what_went_elsewhere_or_came_back_is_in_no_sum_of_ours(tmp_path: Path, clock: StillClock) -> None:
    def event(who: int, day: int, brand: str, *told: Any) -> Activity:
        order = _order(who, day, brand)
        return msgspec.structs.replace(order, id=f"{order.id}-{told}", event=told[0], value=told[1])

    hearing = Hearing(tmp_path / "mixed")
    elsewhere = [(200, "Order Completed", 100.0), (1, "Order Completed", 60.0), (1, "Order Refunded", 50.0)]
    with_us = [(90, "Order Completed", 30.0), (50, "Order Refunded", 4.0), (40, "Order Cancelled", 1.0),
               (30, "Order Completed", -2.0), (20, "Order Completed", 10.0), (20, "Order Completed", 5.0)]  # fmt: skip
    for who in range(12):
        hearing.hear([event(who, day, brand, *told) for brand, events in (("Rivaal", elsewhere), ("Ons", with_us))
                      for day, *told in events])  # fmt: skip
    _counted(hearing)
    rows, fit = fit_people(hearing.root, NOON, lambda _: None)
    with hearing.projector.engine.begin() as tx:
        write_worth(tx, rows.to_pylist())
        note_fit(tx, fit)
    assert set(rows["spend"].to_pylist()) == {38.0}
    rule = "spent = 38 and orders = 3 and order_days = 2 and returns = 3 and since_order = 20 days and tenure = 90 days"
    with TestClient(app_of(hearing.site(Deciding(hearing), clock)), base_url="http://localhost") as pages:
        assert "12 people" in _text(pages.get("/segments", params={"rule": rule, "lang": "en"}).text)
        person = name_of_person(rows["person"][0].as_py())
        assert "Ordered 3 times, € 38 in all." in _text(pages.get(f"/people/{person}?lang=en").text)
    hearing.close()


def test_comparison_is_picked_added_and_taken_away(pages: Pages) -> None:
    picked = {"rule": "orders >= 3", "column": "since_order", "sign": "<", "value": "30", "add": "yes"}
    page = pages.get("/segments", params=picked).text
    assert "orders &gt;= 3 and since_order &lt; 30 days" in page
    assert 'href="/segments?rule=orders+%3E%3D+3"' in page
    assert "40 people" in _text(page)


def test_segment_is_kept_dropped_and_taken_back(hearing: Hearing, pages: Pages) -> None:
    page = pages.post("/segments/keep", data={"name": " Vaste  kopers ", "rule": "orders >= 3"}, headers=ORIGIN).text
    assert "Vaste kopers" in _text(page)
    assert _stored(hearing, "SELECT name, rule FROM audience") == [("Vaste kopers", "orders >= 3")]
    pages.post("/segments/drop", data={"name": "Vaste kopers", "rule": "orders >= 3"}, headers=ORIGIN)
    assert _stored(hearing, "SELECT name FROM audience") == []
    refused = pages.post("/segments/keep", data={"name": "x", "rule": "orders >"}, headers=ORIGIN).text
    assert "cannot be done any more" in _text(refused)


def test_file_holds_only_who_allows_the_purpose_and_each_is_noted(hearing: Hearing, pages: Pages) -> None:
    marketing = pages.post("/segments/export", data={"rule": "orders >= 3", "purpose": "marketing"}, headers=ORIGIN)
    assert marketing.headers["content-type"] == "text/csv; charset=utf-8"
    rows = [line.split(",") for line in marketing.text.lstrip("\ufeff").splitlines()]
    assert rows[0] == ["person", "channel", "account", "name"]
    assert {row[2] for row in rows[1:]} == {f"klant-{who}" for who in range(20)}  # yes in so many words
    assert {row[3] for row in rows[1:]} == {f"'=Klant {who}" for who in range(20)}
    service = pages.post("/segments/export", data={"rule": "orders >= 3", "purpose": "service"}, headers=ORIGIN)
    assert {line.split(",")[2] for line in service.text.splitlines()[1:]} == {
        f"klant-{who}" for who in range(40) if not 14 <= who < 20
    }
    noted = _stored(hearing, "SELECT act, purpose, count(*), count(DISTINCT person) FROM audit GROUP BY act, purpose")
    assert sorted(noted) == [("listed_marketing", "marketing", 20, 20), ("listed_service", "service", 34, 34)]


def test_too_few_who_allow_it_and_no_purpose_give_no_file(hearing: Hearing, pages: Pages) -> None:
    _counted(hearing)
    few = pages.post("/segments/export", data={"rule": "loyalty = leaving", "purpose": "marketing"}, headers=ORIGIN)
    assert "Fewer than 10 of these people allow this." in _text(few.text)
    none = pages.post("/segments/export", data={"rule": "orders >= 3"}, headers=ORIGIN)
    assert "Say first what it is for." in _text(none.text)
    assert _stored(hearing, "SELECT 1 FROM audit") == []


@pytest.mark.parametrize("path", ["/segments/keep", "/segments/drop", "/segments/export", "/loyalty/count"])
def test_another_site_cannot_do_it_for_us(pages: Pages, path: str) -> None:
    assert pages.post(path, headers={"Origin": "http://evil.example"}).status_code == 403
