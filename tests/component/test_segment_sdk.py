"""The real `segment-analytics-python`, pointed at a server on loopback: each event once, also when it is sent again."""

import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import ClassVar

import pytest

from gehoor.core.page import ItemResult, RawPage, Receipt
from gehoor.core.record import Activity
from gehoor.listen.base import Answer, Request
from gehoor.listen.segment import SegmentDecoder, SegmentOptions, SegmentReceiver
from tests.cast import NOON

segment = pytest.importorskip("segment.analytics", reason="segment-analytics-python is not installed")

KEY = "sleutel"
RECEIVER = SegmentReceiver("winkel", SegmentOptions(write_key=KEY))


class _Shop(BaseHTTPRequestHandler):
    """Hears what the SDK posts; fails each body the first time, after having read it, as a crash would."""

    protocol_version = "HTTP/1.1"
    heard: ClassVar[list[Activity]] = []
    answers: ClassVar[list[Answer]] = []
    n_failures: ClassVar[int] = 0

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["content-length"]))
        headers = {name.lower(): value for name, value in self.headers.items()}
        page = RECEIVER.receive(Request(path=self.path, headers=headers, body=body, received=NOON))
        answer = page if isinstance(page, Answer) else self._taken(page)
        self.answers.append(answer)
        self.send_response(answer.status)
        self.send_header("content-length", str(len(answer.body)))
        self.end_headers()
        self.wfile.write(answer.body)

    def _taken(self, page: RawPage) -> Answer:
        activities = SegmentDecoder().decode(page).activities
        self.heard.extend(activities)
        if type(self).n_failures:
            type(self).n_failures -= 1
            return Answer(status=503, body=b"{}")
        items = [ItemResult(item=n, id=one.id, status="stored") for n, one in enumerate(activities)]
        return RECEIVER.answer(Receipt(n_stored=len(items), n_seen=0, n_rejected=0, offset=1, items=items))

    def log_message(self, format: str, *args: object) -> None:
        """Keep the test's output clean."""


@pytest.fixture
def host() -> Iterator[str]:
    _Shop.heard.clear()
    _Shop.answers.clear()
    _Shop.n_failures = 0
    server = ThreadingHTTPServer(("127.0.0.1", 0), _Shop)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield f"http://127.0.0.1:{server.server_address[1]}"
    server.shutdown()
    server.server_close()
    thread.join()


def _send_all(host: str, *, gzip: bool) -> None:
    client = segment.Client(KEY, host=host, gzip=gzip, upload_interval=0.05)
    client.identify("klant-7", {"name": "Sanne"})
    client.track("klant-7", "Order Completed", {"order_id": "o-9", "revenue": 49.95, "currency": "EUR"})
    client.page("klant-7", name="Home", properties={"url": "https://example.org/"})
    client.screen("klant-7", name="Mandje")
    client.group("klant-7", "acme")
    client.alias("bezoeker-1", "klant-7")
    for n in range(250):
        client.track("klant-7", "Product Viewed", {"product_id": f"p-{n}"})
    client.shutdown()


@pytest.mark.parametrize("gzip", [False, True])
def test_each_event_is_heard_once(host: str, gzip: bool) -> None:  # noqa: FBT001 - a case, not an argument
    _send_all(host, gzip=gzip)
    assert len(_Shop.heard) == len({one.id for one in _Shop.heard}) == 256
    assert [one.type for one in _Shop.heard[:6]] == ["Identify", "Track", "Page", "Screen", "Group", "Alias"]
    assert _Shop.heard[1].value == 49.95 and _Shop.heard[5].object == "bezoeker-1"
    assert all(one.published is not None for one in _Shop.heard)
    assert {answer.status for answer in _Shop.answers} == {200}


def test_batch_that_is_sent_again_has_the_same_keys(host: str) -> None:
    _Shop.n_failures = 2
    _send_all(host, gzip=True)
    assert len(_Shop.heard) > 256
    assert len({(one.id, one.published) for one in _Shop.heard}) == 256


def test_wrong_key_is_told_to_the_sdk(host: str) -> None:
    failed: list[Exception] = []
    client = segment.Client("fout", host=host, on_error=lambda error, items: failed.append(error), max_retries=0)
    client.track("klant-7", "Order Completed")
    client.shutdown()
    assert "401" in str(failed[0]) and _Shop.heard == []
