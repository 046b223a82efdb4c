"""The pages over a real ledger: what they count, where each number leads, and that hostile text stays text."""

import re
from collections.abc import Iterator
from html import unescape
from html.parser import HTMLParser
from pathlib import Path
from urllib.parse import urlsplit

import msgspec
import pytest
from litestar import Litestar
from litestar.testing import TestClient

from gehoor.core.clock import StillClock
from gehoor.core.errors import TransientError
from gehoor.core.page import RawPage, Receipt
from gehoor.web.app import app_of
from tests.cast import AGENT, BUYER, CAST, CRITIC, ECHO, FAN, LOYAL, NOON, SPAMMER, STRANGER
from tests.component.deciding import Deciding
from tests.component.hearing import BRANDS, Hearing

pytestmark = pytest.mark.filterwarnings("ignore:The base_url")

Pages = TestClient[Litestar]

HOSTILE = (
    "<script>alert(1)</script><img src=x onerror=alert(1)>\"'><svg onload=alert(1)>{{7*7}}{% raw %}"
    "\u202eexe.fdp\u2066\x00\x1b[31m</bdi></p></div></html>"
)


class Away:
    """An owner that does not answer."""

    async def hear(self, page: RawPage) -> Receipt:
        raise TransientError("gehoor is not running here.", 1.0)

    async def call(self, op: str, **arguments: object) -> dict[str, object]:
        raise TransientError("gehoor is not running here.", 1.0)


class _Tags(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str | None]]] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))


def _tags(html: str) -> list[tuple[str, dict[str, str | None]]]:
    parser = _Tags()
    parser.feed(html)
    return parser.tags


@pytest.fixture
def hearing(tmp_path: Path) -> Iterator[Hearing]:
    hearing = Hearing(tmp_path / "workspace", BRANDS + '[sources.cast]\ntype = "file"\npath = "cast.jsonl"\n')
    yield hearing
    hearing.close()


@pytest.fixture
def pages(hearing: Hearing, clock: StillClock) -> Iterator[Pages]:
    with TestClient(app_of(hearing.site(Away(), clock)), base_url="http://localhost") as client:
        client.headers["Accept-Language"] = "en"
        yield client


def _text(html: str) -> str:
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", "", html))


def test_an_empty_workspace_says_what_to_do_next(pages: Pages) -> None:
    for path in ("/", "/posts", "/sources", "/?period=all", "/?period=hour"):
        page = pages.get(path)
        assert page.status_code == 200
        assert "gehoor add file posts.jsonl" in page.text


def test_today_says_how_many_and_what_they_want(hearing: Hearing, pages: Pages) -> None:
    hearing.hear(STRANGER.says(f"Hoe laat gaat de balie van Noordvlucht open? Vraag {n}", after_s=n) for n in range(30))
    sentence = _text(pages.get("/").text)
    assert "30 posts came in." in sentence
    assert "ask something" in sentence


def _opened(pages: Pages, html: str, pattern: str) -> int:
    """Follow every link with a number on a page, and hold each number against the posts that it opens."""
    checked = 0
    for href, shown in re.findall(pattern, html):
        number = re.search(r"\d+", _text(shown)) if "%" not in shown else None
        if number:
            found = pages.get(unescape(href)).text.count("data-post")
            assert (href, found) == (href, int(number.group()))
            checked += 1
    return checked


def _storm(hearing: Hearing) -> None:
    hearing.hear(LOYAL.says(f"Bedankt Noordvlucht, fijne vlucht {n}!", after_s=n) for n in range(7))
    hearing.hear(FAN.says(f"Mijn koffer is {('kwijt', 'weg', 'stuk')[n % 3]} {n}", after_s=n) for n in range(9))
    hearing.hear(CRITIC.says(f"@koffer één klacht, zie https://example.org/koffer/{n}", after_s=n) for n in range(5))
    hearing.hear([SPAMMER.says("Klik hier: gratis spins! Win een iPhone https://t.me/koffer")])


def test_every_number_opens_as_many_posts_as_it_says(hearing: Hearing, pages: Pages) -> None:
    _storm(hearing)
    links = r'<a class="open[^"]*" href="(/posts\?[^"]+)"[^>]*>(.*?)</a>'
    for path in ("/", "/?period=hour", "/?period=week", "/?brand=noordvlucht"):
        html = pages.get(path).text
        assert _opened(pages, html, links) >= 6, path


