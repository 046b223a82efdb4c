"""A drill as the one on duty lives it: the alarm comes by itself, is looked at, read as a story, and called false."""

import re
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from gehoor.run.demo_run import free_port
from tests.component.browsing import opened
from tests.component.hearing import BRANDS, Hearing
from tests.component.whole import as_installed

if TYPE_CHECKING:
    from playwright.sync_api import Browser

pytestmark = pytest.mark.browser

PORT = 18_560
LONG_MS = 60_000


def _wait_until_open(port: int) -> None:
    until = time.monotonic() + LONG_MS / 1_000
    while True:
        try:
            socket.create_connection(("127.0.0.1", port), timeout=1).close()
            return
        except OSError:
            assert time.monotonic() < until, "the pages of the drill did not come up"
            time.sleep(0.1)


@contextmanager
def _drill(root: Path) -> Iterator[str]:
    """Play an outage at sixty times its speed; yield where its pages are."""
    command = [sys.executable, "-m", "gehoor", "drill", "outage", "-w", str(root), "--size", "2", "--speed", "60"]
    command += ["--port", str(free_port(PORT))]
    settings = {**as_installed(), "TMPDIR": str(root.parent), "COLUMNS": "200"}
    with subprocess.Popen(command, stderr=subprocess.PIPE, env=settings, text=True) as process:
        try:
            assert process.stderr is not None
            said = (re.search(r"http://127\.0\.0\.1:\d+/", line) for line in process.stderr)
            url = next(found[0] for found in said if found)
            _wait_until_open(int(url.rstrip("/").rpartition(":")[2]))
            yield url
        finally:
            process.send_signal(signal.SIGINT)
            process.communicate(timeout=60)


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
        page.click("text=Geen alarm")
        page.wait_for_selector(".toast")
        assert page.locator("text=Toch een alarm").count() == 1
        page.click("#alerts a")
        page.wait_for_selector("#alert")
        assert "Geleerd" in page.inner_text("#alert")
        page.goto(url)
        page.wait_for_load_state()
        assert page.locator("section.alert").count() == 0
