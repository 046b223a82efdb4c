"""Feeds as real servers on the loopback give them: changed, unchanged, moved, gone, rude and dead."""

import asyncio
from collections.abc import AsyncIterator, Callable, Iterable
from contextlib import aclosing
from pathlib import Path
from typing import Any

import msgspec
import pytest

from gehoor.core.clock import SECOND_US, StillClock
from gehoor.core.errors import GehoorError, SettingError, TransientError
from gehoor.core.page import RawPage
from gehoor.listen.feed import FeedOptions, FeedSource
from gehoor.listen.feed_decoder import FeedDecoder
from tests.cast import NOON
from tests.component.hearing import BRANDS, Hearing
from tests.component.scripted import Asked, Scripted, answer

FEEDS = Path(__file__).parents[1] / "data/listen/feeds"


class OverError(Exception):
    """The visits that a test wanted were made."""


class Visits:
    """A source that makes so many rounds of visits; what it waits for goes by at once, on a clock that it moves."""

    def __init__(self, n_rounds: int, clock: StillClock | None = None, **options: Any) -> None:
        self.clock = clock or StillClock(NOON)
        self.waited: list[float] = []
        self._n_rounds = n_rounds
        settings = msgspec.convert({"allow_private": True, **options}, FeedOptions)
        self.source = FeedSource("blog", settings, self.clock, pause=self._pause)

    async def _pause(self, seconds: float) -> None:
        self.waited.append(seconds)
        self.clock.advance(seconds)
        if len(self.waited) == self._n_rounds:
            raise OverError

    def pages(self, cursor: bytes | None = None) -> list[RawPage]:
        """Return the pages of the rounds."""
        return asyncio.run(self._pages(cursor))

    async def _pages(self, cursor: bytes | None) -> list[RawPage]:
        pages: list[RawPage] = []
        reading: AsyncIterator[RawPage] = self.source.read(cursor)
        async with aclosing(reading):  # type: ignore[type-var]
            try:
                async for page in reading:
                    pages.append(page)
            except OverError:
                return pages
        return pages

    def trouble(self) -> GehoorError:
        """Return what it stops with."""
        with pytest.raises(GehoorError) as stopped:
            self.pages()
        return stopped.value


def _feed(*entries: str, head: str = "") -> bytes:
    """Return an RSS feed; an entry is its guid and its words, with a blank between."""
    items = "".join(
        f"<item><guid isPermaLink='false'>{name}</guid><title>{words}</title></item>"
        for name, _, words in (entry.partition(" ") for entry in entries)
    )
    return f"<rss version='2.0'><channel><title>Blog</title>{head}{items}</channel></rss>".encode()


def _heard(pages: Iterable[RawPage]) -> list[tuple[str, str]]:
    return [(a.type, a.text or "") for page in pages for a in FeedDecoder().decode(page).activities]


def _in_turn(*answers: bytes) -> Callable[[Asked], bytes]:
    """Answer each request with the next; the last one stays."""
    left = list(answers)
    return lambda asked: left.pop(0) if len(left) > 1 else left[0]


def test_only_news_is_heard_and_a_change_is_an_update() -> None:
    first, second = _feed("1 Een", "2 Twee"), _feed("3 Drie", "1 Een, verbeterd", "2 Twee")
    with Scripted(_in_turn(answer(200, first), answer(200, first), answer(200, second))) as server:
        pages = Visits(4, url=server.url).pages()
    assert _heard(pages[:1]) == [("Create", "Een"), ("Create", "Twee")]
    assert _heard(pages[1:]) == [("Create", "Drie"), ("Update", "Een, verbeterd")]
    assert len(server.asked) == 4


def test_what_did_not_change_costs_nothing() -> None:
    def script(asked: Asked) -> bytes:
        is_known = asked.headers.get("if-none-match") == '"v1"' and "if-modified-since" in asked.headers
        if is_known:
            return answer(304)
        return answer(200, _feed("1 Een"), ETag='"v1"', Last_Modified="Tue, 14 Apr 2026 06:00:00 GMT")

    with Scripted(script) as server:
        pages = Visits(3, url=server.url).pages()
        assert len(pages) == 1
        assert not Visits(2, url=server.url).pages(pages[0].cursor)
    assert ["if-none-match" in asked.headers for asked in server.asked] == [False, True, True, True, True]


def test_reading_on_from_a_cursor_repeats_nothing_and_misses_nothing() -> None:
    with Scripted(_in_turn(answer(200, _feed("1 Een")), answer(200, _feed("2 Twee", "1 Een")))) as server:
        (page,) = Visits(1, url=server.url).pages()
        assert [page.options["take"] for page in Visits(2, url=server.url).pages(page.cursor)] == [[0]]


