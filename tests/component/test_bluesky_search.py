"""What was said on Bluesky before we listened: searched for on loopback, page by page, and never twice."""

import asyncio
import json
import threading
from collections.abc import Iterator
from datetime import datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import msgspec
import pytest

from gehoor.core.clock import DAY_US, SECOND_US, StillClock
from gehoor.core.errors import SettingError, TransientError
from gehoor.core.page import RawPage
from gehoor.listen.bluesky import BlueskySource
from gehoor.listen.bluesky_options import BlueskyOptions
from gehoor.listen.jetstream_frames import Pace
from gehoor.listen.times import parse_time
from tests.cast import NOON
from tests.component.commanding import Commanding
from tests.component.jetstream import Jetstream, Visit, post, tid
from tests.component.keeping import Keeping

AN = "did:plc:an"
LAST = post("did:plc:last", NOON - SECOND_US, "last", "klaar")


class AppView(ThreadingHTTPServer):
    """Searches posts, after the public description: the newest first, `until` not included, an opaque cursor."""

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Answers)
        self.url = f"http://127.0.0.1:{self.server_address[1]}"
        self.posts: list[dict[str, Any]] = []
        self.deepest = 10_000
        self.password: str | None = None
        self.n_sessions = 0
        self.asked: list[dict[str, str]] = []
        self.refusals: list[tuple[int, dict[str, str]]] = []
        self.daemon_threads = True

    def say(self, at: int, text: str) -> dict[str, Any]:
        """Let somebody have said something; return the message that a stream would have sent of it."""
        told = post(AN, at, tid(at), text, createdAt=_iso(at))
        uri = f"at://{AN}/app.bsky.feed.post/{tid(at)}"
        author = {"did": AN, "handle": "an.example", "displayName": "An"}
        known = {"uri": uri, "cid": "c", "author": author, "record": told["commit"]["record"], "indexedAt": _iso(at)}
        self.posts.insert(0, known)
        return told

    def search(self, asked: dict[str, str]) -> tuple[int, dict[str, Any]]:
        """Answer one search."""
        self.asked.append(asked)
        if self.refusals:
            status, words = self.refusals.pop(0)
            return status, dict(words)
        first = int(asked.get("cursor", "0"))
        if first >= self.deepest:
            return 400, {"error": "InvalidRequest", "message": "too deep"}
        since, until = parse_time(asked["since"]), parse_time(asked["until"])
        known = [one for one in self.posts if asked["q"] in one["record"]["text"]]
        known = [one for one in known if since <= parse_time(one["indexedAt"]) < until]
        after = first + int(asked["limit"])
        following = {"cursor": str(after)} if after < len(known) else {}
        return 200, {"posts": known[first:after], **following}


def _iso(at: int) -> str:
    moment = datetime.fromisoformat("1970-01-01T00:00:00+00:00").timestamp() + at / SECOND_US
    return datetime.fromtimestamp(moment, tz=datetime.fromisoformat("1970-01-01T00:00:00+00:00").tzinfo).isoformat()


class _Answers(BaseHTTPRequestHandler):
    server: AppView

    def do_GET(self) -> None:
        parts = urlsplit(self.path)
        assert parts.path == "/xrpc/app.bsky.feed.searchPosts"
        if self.server.password and self.headers["Authorization"] != f"Bearer token-{self.server.n_sessions}":
            self._answer(400, {"error": "ExpiredToken", "message": "Token has expired"})
            return
        self._answer(*self.server.search({name: values[0] for name, values in parse_qs(parts.query).items()}))

    def do_POST(self) -> None:
        assert self.path == "/xrpc/com.atproto.server.createSession"
        given = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        if given != {"identifier": "an.example", "password": self.server.password}:
            self._answer(401, {"error": "AuthenticationRequired", "message": "Invalid identifier or password"})
            return
        self.server.n_sessions += 1
        self._answer(200, {"accessJwt": f"token-{self.server.n_sessions}", "did": AN})

    def _answer(self, status: int, value: dict[str, Any]) -> None:
        body = json.dumps(value).encode()
        self.send_response(status)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *args: Any) -> None:
        """Stay silent."""


@pytest.fixture
def appview() -> Iterator[AppView]:
    server = AppView()
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True)
    thread.start()
    yield server
    server.shutdown()
    server.server_close()
    thread.join()


class Quick(BlueskySource):
    """A source in a hurry."""

    pace = Pace(page_s=0.02)


def source_of(appview: AppView, stream: str = "ws://127.0.0.1:9/subscribe", **options: Any) -> BlueskySource:
    known = {"search": ("koffer",), "appview": appview.url, "pds": appview.url, "jetstream": stream} | options
    return Quick("bluesky", BlueskyOptions(allow_private=True, **known), StillClock(NOON))


async def searched(source: BlueskySource, cursor: bytes | None = None, most: int = 1_000) -> list[RawPage]:
    """Return the pages of the search, at most so many."""
    pages: list[RawPage] = []
    reading = source.read(cursor)
    try:
        async for page in reading:
            if page.decoder != "bluesky" or len(pages) == most:
                break
            pages.append(page)
    except TransientError as error:
        assert "takes no connection" in str(error)
    finally:
        await reading.aclose()  # type: ignore[attr-defined]
    return pages


def texts_of(pages: list[RawPage]) -> list[str]:
    return [one["record"]["text"] for page in pages for one in json.loads(page.payload)["posts"]]


