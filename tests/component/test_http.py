"""The client against real servers on the loopback that are slow, endless, wrong, rude or dead."""

import asyncio
import gzip
import itertools
import socket
import ssl
import time
import tracemalloc
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
import trustme

from gehoor.core.clock import SECOND_US, StillClock
from gehoor.core.errors import SettingError, TransientError
from gehoor.listen.http import Event, Fetched, Http
from gehoor.listen.meter import Meter
from tests.component.scripted import Asked, Scripted, answer, gzipped

NOW = 1_795_000_000 * SECOND_US
SECRET = "s3cr3t"


def _fetch(url: str, *, timeout_s: float = 5.0, max_bytes: int = 100_000, **more: object) -> Fetched:
    async def fetch() -> Fetched:
        async with Http(clock=StillClock(NOW), timeout_s=timeout_s, max_bytes=max_bytes, allow_private=True) as http:
            return await http.get(url, **more)  # type: ignore[arg-type]

    return asyncio.run(fetch())


def _trouble(script: Callable[[Asked], object], path: str = f"/?token={SECRET}", **more: object) -> TransientError:
    with Scripted(script) as server, pytest.raises(TransientError) as refused:  # type: ignore[arg-type]
        _fetch(server.url + path, headers={"Authorization": f"Bearer {SECRET}"}, **more)  # type: ignore[arg-type]
    assert SECRET not in str(refused.value)
    assert "localhost" in str(refused.value)
    return refused.value


def test_a_page_is_read_with_its_headers_in_lower_case() -> None:
    with Scripted(lambda asked: answer(200, b"hoi", ETag='"1"')) as server:
        fetched = _fetch(f"{server.url}/a?b=c", params={"d": "e f"}, headers={"X-Own": "1"})
    assert (fetched.body, fetched.headers["etag"], fetched.url) == (b"hoi", '"1"', f"{server.url}/a?b=c&d=e+f")
    assert server.asked[0].headers["x-own"] == "1"
    assert server.asked[0].headers["user-agent"].startswith("gehoor/")


def test_a_post_sends_its_body_and_follows_nothing() -> None:
    script = {"/in": answer(202, b"ok"), "/moved": answer(307, Location="/in")}

    async def post(path: str) -> Fetched:
        async with Http(clock=StillClock(NOW), allow_private=True) as http:
            return await http.post(server.url + path, b"body", headers={"content-type": "text/plain"}, ok=(202,))

    with Scripted(lambda asked: script[asked.path]) as server:
        assert asyncio.run(post("/in")).body == b"ok"
        with pytest.raises(TransientError, match="307"):
            asyncio.run(post("/moved"))
    assert [asked.body for asked in server.asked] == [b"body", b"body"]


@pytest.mark.parametrize(
    ("status", "words", "wait_s"),
    [
        (401, "check the token", 300.0), (403, "check the token", 300.0), (404, "check the address", 300.0),
        (410, "gone for good", 300.0), (418, "cannot use", 300.0), (304, "cannot use", 300.0), (408, "too long", None),
        (425, "come back later", None), (429, "less often", None), (500, "in trouble", None), (503, "trouble", None),
    ],
)  # fmt: skip
def test_each_status_says_what_it_means_and_how_long_to_wait(status: int, words: str, wait_s: float | None) -> None:
    trouble = _trouble(lambda asked: answer(status))
    assert words in str(trouble)
    assert trouble.retry_after_s == wait_s


def test_a_status_that_the_caller_knows_is_no_trouble() -> None:
    with Scripted(lambda asked: answer(404, b"no")) as server:
        assert _fetch(server.url, ok=(200, 404)).status == 404


def test_a_host_is_not_called_again_before_it_allows_it() -> None:
    answers = iter([answer(429, Retry_After="60"), answer(200, b"hoi")])
    clock = StillClock(NOW)

    async def call() -> bytes:
        async with Http(clock=clock, allow_private=True) as http:
            for wait_s in (60.0, 60.0, 20.0):
                clock.advance(60.0 - wait_s)
                with pytest.raises(TransientError) as refused:
                    await http.get(server.url)
                assert refused.value.retry_after_s == wait_s
            clock.advance(20.0)
            return (await http.get(server.url)).body

    with Scripted(lambda asked: next(answers)) as server:
        assert asyncio.run(call()) == b"hoi"
    assert len(server.asked) == 2


def test_the_last_call_allowed_closes_the_door_until_the_reset() -> None:
    reset = datetime.fromtimestamp(NOW / SECOND_US + 90, UTC).isoformat()
    clock = StillClock(NOW)

    async def call() -> None:
        async with Http(clock=clock, allow_private=True) as http:
            assert (await http.get(server.url)).status == 200
            with pytest.raises(TransientError, match="wait") as refused:
                await http.get(server.url)
            assert refused.value.retry_after_s == pytest.approx(90.0)
            clock.advance(91.0)
            assert (await http.get(server.url)).status == 200

    limits = {"X-RateLimit-Remaining": "0", "X-RateLimit-Reset": reset}
    with Scripted(lambda asked: answer(200, b"", **limits)) as server:
        asyncio.run(call())
    assert len(server.asked) == 2