def test_a_secret_in_the_address_is_in_no_page_and_no_cursor() -> None:
    with Scripted(_in_turn(answer(200, _feed("1 Een")))) as server:
        address = server.url.replace("://", "://user:pa55word@") + "/feed?key=s3cr3t"
        (page,) = Visits(1, url=address, headers={"X-Key": "t0ken"}).pages()
    assert server.asked[0].headers["authorization"].startswith("Basic ")
    for secret in ("s3cr3t", "pa55word", "t0ken"):
        assert secret not in str(msgspec.to_builtins(page)) + page.cursor.decode()


def test_a_token_comes_from_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("BLOG_TOKEN", "from outside")
    with Scripted(_in_turn(answer(200, _feed("1 Een")))) as server:
        Visits(1, url=server.url, token="$BLOG_TOKEN", headers={"X-Key": "$BLOG_TOKEN"}).pages()
    assert server.asked[0].headers["x-key"] == "from outside"
    assert server.asked[0].headers["authorization"] == "Bearer from outside"
    monkeypatch.delenv("BLOG_TOKEN")
    assert isinstance(Visits(1, url=server.url, token="$BLOG_TOKEN").trouble(), SettingError)


@pytest.mark.parametrize(
    ("head", "every_s", "wait_s"),
    [
        ("<ttl>60</ttl>", 300, 3_600), ("<ttl>1</ttl>", 300, 300), ("<ttl>99999999</ttl>", 300, 86_400),
        ("<ttl>soon</ttl>", 20, 20),
        ("<s:updatePeriod xmlns:s='http://purl.org/rss/1.0/modules/syndication/'>hourly</s:updatePeriod>", 10, 3_600),
    ],
)  # fmt: skip
def test_a_feed_that_asks_for_longer_pauses_gets_them(head: str, every_s: int, wait_s: float) -> None:
    with Scripted(_in_turn(answer(200, _feed("1 Een", head=head)))) as server:
        visits = Visits(1, url=server.url, every_s=every_s)
        visits.pages()
    assert visits.waited == [wait_s]


# -- trouble ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("reply", "words", "wait_s"),
    [
        (answer(401), "check the token", 300.0),
        (answer(404), "check the address", 300.0),
        (answer(429, Retry_After="1800"), "less often", 1_800.0),
        (answer(500), "in trouble", None),
        (answer(200, b"<html><body>Hoi"), "a web page, not a feed", 300.0),
        (answer(200, b""), "is empty", 300.0),
        (answer(200, b"{}"), "no feed", 300.0),
    ],
)
def test_trouble_is_said_with_the_time_to_stay_away(reply: bytes, words: str, wait_s: float | None) -> None:
    with Scripted(_in_turn(reply)) as server:
        trouble = Visits(1, url=server.url).trouble()
    assert isinstance(trouble, TransientError)
    assert words in str(trouble)
    assert "localhost" in str(trouble)
    assert trouble.retry_after_s == wait_s


def test_a_feed_that_is_gone_for_good_is_not_asked_for_again() -> None:
    with Scripted(_in_turn(answer(410))) as server:
        trouble = Visits(5, url=server.url).trouble()
    assert isinstance(trouble, SettingError)
    assert "gone for good" in str(trouble)
    assert len(server.asked) == 1


def test_one_feed_that_fails_keeps_no_other_waiting_and_is_named() -> None:
    script = {"/a": answer(404), "/b": answer(200, _feed("1 Een")), "/c": answer(410)}
    with Scripted(lambda asked: script[asked.path]) as server:
        visits = Visits(3, urls=[f"{server.url}{path}" for path in script])
        assert _heard(visits.pages()) == [("Create", "Een")]
    assert server.paths() == ["/a", "/b", "/c", "/a", "/b", "/a", "/b"]
    assert visits.source.note is not None
    assert "404" in visits.source.note


def test_a_feed_that_moved_for_good_is_read_and_the_move_is_said() -> None:
    script = {"/old": answer(301, Location="/new"), "/new": answer(200, _feed("1 Een"))}
    with Scripted(lambda asked: script[asked.path]) as server:
        visits = Visits(1, url=f"{server.url}/old")
        assert len(visits.pages()) == 1
    assert f"set url to {server.url}/new" in str(visits.source.note)


def test_a_server_that_is_down_is_asked_once_a_round_however_many_feeds_it_has() -> None:
    with Scripted(_in_turn(answer(500))) as server:
        Visits(1, urls=[f"{server.url}/{i}" for i in range(30)]).trouble()
    assert len(server.asked) == 1


