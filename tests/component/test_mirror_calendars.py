"""Calendars by address: read from a real server once a day, replaced, and gone when their address goes."""

import asyncio
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest
from litestar.testing import TestClient

from gehoor.core.clock import DAY_US, StillClock
from gehoor.core.mirror_reader import MirrorReader
from gehoor.core.reader import Reader
from gehoor.core.settings_mirror import Mirror
from gehoor.run.mirror.calendars import renew_calendars
from gehoor.web.app import app_of
from tests.cast import NOON
from tests.component.commanding import Commanding
from tests.component.deciding import Deciding
from tests.component.hearing import BRANDS, Hearing
from tests.component.mirrored import full_edition
from tests.component.test_web_edition import keep

pytestmark = pytest.mark.filterwarnings("ignore:The base_url")

_EVENT = "BEGIN:VEVENT\r\nUID:{n}\r\nSUMMARY:{name}\r\nDTSTART:2026041{n}T100000Z\r\nEND:VEVENT\r\n"


class Calendar:
    """A server with one calendar; `names` are in it."""

    def __init__(self, url: str) -> None:
        self.url, self.names, self.n_asked = url, ["Actie", "Beurs"], 0
        self.status = 200

    def text(self) -> bytes:
        events = "".join(_EVENT.format(n=n, name=name) for n, name in enumerate(self.names, 1))
        return f"BEGIN:VCALENDAR\r\nVERSION:2.0\r\nPRODID:x\r\n{events}END:VCALENDAR\r\n".encode()


@pytest.fixture
def calendar() -> Iterator[Calendar]:
    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            made.n_asked += 1
            self.send_response(made.status)
            self.end_headers()
            self.wfile.write(made.text())

        def log_message(self, format: str, *args: object) -> None:
            """Say nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    made = Calendar(f"http://127.0.0.1:{server.server_port}/a.ics?key=geheim")
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield made
    server.shutdown()
    server.server_close()


def _names(hearing: Hearing) -> list[str]:
    reader = Reader(hearing.root)
    try:
        found = MirrorReader(reader).moments(0, NOON + 30 * DAY_US)
        assert not any("geheim" in one.source for one in found)
        return [one.name for one in found]
    finally:
        reader.close()


def test_calendar_is_read_once_a_day_replaced_and_gone_with_its_address(tmp_path: Path, calendar: Calendar) -> None:
    hearing = Hearing(tmp_path / "workspace", f'{BRANDS}[mirror]\ncalendars = ["{calendar.url}"]\n')
    place = Deciding(hearing)

    def renew(day: int, *, allow_private: bool = True) -> list[str]:
        place.clock = StillClock(NOON + day * DAY_US)
        asyncio.run(renew_calendars(place, allow_private=allow_private))  # type: ignore[arg-type]  # as in Deciding
        return _names(hearing)

    assert renew(0, allow_private=False) == []  # its own network is none that it may look at
    assert calendar.n_asked == 0
    assert renew(1) == ["Actie", "Beurs"]
    calendar.names = ["Concert"]
    assert renew(1) == ["Actie", "Beurs"]
    assert calendar.n_asked == 1
    assert renew(2) == ["Concert"]
    (hearing.root / "gehoor.toml").write_text(BRANDS, encoding="utf-8")
    assert renew(2) == []
    hearing.close()


def test_calendar_that_cannot_be_read_says_since_when_on_the_page_and_at_a_terminal(
    tmp_path: Path, calendar: Calendar
) -> None:
    hearing = Hearing(tmp_path / "workspace", f'{BRANDS}[mirror]\ncalendars = ["{calendar.url}"]\n')
    place = Deciding(hearing)
    keep(hearing, full_edition())

    def page(day: float) -> str:
        place.clock = StillClock(NOON + round(day * DAY_US))
        asyncio.run(renew_calendars(place, allow_private=True))  # type: ignore[arg-type]  # as in Deciding
        with TestClient(app_of(hearing.site(place, place.clock)), base_url="http://localhost") as client:
            return client.get("/mirror", headers={"Accept-Language": "en"}).text

    assert "Calendar of 127.0.0.1: read" in page(0)
    calendar.status = 403
    assert "could not be read since" in page(1.1)
    assert "could not be read since" in page(1.2)
    assert _names(hearing) == ["Actie", "Beurs"]
    (told,) = Commanding(hearing.root).rows("moments", "--calendars")
    assert (told["host"], told["n_moments"]) == ("127.0.0.1", 2)
    assert (told["read_at"], told["failed_since"]) == (NOON, NOON + round(1.1 * DAY_US))
    calendar.status = 200
    assert "could not be read" not in page(1.3)
    hearing.close()


@pytest.mark.parametrize("address", ["file:///etc/passwd", "example.org/a.ics", "https://", "https://a b/"])
def test_what_is_no_address_of_a_calendar_is_refused(address: str) -> None:
    with pytest.raises(ValueError, match="no address"):
        Mirror(calendars=(address,))
    assert Mirror(calendars=("https://example.org/a.ics",)).calendars