def test_what_is_searched_and_streamed_is_in_the_ledger_once(appview: AppView, tmp_path: Path) -> None:
    async def hear() -> None:
        reading = source_of(appview, server.url).read(None)
        async for page in reading:
            keeping.hear_page(page)
            if b"did:plc:last" in page.payload:
                break
        await reading.aclose()  # type: ignore[attr-defined]

    keeping = Keeping(tmp_path)
    old = [appview.say(NOON - n * 1_000 * SECOND_US, f"koffer {n}") for n in range(5, 0, -1)]
    appview.say(NOON - 30 * DAY_US, "koffer van een maand geleden")
    with Jetstream(StillClock(NOON)) as server:
        server.tell(*old[-2:], LAST)
        for message in old[-2:]:  # told again in time for the stream
            server.tell(message | {"time_us": NOON - 1})
        asyncio.run(hear())
    assert sorted(row[0] for row in keeping.rows("text")) == ["klaar", *(f"koffer {n}" for n in range(1, 6))]
    assert not keeping.rows("id", "state != 0")
    keeping.close()


def test_search_goes_on_from_any_page_and_ends_with_the_last_term(appview: AppView) -> None:
    for n in range(450):
        appview.say(NOON - (500 - n) * SECOND_US, f"{'koffer' if n % 3 else 'jas'} {n}")
    options: dict[str, Any] = {"search": ("koffer", "jas", "niets")}
    whole = asyncio.run(searched(source_of(appview, **options)))
    assert sorted(set(texts_of(whole))) == sorted(one["record"]["text"] for one in appview.posts)
    for n, page in enumerate(whole):
        rest = asyncio.run(searched(source_of(appview, **options), page.cursor))
        assert texts_of(rest) == texts_of(whole[n + 1 :])
    assert msgspec.json.decode(whole[-1].cursor) == {"time_us": NOON}


def test_server_that_shows_only_the_newest_is_searched_on_from_the_oldest(appview: AppView) -> None:
    appview.deepest = 200
    for n in range(950):
        appview.say(NOON - (1_000 - n) * SECOND_US, f"koffer {n}")
    assert len(set(texts_of(asyncio.run(searched(source_of(appview)))))) == 950


def test_after_a_long_absence_what_the_stream_no_longer_tells_is_searched(appview: AppView) -> None:
    appview.say(NOON - 3 * DAY_US, "koffer van voor ons vertrek")
    appview.say(NOON - 2 * DAY_US, "koffer")
    wanted: tuple[tuple[float, set[str]], ...] = ((2.5, {"koffer"}), (1.4, set()))
    for days, found in wanted:
        cursor = msgspec.json.encode({"time_us": NOON - round(days * DAY_US)})
        assert set(texts_of(asyncio.run(searched(source_of(appview), cursor)))) == found


def test_session_is_opened_once_and_again_when_it_has_expired(
    appview: AppView, monkeypatch: pytest.MonkeyPatch
) -> None:
    appview.password = "geheim"
    for n in range(250):
        appview.say(NOON - (300 - n) * SECOND_US, f"koffer {n}")
    monkeypatch.setenv("BSKY_WORD", "geheim")
    source = source_of(appview, handle="an.example", app_password="$BSKY_WORD")
    assert len(asyncio.run(searched(source, most=1))) == 1
    assert len(set(texts_of(asyncio.run(searched(source))))) == 250
    assert appview.n_sessions == 1
    appview.n_sessions = 7  # what was opened before is stale now
    assert len(set(texts_of(asyncio.run(searched(source))))) == 250
    assert appview.n_sessions == 8


@pytest.mark.parametrize(
    ("refusal", "options", "kind", "words"),
    [
        ((403, {"error": "Forbidden"}), {}, SettingError, "searches only for those with an account"),
        ((400, {"message": "bad query"}), {}, TransientError, r"refuses to search for 'koffer' \(400\): bad query"),
        ((200, {"hello": "world"}), {}, TransientError, "something else than posts"),
        ((502, {}), {}, TransientError, "in trouble itself"),
        ((200, {}), {"handle": "an.example", "app_password": "fout"}, TransientError, "check handle and app_password"),
    ],
)
def test_refused_search_is_said_in_words(
    appview: AppView, refusal: tuple[int, dict[str, str]], options: dict[str, str], kind: type[Exception], words: str
) -> None:
    async def read() -> None:
        async for _ in source_of(appview, **options).read(None):
            pass

    appview.refusals.append(refusal)
    with pytest.raises(kind, match=words) as caught:
        asyncio.run(read())
    assert "fout" not in str(caught.value)


def test_add_shows_what_is_found_and_what_is_wrong(appview: AppView, tmp_path: Path) -> None:
    person = Commanding(tmp_path / "w")
    person.do("init", person.root)
    servers = ["--set", f"appview={appview.url}", "--set", "jetstream=ws://127.0.0.1:9/subscribe"]
    appview.say(NOON, "Waar blijft mijn koffer?")
    servers += ["--set", "allow_private=true", "--set", "back_days=3650"]
    said = person.at("add", "bluesky", "koffer", *servers).output
    assert "Added the source bluesky" in said and "Waar blijft mijn koffer?" in said
    appview.refusals.append((403, {}))
    assert "set handle and app_password" in person.at("check", code=2).output


def test_stream_is_tried_when_nothing_is_searched(tmp_path: Path) -> None:
    person = Commanding(tmp_path / "w")
    person.do("init", person.root)
    with Jetstream(StillClock(2**51), [Visit()]) as server:
        server.tell(post(AN, 2**51 - 1, "one", "Dit zegt de stroom"))
        said = person.at("add", "bluesky", "--set", f"jetstream={server.url}", "--set", "allow_private=true").output
    assert "Dit zegt de stroom" in said