def test_a_pause_that_one_feed_got_is_kept_when_the_source_begins_anew() -> None:
    script = {"/a": answer(404), "/b": answer(500)}
    with Scripted(lambda asked: script[asked.path]) as server:
        visits = Visits(9, urls=[f"{server.url}/a", f"{server.url}/b"])
        for _ in range(3):
            visits.trouble()
            visits.clock.advance(90.0)
        assert server.paths() == ["/a", "/b", "/b", "/b"]
        visits.clock.advance(90.0)
        visits.trouble()
        assert server.paths()[4:] == ["/a", "/b"]


def test_reading_stops_when_the_month_is_spent_and_goes_on_in_the_next() -> None:
    with Scripted(_in_turn(answer(200, _feed("1 Een", "2 Twee")), answer(200, _feed("3 Drie")))) as server:
        visits = Visits(1, url=server.url, price_per_read=0.5, cap_per_month=1.0)
        (page,) = visits.pages()
        again = Visits(1, visits.clock, url=server.url, price_per_read=0.5, cap_per_month=1.0)
        with pytest.raises(TransientError, match="is spent, on 2 reads") as stopped:
            again.pages(page.cursor)
        assert len(server.asked) == 1
        visits.clock.advance(stopped.value.retry_after_s or 0.0)
        assert _heard(again.pages(page.cursor)) == [("Create", "Drie")]


# -- comments ---------------------------------------------------------------------------------------------------------

_SPACES = "xmlns:wfw='http://wellformedweb.org/CommentAPI/' xmlns:slash='http://purl.org/rss/1.0/modules/slash/'"


def _post(url: str, n_comments: int) -> bytes:
    more = f"<wfw:commentRss>{url}/comments</wfw:commentRss><slash:comments>{n_comments}</slash:comments>"
    feed = _feed("https://localhost/?p=5 Koffers").replace(b"</item>", f"{more}</item>".encode())
    return feed.replace(b"<rss ", f"<rss {_SPACES} ".encode())


def test_comments_are_heard_when_there_are_more_of_them_and_say_what_they_answer() -> None:
    counts = iter([0, 1, 1, 2])

    def script(asked: Asked) -> bytes:
        if asked.path == "/comments":
            n = server.paths().count("/comments")
            return answer(200, _feed(*[f"c{i} Reactie {i}" for i in range(n)]))
        return answer(200, _post(server.url, next(counts)))

    with Scripted(script) as server:
        pages = Visits(4, url=f"{server.url}/feed", comments=True).pages()
    assert _heard(pages) == [("Create", "Koffers"), ("Create", "Reactie 0"), ("Create", "Reactie 1")]
    assert {a.in_reply_to for page in pages[1:] for a in FeedDecoder().decode(page).activities} == {
        "https://localhost/?p=5"
    }
    assert server.paths().count("/comments") == 2


def test_comments_that_fail_do_not_cost_the_post_and_are_tried_again() -> None:
    replies = iter([answer(500), answer(200, _feed("c1 Toch"))])

    def script(asked: Asked) -> bytes:
        return next(replies) if asked.path == "/comments" else answer(200, _post(server.url, 1), ETag='"1"')

    with Scripted(script) as server:
        pages = Visits(2, url=f"{server.url}/feed", comments=True).pages()
    assert _heard(pages) == [("Create", "Koffers"), ("Create", "Toch")]


# -- a whole workspace ------------------------------------------------------------------------------------------------


def test_feeds_that_hurt_go_through_a_whole_workspace_and_cost_no_other(tmp_path: Path) -> None:
    files = {f"/{path.name}": path.read_bytes() for path in sorted(FEEDS.iterdir())}
    hearing = Hearing(tmp_path / "w", BRANDS)
    with Scripted(lambda asked: answer(200, files[asked.path])) as server:
        visits = Visits(2, urls=[f"{server.url}{path}" for path in files])
        receipts = [hearing.hear_page(page) for page in visits.pages()]
    hearing.close()
    assert sum(receipt.n_stored for receipt in receipts) == 38
    assert sum(receipt.n_rejected for receipt in receipts) == 2


def test_an_edit_takes_the_place_of_what_it_edits(tmp_path: Path) -> None:
    hearing = Hearing(tmp_path / "w", BRANDS)
    bodies = [_feed("1 Eerst"), _feed("1 Toen"), _feed("1 Eerst")]
    with Scripted(_in_turn(*[answer(200, body) for body in bodies])) as server:
        visits = Visits(3, StillClock(NOON - 3_600 * SECOND_US), url=server.url)
        for page in visits.pages():
            hearing.hear_page(page)
    rows = [tuple(r) for s in hearing.ledger.segments.all for r in s.query("SELECT text, state FROM activity")]
    hearing.close()
    assert rows == [("Eerst", 1), ("Toen", 1), ("Eerst", 0)]