def test_a_spent_budget_stops_calls() -> None:
    meter = Meter(1.0, 0.5)

    async def call() -> None:
        async with Http(clock=StillClock(NOW), allow_private=True, meter=meter) as http:
            await http.get(server.url)

    with Scripted(lambda asked: answer()) as server:
        with pytest.raises(TransientError, match="is spent"):
            asyncio.run(call())
        assert not server.asked


# -- redirects --------------------------------------------------------------------------------------------------------


def test_a_page_that_moved_is_found_and_only_for_good_is_noted() -> None:
    script = {
        "/old": answer(301, Location="/new"), "/new": answer(200, b"hoi"), "/for-now": answer(302, Location="/new"),
        "/both": answer(308, Location="/for-now"),
    }  # fmt: skip
    with Scripted(lambda asked: script[asked.path]) as server:
        assert _fetch(f"{server.url}/old").moved_to == f"{server.url}/new"
        assert _fetch(f"{server.url}/for-now").moved_to is None
        assert _fetch(f"{server.url}/both").moved_to is None


def test_a_token_is_not_shown_to_another_host() -> None:
    with (
        Scripted(lambda asked: answer(200, b"hoi")) as other,
        Scripted(lambda asked: answer(302, Location=f"{other.url}/there")) as server,
    ):
        assert _fetch(server.url, headers={"Authorization": SECRET, "X-Key": SECRET}).body == b"hoi"
    assert SECRET not in str(other.asked[0].headers)
    assert other.asked[0].headers["accept-encoding"] == "gzip"


def test_going_round_in_circles_ends_after_three_redirects() -> None:
    assert "more than 3 times" in str(_trouble(lambda asked: answer(302, Location="/?again")))


@pytest.mark.parametrize(
    "host", ["169.254.169.254", "0.0.0.0", "[fe80::1]", "2130706433", "0x7f.1", "[::ffff:127.0.0.1]", "127.1"]
)
def test_a_redirect_to_where_nobody_may_look_is_refused(host: str) -> None:
    with Scripted(lambda asked: answer(302, Location=f"http://{host}:{server.port}/")) as server:
        with pytest.raises(TransientError, match=r"is no (public address|name of a server)"):
            _fetch(server.url)
        assert len(server.asked) == 1


@pytest.mark.parametrize("target", ["file:///etc/passwd", "javascript:alert(1)", "//", "http://", "gopher://x/"])
def test_a_redirect_to_what_is_no_web_page_is_refused(target: str) -> None:
    assert _trouble(lambda asked: answer(302, Location=target)).retry_after_s == 300.0


@pytest.mark.parametrize("url", ["", "example.org", "ftp://example.org", "file:///etc/passwd", "http://"])
def test_an_address_that_is_none_is_a_setting_to_change(url: str) -> None:
    with pytest.raises(SettingError, match="no web address"):
        _fetch(url)


def test_a_token_that_cannot_be_sent_is_a_setting_to_change_and_not_shown() -> None:
    with pytest.raises(SettingError, match="authorization holds characters") as refused:
        _fetch("https://localhost/", headers={"Authorization": f"Bearer {SECRET}\n"})
    assert SECRET not in str(refused.value)


# -- bodies -----------------------------------------------------------------------------------------------------------


def _endless(asked: Asked) -> Iterator[bytes]:
    yield b"HTTP/1.1 200 OK\r\n\r\n"
    yield from itertools.repeat(b"x" * 65_536)


def _trickle(asked: Asked) -> Iterator[bytes]:
    yield b"HTTP/1.1 200 OK\r\n\r\n"
    while True:
        time.sleep(0.05)
        yield b"x"


def _silent(asked: Asked) -> Iterator[bytes]:
    time.sleep(1.0)
    yield b""


def test_an_endless_page_ends() -> None:
    assert "sends more than 100000 bytes" in str(_trouble(_endless))


def test_an_endless_trickle_ends_in_time() -> None:
    assert "took longer than" in str(_trouble(_trickle, timeout_s=0.4))


def test_a_server_that_says_nothing_is_given_up_in_time() -> None:
    assert "took longer than" in str(_trouble(_silent, timeout_s=0.3))


def test_packed_pages_are_unpacked() -> None:
    body = b"hoi " * 5_000
    with Scripted(lambda asked: gzipped(body)) as server:
        assert _fetch(server.url).body == body
    twice = gzip.compress(b"een ") + gzip.compress(b"twee")
    with Scripted(lambda asked: answer(200, twice, Content_Encoding="gzip")) as server:
        assert _fetch(server.url).body == b"een twee"


