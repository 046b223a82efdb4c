"""The demo, as somebody sees it who starts it for the first time."""

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
from tests.component.commanding import Commanding
from tests.component.whole import as_installed

PORT = 18_460


@contextmanager
def _demo(tmp_path: Path, *words: str) -> Iterator[tuple["subprocess.Popen[str]", list[str]]]:
    """Start the demo; yield it with what it says until its morning begins."""
    command = [sys.executable, "-m", "gehoor", "demo", "--no-open", "--port", str(PORT), *words]
    settings = {**as_installed(), "TMPDIR": str(tmp_path), "COLUMNS": "200"}
    with subprocess.Popen(command, stderr=subprocess.PIPE, env=settings, text=True) as process:
        try:
            yield process, _said(process)
        finally:
            process.send_signal(signal.SIGINT)
            assert process.wait(120) == 0


def _said(process: "subprocess.Popen[str]") -> list[str]:
    lines: list[str] = []
    assert process.stderr is not None
    for line in process.stderr:
        lines.append(line)
        if "06:38" in line:
            break
    return lines


def _page(url: str) -> str:
    try:
        with urllib.request.urlopen(url, timeout=60) as answer:
            return str(answer.read().decode())
    except urllib.error.HTTPError as error:
        return str(error)


def _n_posts(url: str) -> int:
    found = re.search(r"kwamen\s.*?([\d.]+)", re.sub(r"<[^>]+>", " ", _page(url)), re.DOTALL)
    return int(found[1].replace(".", "")) if found else 0


@pytest.mark.alone
def test_within_a_minute_twelve_weeks_are_told_and_the_storm_rises_under_1_gb_leaving_nothing(tmp_path: Path) -> None:
    started = time.monotonic()
    with _demo(tmp_path, "--speed", "600") as (process, said):
        filled_s = time.monotonic() - started
        memory_mb = pss_mb(family(process.pid))  # what stands: the mirror's process comes for half a minute, and goes
        url = re.findall(r"http://\S+/", "".join(said))[0]
        while (n := _n_posts(url)) < 150 and time.monotonic() - started < 90:
            time.sleep(0.25)
        page = _page(url)
    assert filled_s < 60
    assert n >= 150
    assert "14 april" in page
    assert memory_mb < 1_000
    assert list(tmp_path.glob("gehoor-demo-*")) == []


def test_demo_ends_by_itself_after_so_many_seconds_and_a_kept_workspace_is_of_one_story(tmp_path: Path) -> None:
    root = tmp_path / "kept"
    do = Commanding(tmp_path).do
    said = do("demo", "--no-open", "--seconds", "1", "--port", PORT + 40, "--workspace", root).stderr
    assert "http://127.0.0.1:" in said
    assert (root / "ledger.sqlite").exists()
    refused = do("demo", "--no-open", "--seed", "15", "--workspace", root, code=2)
    assert "workspace of something else" in refused.stderr


def test_a_taken_port_is_passed_by() -> None:
    with socket.create_server(("127.0.0.1", PORT + 20)):
        assert free_port(PORT + 20) > PORT + 20


def test_no_port_at_all_is_said() -> None:
    with socket.create_server(("127.0.0.1", 65_535)), pytest.raises(SettingError, match="all taken"):
        free_port(65_535)
