"""`gehoor bench` drives everything, and says what it costs. The floors catch a loop in Python, not a busy neighbour."""

import subprocess
import sys

import msgspec
import pytest

from tests.component.whole import as_installed

pytestmark = pytest.mark.alone

KEYS = {
    "posts", "seconds", "posts_per_s", "cpu_us_per_post", "stages", "peak_rss_mb", "read_to_visible_p99_s",
    "read_to_durable_p99_s", "distinct_texts_share", "word_types", "machine", "date", "commit",
}  # fmt: skip
STAGES = {"row.decode", "row.language", "row.judgements", "owner.ledger", "owner.projections", "owner.flush", "web"}


def test_bench_ends_with_one_line_of_figures_that_add_up() -> None:
    command = [sys.executable, "-m", "gehoor", "bench", "--posts", "20000", "--json"]
    done = subprocess.run(command, capture_output=True, timeout=200, check=False, env=as_installed())
    assert done.returncode == 0, done.stderr.decode()
    assert len(done.stdout.splitlines()) == 1
    figures = msgspec.json.decode(done.stdout)
    print("\n" + done.stdout.decode())
    assert set(figures) >= KEYS
    assert set(figures["stages"]) >= STAGES
    assert figures["posts"] == 20_000
    assert figures["posts_per_s"] >= 2_500
    assert figures["cpu_us_per_post"] <= 400
    assert abs(sum(figures["stages"].values()) - figures["cpu_us_per_post"]) < 0.05 * figures["cpu_us_per_post"]
    assert figures["peak_rss_mb"] < 1_500
    assert figures["distinct_texts_share"] >= 0.70


def test_a_steady_stream_is_visible_at_once() -> None:
    command = [sys.executable, "-m", "gehoor", "bench", "--rate", "1000", "--minutes", "0.1", "--fill", "5000"]
    command += ["--retention-days", "1", "--json"]
    done = subprocess.run(command, capture_output=True, timeout=200, check=False, env=as_installed())
    assert done.returncode == 0, done.stderr.decode()
    figures = msgspec.json.decode(done.stdout)
    assert figures["posts"] == 6_000
    assert figures["read_to_visible_p99_s"] < 1.0
    assert figures["read_to_durable_p99_s"] < 2.5
