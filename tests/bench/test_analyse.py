"""How fast an archive is analysed: processes of this machine, Spark on it, and a cluster of two workers.

`python -m pytest tests/bench/test_analyse.py -m proof -s` prints the figures; with `GEHOOR_RECORD=1` they also land in
`bench/analyse.json`. `seconds` is the command from start to end; `start_s` is the same for one post, so that
`posts_per_s` is what more posts bring. CPU is that of all processes, JVMs too, the start taken off in the same way.
On a machine that has something else to do, only CPU is kept.
"""

import json
import os
import shutil
import subprocess
import sys
import threading
from collections.abc import Iterator
from importlib.util import find_spec
from itertools import islice
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from gehoor.core.clock import SystemClock
from gehoor.run.measure import cpu_s, family, pss_mb
from gehoor.run.texts import bench_posts
from tests.component.cluster import Cluster

N = 240_000
BUSY = 1.5
CLOCKED = ("seconds", "start_s", "posts_per_s")

pytestmark = [
    pytest.mark.proof,
    pytest.mark.timeout(1_500),
    pytest.mark.skipif(find_spec("pyspark") is None, reason="no PySpark: pip install 'gehoor[spark]'"),
    pytest.mark.skipif(shutil.which("java") is None, reason="no Java: apt-get install openjdk-17-jre-headless"),
]


@pytest.fixture(scope="module")
def figures(repository: Path) -> Iterator[dict[str, Any]]:
    """Collect what is measured; print it in the end, and keep it if asked to."""
    found: dict[str, Any] = {}
    yield found
    day = str(np.datetime64(SystemClock().now(), "us").astype("datetime64[D]"))
    words = ["git", "rev-parse", "--short", "HEAD"]
    kept = {
        "command": "GEHOOR_RECORD=1 python -m pytest tests/bench/test_analyse.py -m proof -s",
        "machine": f"{os.cpu_count()} cores",
        "date": day,
        "commit": subprocess.run(words, cwd=repository, capture_output=True, text=True, check=False).stdout.strip(),
        "posts": N,
        **found,
    }
    text = json.dumps(kept, indent=2)
    print(text)
    if os.environ.get("GEHOOR_RECORD"):
        (repository / "bench/analyse.json").write_text(text + "\n", "utf-8")


class Watch(threading.Thread):
    """Adds up the CPU of processes and all their children, also of those that end; to a fifth of a second each."""

    def __init__(self, pids: list[int]) -> None:
        super().__init__(daemon=True)
        self._pids, self._ended = pids, threading.Event()
        self._cpu: dict[int, float] = {}
        self._before = {pid: cpu_s(pid) for root in pids for pid in family(root)}
        self.peak_mb = 0.0

    def run(self) -> None:
        """Look until `end`."""
        n = 0
        while not self._ended.wait(0.2):
            there = [pid for root in self._pids for pid in family(root)]
            for pid in there:
                self._cpu[pid] = max(self._cpu.get(pid, 0.0), cpu_s(pid))
            n += 1
            if n % 10 == 0:  # the kernel adds up every page for it
                self.peak_mb = max(self.peak_mb, pss_mb(there))

    def end(self) -> float:
        """Return the CPU seconds since the start."""
        self._ended.set()
        self.join()
        return sum(self._cpu.values()) - sum(self._before.values())


def _once(source: Path, target: Path, words: list[str], others: list[int]) -> dict[str, float]:
    command = [sys.executable, "-m", "gehoor", "analyse", str(source), "-o", str(target), *words]
    environment = os.environ | {"SPARK_LOCAL_IP": "127.0.0.1", "OPENBLAS_NUM_THREADS": "1"}
    start = SystemClock().now()
    process = subprocess.Popen(command, env=environment, stderr=subprocess.DEVNULL)
    watch = Watch([process.pid, *others])
    watch.start()
    assert process.wait() == 0
    seconds = (SystemClock().now() - start) / 1e6
    shutil.rmtree(target)
    return {"seconds": seconds, "cpu_s": watch.end(), "peak_mb": watch.peak_mb}


def _figures(folder: Path, words: list[str], others: list[int] | None = None) -> dict[str, float]:
    one = _once(folder / "one.jsonl", folder / "out", words, others or [])
    many = _once(folder / "many.jsonl", folder / "out", words, others or [])
    return {
        "seconds": round(many["seconds"], 2),
        "start_s": round(one["seconds"], 2),
        "posts_per_s": round((N - 1) / (many["seconds"] - one["seconds"]), 1),
        "cpu_us_per_post": round((many["cpu_s"] - one["cpu_s"]) / (N - 1) * 1e6, 1),
        "peak_mb": round(many["peak_mb"], 1),
    }


def test_spark_costs_little_more_than_processes(tmp_path: Path, figures: dict[str, Any]) -> None:
    with (tmp_path / "many.jsonl").open("wb") as many:
        for line in bench_posts(N, seed=20_261_122):
            many.write(line)
    (tmp_path / "one.jsonl").write_bytes(b"".join(islice(bench_posts(1, seed=1), 1)))
    runs = {
        "local, 1 process": ["--processes", "1"],
        "local, 2 processes": ["--processes", "2"],
        "spark local[1]": ["--engine", "spark", "--master", "local[1]"],
        "spark local[2]": ["--engine", "spark", "--master", "local[2]"],
    }
    is_busy = os.getloadavg()[0] > BUSY
    figures["load_before"] = round(os.getloadavg()[0], 1)
    for name, words in runs.items():
        figures[name] = _figures(tmp_path, words)
    (tmp_path / "cluster").mkdir()
    cluster = Cluster(tmp_path / "cluster")
    try:
        pids = [process.pid for process in cluster.processes]
        words = ["--engine", "spark", "--master", cluster.url]
        figures["spark, 2 workers of 1 core"] = _figures(tmp_path, words, pids)
    finally:
        cluster.close()
    here, there = figures["local, 1 process"], figures["spark local[1]"]
    figures["spark_overhead"] = round(there["cpu_us_per_post"] / here["cpu_us_per_post"] - 1, 3)
    figures["scaling_of_2"] = round(figures["local, 2 processes"]["posts_per_s"] / here["posts_per_s"], 2)
    if is_busy:
        del figures["scaling_of_2"]
        for name in [name for name, run in figures.items() if isinstance(run, dict)]:
            figures[name] = {key: value for key, value in figures[name].items() if key not in CLOCKED}
    assert figures["spark_overhead"] < 0.5
    assert max(figures[name]["peak_mb"] for name in runs if name.startswith("local")) < 1_024
