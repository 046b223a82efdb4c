"""A drill as the one on duty lives it: the alarm comes by itself, is looked at, read as a story, and called false."""

import re
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from gehoor.run.demo_run import free_port
from tests.component.browsing import look, opened
from tests.component.hearing import BRANDS, Hearing
from tests.component.whole import as_installed, wait_for

if TYPE_CHECKING:
    from playwright.sync_api import Browser

pytestmark = pytest.mark.browser

PORT = 18_560
LONG_MS = 60_000


class _Drill:
    """A drill in a process of its own; what it says goes to a file, so that nobody waits for who is gone."""

    def __init__(self, root: Path, log: Path) -> None:
        words = [sys.executable, "-m", "gehoor", "drill", "outage", "-w", str(root), "--size", "2", "--speed", "60"]
        words += ["--port", str(free_port(PORT))]
        settings = {**as_installed(), "TMPDIR": str(root.parent), "COLUMNS": "200"}
        self._log = log
        with log.open("wb") as said:
            self.process = subprocess.Popen(words, stderr=said, env=settings)

    def url(self) -> str | None:
        """Return where its pages are, once they are there."""
        said = self._log.read_text(errors="replace")
        assert self.process.poll() is None, f"it ended by itself: {said}"
        found = re.search(r"http://127\.0\.0\.1:(\d+)/", said)
        return found[0] if found and _is_open(int(found[1])) else None


def _is_open(port: int) -> bool:
    try:
        socket.create_connection(("127.0.0.1", port), timeout=1).close()
    except OSError:
        return False
    return True


@contextmanager
def _drill(root: Path) -> Iterator[str]:
    """Play an outage at sixty times its speed; yield where its pages are."""
    drill = _Drill(root, root.with_name("drill.log"))
    try:
        wait_for("the pages of the drill are there", drill.url, LONG_MS / 1_000)
        url = drill.url()
        assert url is not None
        yield url
    finally:
        drill.process.send_signal(signal.SIGINT)
        drill.process.wait(60)


def test_drill_alarm_acknowledged_story_read_called_false_and_learnt(browser: "Browser", tmp_path: Path) -> None:
    root = tmp_path / "workspace"
    Hearing(root, BRANDS).close()
    with _drill(root) as url, opened(browser, url) as page:
        assert "Oefening" in page.inner_text("body")
        page.wait_for_selector("section.alert", timeout=LONG_MS)  # it comes without a reload
        page.click("section.alert .do a")
        page.wait_for_selector("#alert")
        page.click("text=Ik kijk ernaar")
        page.wait_for_selector(".toast")
        assert "Er kijkt iemand naar" in page.inner_text(".lvlchip")
        page.click(".story-of a")
        page.wait_for_selector("#story")
        assert page.locator("#story .voice.big").count() >= 2
        assert page.locator("figure.spread svg").count() >= 1
        look(page, "a story of a drill")
        page.click("text=Geen alarm")
        page.wait_for_selector(".toast")
        assert page.locator("text=Toch een alarm").count() == 1
        page.click("#alerts a")
        page.wait_for_selector("#alert")
        assert "Geleerd" in page.inner_text("#alert")
        page.goto(url)
        page.wait_for_load_state()
        assert page.locator("section.alert").count() == 0
