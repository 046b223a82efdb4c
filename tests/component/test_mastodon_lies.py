"""A server that repeats itself, or sends something else than it should, costs nothing but itself."""

import asyncio
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import msgspec
import pytest

from gehoor.core.clock import SystemClock
from gehoor.core.errors import TransientError
from gehoor.core.page import RawPage
from gehoor.listen.mastodon import MastodonSource
from gehoor.listen.mastodon_decoder import MastodonDecoder
from gehoor.listen.mastodon_options import MastodonOptions

POST = {"id": "7", "content": "<p>Hoi</p>", "created_at": "2099-01-01T00:00:00Z"}


class _Liar:
    """Answers every call with the same body."""

    def __init__(self) -> None:
        liar = self
        self.body, self.n_calls = b"", 0

        class _Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                liar.n_calls += 1
                self.send_response(200)
                self.send_header("Content-Length", str(len(liar.body)))
                self.end_headers()
                self.wfile.write(liar.body)

            def log_message(self, *_: Any) -> None:
                """Say nothing."""

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), _Handler)
        self.url = f"http://127.0.0.1:{self.server.server_port}"

    def read(self, body: object) -> list[RawPage]:
        """Return the first page that a source reads, and what comes within a second after it."""
        self.body = body if isinstance(body, bytes) else msgspec.json.encode(body)
        options = MastodonOptions(server=self.url, timelines=["#hoi"], allow_private=True, every_s=3_600)
        return asyncio.run(_first_second(MastodonSource("fedi", options, SystemClock())))


async def _first_second(source: MastodonSource) -> list[RawPage]:
    reading = source.read(None)
    try:
        pages = [await asyncio.wait_for(anext(aiter(reading)), 60)]
        async with asyncio.timeout(1):
            async for page in reading:
                pages.append(page)
    except TimeoutError:
        pass
    finally:
        await reading.aclose()  # type: ignore[attr-defined]  # it is a generator
    return pages


@pytest.fixture
def liar() -> Iterator[_Liar]:
    """A server on a free port."""
    liar = _Liar()
    thread = threading.Thread(target=liar.server.serve_forever, args=(0.05,), daemon=True)
    thread.start()
    yield liar
    liar.server.shutdown()
    liar.server.server_close()
    thread.join(60)


def test_server_that_repeats_itself_is_not_asked_for_ever(liar: _Liar) -> None:
    pages = liar.read([POST])
    assert len(pages) == 1
    assert liar.n_calls <= 4


@pytest.mark.parametrize(
    ("body", "words"),
    [
        (b"<html><body>502 Bad Gateway</body></html>", "gives a broken answer, and is asked again"),
        (b'[{"id": "7", "content": "<p>Ho', "gives a broken answer, and is asked again. .*cut off"),
        (b'{"error": "Oeps"}', "gives something that is no list of posts"),
        (b"", "gives a broken answer"),
    ],
)
def test_what_is_no_page_is_asked_for_again(liar: _Liar, body: bytes, words: str) -> None:
    with pytest.raises(TransientError, match=words):
        liar.read(body)


def test_junk_among_posts_is_kept_aside(liar: _Liar) -> None:
    (page,) = liar.read([None, "x", {"id": []}, POST, {"id": 8, "created_at": "soon"}])
    found = MastodonDecoder().decode(page)
    assert [post.text for post in found.activities] == ["Hoi"]
    assert len(found.rejects) == 4
