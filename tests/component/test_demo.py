"""The demo, as somebody sees it who starts it for the first time."""

import os
import re
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from gehoor.core.errors import SettingError
from gehoor.run.demo_run import free_port
from gehoor.run.measure import family, pss_mb

PORT = 18_460


@contextmanager
def _demo(tmp_path: Path) -> Iterator[tuple["subprocess.Popen[str]", str]]:
    """Start the demo; yield it with the address of its page."""
    command = [sys.executable, "-m", "gehoor", "demo", "--no-open", "--port", str(PORT)]
    settings = {**os.environ, "TMPDIR": str(tmp_path), "COLUMNS": "200"}
    with subprocess.Popen(command, stderr=subprocess.PIPE, env=settings, text=True) as process:
        try:
            assert process.stderr is not None
            said = next(line for line in process.stderr if "http://" in line)
            yield process, re.findall(r"http://\S+/", said)[0]
        finally:
            process.send_signal(signal.SIGINT)
            assert process.wait(30) == 0


def _page(url: str) -> str:
    try:
        with urllib.request.urlopen(url, timeout=10) as answer:
            return str(answer.read().decode())
    except urllib.error.HTTPError as error:
        return str(error)


def _n_posts(url: str) -> int:
    found = re.search(r"kwamen\s.*?([\d.]+)", re.sub(r"<[^>]+>", " ", _page(url)), re.DOTALL)
    return int(found[1].replace(".", "")) if found else 0


def test_within_a_minute_the_page_shows_the_day_so_far_under_1_gb_and_leaves_nothing(tmp_path: Path) -> None:
    started = time.monotonic()
    with _demo(tmp_path) as (process, url):
        while (n := _n_posts(url)) < 500 and time.monotonic() - started < 60:
            time.sleep(0.5)
        filled_s, memory_mb = time.monotonic() - started, pss_mb(family(process.pid))
        assert n >= 500, f"{n} posts after {filled_s:.0f} s"
        assert "14 april" in _page(url)
        assert filled_s < 60
        assert memory_mb < 1_000
    assert list(tmp_path.glob("gehoor-demo-*")) == []


def test_a_taken_port_is_passed_by() -> None:
    with socket.create_server(("127.0.0.1", PORT + 20)):
        assert free_port(PORT + 20) > PORT + 20


def test_no_port_at_all_is_said() -> None:
    with socket.create_server(("127.0.0.1", 65_535)), pytest.raises(SettingError, match="all taken"):
        free_port(65_535)
