"""What a person decides on a page: done by the owner, told with a way back, and without a script as well."""

import re
from collections.abc import Iterator
from html import unescape
from pathlib import Path

import pytest
from litestar import Litestar
from litestar.testing import TestClient

from gehoor.core.clock import StillClock
from gehoor.core.page import RawPage
from gehoor.core.reader import PostFilter, Reader
from gehoor.web.app import app_of
from tests.cast import CRITIC, FAN, LOYAL, NOON
from tests.component.deciding import Deciding
from tests.component.hearing import BRANDS, Hearing

pytestmark = pytest.mark.filterwarnings("ignore:The base_url")

SOURCE = '[sources.cast]\ntype = "file"\npath = "cast.jsonl"\n'
ORIGIN = {"Origin": "http://localhost"}
PART = {**ORIGIN, "HX-Request": "true"}

Pages = TestClient[Litestar]


@pytest.fixture
def hearing(tmp_path: Path) -> Iterator[Hearing]:
    hearing = Hearing(tmp_path / "workspace", BRANDS + SOURCE)
    yield hearing
    hearing.close()


@pytest.fixture
def owner(hearing: Hearing) -> Deciding:
    return Deciding(hearing)


@pytest.fixture
def pages(hearing: Hearing, owner: Deciding, clock: StillClock) -> Iterator[Pages]:
    with TestClient(app_of(hearing.site(owner, clock)), base_url="http://localhost") as client:
        client.headers["Accept-Language"] = "en"
        yield client


def _text(html: str) -> str:
    return re.sub(r"\s+", " ", unescape(re.sub(r"<[^>]+>", "", html)))


def _sentiment(hearing: Hearing, seq: int = 1) -> str | None:
    return Reader(hearing.root).posts(PostFilter(seq=seq))[0].sentiment


def test_a_judgement_is_corrected_told_and_taken_back_without_a_script(hearing: Hearing, pages: Pages) -> None:
    hearing.hear([CRITIC.says("Waardeloos, mijn koffer is kwijt en ik ben boos")])
    form = {"column": "sentiment", "value": "neutral", "back": "/posts?words=koffer"}
    page = pages.post("/posts/1/correct", data=form, headers=ORIGIN)
    assert page.url.query == b"words=koffer"
    assert "tone is now: neutral." in _text(page.text)
    assert _sentiment(hearing) == "neutral"
    pages.post("/posts/1/correct", data={**form, "value": "negative", "undo": "yes"}, headers=ORIGIN)
    assert _sentiment(hearing) == "negative"


def test_a_correction_counts_and_is_found_at_once(hearing: Hearing, pages: Pages) -> None:
    hearing.hear([FAN.says("Mooi is dat, drie uur wachten")])
    pages.post("/posts/1/correct", data={"column": "intent", "value": "complaint"}, headers=ORIGIN)
    assert pages.get("/posts?intent=complaint").text.count("data-post") == 1
    assert "1 post came in." in _text(pages.get("/").text)


def test_an_open_list_gets_the_card_anew_with_the_way_back(hearing: Hearing, pages: Pages) -> None:
    hearing.hear([CRITIC.says("Waardeloos, ik ben boos")])
    part = pages.post("/posts/1/correct", data={"column": "sentiment", "value": "positive"}, headers=PART).text
    assert "<html" not in part
    assert 'id="p1"' in part
    assert 'name="value" value="negative"' in part.partition('id="toast"')[2]
    assert "judged by a person" in part


def test_a_correction_while_the_owner_is_away_is_said_and_keeps_nothing(hearing: Hearing, clock: StillClock) -> None:
    from gehoor.run.control import Control

    hearing.hear([CRITIC.says("Waardeloos, ik ben boos")])
    with TestClient(app_of(hearing.site(Control(hearing.root), clock)), base_url="http://localhost") as client:
        for headers in (ORIGIN, PART):
            page = client.post("/posts/1/correct", data={"column": "sentiment", "value": "positive"}, headers=headers)
            assert "gehoor serve" in page.text
    assert _sentiment(hearing) == "negative"


@pytest.mark.parametrize(
    "form",
    [{"column": "sentiment", "value": "furious"}, {"column": "text", "value": "x"}, {"column": "seq"}, {}],
)
def test_what_is_no_judgement_is_refused_in_words(hearing: Hearing, pages: Pages, form: dict[str, str]) -> None:
    hearing.hear([CRITIC.says("Waardeloos, ik ben boos")])
    for seq in (1, 77):
        assert "cannot be done any more" in pages.post(f"/posts/{seq}/correct", data=form, headers=ORIGIN).text
    assert _sentiment(hearing) == "negative"


@pytest.mark.parametrize("back", ["https://evil.example/", "//evil.example", "/\\evil.example", "javascript:alert(1)"])
def test_a_form_leads_nowhere_else(hearing: Hearing, pages: Pages, back: str) -> None:
    hearing.hear([LOYAL.says("Dank je wel")])
    form = {"column": "sentiment", "value": "neutral", "back": back}
    answer = pages.post("/posts/1/correct", data=form, headers=ORIGIN, follow_redirects=False)
    assert answer.headers["location"] == "/posts?seq=1#p1"


@pytest.mark.parametrize("headers", [{"Origin": "http://evil.example"}, {"Sec-Fetch-Site": "cross-site"}])
@pytest.mark.parametrize("path", ["/posts/1/correct", "/alerts/a/verdict", "/alerts/a/send", "/sources/cast/restart"])
def test_another_site_cannot_decide_for_us(pages: Pages, path: str, headers: dict[str, str]) -> None:
    assert pages.post(path, headers=headers).status_code == 403


def test_rejects_are_tried_again_and_counted(hearing: Hearing, pages: Pages) -> None:
    hearing.hear_page(RawPage(source="cast", decoder="plain", payload=b'{"id": 1, "text": ', received=NOON))
    page = pages.post("/sources/cast/again", headers=ORIGIN)
    assert "Tried cast again: 0 taken in, 1 not yet." in _text(page.text)


def test_a_stopped_source_begins_again(owner: Deciding, pages: Pages) -> None:
    page = pages.post("/sources/cast/restart", headers=ORIGIN)
    assert "cast starts again." in _text(page.text)
    assert owner.restarted == ["cast"]
    assert pages.post("/sources/nobody/restart", headers=ORIGIN).status_code == 400


def test_a_rubbish_cookie_breaks_no_page(pages: Pages) -> None:
    for cookie in ("rubbish", "eyJ3aGF0IjogImNvcnJlY3RlZCIsICJuYW1lIjogIjxzY3JpcHQ-In0="):
        pages.cookies.set("done", cookie)
        page = pages.get("/posts")
        assert page.status_code == 200
        assert "<script>" not in page.text
