"""How the desk does, as its manager sees it: counted, opened, and taken along without formulas."""

import csv
import io
import re
from collections.abc import Iterator
from html import unescape
from pathlib import Path

import msgspec
import pytest
import sqlalchemy as sa
from litestar import Litestar
from litestar.testing import TestClient

from gehoor.core.clock import DAY_US, SECOND_US, StillClock
from gehoor.core.tables.desk import desk_survey
from gehoor.web.app import app_of
from tests.cast import LOYAL, NOON, WORRIED
from tests.component.awaiting import DESK, said, waiting
from tests.component.deciding import Deciding
from tests.component.hearing import Hearing

pytestmark = pytest.mark.filterwarnings("ignore:The base_url")

Pages = TestClient[Litestar]
Desk = tuple[Hearing, Deciding, Pages]
COST = DESK.replace("[desk]\n", "[desk]\ncost_per_minute = 0.5\n")
_ORIGIN = {"Origin": "http://localhost"}


@pytest.fixture
def desk(tmp_path: Path, clock: StillClock) -> Iterator[Desk]:
    with (
        waiting(tmp_path, COST) as (hearing, owner),
        TestClient(app_of(hearing.site(owner, clock)), base_url="http://localhost") as client,
    ):
        client.headers["Accept-Language"] = "en"
        yield hearing, owner, client


def _text(html: str) -> str:
    return re.sub(r"\s+", " ", unescape(re.sub(r"<[^>]+>", " ", html)))


def test_what_waits_is_told_and_every_number_opens_its_conversations(desk: Desk) -> None:
    _, owner, pages = desk
    said(owner, "take", conversation=1)
    html = pages.get("/desk/report").text
    text = _text(html)
    assert "2 conversations wait for you, all still in time." in text
    assert "the longest 30 min" in text
    links = re.findall(r'href="(/inbox\?q=[^"]+)">([\d,.]+)<', html)
    assert len(links) >= 8
    for href, n in links:
        shown = pages.get(unescape(href)).text
        assert shown.count('class="it') == int(n), href


def test_an_answer_counts_for_speed_for_cost_and_for_listening(desk: Desk) -> None:
    hearing, _, pages = desk
    asked = WORRIED.says("@noordvlucht Hoi, waar is mijn koffer? Help mij", id="q8", after_s=-7_200)
    hearing.hear([asked])
    answer = LOYAL.says("We zoeken het uit.", id="a8", to="q8", after_s=-3_600)
    ours = {"actor": "noordvlucht", "actor_name": "Noordvlucht", "direction": "out"}
    hearing.hear([msgspec.structs.replace(answer, channel=asked.channel, **ours)])
    text = _text(pages.get("/desk/report").text)
    assert re.search(r"1 of the 3 who waited for an answer got one: 33%", text), text
    assert "€ 3.00" in text.replace("\xa0", " ")


def test_whether_people_were_helped_is_told_by_need_and_channel_and_in_their_words(desk: Desk) -> None:
    hearing, _, pages = desk
    assert "Whether people were helped" not in pages.get("/desk/report").text
    answer = LOYAL.says("We zoeken het uit.", id="a1", to="q1", after_s=-900)
    hearing.hear([msgspec.structs.replace(answer, actor="noordvlucht", direction="out")])
    assert "After an answer you can ask people" in pages.get("/desk/report").text
    with hearing.projector.engine.begin() as tx:
        survey = {
            "conversation": 1,
            "token": b"t",
            "asked_at": NOON,
            "answered_at": NOON,
            "score": 4,
            "words": "<b>Top</b>",
        }
        tx.execute(sa.insert(desk_survey).values(**survey))
    html = pages.get("/desk/report").text
    assert "1 of the 1 who said so gave a 4 or 5 (21% to 100%)" in _text(html)
    assert "&lt;b&gt;Top&lt;/b&gt;" in html


