"""The same archive on Spark: the same rows, also when a machine is lost in the middle."""

import os
import shutil
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from importlib.util import find_spec
from pathlib import Path

import pytest

from gehoor.run.analyse import analyse
from tests.component.analysing import HereEngine, make_archive, rejects_of, rows_of
from tests.component.cluster import LIGHT, Cluster
from tests.component.commanding import Commanding

N_FILES, N_POSTS = 16, 600
WAIT_S = 200.0

needs_spark = [
    pytest.mark.skipif(find_spec("pyspark") is None, reason="no PySpark: pip install 'gehoor[spark]'"),
    pytest.mark.skipif(shutil.which("java") is None, reason="no Java: apt-get install openjdk-17-jre-headless"),
]
Start = Callable[[Path, str], subprocess.Popen[str]]


@pytest.fixture(scope="module")
def archive(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return make_archive(tmp_path_factory.mktemp("spark") / "in", N_FILES, N_POSTS)


@pytest.fixture(scope="module")
def local(archive: Path) -> Path:
    analyse(archive, archive.parent / "local", HereEngine())
    return archive.parent / "local"


@pytest.fixture
def cluster(tmp_path: Path) -> Iterator[Cluster]:
    running = Cluster(tmp_path)
    yield running
    running.close()


@pytest.fixture
def start(archive: Path) -> Iterator[Start]:
    """Start the command with a folder for the result and a master."""
    running: list[subprocess.Popen[str]] = []

    def started(target: Path, master: str) -> subprocess.Popen[str]:
        words = ["analyse", str(archive), "-o", str(target), "--engine", "spark", "--master", master]
        command = [sys.executable, "-m", "gehoor", *words]
        running.append(subprocess.Popen(command, env=os.environ | LIGHT, stderr=subprocess.PIPE, text=True))
        return running[-1]

    yield started
    for process in running:
        if process.poll() is None:
            process.kill()
        process.wait()


def said(process: subprocess.Popen[str], code: int = 0) -> str:
    _, words = process.communicate(timeout=WAIT_S)
    assert process.returncode == code, words
    return words


def assert_same(one: Path, other: Path) -> None:
    assert rows_of(one).equals(rows_of(other))
    assert rejects_of(one) == rejects_of(other)
    names = [sorted(path.relative_to(folder) for path in folder.rglob("*")) for folder in (one, other)]
    assert names[0] == names[1]


class TestWithSpark:
    """What needs PySpark and Java."""

    pytestmark = needs_spark

    def test_spark_gives_the_same_rows_and_rejects(self, local: Path, tmp_path: Path, start: Start) -> None:
        said(start(tmp_path / "out", "local[2]"))
        assert_same(tmp_path / "out", local)

    def test_a_worker_that_is_lost_in_the_middle_costs_no_row_and_doubles_none(
        self, local: Path, tmp_path: Path, cluster: Cluster, start: Start
    ) -> None:
        target = tmp_path / "out"
        process = start(target, cluster.url)
        deadline = time.monotonic() + WAIT_S
        while len(begun := list(target.glob(".analysis/staged/*.arrow"))) < 3:
            assert time.monotonic() < deadline and process.poll() is None, said(process)
            time.sleep(0.01)
        cluster.lose(1)
        assert len(begun) < N_FILES  # it was in the middle
        said(process)
        assert_same(target, local)

    def test_a_master_that_makes_no_sense_is_said_and_nothing_is_written(self, tmp_path: Path, start: Start) -> None:
        assert "Error: Spark at sparc://nowhere could not do it" in said(start(tmp_path / "out", "sparc://nowhere"), 2)
        assert not (tmp_path / "out").exists()


@pytest.mark.skipif(find_spec("pyspark") is None, reason="no PySpark: pip install 'gehoor[spark]'")
def test_without_java_it_says_what_to_install(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.delenv("JAVA_HOME", raising=False)
    (tmp_path / "a.jsonl").write_text('{"text": "Hoi"}\n', encoding="utf-8")
    words = ("analyse", tmp_path / "a.jsonl", "-o", tmp_path / "out", "--engine", "spark")
    assert "openjdk-17-jre-headless" in Commanding(tmp_path).do(*words, code=2).stderr
