"""The page of a case: many folded into one line, seen for three, sent once, stopped; and for everybody's eyes."""

import re
from collections.abc import Iterator
from html import unescape
from pathlib import Path
from typing import TYPE_CHECKING

import msgspec
import pytest
from litestar import Litestar
from litestar.testing import TestClient

from gehoor.core.clock import StillClock
from gehoor.core.record import Activity
from gehoor.web.app import app_of
from tests.cast import HOPPER, NOON
from tests.component.awaiting import DESK, said, waiting
from tests.component.browsing import look, opened
from tests.component.deciding import Deciding
from tests.component.hearing import Hearing
from tests.component.serving import Serving

if TYPE_CHECKING:
    from playwright.sync_api import Browser

ORIGIN = {"Origin": "http://localhost"}
NL = "@noordvlucht Mijn vlucht is vannacht geannuleerd. Wanneer krijg ik mijn geld terug? Kan iemand mij helpen?"
EN = "@noordvlucht My flight was cancelled last night. When do I get my money back? Can anybody help me please?"

Pages = TestClient[Litestar]
Desk = tuple[Hearing, Deciding]


def _asks(first: int, n: int) -> list[Activity]:
    said = [HOPPER.says(EN if at % 3 == 0 else NL, id=f"many{at}", after_s=at - 900) for at in range(first, first + n)]
    return [msgspec.structs.replace(one, actor=f"p{at}", actor_name=f"Mens {at}") for at, one in enumerate(said, first)]


def _hear(hearing: Hearing, first: int, n: int) -> None:
    """Hear what as many people ask, of one topic."""
    hearing.hear(_asks(first, n))
    rows = "SELECT seq, 7 FROM conversation_post WHERE direction = 'in' AND seq > 2"
    with hearing.projector.engine.begin() as tx:
        tx.exec_driver_sql(f"INSERT OR REPLACE INTO topic_post {rows}")
        values = "7, 'vlucht geld terug', 'nl', 3, 1, 2, 7, 7.0, NULL, NULL"
        tx.exec_driver_sql(f"INSERT OR REPLACE INTO topic VALUES ({values})")


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[Desk]:
    with waiting(tmp_path, DESK) as (hearing, owner):
        _hear(hearing, 0, 7)
        yield hearing, owner


@pytest.fixture
def pages(desk: Desk, clock: StillClock) -> Iterator[Pages]:
    hearing, owner = desk
    with TestClient(app_of(hearing.site(owner, clock)), base_url="http://localhost") as client:
        client.headers["Accept-Language"] = "en"
        yield client


def _text(html: str) -> str:
    return re.sub(r"\s+", " ", unescape(re.sub(r"<[^>]+>", " ", html)))


def _post(pages: Pages, path: str, **form: str) -> str:
    return _text(pages.post(f"/inbox/case/7/{path}", data=form, headers=ORIGIN).text)


def _as_of(pages: Pages) -> str:
    found = re.search(r'name="as_of" value="([\d.]+)"', pages.get("/inbox/case/7").text)
    assert found is not None
    return found[1]


def test_many_with_one_complaint_are_one_line_of_the_inbox(pages: Pages) -> None:
    html = pages.get("/inbox").text
    assert re.findall(r'data-row="(\d+)"', html) == ["1", "2"]
    assert "7 people" in _text(html)
    assert 'href="/inbox/case/7"' in html
    assert len(re.findall(r'data-row="(\d+)"', pages.get("/inbox?q=case:7").text)) == 7


def test_two_cases_stand_in_the_list_and_the_others_are_folded(pages: Pages, desk: Desk) -> None:
    _hear(desk[0], 20, 11)
    with desk[0].projector.engine.begin() as tx:
        for topic, after in ((8, 8), (9, 14)):
            tx.exec_driver_sql("UPDATE topic_post SET topic = ? WHERE seq > ?", (topic, after))
            tx.exec_driver_sql(f"INSERT INTO topic VALUES ({topic}, 'z{topic}', 'nl', 3, 1, 2, 7, 7.0, NULL, NULL)")
    html = pages.get("/inbox").text
    at, folded = [html.index(f"/inbox/case/{topic}") for topic in (7, 8, 9)], html.index('class="more-cases"')
    assert sum(one < folded for one in at) == 2
    assert "One more that many say alike" in _text(html)


def test_a_case_says_who_waits_in_which_languages_and_is_reached_from_its_story(pages: Pages) -> None:
    html = pages.get("/inbox/case/7").text
    text = _text(html)
    assert "7 people: vlucht geld terug" in text
    assert "7 wait for an answer" in text
    assert "Dutch 4 people" in text
    assert "English 3 people" in text
    story = re.search(r'href="(/stories/[^"]+)"', html)
    assert story is not None
    assert 'href="/inbox/case/7">Answer everybody' in pages.get(story[1]).text


def test_an_answer_is_seen_for_three_people_before_it_leaves_and_taken_back_after(pages: Pages) -> None:
    as_of = _as_of(pages)
    form = {"text-nl": "Dag {name}, je krijgt je geld.", "text-en": "", "as_of": as_of}
    seen = _post(pages, "answer", preview="yes", **form)
    assert len(re.findall(r"Dag Mens \d, je krijgt je geld\.", seen)) == 3
    assert "3 people get nothing: no text in English." in seen
    assert "Send to 4 people" in seen
    told = _post(pages, "answer", **form)
    assert "0 of 4 sent" in told
    assert "no text in their language" in told
    assert "It is paused." in _post(pages, "pace", act="pause")
    assert "It goes on." in _post(pages, "pace", act="go_on")
    assert "All of it is taken back." in _post(pages, "pace", act="take_back")


def test_who_came_after_the_answer_is_told_and_still_waits(pages: Pages, desk: Desk) -> None:
    _post(pages, "answer", **{"text-nl": "Dag {name}.", "text-en": "Hello {name}.", "as_of": _as_of(pages)})
    _hear(desk[0], 20, 2)
    text = _text(pages.get("/inbox/case/7").text)
    assert "2 messages came after your answer." in text
    assert pages.get("/inbox/case/99").status_code == 404


@pytest.mark.browser
@pytest.mark.parametrize(("width", "scheme", "language"), [(1280, "light", "nl"), (360, "dark", "en")])
def test_everybody_can_answer_a_case(browser: "Browser", desk: Desk, width: int, scheme: str, language: str) -> None:
    hearing, owner = desk
    with (
        Serving(hearing, StillClock(NOON), owner=owner) as running,
        opened(browser, f"{running.url}/inbox", width=width, scheme=scheme, language=language) as page,
    ):
        look(page, "/inbox")
        page.click(".cases a")
        page.wait_for_url("**/inbox/case/7")
        look(page, "case")
        page.fill("#text-nl", "Dag {name}, je krijgt je geld terug.")
        page.click("button[name=preview]")
        look(page, "preview")
        page.click(".case-answer .go")
        page.wait_for_selector("progress")
        look(page, "sent")
    assert said(owner, "take_back_case", arguments={"case": 7}) == {"n": 4}
