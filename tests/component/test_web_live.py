"""Open pages hear of what is new: over a real server, a real stream, a real ledger."""

import threading
import time
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from gehoor.core.clock import StillClock
from tests.cast import FAN, LOYAL
from tests.component.hearing import Hearing
from tests.component.serving import Serving

pytestmark = pytest.mark.alone


@pytest.fixture
def hearing(tmp_path: Path) -> Iterator[Hearing]:
    hearing = Hearing(tmp_path / "workspace")
    yield hearing
    hearing.close()


@pytest.fixture
def serving(hearing: Hearing, clock: StillClock) -> Iterator[Serving]:
    with Serving(hearing, clock) as serving:
        yield serving


def _events(response: httpx.Response) -> Iterator[str]:
    return (line.removeprefix("event: ").strip() for line in response.iter_lines() if line.startswith("event:"))


def test_an_open_page_is_told_within_two_seconds(hearing: Hearing, serving: Serving) -> None:
    with httpx.stream("GET", f"{serving.url}/live", timeout=4.0) as response:
        events = _events(response)
        assert next(events) == "open"
        threading.Timer(0.2, lambda: hearing.hear([LOYAL.says("Is daar iemand?")])).start()
        assert next(events) == "heard"


def test_a_thousand_pages_of_news_are_at_most_one_word_a_second(hearing: Hearing, serving: Serving) -> None:
    with httpx.stream("GET", f"{serving.url}/live", timeout=2.5) as response:
        events = _events(response)
        next(events)
        begun = time.monotonic()
        for n in range(20):
            hearing.hear([FAN.says(f"Bericht {n}", after_s=n)])
        assert next(events) == "heard"
        told: list[str] = []
        with pytest.raises(httpx.ReadTimeout):
            told.extend(events)
        assert len(told) <= time.monotonic() - begun


def test_the_server_stops_while_a_page_is_open(hearing: Hearing, clock: StillClock) -> None:
    with Serving(hearing, clock) as serving, httpx.stream("GET", f"{serving.url}/live", timeout=10.0) as response:
        assert next(_events(response)) == "open"
        assert serving.stop() < 1  # when uvicorn would begin to break off