def test_topics_and_voices_open_the_posts_that_they_count(hearing: Hearing, pages: Pages) -> None:
    _storm(hearing)
    html = pages.get("/").text
    topics, _, voices = html.partition('class="voices"')
    topics = topics.partition('class="topics"')[2]
    assert "Koffer" in topics
    assert _opened(pages, topics, r'<a class="open n" href="([^"]+)">(.*?)</a>') >= 2
    assert "Vluchtpraat" in voices
    assert _opened(pages, voices, r'<a class="open n" href="([^"]+)">(.*?)</a>') >= 3


def test_a_filter_opens_as_many_posts_as_it_says(hearing: Hearing, pages: Pages) -> None:
    _storm(hearing)
    hearing.hear([AGENT.says("We zoeken mee naar je koffer", to="x"), FAN.likes(LOYAL.says("Hoi")), BUYER.buys("1", 5)])
    links = r'<li><a href="(/posts[^"]*)">(.*?)</a></li>'
    for path in ("/posts", "/posts?sentiment=negative", "/posts?kind=say&brand=noordvlucht", "/posts?kind=spam"):
        facets = pages.get(path).text.partition('class="facets"')[2].partition("</details>")[0]
        assert _opened(pages, facets, links) >= 3, path


def test_what_cannot_be_counted_cheaply_is_offered_without_a_number(hearing: Hearing, pages: Pages) -> None:
    _storm(hearing)
    facets = pages.get("/posts?words=koffer").text.partition('class="facets"')[2].partition("</details>")[0]
    assert "sentiment=negative" in facets
    assert 'class="n mute"' not in facets


def test_spam_stands_apart_with_its_reason_and_comes_back_with_one_click(hearing: Hearing, clock: StillClock) -> None:
    _storm(hearing)
    with TestClient(app_of(hearing.site(Deciding(hearing), clock)), base_url="http://localhost") as client:
        client.headers["Accept-Language"] = "en"
        page = client.get("/posts?kind=spam")
        assert page.text.count("data-post") == 1
        assert "spam: words of advertising" in _text(page.text)
        assert "“gratis spins”" in _text(page.text)
        seq = re.findall(r'id="p(\d+)"', page.text)[0]
        form = {"column": "spam", "value": ""}
        client.post(f"/posts/{seq}/correct", data=form, headers={"Origin": "http://localhost"})
        assert "No spam seen." in client.get("/posts?kind=spam").text
        assert client.get("/posts?kind=say&words=spins").text.count("data-post") == 1


def test_a_day_of_years_ago_is_shown_and_said_so(hearing: Hearing, pages: Pages) -> None:
    old = NOON - 3_000 * 86_400_000_000
    post = LOYAL.says("Weet iemand of de balie open is?")
    hearing.hear([msgspec.structs.replace(post, published=old, received=NOON)])
    page = _text(pages.get("/").text)
    assert "Nothing came in today so far" in page
    assert "2018" in page
    assert "1 post came in." in page


def test_hostile_text_never_becomes_markup(hearing: Hearing, pages: Pages) -> None:
    post = msgspec.structs.replace(
        STRANGER.says(HOSTILE), id=HOSTILE, actor=HOSTILE, actor_name=HOSTILE, channel=HOSTILE, conversation=HOSTILE,
        in_reply_to=HOSTILE, url="javascript:alert(1)", language='nl" onclick="x',
    )  # fmt: skip
    deed = msgspec.structs.replace(STRANGER.buys("1", 2.5), event=HOSTILE, currency=HOSTILE)
    hearing.hear([post, deed], source=HOSTILE[:60])
    page = RawPage(source="rest", decoder="plain", payload=HOSTILE.encode(), received=NOON)
    hearing.hear_page(page)
    hearing.note_source(HOSTILE, "file", "waiting", 0.0, HOSTILE)
    asked = (
        "/",
        "/posts",
        "/sources",
        "/posts?words=%3Cscript%3E",
        "/posts?actor=%22%3E%3Cscript%3E",
        "/posts?seq=%3Csvg",
    )
    for path in asked:
        html = pages.get(path).text
        tags = _tags(html)
        scripts = [attrs.get("src") or "" for tag, attrs in tags if tag == "script"]
        assert [src for src in scripts if not src.startswith("/static/")] == []
        assert [tag for tag, _ in tags if tag in {"img", "iframe", "object", "style"}] == []
        assert [name for _, attrs in tags for name in attrs if name.startswith("on") or name == "style"] == []
        assert {urlsplit(attrs["href"] or "").scheme for _, attrs in tags if "href" in attrs} <= {""}
        assert "\x00" not in html


def test_a_link_to_the_original_tells_the_other_side_nothing(hearing: Hearing, pages: Pages) -> None:
    hearing.hear([msgspec.structs.replace(LOYAL.says("Kijk"), url="https://example.org/1")])
    link = next(attrs for tag, attrs in _tags(pages.get("/posts").text) if attrs.get("href") == "https://example.org/1")
    assert link["rel"] == "noopener noreferrer nofollow"


