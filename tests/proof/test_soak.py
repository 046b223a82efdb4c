"""A quarter of an hour at the pace of all of 2012's Twitter: nothing grows. Figures land in bench/."""

import subprocess
import sys
from pathlib import Path
from typing import Any

import msgspec
import numpy as np
import pytest

pytestmark = pytest.mark.proof

RATE = 4_600
OPTIONS = ["--rate", str(RATE), "--minutes", "15"]


def _bench(options: list[str], target: Path) -> dict[str, Any]:
    command = ["gehoor", "bench", *options, "--json"]
    done = subprocess.run([sys.executable, "-m", *command], capture_output=True, timeout=7_000, check=False)
    assert done.returncode == 0, done.stderr.decode()
    figures: dict[str, Any] = {"command": " ".join(command), **msgspec.json.decode(done.stdout)}
    target.write_bytes(msgspec.json.format(msgspec.json.encode(figures)) + b"\n")
    return figures


def _is_flat(figures: dict[str, Any]) -> None:
    """Assert that lag and memory do not rise once all that is bounded is full: window, caches, names of words."""
    seconds, behind, memory_mb = np.array(figures["course"]).T
    full = seconds > 300
    assert np.percentile(behind[full], 95) < RATE, "more than a second of posts waits"
    slope_mb_per_hour = np.polyfit(seconds[full], memory_mb[full], 1)[0] * 3_600
    assert slope_mb_per_hour < 200
    assert figures["read_to_visible_p99_s"] < 1.0
    assert figures["read_to_durable_p99_s"] < 2.5
    assert figures["peak_rss_mb"] < 1_500


@pytest.mark.timeout(3_600)
def test_fifteen_minutes_at_4600_a_second_stay_flat(repository: Path) -> None:
    _is_flat(_bench(OPTIONS, repository / "bench" / "soak.json"))


@pytest.mark.timeout(7_200)
def test_it_stays_flat_on_ten_million_while_retention_deletes(repository: Path) -> None:
    options = [*OPTIONS, "--fill", "11000000", "--retention-days", "1"]
    _is_flat(_bench(options, repository / "bench" / "soak_10m.json"))


@pytest.mark.timeout(1_200)
def test_a_million_posts_flat_out_keep_their_pace(repository: Path) -> None:
    figures = _bench(["--posts", "1000000"], repository / "bench" / "flat_out.json")
    assert figures["posts_per_s"] >= 10_000
    assert figures["cpu_us_per_post"] <= 150
