"""What was left out: shown with its reason, counted by source, and brought back with one click."""

import re
from collections.abc import Iterator
from html import unescape
from pathlib import Path

import pytest
from litestar import Litestar
from litestar.testing import TestClient

from gehoor.core.clock import StillClock
from gehoor.web.app import app_of
from tests.cast import LOYAL, NOON, STRANGER
from tests.component.deciding import Deciding
from tests.component.hearing import BRANDS, Hearing

pytestmark = pytest.mark.filterwarnings("ignore:The base_url")

SOURCE = '[sources.everybody]\ntype = "file"\npath = "x.jsonl"\nkeep = "brands"\n'
ORIGIN = {"Origin": "http://localhost"}

Pages = TestClient[Litestar]


@pytest.fixture
def hearing(tmp_path: Path) -> Iterator[Hearing]:
    hearing = Hearing(tmp_path / "workspace", BRANDS + SOURCE)
    yield hearing
    hearing.close()


@pytest.fixture
def pages(hearing: Hearing, clock: StillClock) -> Iterator[Pages]:
    with TestClient(app_of(hearing.site(Deciding(hearing), clock)), base_url="http://localhost") as client:
        client.headers["Accept-Language"] = "en"
        yield client


def _text(html: str) -> str:
    return re.sub(r"\s+", " ", unescape(re.sub(r"<[^>]+>", "", html)))


def _hear(hearing: Hearing, n: int) -> None:
    said = [STRANGER.says(f"Lekker weer vandaag {i} <script>", after_s=i) for i in range(n)]
    hearing.hear([*said, LOYAL.says("Noordvlucht doet het goed")], source="everybody", received=NOON)


def test_nothing_left_out_is_said(pages: Pages) -> None:
    assert "Nothing was left out." in pages.get("/posts/dropped").text


def test_what_was_left_out_is_shown_with_its_reason_and_its_number(hearing: Hearing, pages: Pages) -> None:
    _hear(hearing, 3)
    html = pages.get("/posts/dropped").text
    assert html.count("data-post") == 3
    assert "names no brand of ours: 3" in _text(html)
    assert "<script> " not in html
    assert pages.get("/posts").text.count("data-post") == 1


def test_one_of_it_comes_back(hearing: Hearing, pages: Pages) -> None:
    _hear(hearing, 2)
    handle = re.findall(r'name="handle" value="([^"]+)"', pages.get("/posts/dropped").text)[0]
    page = pages.post("/posts/dropped/keep", data={"handle": handle}, headers=ORIGIN)
    assert "Brought back." in _text(page.text)
    assert pages.get("/posts").text.count("data-post") == 2
    assert pages.get("/posts/dropped").text.count("data-post") == 1


def test_an_open_list_gets_a_word_where_the_post_stood(hearing: Hearing, pages: Pages) -> None:
    _hear(hearing, 1)
    handle = re.findall(r'name="handle" value="([^"]+)"', pages.get("/posts/dropped").text)[0]
    headers = {**ORIGIN, "HX-Request": "true"}
    part = pages.post("/posts/dropped/keep", data={"handle": handle}, headers=headers).text
    assert "<html" not in part
    assert "Brought back." in part


def test_a_long_list_comes_a_page_at_a_time_and_each_once(hearing: Hearing, pages: Pages) -> None:
    _hear(hearing, 120)
    seen: list[str] = []
    href: str | None = "/posts/dropped"
    while href:
        html = pages.get(unescape(href), headers={"HX-Request": "true"}).text
        seen += re.findall(r'name="handle" value="([^"]+)"', html)
        found = re.search(r'href="([^"]*before=[^"]+)"', html)
        href = found.group(1) if found else None
    assert len(seen) == len(set(seen)) == 120


def test_a_wrong_place_in_the_list_is_explained(hearing: Hearing, pages: Pages) -> None:
    _hear(hearing, 1)
    for before in ("x", "1-2-zz", "1-2"):
        page = pages.get(f"/posts/dropped?before={before}")
        assert (page.status_code, "no place in the list" in page.text) == (400, True)


def test_what_is_no_handle_is_refused_in_words(pages: Pages) -> None:
    page = pages.post("/posts/dropped/keep", data={"handle": "rubbish"}, headers=ORIGIN)
    assert "cannot be done any more" in page.text


def test_everything_is_looked_at_again(hearing: Hearing, pages: Pages) -> None:
    _hear(hearing, 2)
    page = pages.post("/posts/dropped/again", data={"source": "everybody"}, headers=ORIGIN)
    assert "Looked at again" in page.text
    assert page.text.count("data-post") == 2