def test_a_post_says_its_language_and_keeps_its_own_direction(hearing: Hearing, pages: Pages) -> None:
    hearing.hear([LOYAL.says("Ik wacht nu al drie uur op mijn koffer en niemand zegt iets tegen ons.")])
    voice = next(attrs for _, attrs in _tags(pages.get("/posts").text) if attrs.get("class") == "voice")
    assert (voice["lang"], voice["dir"]) == ("nl", "auto")


def test_a_repeated_text_leads_to_the_first(hearing: Hearing, pages: Pages) -> None:
    text = "De app van Noordvlucht doet het al uren niet en niemand neemt de telefoon op, schandalig."
    hearing.hear([CRITIC.says(text), ECHO.says(text, after_s=5)])
    html = pages.get("/posts").text
    assert "nearly the same as an earlier post" in html
    assert pages.get("/posts?is_copy=yes").text.count("data-post") == 1
    first = re.findall(r'href="([^"]*)">nearly the same', html)[0]
    assert "Vluchtpraat" in pages.get(first).text


def test_older_posts_come_a_page_at_a_time_and_each_once(hearing: Hearing, pages: Pages) -> None:
    hearing.hear(LOYAL.says(f"Bericht nummer {n}", after_s=n) for n in range(120))
    seen: list[str] = []
    href: str | None = "/posts"
    while href:
        html = pages.get(href.replace("&amp;", "&"), headers={"HX-Request": "true"}).text
        assert "<html" not in html
        seen += re.findall(r'id="p(\d+)"', html)
        found = re.search(r'href="([^"]*before=\d+)"', html)
        href = found.group(1) if found else None
    assert len(seen) == len(set(seen)) == 120


def test_new_posts_wait_and_are_counted(hearing: Hearing, pages: Pages) -> None:
    hearing.hear([LOYAL.says("Eerste")])
    wait = next(attrs["hx-get"] for _, attrs in _tags(pages.get("/posts").text) if attrs.get("id") == "new")
    assert wait is not None
    assert pages.get(wait).text.strip() == ""
    hearing.hear([FAN.says("Tweede"), CRITIC.says("Derde")])
    assert _text(pages.get(wait).text).strip() == "2 new"
    hearing.hear(FAN.says(f"Nog een {n}", after_s=n + 10) for n in range(120))
    assert _text(pages.get(wait).text).strip() == "more than 99 new"


def test_a_chip_takes_its_own_filter_away(hearing: Hearing, pages: Pages) -> None:
    hearing.hear([LOYAL.says("Mijn koffer is kwijt")])
    chips = [
        attrs
        for _, attrs in _tags(pages.get("/posts?words=koffer&channel=bluesky").text)
        if attrs.get("class") == "chip acc"
    ]
    assert [chip["href"] for chip in chips] == ["/posts?channel=bluesky", "/posts?words=koffer"]


def test_sources_show_what_could_not_be_read(hearing: Hearing, pages: Pages) -> None:
    hearing.note_source("cast", "file", "running", 12.0)
    hearing.hear_page(RawPage(source="cast", decoder="plain", payload=b'{"id": 1, "text": ', received=NOON))
    page = pages.get("/sources").text
    assert "the JSON breaks off" in page
    assert "listening" in page


def test_a_source_of_which_nothing_could_be_read_is_not_hidden_behind_an_empty_page(
    hearing: Hearing, pages: Pages
) -> None:
    hearing.note_source("cast", "file", "done", 0.0)
    hearing.hear_page(RawPage(source="cast", decoder="plain", payload=b"no json at all", received=NOON))
    page = pages.get("/").text
    assert "Nobody said anything yet." in page
    assert "1 item could not be read." in page


def test_trying_again_without_an_owner_is_said(pages: Pages) -> None:
    page = pages.post("/sources/cast/again", headers={"Origin": "http://localhost"})
    assert page.status_code == 200
    assert "gehoor serve" in page.text


@pytest.mark.parametrize("headers", [{"Origin": "http://evil.example"}, {"Sec-Fetch-Site": "cross-site"}])
def test_another_site_cannot_press_our_buttons(pages: Pages, headers: dict[str, str]) -> None:
    assert pages.post("/sources/cast/again", headers=headers).status_code == 403


def test_a_strangers_name_for_this_machine_is_refused(pages: Pages) -> None:
    for path in ("/", "/posts", "/live", "/static/base.css"):
        assert pages.get(path, headers={"Host": "evil.example"}).status_code == 421