def test_whether_people_were_helped_is_told_by_story(desk: Desk) -> None:
    hearing, _, pages = desk
    answer = LOYAL.says("We zoeken het uit.", id="a1", to="q1", after_s=-900)
    hearing.hear([msgspec.structs.replace(answer, actor="noordvlucht", direction="out")])
    with hearing.projector.engine.begin() as tx:
        tx.exec_driver_sql("INSERT OR REPLACE INTO topic_post VALUES (1, 7)")
        values = f"7, 'koffer kwijt', 'nl', 1, {NOON - DAY_US}, {NOON}, 12, 12.0, NULL, NULL"
        tx.exec_driver_sql(f"INSERT OR REPLACE INTO topic VALUES ({values})")
    (story,) = pages.get("/api/v1/satisfaction", params={"by": "story"}).json()
    assert (story["name"], story["n"], story["satisfied"]["n"]) == ("topic/7", 1, 0)
    assert re.search(r'href="/stories/topic~7"><bdi>Koffer kwijt</bdi></a></th><td class="r">1<', _told(pages))
    assert [one["name"] for one in pages.get("/api/v1/satisfaction").json()] == [""]
    assert pages.get("/api/v1/satisfaction", params={"by": "member"}).status_code == 400


def _told(pages: Pages) -> str:
    return pages.get("/desk/report").text


def test_late_is_what_is_later_than_was_promised(desk: Desk) -> None:
    hearing, _, pages = desk
    hearing.hear([WORRIED.says("@noordvlucht Hoor ik nog iets? Help mij aub", id="q9", after_s=-5 * 3_600)])
    assert "longer than promised: 1" in _text(pages.get("/desk/report").text)
    assert pages.get("/inbox?q=is:late").text.count('class="it') == 1


def test_a_matter_that_is_answered_and_lasts_longer_than_promised_is_late_too(
    tmp_path: Path, clock: StillClock
) -> None:
    asked = WORRIED.says("@noordvlucht Hoor ik nog iets? Help mij aub", id="q9", after_s=-5 * 3_600)
    answer = LOYAL.says("We zoeken het uit.", id="a9", to="q9", after_s=-5 * 3_600 + 60)
    with (
        waiting(tmp_path, DESK.replace("next_reply = 30", "next_reply = 30, resolution = 120")) as (hearing, owner),
        TestClient(app_of(hearing.site(owner, clock)), base_url="http://localhost") as pages,
    ):
        hearing.hear([asked, msgspec.structs.replace(answer, channel=asked.channel, direction="out")])
        pages.headers["Accept-Language"] = "en"
        assert "longer than promised: 1" in _text(pages.get("/desk/report").text)
        said(owner, "status", conversation=3, status="pending")  # now we wait for them: its clock stands still
        assert "all still in time" in _text(pages.get("/desk/report").text)


def test_nobody_wrote_yet_is_said(tmp_path: Path, clock: StillClock) -> None:
    hearing = Hearing(tmp_path / "empty", DESK)
    with TestClient(app_of(hearing.site(Deciding(hearing), clock)), base_url="http://localhost") as pages:
        for language, words in (("nl", "Hier staat straks hoe het gaat"), ("en", "This will say how it goes")):
            assert words in pages.get("/desk/report", headers={"Accept-Language": language}).text
    hearing.close()


def test_tomorrow_is_told_once_there_are_weeks_to_tell_it_from(desk: Desk) -> None:
    hearing, _, pages = desk
    for day in range(1, 31):
        words = [LOYAL.says(f"@noordvlucht Vraag {day}, kan iemand helpen?", id=f"d{day}", after_s=-day * 86_400)]
        hearing.hear(words, received=NOON - day * DAY_US + SECOND_US)
    text = _text(pages.get("/desk/report").text)
    assert "conversations are expected, four times in five between" in text
    assert "There is no roster yet" in text
    figures = pages.get("/api/v1/figures").json()
    assert (len(figures["ahead"]["hours"]), figures["ahead"]["is_thin"]) == (24, True)


def test_a_view_is_taken_along_without_formulas_and_it_is_noted(desk: Desk) -> None:
    hearing, _, pages = desk
    hearing.hear([WORRIED.says("=HYPERLINK(1) @noordvlucht help mij", id="q7", after_s=-60)])
    answer = pages.post("/desk/export", data={"q": "is:all"}, headers=_ORIGIN)
    assert answer.content.startswith(b"\xef\xbb\xbf")
    rows = list(csv.reader(io.StringIO(answer.content.decode("utf-8-sig"))))
    assert (rows[0][0], len(rows)) == ("conversation", 3)
    assert not [cell for row in rows for cell in row if cell[:1] in ("=", "+", "-", "@", "\t", "\r")]
    assert any(cell.startswith("'=HYPERLINK") for row in rows for cell in row)
    with hearing.projector.engine.begin() as tx:
        [line] = tx.exec_driver_sql("SELECT said_by, detail FROM desk_event WHERE act = 'export'").all()
    assert tuple(line) == ("you", '{"n":2}')