def test_a_gzip_bomb_costs_no_memory() -> None:
    bomb = gzip.compress(b"\0" * 200_000_000, 1)
    with Scripted(lambda asked: answer(200, bomb, Content_Encoding="gzip")) as server:
        tracemalloc.start()
        with pytest.raises(TransientError, match="sends more than 8 MB"):
            _fetch(server.url, max_bytes=8_000_000)
        _, peak = tracemalloc.get_traced_memory()
        tracemalloc.stop()
    assert peak < 30_000_000


@pytest.mark.parametrize(
    ("script", "words"),
    [
        (lambda asked: answer(200, gzip.compress(b"x" * 1_000)[:-9], Content_Encoding="gzip"), "broke off"),
        (lambda asked: answer(200, b"not gzip", Content_Encoding="gzip"), "broke off"),
        (lambda asked: answer(200, b"x", Content_Encoding="br"), "packs its answer as 'br'"),
        (lambda asked: b"HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nhalf", "broke off"),
        (lambda asked: b"no HTTP at all", "broke off"),
        (lambda asked: b"HTTP/1.1 200 OK\r\n" + b"x: y\r\n" * 50_000, "broke off"),
        (lambda asked: b"", "broke off"),
    ],
)
def test_a_broken_answer_is_trouble_and_never_half_a_page(script: Callable[[Asked], bytes], words: str) -> None:
    assert words in str(_trouble(script))


def test_nobody_at_the_door_is_said() -> None:
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    with pytest.raises(TransientError, match="localhost takes no connection"):
        _fetch(f"http://localhost:{port}")


# -- certificates -----------------------------------------------------------------------------------------------------


def _tls(authority: trustme.CA, name: str, not_after: datetime | None = None) -> ssl.SSLContext:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    not_before = not_after - timedelta(days=9) if not_after else None
    authority.issue_cert(name, not_after=not_after, not_before=not_before).configure_cert(context)
    return context


def _over_tls(tls: ssl.SSLContext) -> bytes:
    with Scripted(lambda asked: answer(200, b"hoi"), tls) as server:
        return _fetch(server.url).body


def test_certificates_that_are_expired_unknown_or_of_another_server_are_told_apart(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    authority = trustme.CA()
    authority.cert_pem.write_to_path(str(tmp_path / "ca.pem"))
    monkeypatch.setenv("SSL_CERT_FILE", str(tmp_path / "ca.pem"))
    assert _over_tls(_tls(authority, "localhost")) == b"hoi"
    wrong = {
        "has expired": _tls(authority, "localhost", datetime(2020, 1, 1, tzinfo=UTC)),
        "of another server": _tls(authority, "other.example"),
        "nobody we trust": _tls(trustme.CA(), "localhost"),
    }
    for words, tls in wrong.items():
        with pytest.raises(TransientError, match=f"localhost shows .*{words}") as refused:
            _over_tls(tls)
        assert refused.value.retry_after_s == 300.0


# -- streams ----------------------------------------------------------------------------------------------------------


def _events(url: str, **more: object) -> list[Event]:
    async def read() -> list[Event]:
        async with Http(clock=StillClock(NOW), timeout_s=2.0, max_bytes=10_000, allow_private=True) as http:
            return [event async for event in http.events(url, **more)]  # type: ignore[arg-type]

    return asyncio.run(read())


def _stream(*parts: bytes) -> Callable[[Asked], Iterator[bytes]]:
    head = b"HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\n\r\n"
    return lambda asked: iter([head, *parts])


def test_events_are_heard_until_the_server_ends_them() -> None:
    with Scripted(_stream(b":hi\n\nevent: update\nda", b"ta: 1\n\n", b"data: 2\n\n")) as server:
        assert [(event.event, event.data) for event in _events(server.url)] == [("update", "1"), ("message", "2")]
    assert server.asked[0].headers["accept"] == "text/event-stream"


def test_an_event_that_does_not_end_costs_no_memory() -> None:
    with (
        Scripted(_stream(*[b"data: " + b"x" * 5_000] * 10)) as server,
        pytest.raises(TransientError, match="event of more than"),
    ):
        _events(server.url)


def test_a_silent_stream_is_given_up(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("gehoor.listen.http._SILENCE_S", 0.2)

    def script(asked: Asked) -> Iterator[bytes]:
        yield from _stream(b"data: 1\n\n")(asked)
        server.stopping.wait(5.0)

    with Scripted(script) as server, pytest.raises(TransientError, match="took longer"):
        _events(server.url)


def test_a_page_is_no_stream() -> None:
    with Scripted(lambda asked: answer(200, b"<html>")) as server, pytest.raises(TransientError, match="no stream"):
        _events(server.url)


def test_a_stream_that_is_refused_says_so() -> None:
    with Scripted(lambda asked: answer(401)) as server, pytest.raises(TransientError, match="check the token"):
        _events(server.url)