@pytest.mark.parametrize(
    "path", ["/", "/posts", "/sources", "/nowhere", "/posts?seq=x", "/static/base.css", "/static/../app.py"]
)
def test_every_answer_carries_the_guards(pages: Pages, path: str) -> None:
    headers = pages.get(path).headers
    assert "script-src 'self'" in headers["content-security-policy"]
    assert "unsafe" not in headers["content-security-policy"]
    assert (headers["x-content-type-options"], headers["referrer-policy"]) == ("nosniff", "same-origin")


@pytest.mark.parametrize(
    ("path", "status", "said"),
    [
        ("/nowhere", 404, "This page does not exist."),
        ("/posts?since=gisteren", 400, "since=gisteren cannot be read"),
        ("/posts?before=x", 400, "not an offset"),
        ("/sources/cast/again", 405, "does not work like that"),
    ],
)
def test_a_mistake_in_the_address_is_explained(pages: Pages, path: str, status: int, said: str) -> None:
    page = pages.get(path)
    assert page.status_code == status
    assert said in page.text


def test_the_chosen_language_stays(pages: Pages) -> None:
    assert '<html lang="nl"' in pages.get("/?lang=nl").text
    assert '<html lang="nl"' in pages.get("/posts").text
    assert '<html lang="en"' in pages.get("/posts?lang=en").text


@pytest.mark.parametrize("language", ["nl", "en"])
def test_no_label_shows_its_bare_key(hearing: Hearing, pages: Pages, language: str) -> None:
    hearing.hear(person.says("Hoe laat gaat de vlucht? Bedankt!") for person in CAST)
    for path in ("/", "/posts", "/sources", "/?period=week", "/?period=all", "/?period=hour", "/?brand=noordvlucht"):
        page = _text(pages.get(path, headers={"Accept-Language": language}).text)
        assert (
            re.findall(
                r"\b(?:today|posts|sources|intent|sentiment|kind|status|wish|period|when|filter)\.(?!jsonl)[a-z_]+",
                page,
            )
            == []
        )


def test_a_like_says_what_it_is(hearing: Hearing, pages: Pages) -> None:
    post = LOYAL.says("Fijne vlucht gehad")
    hearing.hear([post, FAN.likes(post)])
    assert "likes something" in pages.get("/posts?kind=react").text


def test_who_only_orders_is_counted_beside_what_is_said(hearing: Hearing, pages: Pages) -> None:
    hearing.hear([BUYER.buys("1", 59.95)])
    page = _text(pages.get("/").text)
    assert "Nobody said anything in this time." in page
    assert "1 deed in shop or app" in page


def test_a_ledger_that_cannot_be_read_is_said_in_words(tmp_path: Path, clock: StillClock) -> None:
    hearing = Hearing(tmp_path / "broken")
    hearing.hear([LOYAL.says("Hallo")])
    hearing.close()
    for path in hearing.root.glob("ledger.sqlite*"):
        path.write_bytes(b"this is no database " * 500)
    with TestClient(app_of(hearing.site(Away(), clock)), base_url="http://localhost") as client:
        page = client.get("/", headers={"Accept-Language": "en"})
    assert page.status_code == 503
    assert "What came in is safe." in page.text


def test_similar_posts_are_found_in_other_words_and_not_what_is_about_something_else(
    hearing: Hearing, pages: Pages
) -> None:
    said = ("Waar blijft mijn koffer toch?", "Mijn koffer is nog steeds kwijt", "Lekker weer vandaag in de tuin")
    hearing.hear(FAN.says(text, after_s=n) for n, text in enumerate(said))
    seq = re.findall(r'id="p(\d+)"', pages.get("/posts?words=blijft").text)[0]
    page = pages.get(f"/posts/{seq}/similar").text
    assert "1 post is like this one" in page
    assert "nog steeds kwijt" in _text(page)
    assert "in de tuin" not in _text(page)
    assert pages.get("/posts/999999/similar").status_code == 404


def test_under_a_wish_stands_what_it_is_about_and_each_count_opens_its_posts(hearing: Hearing, pages: Pages) -> None:
    late = "Mijn pakket is nog steeds niet bezorgd, waar blijft mijn bestelling? Ik wacht al drie weken. Nummer"
    hearing.hear([LOYAL.says(f"{late} {n} {chr(97 + n) * 40}", after_s=60 + n) for n in range(4)])
    html = pages.get("/").text
    finer = [
        (unescape(href), int(n))
        for href, n in re.findall(r'href="([^"]*need=[^"]*)">[^<]*<span class="n">(\d+)</span>', html)
    ]
    assert finer
    for href, n in finer:
        assert len(re.findall(r"<article\b", pages.get(href).text)) == n, href
