"""A gehoor that runs, in a process of its own: what a person at the terminal sees, and how it stops."""

import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from urllib.request import urlopen

import pytest

from tests.component.commanding import Commanding
from tests.component.whole import as_installed


def _free_port() -> int:
    with socket.socket() as trial:
        trial.bind(("127.0.0.1", 0))
        port: int = trial.getsockname()[1]
        return port


class _Served:
    """`gehoor serve` with a terminal's process group around it."""

    def __init__(self, root: Path) -> None:
        self.port = _free_port()
        words = [sys.executable, "-m", "gehoor", "serve", str(root), "--port", str(self.port)]
        self.process = subprocess.Popen(
            words, stderr=subprocess.PIPE, text=True, start_new_session=True, env=as_installed()
        )
        assert self.process.stderr is not None
        self.first_line = self.process.stderr.readline()
        self.door_line = self.process.stderr.readline()

    def ended(self) -> str:
        """Wait for its end, and return what it said."""
        return self.process.communicate(timeout=120)[1]


@pytest.fixture
def person(tmp_path: Path) -> Commanding:
    """Return somebody with a workspace that follows a file."""
    person = Commanding(tmp_path / "workspace")
    person.do("init", person.root, "--brand", "noordvlucht")
    (tmp_path / "posts.jsonl").write_text('{"id": "1", "actor": "jan", "text": "Mijn koffer is weg, noordvlucht!"}\n')
    person.at("add", "file", tmp_path / "posts.jsonl", "--follow")
    return person


@pytest.fixture
def served(person: Commanding) -> Iterator[_Served]:
    """Run it, and leave nothing running."""
    served = _Served(person.root)
    yield served
    if served.process.poll() is None:
        os.killpg(served.process.pid, signal.SIGKILL)
        served.process.wait(120)


def _wait_for(person: Commanding, n: int) -> None:
    deadline = time.monotonic() + 120
    while len(person.rows("posts")) < n:
        assert time.monotonic() < deadline, f"{n} posts were not there within 120 s"
        time.sleep(0.1)


def test_serve_says_where_its_pages_are_and_ends_in_order_on_ctrl_c(person: Commanding, served: _Served) -> None:
    assert f"http://127.0.0.1:{served.port}/" in served.first_line
    assert served.door_line.startswith("No login is asked: only this computer")
    with urlopen(f"http://127.0.0.1:{served.port}/", timeout=60) as page:
        assert page.status == 200
    _wait_for(person, 1)
    os.killpg(served.process.pid, signal.SIGINT)
    assert served.ended() == "Stopped in order; everything that was heard is on disk.\n"
    assert served.process.returncode == 0


def test_verbs_reach_the_running_gehoor(person: Commanding, served: _Served, tmp_path: Path) -> None:
    _wait_for(person, 1)
    person.at("correct", 1, "--intent", "praise")
    assert person.rows("posts", "--intent", "praise")[0]["seq"] == 1
    person.at("backup", tmp_path / "copy")
    assert "made anew from 1 rows" in person.at("rebuild", "words").stderr
    person.at("forget", "jan", "--channel", "file", "--yes")
    assert person.rows("posts") == []
    assert "not running" not in person.at("sources").stderr
    assert "runs in" in person.do("serve", person.root, code=2).stderr
    person.at("stop")
    assert "Stopped in order" in served.ended()
    assert Commanding(tmp_path / "copy").rows("posts")[0]["intent"] == "praise"


def test_a_port_that_is_taken_is_said_at_once(person: Commanding) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        said = person.do("serve", person.root, "--port", taken.getsockname()[1], code=2).stderr
    assert "--port" in said


def test_a_start_that_fails_ends_by_itself_and_says_why(person: Commanding) -> None:
    (person.root / "run" / "owner.sock").mkdir(parents=True)  # stands where the owner would listen
    served = _Served(person.root)
    assert "owner.sock" in served.ended()
    assert served.process.returncode != 0


def test_replay_lives_a_file_again_in_a_folder_of_any_name(tmp_path: Path) -> None:
    file = tmp_path / "past.jsonl"
    lines = [
        f'{{"id": "{n}", "published": "2026-04-14T12:0{n}:00Z", "actor": "a", "text": "Hoi {n}"}}' for n in range(5)
    ]
    file.write_text("\n".join(lines))
    person = Commanding(tmp_path / "what?#x%20 y")
    person.at("replay", file, "--speed", "inf", "--no-pages")
    rows = person.rows("posts")
    assert [row["id"] for row in rows] == ["4", "3", "2", "1", "0"]
    assert not any(row["is_backfill"] for row in rows)
    assert sorted(path.name for path in tmp_path.iterdir()) == ["past.jsonl", "what?#x%20 y"]


def test_serve_says_once_what_keeps_a_source_from_reading(person: Commanding, tmp_path: Path) -> None:
    (tmp_path / "broken.csv").write_text("a,b\n1,2\n")
    person.at("add", "file", tmp_path / "broken.csv")
    served = _Served(person.root)
    try:
        assert served.process.stderr is not None
        assert "broken is stopped" in served.process.stderr.readline()
    finally:
        os.killpg(served.process.pid, signal.SIGINT)
        said = served.ended()
    assert "broken is stopped" not in said
